"""Journeys against baselines, reading by reading, on the same catalogue."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.errors import NoJourney
from engine.graph import Graph
from engine.journey import Candidate, Quality
from engine.order.search_space import build_search_space
from engine.order.sequence import TIME_TOLERANCE, measure_quality
from engine.reasoning.planner import Planner
from tests.bench.asking import Planned, listening, planned
from tests.bench.baselines import BASELINES, Task, soft
from tests.bench.music import Music
from tests.bench.readings import Feeling

ISOPATH = "Isopath"
POOLS = ("allowed", "catalogue")
RESAMPLES = 2000
MEASURES = ("max_step", "monotonicity", "match_error", "target_error", "contracts_met", "objective", "keeps_limits")
LIMITS = {"share_of_bound": 0.9, "max_step": 0.5, "monotonicity": 0.8}
"""What every journey must reach (max_step: stay under)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One list of tracks for one reading, goal and seed."""

    feeling: str
    goal: str
    seed: int
    way: str
    """Isopath, or a baseline and its pool."""
    quality: Quality
    objective: float
    """What the order is worth without hard limits and without the seed's liking; -inf when a work follows itself."""
    keeps_limits: bool
    """No step is larger than a rule or a setting allows."""
    relaxed: bool = False
    fills_time: bool = True


