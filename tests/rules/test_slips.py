"""Slips that a therapist made in the shipped ontology and that were let pass: each is refused now, or noticed."""

# ruff: noqa: E501  # the tables of slips are read line by line

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from engine.rules import Finding, Ontology
from engine.rules.checks.checking import CHECKS, check
from engine.rules.checks.holding import Rulebook, name_range
from engine.rules.checks.loaded import Loaded, check_loaded
from engine.rules.checks.texts import find_promise, names_somebody
from engine.rules.safety import CHECK as SAFETY
from engine.rules.safety import safety_changes
from engine.settings import Settings
from engine.use_cases.check_ontology import read_loaded
from tests.helpers.editing import edited, made, put, ruled, without
from tests.helpers.shipped import shipped_ontology

Edit = Callable[[Ontology], Ontology]
LEAN = {"low": 55.0, "best": 60.0, "high": 65.0, "weight": 0.5}


@cache
def loaded() -> Loaded:
    """The tracks and thresholds that ship."""
    return read_loaded(Settings.from_environment({}))


NAMED = {one.__name__.replace("_", "-"): one for one in CHECKS}


def find(ontology: Ontology, name: str) -> list[Finding]:
    """What one check finds, or those that need the catalogue, the emotion model, or the published version."""
    if name == SAFETY:
        return list(safety_changes(shipped_ontology(), ontology))
    return sorted(NAMED[name](ontology) if name in NAMED else check_loaded(ontology, loaded()))


@cache
def found_in_what_ships(name: str) -> frozenset[Finding]:
    return frozenset(find(shipped_ontology(), name))


