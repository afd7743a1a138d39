"""Plants faults in the shipped ontology: each with the check that must name it, and the individual that it must name."""

# ruff: noqa: E501, S311, B008  # one kind of fault a line or two; a choice of faults guards nothing; values are fixed early

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef

from engine.rules import Individual, Ontology
from engine.rules.checks.holding import Rulebook
from engine.rules.owl.names import BASE
from engine.rules.safety import CHECK as SAFETY
from tests.helpers.editing import edited, made, put, ruled, without

OF_A_KIND = 9
"""Faults of one kind at most."""
READING = "reading"
"""The name under which faults are told that keep the files from being read."""
LEAN = {"low": 55.0, "best": 60.0, "high": 65.0, "weight": 0.5}


@dataclass(frozen=True)
class Fault:
    """One fault in one place."""

    kind: str
    check: str
    names: str
    """What the finding must name: mostly the id of the individual."""
    edit: Callable[[Ontology], Ontology]

    def __str__(self) -> str:
        return f"{self.kind}: {self.names}"


@dataclass(frozen=True)
class Slip:
    """One fault of a file, which keeps it from being read."""

    kind: str
    names: str
    said: str
    """Words that the message must have."""
    edit: Callable[[Graph], None]

    def __str__(self) -> str:
        return f"{self.kind}: {self.names}"


def plant(ontology: Ontology, seed: int = 7) -> list[Fault]:
    """Faults of every kind, at most OF_A_KIND each, in the same order for the same seed."""
    rng = random.Random(seed)
    found: list[Fault] = []
    for kind in KINDS:
        possible = list(kind(ontology))
        chosen = possible if len(possible) <= OF_A_KIND else rng.sample(possible, OF_A_KIND)
        found += [Fault(kind.__name__.replace("_", " "), *one) for one in chosen]
    return found


Planted = Iterator[tuple[str, str, Any]]
"""The check, what it must name, and the edit: a function of an ontology to another one."""


def published(o: Ontology, *effects: str, tier: str = "") -> list[Individual]:
    book = Rulebook(o)
    return [
        r
        for r in book.rules
        if (not effects or any(book.list_effects(r, e) for e in effects)) and tier in ("", r.text("tier"))
    ]


def ranged(o: Ontology) -> list[Individual]:
    return [i for kind in ("Lean", "CueTarget") for i in o.of(kind) if i.number("best") is not None]


def signed_by_nobody(o: Ontology) -> Planted:
    for n, claim in enumerate(c for c in o.of("Claim") if c.text("about") == "number"):
        name = ("x", "TODO", "therapist", "test", "?", "me")[n % 6]
        yield "signatures-name-somebody", claim.id, lambda o, i=claim.id, s=name: edited(o, i, signed_by=s)


def low_above_best(o: Ontology) -> Planted:
    for i in ranged(o):
        if i.number("low") != i.number("best"):
            yield "numbers-in-order", i.id, lambda o, i=i: edited(o, i.id, low=(i.number("best") or 0) + 0.01)


def high_below_best(o: Ontology) -> Planted:
    for i in ranged(o):
        yield "numbers-in-order", i.id, lambda o, i=i: edited(o, i.id, high=(i.number("best") or 0) - 0.01)


def at_least_above_at_most(o: Ontology) -> Planted:
    for i in conditions_on_emotions(o):
        yield "numbers-in-order", i.id, lambda o, i=i: edited(o, i.id, at_least=0.8, at_most=0.7)


def at_most_below_the_threshold(o: Ontology) -> Planted:
    for i in conditions_on_emotions(o):
        yield "thresholds-are-reached", i.id, lambda o, i=i: edited(o, i.id, at_most=0.05)


def at_least_that_no_model_gives(o: Ontology) -> Planted:
    for i in conditions_on_emotions(o):
        yield "thresholds-are-reached", i.id, lambda o, i=i: edited(o, i.id, at_least=1.0)