def compare(
    planner: Planner, graph: Graph, feelings: Sequence[Feeling], goals: Sequence[str], seeds: Sequence[int],
    say: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """The whole comparison: means of every measure, paired differences, and every journey that misses a limit."""
    music = Music.of(graph)
    outcomes: list[Outcome] = []
    faults: list[dict[str, Any]] = []
    for number, feeling in enumerate(feelings, 1):
        for goal in goals:
            heard, ear = listening(planner, graph, memory=True)
            known: dict[str, list[list[Candidate]]] = {}
            for seed in seeds:
                try:
                    plan = planned(heard, ear, feeling, goal, seed)
                except NoJourney as error:
                    faults.append({"feeling": feeling.name, "goal": goal, "seed": seed, "error": str(error)})
                    continue
                attempt = repr([plan.asked[0], plan.relaxed])
                if attempt not in known:  # seeds differ in the order alone
                    known[attempt] = [music.at(w, v) for w, v in zip(plan.waypoints, plan.vectors, strict=True)]
                outcomes += outcomes_of(plan, known[attempt], feeling, goal, seed)
        if number % 10 == 0 or number == len(feelings):
            say(f"  {number} of {len(feelings)} readings, {len(outcomes)} lists, {len(faults)} without a journey")
    return summary(outcomes, faults)


def outcomes_of(
    plan: Planned, every: Sequence[Sequence[Candidate]], feeling: Feeling, goal: str, seed: int
) -> Iterator[Outcome]:
    """Isopath's order and every baseline's, measured alike. `every` is the catalogue as it stands at each step."""

    def outcome(way: str, picks: Sequence[Candidate], share: float) -> Outcome:
        worth, keeps = measured(plan, picks)
        measures = measure_quality(plan.waypoints, picks, share)
        return Outcome(feeling.name, goal, seed, way, measures, worth, keeps, plan.relaxed, plan.order.fills_time)

    yield outcome(ISOPATH, plan.order.picks, plan.order.share_of_bound)
    ends = len(plan.waypoints)
    place = {c.track_id: i for i, c in enumerate(every[0])}
    for pool in POOLS:
        rows = (
            [[c for c in plan.candidates if c.waypoint == w.position] for w in plan.waypoints]
            if pool == "allowed"
            else every
        )
        task = Task(plan.waypoints, plan.facts.weights, rows, rows[-1], seed)
        for name, baseline in BASELINES.items():
            picks = baseline(task)
            # Each as it stands at the step where it is played, wherever it was found.
            standing = [every[step][place[pick.track_id]] for step, pick in zip(range(ends), picks, strict=True)]
            yield outcome(f"{name}, {pool}", standing, math.nan)


def measured(plan: Planned, picks: Sequence[Candidate]) -> tuple[float, bool]:
    """What a list is worth without limits, and whether it kept them."""
    nothing = (0,) * len(picks)
    free, _ = build_search_space(plan.waypoints, picks, soft(plan.facts.weights), [], (0, math.inf), 0)
    strict, _ = build_search_space(plan.waypoints, picks, plan.facts.weights, plan.limits, (0, math.inf), 0)
    slack = TIME_TOLERANCE * plan.total + 1e-6
    in_time = abs(strict.compute_total(nothing) - plan.total) <= slack or not plan.order.fills_time
    return free.compute_value(nothing), bool(np.isfinite(strict.compute_value(nothing))) and in_time


def summary(outcomes: Sequence[Outcome], faults: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Tables of means, paired intervals, and what misses a limit."""
    by: dict[str, dict[tuple[str, str, int], Outcome]] = {}
    for one in outcomes:
        by.setdefault(one.way, {})[(one.feeling, one.goal, one.seed)] = one
    ours = by.get(ISOPATH, {})
    ways = {way: {name: mean(values(each.values(), name)) for name in MEASURES} for way, each in by.items()}
    return {
        "journeys": len(ours),
        "ways": ways,
        "share_of_bound": spread([o.quality.share_of_bound for o in ours.values()]),
        "paired": {way: paired(ours, each) for way, each in by.items() if way != ISOPATH},
        "paired_valid": {
            way: paired(ours, valid)
            for way, each in by.items()
            if way != ISOPATH and (valid := {key: one for key, one in each.items() if one.keeps_limits})
        },
        "better_at_once": [way for way in by if way != ISOPATH and beats(ways[way], ways[ISOPATH])],
        "misses": [told(one, missed) for one in ours.values() if (missed := missed_by(one))],
        "relaxed": sum(one.relaxed for one in ours.values()),
        "minutes_missed": sum(not one.fills_time for one in ours.values()),
        "errors": list(faults),
    }


def values(outcomes: Any, name: str) -> list[float]:
    """One measure of many lists; a monotonicity that has no direction, or a value of -inf, is left out."""
    found = [getattr(o, name) if hasattr(o, name) else getattr(o.quality, name) for o in outcomes]
    return [float(v) for v in found if v is not None and np.isfinite(v)]


def mean(numbers: Sequence[float]) -> float | None:
    return round(float(np.mean(numbers)), 4) if numbers else None


def spread(numbers: Sequence[float]) -> dict[str, float]:
    low, middle, high = np.quantile(numbers, [0.05, 0.5, 0.95])
    return {"least": round(min(numbers), 4), "5 %": round(low, 4), "median": round(middle, 4), "95 %": round(high, 4)}


def beats(other: Mapping[str, float | None], ours: Mapping[str, float | None]) -> bool:
    """Whether a baseline is better on max_step, monotonicity and target_error all at once."""

    def better(name: str, sign: int) -> bool:
        mine, theirs = ours[name], other[name]
        return mine is not None and theirs is not None and sign * (theirs - mine) > 0

    return better("max_step", -1) and better("monotonicity", 1) and better("target_error", -1)


def paired(ours: Mapping[Any, Outcome], others: Mapping[Any, Outcome]) -> dict[str, Any]:
    """Mean difference of the objective, ours less theirs, and its 95 % interval over readings.

    Readings are drawn again, not single journeys: a reading's goals and seeds are no independent witnesses.
    """
    differences: dict[str, list[float]] = {}
    for key, other in others.items():
        one = ours[key]
        difference = one.objective - other.objective
        if np.isfinite(difference):
            differences.setdefault(one.feeling, []).append(difference)
    sums = np.array([sum(each) for each in differences.values()])
    counts = np.array([len(each) for each in differences.values()])
    drawn = np.random.Generator(np.random.PCG64(20)).integers(0, len(sums), (RESAMPLES, len(sums)))
    low, high = np.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), [0.025, 0.975])
    worse = sum(ours[key].objective < other.objective - 1e-9 for key, other in others.items())
    return {
        "difference": round(float(sums.sum() / counts.sum()), 4), "low": round(float(low), 4),
        "high": round(float(high), 4), "pairs": int(counts.sum()), "better_than_ours": worse,
    }  # fmt: skip


def missed_by(one: Outcome) -> list[str]:
    """Which limits a journey misses."""
    found = [name for name in ("share_of_bound",) if one.quality.share_of_bound < LIMITS[name]]
    found += ["max_step"] if one.quality.max_step > LIMITS["max_step"] else []
    rho = one.quality.monotonicity
    return found + (["monotonicity"] if rho is not None and rho < LIMITS["monotonicity"] else [])


def told(one: Outcome, missed: Sequence[str]) -> dict[str, Any]:
    return {
        "feeling": one.feeling, "goal": one.goal, "seed": one.seed, "misses": list(missed), **asdict(one.quality)
    }  # fmt: skip
