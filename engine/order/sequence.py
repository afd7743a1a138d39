"""The order: the best sequence over all waypoints at once, and how near it is to the best possible.

Read `best_order` and `solved`: prices give a bound, the prices lead a search, what the search found shrinks the field,
and so on with more care. `order_field` says what an order is worth, `order_bound` what none can exceed, `order_search`
how one is found.
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
"""Share of the asked minutes by which a journey may be longer or shorter (design.md)."""
SHARE_TOLERANCE = 0.15
"""Share of the asked minutes by which a stage may end earlier or later than it should."""
EFFORTS = ((0, 24), (12, 24), (16, 48), (16, 200), (24, 800), (40, 3000))
"""Rounds that prices are moved, and unfinished orders that a search keeps: little while little is known."""
MULTIPLIER_SCALES = (1.0, 1.3, 2.0)
"""Times the prices that lead a search: where works or artists run short, higher ones keep enough for the end."""
GAP_TOLERANCE = 0.01
"""The order is taken when no other is better by this share of what lies between a random order and the bound."""


@dataclass(frozen=True, slots=True)
class Order:
    """One candidate per waypoint, in order, and what the order is worth."""

    picks: tuple[Candidate, ...]
    value: float
    bound: float
    """No order that keeps every limit is worth more: each work once, artists within their cap, no step too large, and
    a total within 10 % of the asked one or, where `fills_time` is false, within the wider window it was taken from.
    Where stages were held to their ends, none that ends them so is worth more."""
    random_value: float
    """Mean value of seeded random orders of the same candidates that keep every limit but the total; see `zero_of`."""
    time_error: float
    """How far the total is from the asked one, s."""
    keeps_shares: bool
    """Whether each stage ends near the time it should."""
    fills_time: bool
    """Whether the total is within 10 % of the asked one. If not, no such order was found, and the window was opened as
    far as the nearest total that the candidates can reach, then wider until an order was found."""

    @property
    def share_of_bound(self) -> float:
        room = self.bound - self.random_value
        if not np.isfinite(room) or room <= 1e-9:
            return 1.0
        return float(np.clip((self.value - self.random_value) / room, 0.0, 1.0))


def find_best_order(
    waypoints: Sequence[Waypoint],
    candidates: Sequence[Candidate],
    wishes: OrderWeights,
    limits: Sequence[StepLimit],
    seconds: float,
    seed: int,
    ends: Sequence[tuple[int, float]] = (),
    hold_ends: bool = False,
) -> Order:
    """The best order found, with a bound that none exceeds. Raises NoJourney when no order keeps every limit.

    The total stays within 10 % of `seconds` where an order that does was found (`fills_time` says so). `ends` says
    where a stage should end: after how many steps, and after how long, s; with `hold_ends` an order that does so to
    within 10 % of `seconds` is taken where one is found, and measured against others that do. The same
    request gives the same order, on a busy machine too: effort is counted in rounds.
    """
    field, rows = build_search_space(waypoints, candidates, wishes, limits, (0.0, np.inf), seed)
    if not np.isfinite(Relaxation.from_multipliers(field, LagrangeMultipliers.zeros(field)).bound):
        raise NoJourney(
            "journey",
            "no order of the allowed tracks keeps every step limit",
            "Ask for more minutes or another goal; `--explain` names the limits that held",
        )
    zero = compute_baseline(field, int(wishes.random_picks), seed)
    slack = TIME_TOLERANCE * seconds
    held = tuple((steps, end - slack, end + slack) for steps, end in ends) if hold_ends else ()
    for window, checks in [
        *([((seconds - slack, seconds + slack), held)] if held else []),
        *((window, ()) for window in iterate_windows(field, seconds)),
    ]:
        picks, bound = solve(replace(field, window=window, checks=checks), zero)
        if picks is not None:
            off = abs(field.compute_total(picks) - seconds)
            chosen = tuple(found[j] for found, j in zip(rows, picks, strict=True))
            times = np.cumsum([pick.seconds for pick in chosen])
            keeps = all(abs(times[steps - 1] - end) <= SHARE_TOLERANCE * seconds + 1e-6 for steps, end in ends)
            return Order(chosen, field.compute_value(picks), bound, zero, float(off), keeps, bool(off <= slack + 1e-6))
    raise make_no_order_error()


def make_no_order_error() -> NoJourney:
    return NoJourney(
        "journey",
        "no order without repeating a work or an artist too often was found",
        "Add music by other composers, or ask for fewer minutes",
    )


def compute_baseline(field: SearchSpace, count: int, seed: int) -> float:
    """Mean value of random orders; where all ran into dead ends, the value of one that is best for random worths.

    Raises NoJourney when no order of any length was found.
    """
    values = sample_random_values(field, count, seed)
    if len(values):
        return float(values.mean())
    picks, _ = solve(randomise_worth(field, seed), 0.0)
    if picks is None:
        raise make_no_order_error()
    return field.compute_value(picks)


def iterate_windows(field: SearchSpace, seconds: float) -> Iterator[tuple[float, float]]:
    """Least and most that an order may take, s: as asked, then as far as the nearest total, then wider and wider.

    Each holds the one before, so a bound for any of them is one for the asked window too.
    """
    least, most = (times[: field.starts[1]] for times in bound_remaining_time(field))
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


def solve(field: SearchSpace, zero: float) -> tuple[tuple[int, ...] | None, float]:
    """The best order that was found and the bound of all; None when every search ran into dead ends."""
    best: tuple[int, ...] | None = None
    value, bound = -np.inf, np.inf
    whole, priced = field, Relaxation.from_multipliers(field, LagrangeMultipliers.zeros(field))
    for rounds, width in EFFORTS:
        priced = tighten(priced, value if best else priced.bound - 0.1 * abs(priced.bound) - 0.1, rounds)
        bound = min(bound, max(value, priced.bound))
        if is_settled(value, bound, zero):
            break
        if best:
            priced = Relaxation.from_multipliers(priced.prune(value), priced.multipliers)
        for times in MULTIPLIER_SCALES:
            lead = priced if times == 1 else Relaxation.from_multipliers(priced.space, priced.multipliers.scale(times))
            found = search_beam(lead, width, value)
            bound = min(bound, max(value, found.pruned_bound))
            if found.picks and whole.compute_value(picks := search_locally(whole, found.picks)) > value:
                best, value = picks, whole.compute_value(picks)
                bound = max(bound, value)
            if found.picks or is_settled(value, bound, zero):
                break
        if is_settled(value, bound, zero):
            break
    return best, bound


def is_settled(value: float, bound: float, zero: float) -> bool:
    """Whether nothing is left to find, or so little that it does not pay to go on."""
    return bound == -np.inf or bound - value <= max(TOLERANCE, GAP_TOLERANCE * (bound - zero))