def at_most_of_what_is_there_or_not(o: Ontology) -> Planted:
    for i in o.of("Condition"):
        if {"Marker", "Context"} & {kind for sign in i.to("on") for kind in o[sign].classes}:
            yield "conditions-are-on-what-says-something", i.id, lambda o, i=i: edited(o, i.id, at_most=0.8)


def scores_that_exclude_each_other(o: Ontology) -> Planted:
    for rule in published(o, "Mirror"):
        [first, *_] = rule.to("when")
        if len(o[first].to("on")) == 1 and o[first] in conditions_on_emotions(o):
            yield (
                "every-rule-can-hold",
                rule.id,
                lambda o, r=rule.id, c=first: between(o, r, c),
            )


def safety_that_asks_for_a_higher_score(o: Ontology) -> Planted:
    for rule in published(o, tier="safety"):
        for condition in rule.to("when"):
            if o[condition] in conditions_on_emotions(o):
                yield SAFETY, rule.id, lambda o, c=condition: edited(o, c, at_least=0.9)


def conditions_on_emotions(o: Ontology) -> list[Individual]:
    return [i for i in o.of("Condition") if {"Emotion"} <= {kind for s in i.to("on") for kind in o[s].classes}]


def between(o: Ontology, rule: str, condition: str) -> Ontology:
    """The rule asks for scores above .7, and for scores below .6 of the same signs."""
    low = replace(o[condition], id="low-scores", properties={**o[condition].properties, "at_most": 0.6})
    o = put(edited(o, condition, at_least=0.7), low)
    return edited(o, rule, links={"when": [*o[rule].to("when"), low.id]})


def outside_the_cue(o: Ontology) -> Planted:
    for i in ranged(o):
        yield "numbers-inside-the-cue", i.id, lambda o, i=i: edited(o, i.id, high=1000.0)


def step_wider_than_the_cue(o: Ontology) -> Planted:
    for i in o.of("StepLimit"):
        yield "numbers-inside-the-cue", i.id, lambda o, i=i: edited(o, i.id, at_most=500.0)


def step_that_limits_nothing(o: Ontology) -> Planted:
    for i in o.of("StepLimit"):
        wide = 2.5 if o[i.to("of")[0]].text("scale") == "log" else 30.0
        yield "steps-are-limited", i.id, lambda o, i=i, w=wide: edited(o, i.id, at_most=w)


def lean_of_no_width(o: Ontology) -> Planted:
    for i in ranged(o):
        yield (
            "leanings-have-width",
            i.id,
            lambda o, i=i: edited(o, i.id, low=i.number("best") or 0.0, high=i.number("best") or 0.0),
        )


def weight_of_nothing(o: Ontology) -> Planted:
    for i in o.of("Lean"):
        yield "leanings-have-width", i.id, lambda o, i=i: edited(o, i.id, weight=0.0)


def log_from_zero(o: Ontology) -> Planted:
    for i in o.of("Cue"):
        if i.text("scale") == "log":
            yield "log-cues-above-zero", i.id, lambda o, i=i: edited(o, i.id, minimum=0.0)


def scale_without_a_target(o: Ontology) -> Planted:
    for i in o.of("Scale"):
        yield "targets-for-every-cue", i.id, lambda o, i=i: edited(o, i.id, links={"callsFor": i.to("callsFor")[1:]})


def stage_that_takes_too_much(o: Ontology) -> Planted:
    for i in o.of("Stage"):
        yield "shares-of-stages", "stages add up to", lambda o, i=i: edited(o, i.id, share=0.6)


def aim_that_is_too_small(o: Ontology) -> Planted:
    for goal in o.of("Goal"):
        yield "shares-of-aims", goal.id, lambda o, i=goal.to("aimsAt")[0]: edited(o, i, share=0.05)


def read_as_more_than_all(o: Ontology) -> Planted:
    for sign in o.of("Sign"):
        if len(sign.to("readAs")) > 1 and not any(o[m].to("under") for m in sign.to("readAs")):
            yield (
                "shares-of-readings",
                sign.id,
                lambda o, i=sign.to("readAs"): edited(edited(o, i[0], share=1.0), i[1], share=1.0),
            )


