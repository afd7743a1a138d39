"""The best order over all waypoints at once, and how close it is to the optimum.

Read `find_best_order` and `solve`: a Lagrangian relaxation gives a bound and leads a beam search, whose result prunes
the search space; each attempt takes more effort. `search_space.py` holds the objective, `bound.py` the relaxation,
`beam_search.py` the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import NoJourney
from engine.journey import Candidate, Waypoint
from engine.order.beam_search import (
    bound_remaining_time,
    randomise_worth,
    sample_random_values,
    search_beam,
    search_locally,
)
from engine.order.bound import TOLERANCE, LagrangeMultipliers, Relaxation, tighten
from engine.order.quality import measure_monotonicity, measure_quality
from engine.order.search_space import OrderWeights, SearchSpace, StepLimit, build_search_space

__all__ = ["Order", "OrderWeights", "StepLimit", "find_best_order", "measure_monotonicity", "measure_quality"]

TIME_TOLERANCE = 0.10
"""Share of the minutes asked for by which a journey may be longer or shorter."""
SHARE_TOLERANCE = 0.15
"""Share of the minutes asked for by which a stage may end early or late."""
EFFORTS = ((0, 24), (12, 24), (16, 48), (16, 200), (24, 800), (40, 3000))
"""(subgradient steps, beam width) of each attempt."""
MULTIPLIER_SCALES = (1.0, 1.3, 2.0)
"""Factors on the multipliers that lead a search: higher ones save scarce works and artists for the last steps."""
GAP_TOLERANCE = 0.01
"""Optimality gap at which the search ends, as a share of the distance from a random order to the bound."""


@dataclass(frozen=True, slots=True)
class Order:
    """One candidate for each waypoint, and the value of this order."""

    picks: tuple[Candidate, ...]
    value: float
    bound: float
    """Upper bound on the value of every valid order: no repeated work, artists within their cap, no step too large, a
    total within 10 % of that asked for (where `fills_time` is false, within the wider window that was used). Where the
    ends of stages were limits, it bounds orders that keep them."""
    random_value: float
    """Mean value of seeded random orders of the same candidates (`compute_baseline`)."""
    time_error: float
    """Difference of the total from that asked for, s."""
    keeps_shares: bool
    """Whether each stage ends near the time it should."""
    fills_time: bool
    """Whether the total is within 10 % of that asked for. If not, no such order was found, and the window was widened
    until one was."""

    @property
    def share_of_bound(self) -> float:
        room = self.bound - self.random_value
        if not np.isfinite(room) or room <= 1e-9:
            return 1.0
        return float(np.clip((self.value - self.random_value) / room, 0.0, 1.0))


def find_best_order(
    waypoints: Sequence[Waypoint],
    candidates: Sequence[Candidate],
    weights: OrderWeights,
    limits: Sequence[StepLimit],
    seconds: float,
    seed: int,
    ends: Sequence[tuple[int, float]] = (),
    hold_ends: bool = False,
) -> Order:
    """The best order found, with an upper bound. NoJourney when no order keeps every limit.

    The total is within 10 % of `seconds` where such an order was found (`fills_time`). `ends` are (steps, seconds) at
    which stages should end; with `hold_ends` they are limits, to within 10 % of `seconds`, where an order keeps them.
    The same request always gives the same order: effort is counted in rounds, not in time.
    """
    space, rows = build_search_space(waypoints, candidates, weights, limits, (0.0, np.inf), seed)
    if not np.isfinite(Relaxation.from_multipliers(space, LagrangeMultipliers.zeros(space)).bound):
        fault = "no order of the allowed tracks keeps every step limit"
        error = NoJourney("journey", fault, "Ask for more minutes or another goal")
        raise error.set_patterns("fault-step-limits", "repair-step-limits")
    baseline = compute_baseline(space, int(weights.random_picks), seed)
    slack = TIME_TOLERANCE * seconds
    held = tuple((steps, end - slack, end + slack) for steps, end in ends) if hold_ends else ()
    for window, checks in [
        *([((seconds - slack, seconds + slack), held)] if held else []),
        *((window, ()) for window in iterate_windows(space, seconds)),
    ]:
        picks, bound = solve(replace(space, window=window, checks=checks), baseline)
        if picks is not None:
            off = abs(space.compute_total(picks) - seconds)
            chosen = tuple(found[j] for found, j in zip(rows, picks, strict=True))
            times = np.cumsum([pick.seconds for pick in chosen])
            keeps = all(abs(times[steps - 1] - end) <= SHARE_TOLERANCE * seconds + 1e-6 for steps, end in ends)
            return Order(
                chosen, space.compute_value(picks), bound, baseline, float(off), keeps, bool(off <= slack + 1e-6)
            )
    raise make_no_order_error()


def make_no_order_error() -> NoJourney:
    fault = "no order without repeating a work or an artist too often was found"
    error = NoJourney("journey", fault, "Add music by other composers, or ask for fewer minutes")
    return error.set_patterns("fault-repeats", "repair-repeats")


def compute_baseline(space: SearchSpace, count: int, seed: int) -> float:
    """Mean value of random orders; where all ran into dead ends, the value of an order that is best for random values.

    NoJourney when no order of any length was found.
    """
    values = sample_random_values(space, count, seed)
    if len(values):
        return float(values.mean())
    picks, _ = solve(randomise_worth(space, seed), 0.0)
    if picks is None:
        raise make_no_order_error()
    return space.compute_value(picks)


def iterate_windows(space: SearchSpace, seconds: float) -> Iterator[tuple[float, float]]:
    """Windows of the total, s: as asked for, then up to the nearest total that is possible, then wider.

    Each contains the one before, so a bound for it also holds for the window asked for.
    """
    least, most = (times[: space.starts[1]] for times in bound_remaining_time(space))
    nearest = min(max(seconds, float(least.min())), float(most.max()))
    slack = TIME_TOLERANCE * seconds
    if abs(nearest - seconds) <= slack:
        yield seconds - slack, seconds + slack
    for wider in (1, 2, 4, 8):
        if nearest != seconds or wider > 1:
            yield (
                min(seconds, nearest - (wider - 1) * slack) - slack,
                max(seconds, nearest + (wider - 1) * slack) + slack,
            )
    yield 0.0, float("inf")


def solve(space: SearchSpace, baseline: float) -> tuple[tuple[int, ...] | None, float]:
    """The best order found, and the upper bound; None when every search ran into dead ends."""
    best: tuple[int, ...] | None = None
    value, bound = -np.inf, np.inf
    full_space, relaxation = space, Relaxation.from_multipliers(space, LagrangeMultipliers.zeros(space))
    for rounds, width in EFFORTS:
        relaxation = tighten(
            relaxation, value if best else relaxation.bound - 0.1 * abs(relaxation.bound) - 0.1, rounds
        )
        bound = min(bound, max(value, relaxation.bound))
        if is_settled(value, bound, baseline):
            break
        if best:
            relaxation = Relaxation.from_multipliers(relaxation.prune(value), relaxation.multipliers)
        for times in MULTIPLIER_SCALES:
            leading = (
                relaxation
                if times == 1
                else Relaxation.from_multipliers(relaxation.space, relaxation.multipliers.scale(times))
            )
            found = search_beam(leading, width, value)
            bound = min(bound, max(value, found.pruned_bound))
            if found.picks and full_space.compute_value(picks := search_locally(full_space, found.picks)) > value:
                best, value = picks, full_space.compute_value(picks)
                bound = max(bound, value)
            if found.picks or is_settled(value, bound, baseline):
                break
        if is_settled(value, bound, baseline):
            break
    return best, bound


def is_settled(value: float, bound: float, baseline: float) -> bool:
    """Whether the optimality gap is closed, or too small to go on."""
    return bound == -np.inf or bound - value <= max(TOLERANCE, GAP_TOLERANCE * (bound - baseline))
