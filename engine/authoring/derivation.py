"""How an answer follows: from feelings over scales, rules and bounds to tracks, each with its number.

A rule is named as deciding only where taking it out changes what the rules come to, or what is said; all others in
force are told apart, as rules that changed nothing here. A test holds the two lists to the answers themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.answers import Journey
from engine.authoring.effects import describe_effect, format_amount, join_names
from engine.authoring.scenario import Given, Scenario
from engine.authoring.trial import Observed, Trial
from engine.authoring.what_if import settle_effects, summarise_answer

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
    whole = summarise_effects(trial, observed.case)
    ids = [rule.id for rule in observed.case.in_force]
    without = {id_: trial.remove_rule(id_) for id_ in ids}
    deciding = tuple(
        id_ for id_, other in without.items() if summarise_effects(other, other.build_case(given)) != whole
    )
    idle = tuple(id_ for id_ in ids if id_ not in deciding)
    return Derivation(observed, deciding, idle, tuple(_iterate_lines(trial, observed, observed.case, deciding, idle)))


def summarise_effects(trial: Trial, case: Case) -> tuple[object, ...]:
    """What the rules in force come to: what is settled for the music, and what is said."""
    said = (trial.knowledge.find_messages(kind, case.in_force) for kind in ("Hold", "Ask", "Notify"))
    return settle_effects(trial, case), tuple(tuple(sorted(of for one in part for of in one.of)) for part in said)


def describe_without(trial: Trial, given: Given, rule: str) -> tuple[str, ...]:
    """What the answer would be without a rule, beside what it is."""
    one, other = trial.observe(given), trial.remove_rule(rule).observe(given)
    if summarise_answer(one) == summarise_answer(other):
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

    def join_labels(ids: tuple[str, ...], last: str = "or") -> str:
        return join_names([ontology[id_].text("label") or id_ for id_ in ids], last)

    when = [join_labels(ontology[c].to("on")) for c in rule.to("when")]
    unless = [join_labels(ontology[c].to("on")) for c in rule.to("unless")]
    does = [" ".join(describe_effect(ontology, rule, ontology[e])) for e in rule.to("does")]
    condition = f"When there is {join_names(when)}" + (
        f", unless there is {join_names(unless, 'or')}" if unless else ""
    )
    scope = f"at {join_labels(rule.to('at'), 'and')} and for {join_labels(rule.to('for'), 'and')}"
    lines = [
        f"{rule.text('label')} ({rule.id}, {rule.text('tier')}, {rule.text('status')})",
        f"{condition}, {scope}, it {join_names(does)}.",
        rule.text("definition"),
    ]
    for claim in (ontology[c] for c in rule.to("claims")):
        sources = join_names([ontology[e].text("key") for e in claim.to("supportedBy")]) or "judgement alone"
        against = join_names([ontology[e].text("key") for e in claim.to("challengedBy")])
        signed = f", signed by {claim.text('signed_by')}" if claim.text("signed_by") else ", unsigned"
        lines.append(
            f"{claim.text('about')}: grade {claim.text('grade')}, on {sources}"
            + (f"; against it {against}" if against else "")
            + (signed if claim.text("about") == "number" else "")
        )
    lines += [f"tried by: {scenario.name}" for scenario in scenarios if rule.id in scenario.rules]
    lines.append(f"It has shaped {fired} of the kept journeys whose readings are kept.")
    return tuple(lines)


def _iterate_lines(
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
            yield f"-> {rule.id}: holds for {join_names(rule.signs)}"
    found = observed.settled
    for row in found.effects if found else ():
        numbers = ", ".join(f"{n.replace('_', ' ')} {format_amount(row[n])}" for n in NUMBERS if row.get(n) is not None)
        yield f"   {row['stage']}: {row['kind']} {row['of'] or ''} {numbers} by {join_names(row['rule_ids'])}".replace(
            "  by", " by"
        )
    if isinstance(observed.answer, Journey):
        for step in observed.answer.steps:
            heard = f"{step.stage}, {step.cues['tempo']:.0f} BPM, fits by {step.cue_fit:.2f}"
            yield f"-> {step.position}. {step.title} ({heard}): {join_names(step.rule_ids)}"
    if idle:
        yield f"In force, and changed nothing here: {join_names(idle)}"