def policy_that_nobody_can_follow(o: Ontology) -> Planted:
    for i in o.of("HitPolicy"):
        yield "policies-can-be-followed", i.id, lambda o, i=i: edited(o, i.id, combine="sum")


def policy_that_is_gone(o: Ontology) -> Planted:
    for i in o.of("HitPolicy"):
        yield "one-policy-for-every-kind", i.text("governs"), lambda o, i=i: without(o, i.id)


def tie_of_two_beginnings(o: Ontology) -> Planted:
    for rule in published(o, "Replace", tier="clinical"):
        sign = o[rule.to("when")[0]].to("on")[0]
        other = "wonder" if sign != "wonder" else "tenderness"
        if len(rule.to("when")) == 1:
            yield (
                "no-ties",
                rule.id,
                lambda o, r=rule, s=sign, w=other: ruled(
                    o, "tied", [s], {"Replace": ({"of": w}, {})}, priority=int(r.number("priority") or 0)
                ),
            )


def second_mirror_of_one_sign(o: Ontology) -> Planted:
    for rule in published(o, "Mirror"):
        if len(rule.to("when")) == 1:
            sign = o[rule.to("when")[0]].to("on")[0]
            yield (
                "no-ties",
                rule.id,
                lambda o, s=sign: ruled(o, "mirrored-again", [s], {"Mirror": ({"of": "every-cue"}, {"depth": 0.1})}),
            )


def beginning_at_the_end(o: Ontology) -> Planted:
    for rule in published(o, "Replace"):
        yield "the-way-is-named-where-it-begins", rule.id, lambda o, r=rule: edited(o, r.id, links={"at": "target"})


def exception_that_covers_all(o: Ontology) -> Planted:
    for rule in published(o, tier="clinical"):
        yield (
            "every-rule-can-hold",
            rule.id,
            lambda o, r=rule: edited(o, r.id, links={"unless": [*r.to("unless"), *r.to("when")]}),
        )


def circle_of_overrides(o: Ontology) -> Planted:
    rules = [r for r in published(o, "Mirror") if not r.to("overrides")]
    for a, b in pairwise(rules):
        yield (
            "overrides-run-one-way",
            a.id,
            lambda o, a=a.id, b=b.id: edited(edited(o, a, links={"overrides": b}), b, links={"overrides": a}),
        )


def override_of_safety(o: Ontology) -> Planted:
    for rule in published(o, "Lean", tier="clinical"):
        yield (
            "safety-is-not-overridden",
            rule.id,
            lambda o, r=rule: edited(o, r.id, links={"overrides": "even-loudness"}),
        )


def safety_on_a_rare_label(o: Ontology) -> Planted:
    for emotion in o.of("Emotion"):
        if (emotion.number("detectability") or 0) < 0.4:
            yield (
                "safety-rests-on-firm-signs",
                "rare-safety",
                lambda o, e=emotion.id: ruled(
                    o, "rare-safety", [e], {"Notify": ({"of": "stop-any-time"}, {})}, tier="safety"
                ),
            )


def safety_that_a_feeling_defeats(o: Ontology) -> Planted:
    for rule in published(o, tier="safety"):
        yield "safety-rests-on-firm-signs", rule.id, lambda o, r=rule: edited(o, r.id, links={"unless": "fear-present"})


def unsigned_bound(o: Ontology) -> Planted:
    for sign in ("fear", "joy", "grief", "pride", "loneliness", "tinnitus"):
        yield (
            "bounds-are-signed",
            "bounded",
            lambda o, s=sign: ruled(o, "bounded", [s], {"Bound": ({"of": "level"}, {"high": -9.0})}),
        )


def bounds_apart(o: Ontology) -> Planted:
    for effect in o.of("Bound"):
        cue, high = effect.to("of")[0], effect.number("high")
        if high is not None:
            yield (
                "bounds-leave-room",
                effect.id.rpartition("-bound")[0],
                lambda o, c=cue, h=high: ruled(
                    o, "bounded", ["always"], {"Bound": ({"of": c}, {"low": h + 1})}, at="every-stage", tier="safety"
                ),
            )


