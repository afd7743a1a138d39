"""The shipped scenarios hold on the engine, and a draft is tried without anybody seeing it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from encoders.base import TextEmbedder
from encoders.embedding.embedder import open_embedder
from engine.authoring.reading import read_scenarios
from engine.authoring.testing import try_scenarios
from engine.authoring.trial import Trial
from engine.graph import Graph
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.search import Search
from engine.rules import Individual
from engine.store.supposing import supposing
from tests.helpers.shipped import shipped_ontology

pytestmark = pytest.mark.graph


def embedder() -> TextEmbedder:
    return open_embedder(None)


def changed(id_: str, **properties: object) -> list[Individual]:
    """The shipped individuals, with other properties of one."""
    return [
        replace(i, properties={**i.properties, **properties}) if i.id == id_ else i  # type: ignore[dict-item]
        for i in shipped_ontology().individuals
    ]


@pytest.fixture(scope="module")
def trial(planner: Planner) -> Iterator[Trial]:
    with planner.graph().reading() as asking:
        yield Trial(planner, Knowledge(asking, Search(planner.graph())))


def test_every_shipped_scenario_holds(trial: Trial) -> None:
    verdicts = try_scenarios(trial, read_scenarios(shipped_ontology()))
    wrong = [f"{v.scenario.place}: {v.scenario.name}: {'; '.join(v.faults)}" for v in verdicts if v.faults]
    assert wrong == [], "\n".join(wrong)


def test_what_is_served_differs_in_nothing_from_itself(shipped_graph: Graph) -> None:
    with supposing(shipped_graph, shipped_ontology().individuals, embedder) as supposed:
        assert supposed.changed == frozenset()
        assert not supposed.tracks_changed
