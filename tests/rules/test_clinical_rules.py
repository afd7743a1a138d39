"""What a therapist asked of the rules: which hold for which words and declarations, and that neighbours ask apart.

Read from the ontology alone, with the checks' own reading of the rules; journeys are other tests' business.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import log2, sqrt

import pytest

from engine.gate import Gate
from engine.rules import Individual, Ontology
from engine.rules.checks.holding import Rulebook
from tests.helpers.shipped import shipped_ontology

GOALS = ("calm", "sleep", "comfort", "focus", "lift")
NOBODY_ALONE, AT_THE_WHEEL = "withhold-when-unsupervised", "withhold-sedation-at-the-wheel"


@pytest.fixture(scope="module")
def shipped() -> Ontology:
    return shipped_ontology()


@pytest.fixture(scope="module")
def book(shipped: Ontology) -> Rulebook:
    return Rulebook(shipped)


# ---------------------------------------------------------------- words and declarations


@pytest.mark.parametrize(
    ("text", "declared", "goal", "rules", "spared"),
    [
        ("I'm driving home on the motorway", "", "calm", AT_THE_WHEEL, ""),
        ("我正在开车回家", "", "sleep", AT_THE_WHEEL, ""),
        ("I'm driving home on the motorway", "", "comfort", "driving-stays-awake", AT_THE_WHEEL),
        ("the noise is driving me crazy", "", "calm", "", AT_THE_WHEEL),
        ("", "driving nervousness", "lift", "driving-stays-awake", "lift-passes-calm"),
        ("I'm panicking and I'm driving on the motorway", "", "comfort", "panic-at-the-wheel", ""),
        ("I drank again and I am craving", "", "comfort", "craving-without-drink craving-steadies", "desire-asks"),
        ("戒酒第十天，酒瘾又上来了", "", "calm", "craving-without-drink craving-steadies", ""),
        ("I am craving chocolate", "", "calm", "", "craving-without-drink"),
        ("my husband died in May", "", "comfort", "no-titles-of-death mourning-is-not-mocked", "child-programme"),
        ("I have surgery tomorrow", "", "calm", "procedure-begins-peaceful no-titles-of-death", ""),
        ("明天要做手术，心里很怕", "", "calm", "procedure-begins-peaceful no-titles-of-death", ""),
        ("music gives me seizures", "", "calm", "withhold-when-sound-harms", ""),
        ("music gives me seizures", "carer-here", "calm", "withhold-when-sound-harms", ""),
        ("I have epilepsy and want to rest", "", "calm", "epilepsy-asks", "withhold-when-sound-harms"),
        ("I have epilepsy and want to rest", "no-music-seizures", "calm", "", "epilepsy-asks"),
        ("I hear voices in my head", "", "calm", NOBODY_ALONE, "with-a-carer"),
        ("my uncle has schizophrenia", "", "calm", "", NOBODY_ALONE),
        ("", "dementia-declared carer-here", "calm", "with-a-carer", NOBODY_ALONE),
        ("four days without sleep, amazing", "", "lift", "mania-not-lifted", ""),
        ("四天没睡，感觉棒极了", "", "calm", "mania-begins-quiet", "mania-not-lifted"),
        ("I feel so lonely", "", "comfort", "loneliness-kept-company loneliness-passes-warmth", "unreadable-asks"),
        ("好想家", "", "comfort", "homesickness-met", "unreadable-asks"),
        ("I feel empty and can't get out of bed", "", "lift", "low-energy-met-low low-energy-rises-slowly", ""),
        ("my depression is back, I am sad", "sadness", "lift", "rumination-one-short-match rumination-music-rises", ""),
        ("", "sadness", "lift", "sadness-met-then-moved sad-music-is-left", "rumination-music-rises"),
        ("my brother has chronic depression", "sadness", "lift", "", "rumination-music-rises"),
        ("I am so angry, I need to let off steam", "anger", "calm", "anger-discharged", "anger-pace-only"),
        ("I am so angry, I need to let off steam", "anger fear", "calm", "anger-pace-only", "anger-discharged"),
        ("", "anger likes-intense", "calm", "anger-pace-only", "anger-own-intense-music"),
        ("", "anger likes-intense own-music", "calm", "anger-own-intense-music", "anger-pace-only"),
        ("the ringing in my ears", "", "calm", "tinnitus-leaves-no-holes advise-hearing-child", "advise-hearing-adult"),
        ("every sound hurts", "", "calm", "withhold-when-sound-harms", ""),
        ("sensory overload, I'm autistic", "", "calm", "overload-begins-plain sensitive-senses-even", ""),
        ("I'm autistic and happy", "joy", "lift", "sensitive-senses-even", "overload-begins-plain"),
        ("my back hurts so much", "", "calm", "pain-soft-and-even", ""),
        ("my heart hurts without him", "", "calm", "", "pain-soft-and-even"),
        ("I'm pregnant and restless", "", "calm", "pregnancy-soft-and-even", ""),
        (
            "a lullaby for my little daughter",
            "",
            "sleep",
            "child-programme titles-for-a-child advise-hearing-child",
            "",
        ),
        ("I have terminal cancer", "", "calm", "end-of-life-at-rest end-of-life-asks-faith", ""),
        ("I have terminal cancer", "religious-welcome", "calm", "end-of-life-at-rest", "end-of-life-asks-faith"),
        ("something calm, no church music", "", "calm", "faith-is-chosen", ""),
        ("I lie awake every night", "", "sleep", "sleep-as-a-course", ""),
        ("I lie awake every night", "", "focus", "", "sleep-as-a-course"),
        ("", "trauma-declared", "calm", "trauma-even-and-chosen", ""),
    ],
)
def test_words_and_declarations_bring_their_rules(
    text: str, declared: str, goal: str, rules: str, spared: str, gate: Gate, book: Rulebook
) -> None:
    shown = {sense.marker for sense, guards in gate.find_phrases(text) if not guards and sense.weight is None}
    held = {rule.id for rule in book.find_holding(book.suppose(shown | set(declared.split())), goal)}
    assert set(rules.split()) <= held
    assert not set(spared.split()) & held


@pytest.mark.parametrize(
    ("rule", "traits"),
    [
        ("craving-without-drink", {"alcohol"}),
        ("no-titles-of-death", {"death"}),
        ("mourning-is-not-mocked", {"mockery", "sexual"}),
        ("titles-for-a-child", {"alcohol", "death", "mockery", "sexual"}),
        ("trauma-even-and-chosen", {"death", "imagery", "military", "sexual"}),
        ("faith-is-chosen", {"religious"}),
    ],
)
def test_a_context_bars_its_titles(rule: str, traits: set[str], shipped: Ontology, book: Rulebook) -> None:
    assert {trait for bar in book.list_effects(shipped[rule], "Bar") for trait in bar.to("of")} == traits


def test_only_what_was_tested_on_people_is_grade_a(shipped: Ontology) -> None:
    """Grade A for benefit is for lengths that trials used; how music sounds is a claim about naming."""
    firm = [c.id for c in shipped.of("Claim") if c.text("about") == "direction" and c.text("grade") == "A"]
    of_rules = {claim for rule in shipped.of("Rule") for claim in rule.to("claims")}
    assert {claim for claim in firm if claim in of_rules} == {"sleep-length-direction", "sleep-as-a-course-direction"}


# ---------------------------------------------------------------- neighbours ask apart


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("grief", "sadness"),
        ("fear", "nervousness"),
        ("anger", "annoyance"),
        ("loneliness", "sadness"),
        ("low-energy", "sadness"),
        ("low-energy", "grief"),
        ("homesickness", "sadness"),
        ("acute-stress", "nervousness"),
        ("end-of-life", "grief"),
        ("end-of-life", "acute-stress"),
        ("craving", "nervousness"),
        ("procedure-words", "nervousness"),
        ("sensory-overload", "acute-stress"),
    ],
)
def test_neighbours_ask_for_music_that_differs(one: str, other: str, goal: str, book: Rulebook) -> None:
    first, second = (asked(book, [sign], goal) for sign in (one, other))
    apart = {cue: first[cue] - second[cue] for cue in first}
    assert sqrt(sum(difference**2 for difference in apart.values())) >= APART, apart


APART = 0.9
"""Distance over all cues, in usual deviations of each cue in the catalogue."""


def asked(book: Rulebook, signs: Iterable[str], goal: str) -> Mapping[str, float]:
    """What the first stage asks of every cue, in usual deviations: the goal's music, met by depth, leant by share."""
    rules = [r for r in book.find_holding(book.suppose(signs), goal) if book.covers(r, "at", "match")]
    aims = (book.ontology[aim] for aim in book.ontology[goal].to("aimsAt"))
    asks = _mean(book.ontology, [(aim.to("atScale")[0], aim.number("share") or 0.0) for aim in aims])
    begins = min(
        ((r.number("priority"), e.to("of")[0]) for r in rules for e in book.list_effects(r, "Replace")), default=None
    )
    if begins:
        asks = _mean(book.ontology, [(begins[1], 1.0)])
    for sign in () if begins else signs:
        readings = (book.ontology[reading] for reading in book.ontology[sign].to("readAs"))
        felt = _mean(book.ontology, [(one.to("to")[0], one.number("share") or 0.0) for one in readings])
        for cue, depth in _depths(book, rules, sign, felt).items():
            asks[cue] += depth * (felt[cue] - asks[cue])
    for cue, leans in _leans(book, rules).items():
        share = min(1.0, max(weight for weight, _ in leans))
        middle = sum(weight * point for weight, point in leans) / sum(weight for weight, _ in leans)
        asks[cue] += share * (middle - asks[cue])
    return asks