def bound_without_music(o: Ontology) -> Planted:
    for cue, low in (
        ("tempo", 250.0),
        ("level", 8.0),
        ("level_swing", 40.0),
        ("register", 110.0),
        ("pitch_spread", 35.0),
        ("onset_rate", 25.0),
    ):
        yield (
            "bounds-leave-tracks",
            "bounded",
            lambda o, c=cue, n=low: ruled(o, "bounded", ["fear"], {"Bound": ({"of": c}, {"low": n})}, tier="safety"),
        )


def leaning_without_music(o: Ontology) -> Planted:
    for i in ranged(o):
        cue = i.to("of")[0]
        if cue in ("tempo", "level", "register", "pitch_spread"):
            most = o[cue].number("maximum") or 0.0
            yield "leanings-find-tracks", i.id, lambda o, i=i, m=most: edited(o, i.id, low=m - 2, best=m - 1, high=m)


def dose_of_seconds_for_minutes(o: Ontology) -> Planted:
    for i in o.of("Dose"):
        if i.number("seconds_max") is not None and i.number("steps_max") != 0:
            yield (
                "doses-hold-a-track",
                i.id,
                lambda o, i=i: edited(o, i.id, seconds_max=(i.number("seconds_max") or 0) / 60),
            )


def marker_without_words(o: Ontology) -> Planted:
    for i in o.of("Marker"):
        yield "markers-can-be-seen", i.id, lambda o, i=i: edited(o, i.id, drop=["spelled"])


def feeling_without_an_answer(o: Ontology) -> Planted:
    for rule in published(o, "Mirror"):
        signs = [s for c in rule.to("when") for s in o[c].to("on")]
        if len(signs) == 1 and "Emotion" in o[signs[0]].classes and signs[0] not in ("surprise", "grief"):
            yield "every-feeling-is-answered", signs[0], lambda o, r=rule: edited(o, r.id, status="draft")


def feelings_that_defeat_each_other(o: Ontology) -> Planted:
    alone = [(r, o[r.to("when")[0]]) for r in published(o, "Mirror") if len(r.to("when")) == 1]
    named = [
        (r, c)
        for r, c in alone
        if c.to("on")
        in (("confusion",), ("disapproval",), ("embarrassment",), ("remorse",), ("pride",), ("relief",), ("annoyance",))
    ]
    for (a, one), (b, other) in pairwise(named):
        yield (
            "every-pair-of-feelings-is-answered",
            min(one.to("on")[0], other.to("on")[0]),
            lambda o, a=a, b=b, one=one, other=other: edited(
                edited(o, a.id, links={"unless": other.id}), b.id, links={"unless": one.id}
            ),
        )


def grade_without_a_source(o: Ontology) -> Planted:
    for i in o.of("Claim"):
        if i.text("grade") != "C":
            yield "grades-have-evidence", i.id, lambda o, i=i: edited(o, i.id, drop=["supportedBy"])


def grade_on_opinion(o: Ontology) -> Planted:
    for i in o.of("Claim"):
        if i.text("grade") == "C":
            yield (
                "grades-are-borne-out",
                i.id,
                lambda o, i=i: edited(o, i.id, grade="A", links={"supportedBy": "lawes-gim"}),
            )


def rule_from_memory(o: Ontology) -> Planted:
    for rule in published(o):
        sources = {e for c in rule.to("claims") for e in o[c].to("supportedBy")}
        if len(sources) == 1:
            yield "evidence-was-read", rule.id, lambda o, s=next(iter(sources)): edited(o, s, read="M")


def review_that_is_due(o: Ontology) -> Planted:
    for rule in published(o):
        yield "reviews-are-kept", rule.id, lambda o, r=rule: edited(o, r.id, review_by=datetime(2020, 1, 1, tzinfo=UTC))


def two_of_one_name(o: Ontology) -> Planted:
    rules = published(o)
    for a, b in pairwise(rules):
        yield "labels-differ", a.id, lambda o, a=a, b=b: edited(o, a.id, label=b.text("label"))


