"""Explanations are faithful: what they name decided, and what they do not name did not."""

from collections.abc import Iterator

import pytest

from engine.authoring.derivation import derive, describe_without, explain_rule, summarise_effects
from engine.authoring.reading import read_scenarios
from engine.authoring.scenario import Given
from engine.authoring.trial import Trial
from engine.authoring.what_if import summarise_answer
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.search import TransactionSearch
from tests.helpers.proofs import sample
from tests.helpers.shipped import shipped_ontology

CASES = [
    Given("calm", present=("sadness",)),
    Given("lift", present=("fear",)),
    Given("calm", present=("anger",)),
    Given("sleep", present=("nervousness",)),
    Given("comfort", feel=("joy",), contexts=("child",)),
    Given("calm", present=("rumination", "sadness")),
    Given("focus", feel=("joy",), contexts=("mania-declared",)),
    Given("calm", present=("surprise", "joy")),
]


@pytest.fixture
def trial(planner: Planner) -> Iterator[Trial]:
    with planner.get_graph().begin_read() as asking:
        yield Trial(planner, Knowledge(asking, TransactionSearch(planner.get_graph().queries)))


@pytest.mark.graph
@pytest.mark.proof
@pytest.mark.parametrize(
    "given", sample(CASES, 2), ids=lambda given: f"{'+'.join(given.present + given.feel)}-{given.goal}"
)
def test_what_is_named_decided_and_what_is_not_did_not(given: Given, trial: Trial) -> None:
    found = derive(trial, given)
    assert found.observed.case is not None
    assert found.deciding
    whole = summarise_effects(trial, found.observed.case)
    for rule in found.deciding:
        other = trial.remove_rule(rule)
        assert summarise_effects(other, other.build_case(given)) != whole, rule
    for rule in found.idle:
        assert summarise_answer(trial.remove_rule(rule).observe(given)) == summarise_answer(found.observed), rule
    told = "\n".join(found.lines)
    assert all(rule in told for rule in (*found.deciding, *found.idle))


@pytest.mark.graph
def test_a_derivation_leads_from_feeling_to_track_with_numbers(trial: Trial) -> None:
    lines = derive(trial, Given("calm", present=("sadness",))).lines
    assert lines[0].startswith("sadness 0.")
    assert any(line.startswith("-> sadness-scale") for line in lines)
    assert any("Dose" in line and "steps max 2" in line and "sadness-met-then-moved" in line for line in lines)
    assert any(line.startswith("-> 1. ") and "BPM" in line for line in lines)
    [first, *_] = describe_without(trial, Given("calm", present=("sadness",)), "sadness-met-then-moved")
    assert first.startswith("Without sadness-met-then-moved: ")
    assert describe_without(trial, Given("lift", present=("joy",)), "sadness-met-then-moved") == (
        "Without sadness-met-then-moved the answer is the same.",
    )


def test_a_rule_is_explained_with_its_evidence_and_what_tries_it() -> None:
    ontology = shipped_ontology()
    scenarios = read_scenarios(ontology)
    for rule in ontology.of("Rule"):
        lines = explain_rule(ontology, rule, scenarios, 3)
        assert lines[1].startswith("When there is ")
        assert any("grade" in line for line in lines)
        assert any(line.startswith("tried by: ") for line in lines)
        assert lines[-1] == "It has shaped 3 of the kept journeys whose readings are kept."