def _depths(book: Rulebook, rules: Iterable[Individual], sign: str, felt: Iterable[str]) -> Mapping[str, float]:
    """How deep each cue of what is felt is met by the rules on this sign."""
    depths: dict[str, float] = {}
    for rule in rules:
        if any(sign in book.ontology[condition].to("on") for condition in rule.to("when")):
            for mirror in book.list_effects(rule, "Mirror"):
                met = set(felt) if "every-cue" in mirror.to("of") else set(felt) & set(mirror.to("of"))
                depths |= dict.fromkeys(met, mirror.number("depth") or 0.0)
    return depths


def _leans(book: Rulebook, rules: Iterable[Individual]) -> Mapping[str, list[tuple[float, float]]]:
    """For every cue the shares of the way, by weight and grade of direction, and where they lead."""
    leans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    computed = {weight.text("axis") for weight in book.ontology.of("CueWeight")}
    worth = {grade.text("letter"): grade.number("weight") or 0.0 for grade in book.ontology.of("Grade")}
    for rule in rules:
        claims = (book.ontology[claim] for claim in rule.to("claims"))
        grade = next((claim.text("grade") for claim in claims if claim.text("about") == "direction"), "A")
        for lean in book.list_effects(rule, "Lean"):
            cue = book.ontology[lean.to("of")[0]]
            if "Cue" in cue.classes and cue.id not in computed:
                leans[cue.id].append(((lean.number("weight") or 0.0) * worth[grade], _at(cue, lean)))
    return leans


def _mean(ontology: Ontology, scales: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Cue targets of scales by their shares, in usual deviations of each cue."""
    total: dict[str, float] = defaultdict(float)
    for scale, share in scales:
        for target in (ontology[target] for target in ontology[scale].to("callsFor")):
            cue = ontology[target.to("of")[0]]
            total[cue.id] += share * _at(cue, target)
    return dict(total)


def _at(cue: Individual, stated: Individual) -> float:
    best, spread = stated.number("best") or 0.0, cue.number("spread") or 1.0
    return (log2(best) if cue.text("scale") == "log" else best) / spread