def source_that_nobody_cites(o: Ontology) -> Planted:
    for n in range(3):
        yield (
            "evidence-is-cited",
            f"lone-study-{n}",
            lambda o, n=n: put(
                o, made(o, f"lone-study-{n}", "Evidence", key="X", design="trial", finding="It helped.", read="V")
            ),
        )


def placeholder(o: Ontology) -> Planted:
    for n, i in enumerate((*o.of("Rule"), *o.of("Goal"), *o.of("Scale"))):
        yield (
            "texts-are-written",
            i.id,
            lambda o, i=i, w=("TODO", "tbd", "xxx", "Lorem ipsum dolor", "...", "FIXME: say it")[n % 6]: edited(
                o, i.id, definition=w
            ),
        )


def other_language(o: Ontology) -> Planted:
    for i in (*o.of("Notice"), *o.of("Question"), *o.of("Choice")):
        yield "texts-are-in-their-language", i.id, lambda o, i=i: edited(o, i.id, text_zh=i.text("text"))


def english_in_chinese(o: Ontology) -> Planted:
    for i in (*o.of("Notice"), *o.of("Question")):
        yield "texts-are-in-their-language", i.id, lambda o, i=i: edited(o, i.id, text=i.text("text_zh"))


PROMISED = (
    "This music treats your depression.", "It replaces your medication.", "It will cure your insomnia.", "Clinically proven to help.",
    "You can stop taking your pills.", "Heals your trauma for good.", "You will recover with this.", "Better than any therapist.", "It ends panic attacks.",
)  # fmt: skip


def promise_of_treatment(o: Ontology) -> Planted:
    for n, i in enumerate((*o.of("Notice"), *o.of("Rule"))):
        said = {"text" if "Notice" in i.classes else "definition": PROMISED[n % len(PROMISED)]}
        yield (
            "nothing-promises-treatment",
            i.id,
            lambda o, i=i, said=said: put(o, replace(i, properties={**i.properties, **said})),
        )


def leanings_pull_apart(o: Ontology) -> Planted:
    for sign in ("fear", "joy", "grief", "nervousness", "anger", "loneliness"):
        yield (
            "leanings-agree",
            "fast",
            lambda o, s=sign: ruled(
                ruled(o, "slow", [s], {"Lean": ({"of": "tempo"}, LEAN)}),
                "fast",
                [s],
                {"Lean": ({"of": "tempo"}, {**LEAN, "low": 150.0, "best": 160.0, "high": 170.0})},
            ),
        )


def never_heard(o: Ontology) -> Planted:
    for sign, goals in (
        ("crisis", "any-goal"),
        ("driving", "sleep"),
        ("driving-words", "calm"),
        ("mania-words", "lift"),
        ("music-seizures", "any-goal"),
        ("hyperacusis-declared", "comfort"),
        ("painful-sounds", "any-goal"),
    ):
        yield (
            "every-rule-is-heard",
            "unheard",
            lambda o, s=sign, g=goals: ruled(o, "unheard", [s], {"Lean": ({"of": "tempo"}, LEAN)}, goals=g),
        )


def mirror_that_is_replaced(o: Ontology) -> Planted:
    for sign in (
        "acute-stress",
        "sensory-overload",
        "end-of-life",
        "procedure-words",
        "before-procedure",
        "declines-match",
    ):
        yield (
            "every-mirror-is-met",
            "in-vain",
            lambda o, s=sign: ruled(o, "in-vain", [s], {"Mirror": ({"of": "tempo"}, {"depth": 0.5})}),
        )


def never_first(o: Ontology) -> Planted:
    for sign, kind, of in (
        ("acute-stress", "Replace", "wonder"),
        ("sensory-overload", "Replace", "wonder"),
        ("trauma", "Ask", "which-goal"),
        ("declines-match", "Replace", "wonder"),
        ("trauma-declared", "Ask", "meet-or-gentle"),
    ):
        at = "guide" if kind == "Via" else "match"
        yield (
            "every-effect-can-win",
            "never-first",
            lambda o, s=sign, k=kind, w=of, at=at: ruled(o, "never-first", [s], {k: ({"of": w}, {})}, at=at),
        )


