"""Four simpler ways to a list of tracks, each from the tracks the rules allow and from the whole catalogue.

None of them plays a work twice. All are scored by what the sequencer itself is scored by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.journey import Candidate, Waypoint
from engine.order.search_space import Floats, OrderWeights, build_search_space, compute_worth

SHORTLIST = 60
"""Of the whole catalogue, so many tracks that fit a step best are looked at when neighbours matter."""

Rows = Sequence[Sequence[Candidate]]
Liking = Callable[[tuple[int, int] | None, Sequence[Candidate]], Floats]
"""How much each track of a step is liked after the step and the place in it that was chosen before."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a baseline is asked for: a track for each waypoint."""

    waypoints: Sequence[Waypoint]
    weights: OrderWeights
    rows: Rows
    """Tracks that may stand at each step."""
    at_the_end: Sequence[Candidate]
    """The same music, each measured against the last waypoint."""
    seed: int


def soft(weights: OrderWeights) -> OrderWeights:
    """What an order is worth when no limit between neighbours forbids any, and without the seed's own liking.

    A baseline breaks limits; so that its value stays a number, all are compared without them.
    """
    return replace(weights, largest_step=math.inf, variety=0.0)


def shuffle(task: Task) -> list[Candidate]:
    """Any allowed track at every step."""
    dice = np.random.Generator(np.random.PCG64(task.seed))
    return chosen(task.rows, lambda _, row: dice.random(len(row)))


def target_only(task: Task) -> list[Candidate]:
    """Music for the goal from the first minute: what fits the last waypoint best, at every step."""
    end = fit(task.waypoints[-1], task.at_the_end, task)
    best = {c.track_id: float(worth) for c, worth in zip(task.at_the_end, end, strict=True)}
    rows = [task.at_the_end for _ in task.waypoints]
    return chosen(rows, lambda _, row: np.array([best[c.track_id] for c in row]))


def greedy(task: Task) -> list[Candidate]:
    """Step by step what is worth most there after the track before, by the sequencer's own measure."""
    best = [shortlist(waypoint, row, task) for waypoint, row in zip(task.waypoints, task.rows, strict=True)]
    field, rows = build_search_space(
        task.waypoints, [c for row in best for c in row], task.weights, [], (0, math.inf), task.seed
    )
    parts = [field.worth[part] for part in field.list_slices()]

    def liking(before: tuple[int, int] | None, row: Sequence[Candidate]) -> Floats:
        step = 0 if before is None else before[0] + 1
        return parts[step] - (field.cost[before[0]][before[1]] if before else 0.0)

    return chosen(rows, liking)


def straight_line(task: Task) -> list[Candidate]:
    """The track nearest to each of evenly spaced points between start and goal of the valence-arousal plane."""
    first, last = task.waypoints[0], task.waypoints[-1]
    share = np.linspace(0.0, 1.0, len(task.waypoints))
    points = [
        (first.valence + s * (last.valence - first.valence), first.arousal + s * (last.arousal - first.arousal))
        for s in share
    ]

    def liking(before: tuple[int, int] | None, row: Sequence[Candidate]) -> Floats:
        valence, arousal = points[0 if before is None else before[0] + 1]
        return np.array([-math.hypot(c.valence - valence, c.arousal - arousal) for c in row])

    return chosen(task.rows, liking)


def shortlist(waypoint: Waypoint, row: Sequence[Candidate], task: Task) -> Sequence[Candidate]:
    """The tracks of a step that fit it best."""
    if len(row) <= SHORTLIST:
        return row
    best = np.argsort(-fit(waypoint, row, task), kind="stable")[:SHORTLIST]
    return [row[place] for place in best]


def fit(waypoint: Waypoint, row: Sequence[Candidate], task: Task) -> Floats:
    """What each track is worth at a waypoint."""
    return compute_worth([waypoint], [row], task.weights)


def chosen(rows: Rows, liking: Liking) -> list[Candidate]:
    """Step by step the track that is liked most, no work twice while there is another."""
    picks: list[Candidate] = []
    works: set[str] = set()
    before: tuple[int, int] | None = None
    for step, row in enumerate(rows):
        liked = liking(before, row)
        heard = np.array([c.work_id in works for c in row])
        if heard.all():  # then any but the work just played
            heard = np.array([bool(picks) and c.work_id == picks[-1].work_id for c in row])
        place = int(np.argmax(np.where(heard, -np.inf, liked)))
        before = (step, place)
        picks.append(row[place])
        works.add(row[place].work_id)
    return picks


BASELINES: Mapping[str, Callable[[Task], list[Candidate]]] = {
    "shuffle": shuffle,
    "target-only": target_only,
    "greedy nearest": greedy,
    "straight line": straight_line,
}
