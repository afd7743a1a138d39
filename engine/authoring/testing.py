"""Tries all scenarios of an ontology, and says what none of them would miss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from engine.authoring.judging import Verdict, judge
from engine.authoring.scenario import Scenario
from engine.authoring.trial import Trial

if TYPE_CHECKING:
    from engine.rules import Individual, Ontology


def try_scenarios(trial: Trial, scenarios: Iterable[Scenario]) -> Iterator[Verdict]:
    """The verdict on each, as soon as it is tried."""
    for scenario in scenarios:
        yield judge(scenario, trial.observe(scenario.given))


def list_uncovered(ontology: Ontology, scenarios: Sequence[Scenario]) -> tuple[Individual, ...]:
    """Published rules that no scenario expects to hold, and contraindications for which none expects no music."""
    missed = {rule for scenario in scenarios for rule in scenario.rules}
    refused = {sign for s in scenarios if s.expect.outcome in ("withheld", "support") for sign in s.signs}
    rules = [r for r in ontology.of("Rule") if r.text("status") == "published" and r.id not in missed]
    return (*rules, *(ontology[sign] for sign in sorted(list_contraindications(ontology) - refused)))


def list_contraindications(ontology: Ontology) -> frozenset[str]:
    """Signs for which a published rule holds the music back."""
    holding = {effect.id for effect in ontology.of("Hold")}
    return frozenset(
        sign
        for rule in ontology.of("Rule")
        if rule.text("status") == "published" and holding & {*rule.to("does")}
        for condition in rule.to("when")
        for sign in ontology[condition].to("on")
    )