def silenced_scale(o: Ontology) -> Planted:
    for sign in ("fear", "nervousness", "disgust", "acute-stress"):
        for kind, values in (("Mirror", {"depth": 0.5}), ("Lean", {"weight": 0.3}), ("Via", {})):
            yield (
                "nothing-asks-for-what-is-forbidden",
                "tense",
                lambda o, s=sign, k=kind, v=values: ruled(o, "tense", [s], {k: ({"of": "tension"}, v)}, at="guide"),
            )


def barred_trait(o: Ontology) -> Planted:
    for sign, trait in (
        ("craving", "alcohol"),
        ("grief", "death"),
        ("bereavement", "mockery"),
        ("child", "sexual"),
        ("trauma", "military"),
        ("declines-religious", "religious"),
    ):
        yield (
            "nothing-asks-for-what-is-forbidden",
            "asked",
            lambda o, s=sign, t=trait: ruled(o, "asked", [s], {"Lean": ({"of": t}, {"weight": 0.3})}, at="every-stage"),
        )


def way_into_distress(o: Ontology) -> Planted:
    for effect in (*o.of("Replace"), *o.of("Via")):
        yield (
            "no-way-leads-into-distress",
            effect.id,
            lambda o, e=effect: edited(o, e.id, links={"of": "sadness-scale"}),
        )


def override_of_the_retired(o: Ontology) -> Planted:
    for rule in published(o):
        for target in rule.to("overrides"):
            for status in ("retired", "draft"):
                yield "nothing-rests-on-what-is-retired", rule.id, lambda o, t=target, s=status: edited(o, t, status=s)


def reading_under_the_retired(o: Ontology) -> Planted:
    for mapping in o.of("Mapping"):
        for rule in mapping.to("under"):
            yield "nothing-rests-on-what-is-retired", mapping.id, lambda o, r=rule: edited(o, r, status="retired")


def held_by_slip(o: Ontology) -> Planted:
    for i in o.of("Context"):
        yield "standing-contexts-stand-alone", i.id, lambda o, i=i: edited(o, i.id, held=not i.properties["held"])


def condition_that_says_nothing(o: Ontology) -> Planted:
    for sign in ("neutral", "approval", "realization"):
        yield (
            "conditions-are-on-what-says-something",
            sign,
            lambda o, s=sign: ruled(o, "empty", [s], {"Mirror": ({"of": "every-cue"}, {"depth": 0.2})}),
        )


def choices_at_one_place(o: Ontology) -> Planted:
    for question in o.of("Question"):
        yield (
            "choices-are-in-order",
            question.id,
            lambda o, q=question: edited(edited(o, q.to("offers")[0], order=1), q.to("offers")[1], order=1),
        )


def question_that_changes_nothing(o: Ontology) -> Planted:
    for question in o.of("Question"):

        def mute(o: Ontology, question: Individual = question) -> Ontology:
            for choice in question.to("offers"):
                o = edited(o, choice, drop=["chooses", "feels"], links={"declares": "accepts-match"})
            return o

        yield "questions-change-something", question.id, mute


def unused(o: Ontology) -> Planted:
    yield "everything-is-used", "spare", lambda o: put(o, made(o, "spare", "Notice", text="Rest.", text_zh="歇息。"))
    yield "everything-is-used", "spare", lambda o: put(o, made(o, "spare", "Trait"))
    yield (
        "everything-is-used",
        "spare",
        lambda o: put(o, made(o, "spare", "Context", source="declared", keep="session", held=False)),
    )
    for effect in o.of("Notify"):
        (notice,) = effect.to("of")
        if sum(notice in e.to("of") for e in o.of("Effect")) == 1:
            yield "everything-is-used", notice, lambda o, e=effect.id: without(o, e)


def reading_that_nobody_meets(o: Ontology) -> Planted:
    for rule in published(o, "Mirror"):
        signs = [s for c in rule.to("when") for s in o[c].to("on")]
        if len(signs) == 1 and o[signs[0]].to("readAs") and signs[0] != "surprise":
            yield "every-reading-matters", signs[0], lambda o, r=rule: edited(o, r.id, status="retired")


