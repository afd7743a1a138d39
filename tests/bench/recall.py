"""How much of what the exact query finds the filtered vector search finds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from engine.graph import Graph, Row
from engine.journey import Request
from engine.order.layout import Layout
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.search import TrackSearch
from tests.bench.readings import GOALS, Feeling
from tests.helpers.planning import case_of

MOST = 50
"""Tracks of the best rank that are wanted at each waypoint."""
SAME = 1e-6
"""Ranks nearer than this are one: which of two such tracks comes in at the end is chance."""


def recall(planner: Planner, graph: Graph, feelings: Sequence[Feeling], say: Callable[[str], None]) -> dict[str, Any]:
    """For each goal: mean over readings and waypoints, the worst reading, the worst waypoint."""
    found: dict[str, Any] = {}
    for goal in GOALS:
        shares = {feeling.name: shares_of(planner, graph, feeling, goal) for feeling in feelings}
        means = {name: statistics.fmean(share) for name, share in shares.items() if share}
        worst = min(means, key=lambda name: means[name])
        found[goal] = {
            "mean": round(statistics.fmean(means.values()), 4),
            "worst_reading": [worst, round(means[worst], 4)],
            "worst_waypoint": round(min(min(share) for share in shares.values() if share), 4),
            "waypoints": sum(map(len, shares.values())),
        }
        say(f"  {goal}: {found[goal]}")
    return found


def shares_of(planner: Planner, graph: Graph, feeling: Feeling, goal: str) -> list[float]:
    """For each waypoint that any track may stand at: the share of the exact query's tracks that the search found."""
    knowledge = Knowledge(graph, TrackSearch(graph))
    case = case_of(planner, knowledge, Request(goal=goal, goal_chosen=True), feeling.scores)
    layout = Layout.guess(60 * case.facts.minutes, case.facts.usual_seconds)
    asked = knowledge.list_step_targets(knowledge.settle_effects(case, case.in_force), layout)
    numbers = layout.make_params(case.facts.candidates, MOST)
    quick = graph.rows("journey/candidates", waypoints=asked, **numbers)
    exact = graph.rows("journey/candidates_exact", waypoints=asked, kept=numbers["kept"])
    return [share(one, other) for one, other in zip(quick, exact, strict=True) if other["tracks"]]


def share(quick: Row, exact: Row) -> float:
    """Tracks found that rank as high as the last of those wanted, over how many are wanted."""
    least = min(float(track["rank"]) for track in exact["tracks"]) - SAME
    found = [track for track in quick["tracks"] if track["rank"] >= least]
    return min(1.0, len(found) / len(exact["tracks"]))
