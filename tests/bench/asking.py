"""The main path, asked with scores instead of words, and everything it was told on the way."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from engine.graph import Graph, Row, Transaction
from engine.journey import Candidate, Request, Waypoint
from engine.order.sequence import Order, StepLimit
from engine.reasoning.facts import Facts
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import Sequencer, list_step_limits
from engine.reasoning.planner import Planner
from engine.reasoning.search import TrackSearch
from tests.bench.readings import Feeling
from tests.helpers.planning import case_of

CANDIDATES = ("journey/candidates", "journey/candidates_exact")


class Listening:
    """A graph that keeps the time of every query and the last candidates; with `memory` none is asked twice."""

    def __init__(self, graph: Graph, memory: bool = False) -> None:
        self._graph = graph
        self._known: dict[str, list[Row]] | None = {} if memory else None
        self.milliseconds: dict[str, list[float]] = defaultdict(list)
        self.candidates: list[Row] = []
        self.asked: tuple[str, Mapping[str, object]] = ("", {})
        """Name and params of the query that gave the last candidates."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    def rows(self, query: str, **params: object) -> list[Row]:
        key = repr((query, sorted(params.items(), key=lambda item: item[0])))
        if self._known is not None and key in self._known:
            found = self._known[key]
        else:
            with self._timed(query):
                found = self._graph.rows(query, **params)
            if self._known is not None:
                self._known[key] = found
        if query in CANDIDATES:
            self.candidates, self.asked = found, (query, params)
        return found

    @contextmanager
    def begin_read(self) -> Iterator[Listening]:
        """One read transaction, listened to as well; its times are kept here."""
        with self._graph.begin_read() as transaction:
            inner = Listening(cast("Graph", transaction))
            inner._known, inner.milliseconds = self._known, self.milliseconds
            yield inner

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        with self._timed("kept/keep"):
            return self._graph.write(work)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.milliseconds[name].append(1000 * (time.perf_counter() - began))


@dataclass(frozen=True, slots=True)
class Planned:
    """One journey with all that it was chosen from."""

    facts: Facts
    total: float
    """Length asked for, s."""
    waypoints: Sequence[Waypoint]
    candidates: Sequence[Candidate]
    limits: Sequence[StepLimit]
    order: Order
    relaxed: bool
    """Bounds that are no safety rule were let go."""
    asked: tuple[str, Mapping[str, object]]
    vectors: Sequence[Sequence[float]]
    """Query vector of each waypoint."""


def listening(planner: Planner, graph: Graph, memory: bool = False) -> tuple[Planner, Listening]:
    """The same planner with a graph that listens."""
    ear = Listening(graph, memory)
    return replace(planner, get_graph=lambda: cast("Graph", ear)), ear


def planned(planner: Planner, ear: Listening, feeling: Feeling, goal: str, seed: int) -> Planned:
    """A journey as `Planner.plan` makes it, questions aside. NoJourney as there."""
    graph = planner.get_graph()
    knowledge = Knowledge(graph, TrackSearch(graph))
    case = case_of(planner, knowledge, Request(goal=goal, goal_chosen=True, seed=seed), feeling.scores)
    found = Sequencer(knowledge, case).find_best(case.in_force)
    asked = cast("Sequence[Row]", ear.asked[1]["waypoints"])
    assert len(asked) == len(found.waypoints)
    candidates = [track for shortlist in found.shortlists for track in shortlist.tracks]
    return Planned(
        case.facts, found.total, found.waypoints, candidates,
        list_step_limits(found.settled, found.waypoints), found.order,
        bool(found.settled.relaxed), ear.asked, [row["words"] for row in asked],
    )  # fmt: skip
