"""How an answer follows: from feelings over scales, rules and bounds to tracks, each with its number.

A rule is named as deciding only where taking it out changes what the rules come to, or what is said; all others in
force are told apart, as rules that changed nothing here. A test holds the two lists to the answers themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.answers import Journey
from engine.authoring.effects import amount, listed, says
from engine.authoring.scenario import Given, Scenario
from engine.authoring.trial import Observed, Trial
from engine.authoring.what_if import settled, shown

if TYPE_CHECKING:
    from engine.reasoning.facts import Case
    from engine.rules import Individual, Ontology

NUMBERS: Final = (
    "low",
    "best",
    "high",
    "weight",
    "at_most",
    "steps_min",
    "steps_max",
    "seconds_max",
    "minutes_low",
    "minutes_high",
)


@dataclass(frozen=True, slots=True)
class Derivation:
    """Why an answer is what it is."""

    observed: Observed
    deciding: tuple[str, ...]
    """Rules in force without which it would be another."""
    idle: tuple[str, ...]
    """Rules in force that changed nothing here."""
    lines: tuple[str, ...]


def derive(trial: Trial, given: Given) -> Derivation:
    """The derivation of what comes of it."""
    observed = trial.observe(given)
    if observed.case is None:
        return Derivation(observed, (), (), ("The words are a crisis: help is shown, and nothing else is looked at.",))
    whole = come_to(trial, observed.case)
    ids = [rule.id for rule in observed.case.in_force]
    without = {id_: trial.without(id_) for id_ in ids}
    deciding = tuple(id_ for id_, other in without.items() if come_to(other, other.case(given)) != whole)
    idle = tuple(id_ for id_ in ids if id_ not in deciding)
    return Derivation(observed, deciding, idle, tuple(_lines(trial, observed, observed.case, deciding, idle)))


def come_to(trial: Trial, case: Case) -> tuple[object, ...]:
    """What the rules in force come to: what is settled for the music, and what is said."""
    said = (trial.knowledge.said(kind, case.in_force) for kind in ("Hold", "Ask", "Notify"))
    return settled(trial, case), tuple(tuple(sorted(of for one in part for of in one.of)) for part in said)


def differences_without(trial: Trial, given: Given, rule: str) -> tuple[str, ...]:
    """What the answer would be without a rule, beside what it is."""
    one, other = trial.observe(given), trial.without(rule).observe(given)
    if shown(one) == shown(other):
        return (f"Without {rule} the answer is the same.",)
    if not (isinstance(one.answer, Journey) and isinstance(other.answer, Journey)):
        return (f"Without {rule}: {other.outcome} instead of {one.outcome}.",)
    before, after = ([(s.stage, s.title) for s in a.steps] for a in (one.answer, other.answer))
    new = [title for stage, title in after if (stage, title) not in before]
    told = [f"Without {rule}: {len(after)} tracks instead of {len(before)}, {len(new)} of them others."]
    told += [f"    {stage}: {title}" for stage, title in after if (stage, title) not in before]
    return tuple(told)


def explain_rule(ontology: Ontology, rule: Individual, scenarios: tuple[Scenario, ...], fired: int) -> tuple[str, ...]:
    """A rule in a sentence, with its evidence, what tries it and where it has fired."""

    def names(ids: tuple[str, ...], last: str = "or") -> str:
        return listed([ontology[id_].text("label") or id_ for id_ in ids], last)

    when = [names(ontology[c].to("on")) for c in rule.to("when")]
    unless = [names(ontology[c].to("on")) for c in rule.to("unless")]
    does = [" ".join(says(ontology, rule, ontology[e])) for e in rule.to("does")]
    condition = f"When there is {listed(when)}" + (f", unless there is {listed(unless, 'or')}" if unless else "")
    lines = [
        f"{rule.text('label')} ({rule.id}, {rule.text('tier')}, {rule.text('status')})",
        f"{condition}, at {names(rule.to('at'), 'and')} and for {names(rule.to('for'), 'and')}, it {listed(does)}.",
        rule.text("definition"),
    ]
    for claim in (ontology[c] for c in rule.to("claims")):
        sources = listed([ontology[e].text("key") for e in claim.to("supportedBy")]) or "judgement alone"
        against = listed([ontology[e].text("key") for e in claim.to("challengedBy")])
        signed = f", signed by {claim.text('signed_by')}" if claim.text("signed_by") else ", unsigned"
        lines.append(
            f"{claim.text('about')}: grade {claim.text('grade')}, on {sources}"
            + (f"; against it {against}" if against else "")
            + (signed if claim.text("about") == "number" else "")
        )
    lines += [f"tried by: {scenario.name}" for scenario in scenarios if rule.id in scenario.rules]
    lines.append(f"It has shaped {fired} of the kept journeys whose readings are kept.")
    return tuple(lines)


def _lines(
    trial: Trial, observed: Observed, case: Case, deciding: tuple[str, ...], idle: tuple[str, ...]
) -> Iterator[str]:
    levels = trial.planner.reader.levels
    for sign, score in sorted(case.signs.scores.items(), key=lambda item: (-item[1], item[0])):
        least = levels.get(sign, {}).get("present", 0.5)
        if score >= least:
            yield f"{sign} {score:.2f} (present from {least:.2f})"
    for scale, weight in case.reading.scales.items():
        yield f"-> {scale} {weight:.2f}"
    for rule in case.in_force:
        if rule.id in deciding:
            yield f"-> {rule.id}: holds for {listed(rule.signs)}"
    found = observed.settled
    for row in found.effects if found else ():
        numbers = ", ".join(f"{n.replace('_', ' ')} {amount(row[n])}" for n in NUMBERS if row.get(n) is not None)
        yield f"   {row['stage']}: {row['kind']} {row['of'] or ''} {numbers} by {listed(row['rule_ids'])}".replace(
            "  by", " by"
        )
    if isinstance(observed.answer, Journey):
        for step in observed.answer.steps:
            heard = f"{step.stage}, {step.cues['tempo']:.0f} BPM, fits by {step.cue_fit:.2f}"
            yield f"-> {step.position}. {step.title} ({heard}): {listed(step.rule_ids)}"
    if idle:
        yield f"In force, and changed nothing here: {listed(idle)}"