SLIPS: dict[str, tuple[Edit, str, str]] = {
    # what, edit, the check that tells it, what it says
    "two rules lean tempo apart": (lambda o: ruled(ruled(o, "slow", ["fear"], {"Lean": ({"of": "tempo"}, LEAN)}), "fast", ["fear"], {"Lean": ({"of": "tempo"}, {**LEAN, "low": 150.0, "best": 160.0, "high": 170.0})}), "leanings-agree", "tempo to 150-170 BPM and 'slow' to 55-65"),
    "a rule for an infant, who is always withheld": (lambda o: ruled(o, "infant-soft", ["infant"], {"Lean": ({"of": "tempo"}, LEAN)}), "every-rule-is-heard", "what it asks for alone is withheld by 'withhold-when-unsupervised'; it changes music only with carer-here too"),
    "a rule for sleep at the wheel": (lambda o: ruled(o, "drowsy-driver", ["driving"], {"Lean": ({"of": "tempo"}, LEAN)}, goals="sleep"), "every-rule-is-heard", "it never changes the music: whenever it holds, 'withhold-sedation-at-the-wheel' withholds it"),
    "a rule for a crisis": (lambda o: ruled(o, "crisis-soft", ["crisis"], {"Mirror": ({"of": "every-cue"}, {"depth": 0.2})}), "every-rule-is-heard", "whenever it holds, 'hold-crisis-language' withholds it"),
    "a mirror that is always replaced": (lambda o: ruled(o, "stress-met", ["acute-stress"], {"Mirror": ({"of": "tempo"}, {"depth": 0.5})}), "every-mirror-is-met", "its Mirror never counts: whenever it holds, 'acute-stress-skips-match' begins with something else"),
    "a mirror of a group whose members have their own": (lambda o: edited(ruled(o, "all-distress", ["negative"], {"Mirror": ({"of": "every-cue"}, {"depth": 0.4})}), "all-distress-when-negative", links={"on": "negative"}), "every-mirror-is-met", "it mirrors negative, and "),
    "a mirror of a scale whose members have their own": (lambda o: ruled(o, "wonder-met", ["wonder"], {"Mirror": ({"of": "every-cue"}, {"depth": 0.4})}), "every-mirror-is-met", "it mirrors wonder, and every member has a mirror of its own"),
    "a replacement that never comes first": (lambda o: ruled(o, "stress-tender", ["acute-stress"], {"Replace": ({"of": "tenderness"}, {})}, priority=700), "every-effect-can-win", "its Replace never counts: whenever it holds, 'acute-stress-skips-match' comes before it"),
    "a question that is never asked": (lambda o: ruled(o, "trauma-asks-again", ["trauma"], {"Ask": ({"of": "meet-or-gentle"}, {})}, at="every-stage"), "every-effect-can-win", "its Ask never counts: whenever it holds, 'trauma-even-and-chosen' comes before it"),
    "a condition on neutral": (lambda o: ruled(o, "neutral-met", ["neutral"], {"Mirror": ({"of": "every-cue"}, {"depth": 1.0})}), "conditions-are-on-what-says-something", "it is on 'neutral', a label that says nothing"),
    "6 seconds for 360": (lambda o: edited(o, "grief-met-quietly-dose", seconds_max=6.0), "doses-hold-a-track", "it allows 6 seconds, and the shortest track has 60.4"),
    "+10 dB for -10": (lambda o: edited(o, "pain-soft-and-even-lean-level", low=8.0, best=10.0, high=12.0), "leanings-find-tracks", "no track of 2505 lies there (level 8 to 12 dB)"),
    "a bound of +10 dB for -10": (lambda o: edited(o, "with-a-carer-bound-level", high=10.0), "bounds-leave-tracks", "it shuts out no track of the catalogue"),
    "2 octaves for 2 BPM": (lambda o: edited(o, "end-of-life-stays-low-step-limit-tempo", at_most=2.0), "steps-are-limited", "it allows 2 octaves of tempo, and nine in ten tracks lie within"),
    "a lean of no width": (lambda o: edited(o, "pain-soft-and-even-lean-tempo", low=70.0, high=70.0), "leanings-have-width", "'low' and 'high' are both 70"),
    "C raised to A with an unrelated source": (lambda o: edited(o, "acute-stress-stays-low-number", grade="A", links={"supportedBy": "demszky-2020"}), "grades-are-borne-out", "its grade is A, and demszky-2020 says nothing in words that it uses"),
    "C raised to A with a practice paper": (lambda o: edited(o, "trauma-even-and-chosen-number", grade="A", links={"supportedBy": "lawes-gim"}), "grades-are-borne-out", "its grade is A, and what supports it is no study of the case (practice paper"),
    "a definition that says TODO": (lambda o: edited(o, "fear-pace-only", definition="TODO"), "texts-are-written", "its 'definition' is a placeholder"),
    "a definition that repeats the label": (lambda o: edited(o, "joy-mirrored", definition=o["joy-mirrored"].text("label") + "."), "texts-are-written", "its definition only repeats its name"),
    "a promise of treatment": (lambda o: edited(o, "stop-any-time", text="This music treats your depression and replaces your medication."), "nothing-promises-treatment", "promises treatment: 'treats your depression'"),
    "a promise in Chinese": (lambda o: edited(o, "stop-any-time", text_zh="这段音乐能治愈抑郁，可以代替药物。"), "nothing-promises-treatment", "its 'text_zh' promises treatment"),
    "a number signed by x": (lambda o: edited(o, "acute-stress-skips-match-number", signed_by="x"), "signatures-name-somebody", "it is signed by 'x', which is nobody's name"),
    "Chinese text in English": (lambda o: edited(o, "hear-the-road", text_zh="Keep it low enough to hear."), "texts-are-in-their-language", "its 'text_zh' is not in Chinese"),
    "English label in Chinese": (lambda o: edited(o, "joy-mirrored", label="喜悦相随"), "texts-are-in-their-language", "its 'label' is not in English"),
    "a context held by slip": (lambda o: edited(o, "driving", held=True), "standing-contexts-stand-alone", "'held' is true and 'source' is asked: it would always be there"),
    "a standing context that is not held": (lambda o: edited(o, "always", held=False), "standing-contexts-stand-alone", "'held' is false and 'source' is standing"),
    "rumination begins with sadness": (lambda o: edited(o, "rumination-begins-tender-replace", links={"of": "sadness-scale"}), "no-way-leads-into-distress", "leads to sadness-scale, as which only distress is read"),
    "fear begins with a silenced scale": (lambda o: ruled(o, "fear-tense", ["fear"], {"Replace": ({"of": "tension"}, {})}, priority=90), "nothing-asks-for-what-is-forbidden", "asks for tension, and whenever it holds, 'distress-silences-tension' silences it"),
    "a lean to a trait that is barred": (lambda o: ruled(o, "drinking-songs", ["craving"], {"Lean": ({"of": "alcohol"}, {"weight": 0.2})}, at="every-stage"), "nothing-asks-for-what-is-forbidden", "asks for alcohol, and whenever it holds, 'craving-without-drink' bars it"),
    "a retired rule that others override": (lambda o: edited(o, "anger-pace-only", status="retired"), "nothing-rests-on-what-is-retired", "it overrides 'anger-pace-only', which is retired and never holds"),
    "a reading under a retired rule": (lambda o: edited(o, "surprise-as-wonder", status="retired"), "nothing-rests-on-what-is-retired", "it counts only under 'surprise-as-wonder', which is retired"),
    "a notice that nothing uses": (lambda o: put(o, made(o, "unheard", "Notice", text="Rest a little.", text_zh="歇一歇。")), "everything-is-used", "Notice 'unheard': no published rule uses it"),
    "a trait that nothing uses": (lambda o: put(o, made(o, "rainy", "Trait")), "everything-is-used", "Trait 'rainy': no published rule uses it"),
    "a context that nothing uses": (lambda o: put(o, made(o, "at-work", "Context", source="declared", keep="session", held=False)), "everything-is-used", "Context 'at-work': no published rule uses it"),
    "a choice that declares what no rule uses": (lambda o: edited(put(o, made(o, "at-work", "Context", source="asked", keep="session", held=False)), "begin-calm", links={"declares": "at-work"}), "everything-is-used", "no published rule is on it, so that begin-calm only ends the asking"),
    "a question whose choices change nothing": (lambda o: edited(o, "begin-gently", links={"declares": "accepts-match"}), "questions-change-something", "Question 'meet-or-gentle': none of its choices changes anything"),
    "two choices at one place": (lambda o: edited(o, "begin-calm", order=2), "choices-are-in-order", "'begin-as-felt' and 'begin-calm' both stand at place 2"),
    "a tie of two questions": (lambda o: ruled(o, "desire-asks-too", ["desire"], {"Ask": ({"of": "which-goal"}, {})}, at="every-stage", priority=370), "no-ties", "both have priority 370, and only one Ask can count"),
    "one rule with two questions": (lambda o: put(edited(o, "desire-asks", links={"does": ["desire-asks-ask", "another-ask"]}), made(o, "another-ask", "Ask", {"of": "which-goal"})), "choices-are-in-order", "it asks what-longing and which-goal, and one question is asked at most"),
    "a reading that no rule meets": (lambda o: edited(put(o, made(o, "approval-as-peace", "Mapping", {"to": "peacefulness"}, share=1.0, grade="C")), "approval", links={"readAs": "approval-as-peace"}), "every-reading-matters", "Emotion 'approval': it is read as a scale, and no rule meets it"),
    "two feelings that defeat each other's rules": (lambda o: edited(edited(o, "anger-pace-only", links={"unless": "joy-like-present"}), "joy-mirrored", links={"unless": "anger-present"}), "every-pair-of-feelings-is-answered", "Emotion 'anger': together with joy it meets no mirror"),
    "a weight of nothing": (lambda o: edited(o, "pain-soft-and-even-lean-tempo", weight=0.0), "leanings-have-width", "its weight is 0, so it leads nowhere"),
    "a mirror that starts late": (lambda o: edited(o, "anger-present", at_least=0.8), "every-feeling-is-answered", "Emotion 'anger': alone and present (anger from 0 to 0.8) it meets no mirror"),
    "a mirror that stops early": (lambda o: edited(o, "anger-present", at_most=0.8), "every-feeling-is-answered", "Emotion 'anger': alone and strong it meets no mirror"),
    "two rules on the same high scores lean apart": (lambda o: edited(edited(ruled(ruled(o, "slow", ["fear"], {"Lean": ({"of": "tempo"}, LEAN)}), "fast", ["fear"], {"Lean": ({"of": "tempo"}, {**LEAN, "low": 150.0, "best": 160.0, "high": 170.0})}), "slow-when-fear", at_least=0.6), "fast-when-fear", at_least=0.7), "leanings-agree", "always at once"),
    "scores that no threshold lets through": (lambda o: edited(o, "anger-present", at_most=0.1), "thresholds-are-reached", "'at_most' is 0.1, and anger is present from 0.3281: no score meets both"),
    "bounds that leave no track": (lambda o: edited(o, "driving-stays-awake-bound-tempo", low=220.0), "bounds-leave-tracks", "its bounds leave 0 of 2505 tracks at guide, match, target"),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_that_passed_is_told(name: str) -> None:
    edit, expected, said = SLIPS[name]
    new = [f for f in find(edit(shipped_ontology()), expected) if f not in found_in_what_ships(expected)]
    told = [f for f in new if f.check == expected and said in str(f)]
    assert told, "\n".join(map(str, new)) or "nothing was found"
    assert all(f.repair and f.file.endswith(".owl") and f.individual for f in told)


WEAKER: dict[str, tuple[Edit, str]] = {
    "psychosis dropped from a condition": (lambda o: edited(o, "unsupervised-unfit-declared", links={"on": ["dementia-declared", "infant"]}), "'withhold-when-unsupervised': it held with psychosis-declared; psychosis-words, and holds no longer"),
    "its rule retired": (lambda o: edited(o, "withhold-when-unsupervised", status="retired"), "'status' was published, and is retired"),
    "its rule made a draft": (lambda o: edited(o, "trauma-even-and-chosen", status="draft"), "'status' was published, and is draft"),
    "a marker that nothing spells": (lambda o: edited(o, "trauma", drop=["spelled"]), "it showed trauma, and is gone"),
    "steps of 40 dB": (lambda o: edited(o, "even-loudness-step-limit", at_most=40.0), "its StepLimit of level: 'at_most' was 6, and is 40"),
    "a swing of 60 dB": (lambda o: edited(o, "even-loudness-bound", high=60.0), "its Bound of level_swing: 'high' was 14, and is 60"),
    "a bound without its end": (lambda o: edited(o, "driving-stays-awake-bound-tempo", drop=["low"], high=300.0), "'low' was"),
    "safety made a matter of taste": (lambda o: edited(o, "even-loudness", tier="taste"), "'tier' was safety, and is taste"),
    "a deleted rule": (lambda o: without(o, "distress-silences-tension"), "'distress-silences-tension': it was a safety rule, and is deleted"),
    "a deleted effect": (lambda o: without(o, "trauma-even-and-chosen-bar-death"), "its Bar of death is gone"),
    "a gate that asks for more": (lambda o: edited(o, "crisis", enough=50.0), "'enough' was 1, and is 50"),
    "a gate that looks less far": (lambda o: edited(o, "crisis", within=5), "'within' was 60, and is 5"),
    "one more condition": (lambda o: edited(o, "panic-at-the-wheel", links={"when": ["acute-stress-marked", "driving-declared", "fear-present"]}), "it held with acute-stress with driving"),
    "one more exception": (lambda o: edited(o, "withhold-when-sound-harms", links={"unless": "carer-present"}), "carer-here defeats it now"),
    "asked to be strong": (lambda o: edited(o, "fear-like-present", level="strong"), "'distress-silences-tension': it held with"),
    "fewer goals": (lambda o: edited(o, "withhold-sedation-at-the-wheel", links={"for": "calm"}), "it was for sleep, and is no longer"),
    "fewer stages": (lambda o: edited(o, "exclude-vetoed-music", links={"at": "match"}), "it was at guide, target, and is no longer"),
    "a policy that widens": (lambda o: edited(o, "bound-policy", combine="union"), "'combine' was intersect, and is union"),
    "a later place": (lambda o: edited(o, "hold-crisis-language", priority=60), "its priority was 10, and is 60"),
    "a line that is gone": (lambda o: without(o, o.of("SupportLine")[0].id), "people could call it, and it is deleted"),
    "overridden by a new rule": (lambda o: ruled(o, "louder", ["joy"], {"Notify": ({"of": "stop-any-time"}, {})}, tier="safety", overrides="even-loudness"), "it overrides 'even-loudness' now"),
    "a score in place of a level": (lambda o: edited(o, "fear-like-present", at_least=0.9), "'distress-silences-tension': it held with"),
    "support becomes withholding": (lambda o: edited(o, "hold-crisis-language-hold", outcome="withheld"), "'outcome' was support, and is withheld"),
}  # fmt: skip


@pytest.mark.parametrize("name", WEAKER)
def test_weaker_safety_is_refused(name: str) -> None:
    edit, said = WEAKER[name]
    told = find(edit(shipped_ontology()), SAFETY)
    assert any(said in str(f) for f in told), "\n".join(map(str, told)) or "nothing was found"
    assert all(f.level == "error" and "isopath ontology sign" in f.repair for f in told)


TIGHTER: dict[str, Edit] = {
    "nothing": lambda o: o,
    "a smaller step": lambda o: edited(o, "even-loudness-step-limit", at_most=4.0),
    "one more sign": lambda o: edited(
        o, "fear-like-present", links={"on": ["acute-stress", "disgust", "fear", "nervousness", "grief"]}
    ),
    "a new safety rule": lambda o: ruled(
        o, "softer", ["grief"], {"Bound": ({"of": "level"}, {"high": -14.0})}, at="every-stage", tier="safety"
    ),
    "the same condition by another id": lambda o: edited(
        put(o, made(o, "wheel", "Condition", {"on": ["driving", "driving-words"]}, level="present")),
        "withhold-sedation-at-the-wheel",
        links={"when": "wheel"},
    ),
    "a gate that asks for less": lambda o: edited(o, "crisis", enough=0.9),
    "a clinical rule that is retired": lambda o: edited(o, "pregnancy-soft-and-even", status="retired"),
}


@pytest.mark.parametrize("name", TIGHTER)
def test_what_tightens_safety_needs_no_signature(name: str) -> None:
    assert [str(f) for f in find(TIGHTER[name](shipped_ontology()), SAFETY)] == []


def test_rules_on_other_scores_of_one_feeling_do_not_meet() -> None:
    """Above .7 one leans to slow music, below .6 the other to fast: never at once; which of two comes first is no tie."""
    fast = {**LEAN, "low": 150.0, "best": 160.0, "high": 170.0}
    o = ruled(
        shipped_ontology(), "slow", ["fear"], {"Lean": ({"of": "tempo"}, LEAN), "Replace": ({"of": "wonder"}, {})}
    )
    o = ruled(o, "fast", ["fear"], {"Lean": ({"of": "tempo"}, fast), "Replace": ({"of": "tenderness"}, {})})
    assert Rulebook(o).can_meet(o["slow"], o["fast"])
    o = edited(edited(o, "slow-when-fear", at_least=0.7), "fast-when-fear", at_most=0.6)
    book = Rulebook(o)
    assert not book.can_meet(o["slow"], o["fast"])
    told = [f for name in ("leanings-agree", "no-ties", "every-rule-can-hold") for f in find(o, name)]
    assert [str(f) for f in told if "'slow'" in str(f) and "'fast'" in str(f)] == []
    assert book.holds(o["slow"], book.suppose([name_range("fear", 0.7, 0.8)]))
    assert not book.holds(o["slow"], book.suppose(["fear"]))


def test_numbers_that_stay_or_widen_weaken_nothing() -> None:
    before = edited(edited(shipped_ontology(), "fear-like-present", at_least=0.6), "carer-present", at_least=1.0)
    wider = edited(before, "fear-like-present", at_least=0.4)
    higher = edited(before, "fear-like-present", at_least=0.8)
    assert [[str(f) for f in safety_changes(before, after)] for after in (before, wider)] == [[], []]
    assert any("fear from 0.6 to 1" in str(f) for f in safety_changes(before, higher))


def test_the_shipped_ontology_passes_whatever_it_is_held_against() -> None:
    found = check(shipped_ontology(), loaded=loaded(), published=shipped_ontology())
    assert [str(f) for f in found if f.level == "error"] == []


@pytest.mark.parametrize(
    "text",
    [
        "Music stays beside that, never in its place.",
        "This program does not treat depression, and cannot replace a doctor.",
        "音乐只能相伴，不能代替医生。",
        "People who treat you know more.",
        "Someone you trust can do more than music: call one of them now.",
    ],
)
def test_what_promises_nothing_is_let_pass(text: str) -> None:
    assert find_promise(text) is None


@pytest.mark.parametrize(
    ("signature", "names"),
    [("Maria Lopez", True), ("Dr. Ann-Kathrin Müller", True), ("王小明", True), ("x", False), ("test test", False),
     ("therapist", False), ("TODO", False), ("某人", False), ("J.", False), ("xx xx", False)],
)  # fmt: skip
def test_a_signature_is_a_name(signature: str, names: bool) -> None:
    assert names_somebody(signature) is names