def safety_deleted(o: Ontology) -> Planted:
    for rule in published(o, tier="safety"):
        yield SAFETY, rule.id, lambda o, r=rule: without(o, r.id)


def safety_retired(o: Ontology) -> Planted:
    for n, rule in enumerate(published(o, tier="safety")):
        yield SAFETY, rule.id, lambda o, r=rule, n=n: edited(o, r.id, status=("retired", "draft")[n % 2])


def safety_demoted(o: Ontology) -> Planted:
    for n, rule in enumerate(published(o, tier="safety")):
        yield SAFETY, rule.id, lambda o, r=rule, n=n: edited(o, r.id, tier=("clinical", "taste")[n % 2])


def safety_number_loosened(o: Ontology) -> Planted:
    book = Rulebook(o)
    for rule in published(o, tier="safety"):
        for effect in (*book.list_effects(rule, "Bound"), *book.list_effects(rule, "StepLimit")):
            for name, by in (("high", 1.0), ("low", -0.1), ("at_most", 1.0)):
                if (value := effect.number(name)) is not None:
                    yield SAFETY, rule.id, lambda o, e=effect.id, n=name, v=value + by: edited(o, e, **{n: v})


def safety_effect_gone(o: Ontology) -> Planted:
    for rule in published(o, tier="safety"):
        for effect in rule.to("does"):
            yield SAFETY, rule.id, lambda o, e=effect: without(o, e)


def safety_holds_less_often(o: Ontology) -> Planted:
    for rule in published(o, tier="safety"):
        for condition in (o[c] for c in rule.to("when")):
            if len(condition.to("on")) > 1:
                yield SAFETY, rule.id, lambda o, c=condition: edited(o, c.id, links={"on": c.to("on")[1:]})


def gate_that_asks_for_more(o: Ontology) -> Planted:
    for i in o.of("Marker"):
        if (enough := i.number("enough")) is not None:
            yield SAFETY, i.id, lambda o, i=i, n=enough: edited(o, i.id, enough=n * 50)
            yield SAFETY, i.id, lambda o, i=i: edited(o, i.id, within=1)
            yield SAFETY, i.id, lambda o, i=i: edited(o, i.id, lent=0.0)


def phrase_that_is_gone(o: Ontology) -> Planted:
    for i in o.of("Phrase"):
        if i.text("role") == "trigger":
            yield SAFETY, i.id, lambda o, i=i: without(o, i.id)


def clue_that_weighs_less(o: Ontology) -> Planted:
    for i in o.of("Phrase"):
        if (weight := i.number("weight")) is not None:
            yield SAFETY, i.id, lambda o, i=i, w=weight: edited(o, i.id, weight=w - 0.1)


def line_that_is_gone(o: Ontology) -> Planted:
    for i in o.of("SupportLine"):
        yield SAFETY, i.id, lambda o, i=i: without(o, i.id)


KINDS: tuple[Callable[[Ontology], Planted], ...] = (
    at_least_above_at_most, at_most_below_the_threshold, at_least_that_no_model_gives, at_most_of_what_is_there_or_not,
    scores_that_exclude_each_other, safety_that_asks_for_a_higher_score,
    signed_by_nobody, low_above_best, high_below_best, outside_the_cue, step_wider_than_the_cue, step_that_limits_nothing,
    lean_of_no_width, weight_of_nothing, log_from_zero, scale_without_a_target, stage_that_takes_too_much, aim_that_is_too_small,
    read_as_more_than_all, policy_that_nobody_can_follow, policy_that_is_gone, tie_of_two_beginnings, second_mirror_of_one_sign,
    beginning_at_the_end, exception_that_covers_all, circle_of_overrides, override_of_safety, safety_on_a_rare_label,
    safety_that_a_feeling_defeats, unsigned_bound, bounds_apart, bound_without_music, leaning_without_music,
    dose_of_seconds_for_minutes, marker_without_words, feeling_without_an_answer, feelings_that_defeat_each_other,
    grade_without_a_source, grade_on_opinion, rule_from_memory, review_that_is_due, two_of_one_name, source_that_nobody_cites,
    placeholder, other_language, english_in_chinese, promise_of_treatment, leanings_pull_apart, never_heard,
    mirror_that_is_replaced, never_first, silenced_scale, barred_trait, way_into_distress, override_of_the_retired,
    reading_under_the_retired, held_by_slip, condition_that_says_nothing, choices_at_one_place, question_that_changes_nothing,
    unused, reading_that_nobody_meets, safety_deleted, safety_retired, safety_demoted, safety_number_loosened,
    safety_effect_gone, safety_holds_less_often, gate_that_asks_for_more, phrase_that_is_gone, clue_that_weighs_less,
    line_that_is_gone,
)  # fmt: skip


