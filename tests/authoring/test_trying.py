"""The shipped scenarios hold on the engine, and a draft is tried without anybody seeing it."""

from collections.abc import Iterator

import pytest

from encoders.base import TextEmbedder
from encoders.embedding.embedder import open_embedder
from engine.authoring.judging import judge
from engine.authoring.reading import read_scenarios
from engine.authoring.scenario import Scenario
from engine.authoring.trial import Trial
from engine.graph import Graph
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.search import TransactionSearch
from engine.store.supposing import suppose
from tests.helpers.asking import values
from tests.helpers.proofs import sample
from tests.helpers.shipped import shipped_ontology
from tests.rules.test_signatures import edited, having

pytestmark = pytest.mark.graph
SCENARIOS = read_scenarios(shipped_ontology())
JOYS = "MATCH (rule:Rule {id: 'joy-mirrored'}) RETURN rule.status AS value"


def embedder() -> TextEmbedder:
    return open_embedder(None)


def named(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


@pytest.fixture
def trial(planner: Planner) -> Iterator[Trial]:
    with planner.get_graph().begin_read() as asking:
        yield Trial(planner, Knowledge(asking, TransactionSearch(planner.get_graph().queries)))


@pytest.mark.proof
@pytest.mark.parametrize("scenario", sample(SCENARIOS, 20), ids=lambda scenario: scenario.name)
def test_a_shipped_scenario_holds(scenario: Scenario, trial: Trial) -> None:
    assert judge(scenario, trial.observe(scenario.given)).faults == ()


def test_what_is_served_differs_in_nothing_from_itself(shipped_graph: Graph) -> None:
    with suppose(shipped_graph, shipped_ontology().individuals, embedder) as supposed:
        assert supposed.changed == frozenset()
        assert not supposed.tracks_changed


def test_a_draft_is_tried_and_nobody_else_sees_it(planner: Planner) -> None:
    graph, joy, pride = planner.get_graph(), named("joy is met with joy"), named("pride is met with strength")
    draft = having("joy-mirrored", status="retired")
    with suppose(graph, draft.individuals, embedder) as supposed:
        trial = Trial(planner, Knowledge(supposed.transaction, TransactionSearch(graph.queries)))
        assert supposed.changed == {"joy-mirrored"}
        faults = judge(joy, trial.observe(joy.given)).faults
        assert any("'joy-mirrored' is not in force" in fault for fault in faults)
        assert judge(pride, trial.observe(pride.given)).faults == ()
        assert values(graph, JOYS) == ["published"]
    assert values(graph, JOYS) == ["published"]


def test_what_a_draft_does_without_is_found_by_nobody_there(planner: Planner) -> None:
    graph, joy = planner.get_graph(), named("joy is met with joy")
    with suppose(graph, edited(lambda i: None if i.id == "joy-mirrored" else i).individuals, embedder) as supposed:
        trial = Trial(planner, Knowledge(supposed.transaction, TransactionSearch(graph.queries)))
        assert "joy-mirrored" in supposed.changed
        assert judge(joy, trial.observe(joy.given)).faults
    assert values(graph, JOYS) == ["published"]
