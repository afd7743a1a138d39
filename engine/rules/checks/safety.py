"""What an edit loosens of what keeps people safe: rules of the safety tier, and the words of the crisis gate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.rules.checks.findings import Finding
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

CHECK: Final = "safety-is-not-loosened"
REPAIR: Final = "Take it back, or sign it: `isopath ontology sign ID --by NAME --why TEXT`"
SMALLER_IS_SAFER: Final = ("high", "at_most", "steps_max", "seconds_max", "minutes_high", "depth", "enough")
LARGER_IS_SAFER: Final = ("low", "within", "lent")


def safety_changes(before: Ontology, after: Ontology) -> tuple[Finding, ...]:
    """Every loosening against an earlier version, as errors; what only tightens is none."""
    return tuple(sorted({*_rules(before, after), *_gate(before, after)}))


def _rules(before: Ontology, after: Ontology) -> Iterator[Finding]:
    for rule in before.of("Rule"):
        if rule.text("tier") != "safety" or rule.text("status") != "published":
            continue
        now = after.by_id.get(rule.id)
        if now is None:
            yield _loosened(rule, "this safety rule is deleted")
            continue
        for name, worth in (("tier", "safety"), ("status", "published")):
            if now.text(name) != worth:
                yield _loosened(now, f"this safety rule has the {name} '{now.text(name)}' instead of '{worth}'")
        yield from _scope(rule, now)
        yield from _conditions(before, after, rule, now)
        yield from _effects(before, after, rule, now)
        beating = {r.id for r in before.of("Rule") if rule.id in r.to("overrides")}
        for other in after.of("Rule"):
            if rule.id in other.to("overrides") and other.id not in beating:
                yield _loosened(other, f"it overrides the safety rule '{rule.id}', which it did not")


def _scope(rule: Individual, now: Individual) -> Iterator[Finding]:
    for name in ("at", "for"):
        whole = {"every-stage", "any-goal"} & {*now.to(name)}
        if (lost := {*rule.to(name)} - {*now.to(name)}) and not whole:
            yield _loosened(now, f"it no longer holds {name} {', '.join(sorted(lost))}")


def _conditions(before: Ontology, after: Ontology, rule: Individual, now: Individual) -> Iterator[Finding]:
    for added in sorted({*now.to("when")} - {*rule.to("when")}):
        yield _loosened(now, f"it asks for one more condition, '{added}'")
    for added in sorted({*now.to("unless")} - {*rule.to("unless")}):
        yield _loosened(now, f"'{added}' now defeats it")
    for lost in sorted({*rule.to("when")} - {*now.to("when")}):
        yield _loosened(now, f"its condition '{lost}' is gone or another")
    for name, grown in (("when", False), ("unless", True)):
        for id_ in sorted({*rule.to(name)} & {*now.to(name)}):
            then, here = before[id_], after[id_]
            old, new = {*then.to("on")}, {*here.to("on")}
            if changed := sorted(new - old if grown else old - new):
                said = "defeated by" if grown else "no longer met by"
                yield _loosened(here, f"the safety rule '{rule.id}' is {said} {', '.join(changed)}")
            if then.text("level") != here.text("level") and (here.text("level") == "strong") is not grown:
                yield _loosened(here, f"the safety rule '{rule.id}' asks for the level '{here.text('level')}'")


def _effects(before: Ontology, after: Ontology, rule: Individual, now: Individual) -> Iterator[Finding]:
    for id_ in rule.to("does"):
        then, here = before[id_], after.by_id.get(id_)
        if here is None or id_ not in now.to("does"):
            yield _loosened(now, f"it no longer does '{id_}' ({then.classes[0]})")
            continue
        if then.classes[0] != here.classes[0] or {*then.to("of")} - {*here.to("of")}:
            yield _loosened(here, f"it is of the safety rule '{rule.id}' and does something else")
        yield from _numbers(then, here, f"of the safety rule '{rule.id}' ")
        for name in ("direction", "outcome"):
            if then.text(name) != here.text(name):
                yield _loosened(here, f"'{name}' of the safety rule '{rule.id}' is '{here.text(name)}'")


def _numbers(then: Individual, here: Individual, whose: str) -> Iterator[Finding]:
    for name in (*SMALLER_IS_SAFER, *LARGER_IS_SAFER):
        old, new = then.number(name), here.number(name)
        if old is None or new == old:
            continue
        if new is None:
            yield _loosened(here, f"'{name}' {whose}is gone: it was {old:g}")
        elif (new > old) is (name in SMALLER_IS_SAFER):
            yield _loosened(here, f"'{name}' {whose}is {new:g} instead of {old:g}")


def _gate(before: Ontology, after: Ontology) -> Iterator[Finding]:
    """Phrases and thresholds that show markers which safety rules stand on, and what help says."""
    for kind in ("SupportLine", "SupportMessage"):
        for one in before.of(kind):
            if one.id not in after.by_id:
                yield _loosened(one, "this help is deleted")
    for marker in before.of("Marker"):
        now = after.by_id.get(marker.id)
        if now is None:
            yield _loosened(marker, "this marker is deleted, and no words show it any more")
            continue
        yield from _numbers(marker, now, "of the marker ")
        yield from _phrases(before, after, marker, now)


def _phrases(before: Ontology, after: Ontology, marker: Individual, now: Individual) -> Iterator[Finding]:
    for id_ in marker.to("spelled"):
        then, here = before[id_], after.by_id.get(id_)
        shows = then.text("role") != "guard"
        if here is None or id_ not in now.to("spelled"):
            if shows:
                yield _loosened(then, f"this phrase no longer shows '{marker.id}'")
            continue
        if any(then.properties.get(name) != here.properties.get(name) for name in ("text", "role", "language")):
            yield _loosened(here, f"this phrase of '{marker.id}' is another")
        weight, new = then.number("weight"), here.number("weight")
        if weight is not None and new is not None and new < weight:
            yield _loosened(here, f"this clue to '{marker.id}' weighs {new:g} instead of {weight:g}")
    for id_ in sorted({*now.to("spelled")} - {*marker.to("spelled")}):
        if after[id_].text("role") == "guard" or (after[id_].number("weight") or 0) < 0:
            yield _loosened(after[id_], f"it excuses words that show '{marker.id}'")


def _loosened(individual: Individual, fault: str) -> Finding:
    return Finding("error", CHECK, individual.place, fault, REPAIR)