def slip(ontology: Ontology, seed: int = 7) -> list[Slip]:
    """Faults of the file of rules that keep it from being read, at most OF_A_KIND of each kind."""
    rng = random.Random(seed)
    rules = rng.sample(ontology.of("Rule"), 5)
    found: list[Slip] = []
    for rule in rules:
        s = URIRef(BASE + rule.id)
        for kind, said, edit in (
            (
                "a link to nothing",
                f"names '{rule.to('does')[0]}x', which no module defines",
                change_link(s, "does", rule.to("does")[0]),
            ),
            ("no English label", "it has no 'label'", dropping(s, RDFS.label, "en")),
            ("no Chinese label", "it has no 'label_zh'", dropping(s, RDFS.label, "zh")),
            ("no definition", "it has no 'definition'", dropping(s, SKOS.definition, "en")),
            ("no claim", "it has no 'claims'", dropping(s, URIRef(f"{BASE}claims"))),
            ("no condition", "it has no 'when'", dropping(s, URIRef(f"{BASE}when"))),
            ("no tier", "it has no 'tier'", dropping(s, URIRef(f"{BASE}tier"))),
            ("a word that is not on the list", "Did you mean 'clinical'?", saying(s, "tier", Literal("clincal"))),
            ("text for a number", "as string", saying(s, "priority", Literal("ten"))),
            ("a number out of range", "'priority' is 0", saying(s, "priority", Literal(0))),
            (
                "two values where one belongs",
                "'status' has 2 values",
                lambda g, s=s: g.add((s, URIRef(f"{BASE}status"), Literal("retired"))) and None,
            ),
            (
                "a property nobody knows",
                "there is no property 'prioritty'. Did you mean 'priority'?",
                lambda g, s=s: g.add((s, URIRef(f"{BASE}prioritty"), Literal(3))) and None,
            ),
            (
                "a class nobody knows",
                "there is no class 'Rull'",
                lambda g, s=s: g.add((s, RDF.type, URIRef(f"{BASE}Rull"))) and None,
            ),
            (
                "a link of another kind",
                "It takes Condition",
                lambda g, s=s: g.add((s, URIRef(f"{BASE}when"), URIRef(f"{BASE}fear"))) and None,
            ),
        ):
            found.append(Slip(kind, rule.id, said, edit))
    return found


def change_link(s: URIRef, name: str, target: str) -> Callable[[Graph], None]:
    def edit(graph: Graph) -> None:
        graph.remove((s, URIRef(BASE + name), URIRef(BASE + target)))
        graph.add((s, URIRef(BASE + name), URIRef(f"{BASE}{target}x")))

    return edit


def dropping(s: URIRef, predicate: URIRef, language: str = "") -> Callable[[Graph], None]:
    def edit(graph: Graph) -> None:
        for value in list(graph.objects(s, predicate)):
            if not language or getattr(value, "language", None) == language:
                graph.remove((s, predicate, value))

    return edit


def saying(s: URIRef, name: str, value: Literal) -> Callable[[Graph], None]:
    def edit(graph: Graph) -> None:
        graph.remove((s, URIRef(BASE + name), None))
        graph.add((s, URIRef(BASE + name), value))

    return edit
