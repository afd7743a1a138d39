"""Beam search over valid orders, with an upper bound on what it pruned, and a local search around its result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np

from engine.order.bound import Relaxation, compute_value_to_go
from engine.order.search_space import Floats, SearchSpace, Whole

SPARE = 3
"""Partial orders that are compared for each one kept: many of them hold the same tracks in another order."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a beam search."""

    picks: tuple[int, ...] | None
    """The best valid order found; None when no partial order could be completed."""
    pruned_bound: float
    """Upper bound on the value of every order that was pruned."""


def search_beam(relaxation: Relaxation, width: int, above: float) -> SearchResult:
    """The best valid order with a value above `above`; `width` partial orders are kept at each step.

    Partial orders are ranked by their relaxed value plus the value to go, an upper bound. A search that pruned nothing
    has found the optimum; any other knows how much better the optimum may be.
    """
    space, parts = relaxation.space, relaxation.space.list_slices()
    low, high = space.window
    shortest_rest, longest_rest = bound_remaining_time(space)
    checks = [(steps, early, late, *bound_remaining_time(space.truncate(steps))) for steps, early, late in space.checks]
    names = np.random.Generator(np.random.PCG64(0)).integers(1, 2**63, int(space.track.max(initial=0)) + 1)
    used = np.zeros((1, int(space.work.max(initial=0)) + 1), bool)
    played = np.zeros((1, int(space.artist.max(initial=0)) + 1), np.int16)
    value, time, named = np.full(1, relaxation.constant), np.zeros(1), np.zeros(1, np.int64)
    history, missed = np.zeros((1, 0), np.int64), -np.inf
    for step, part in enumerate(parts):
        work, artist, seconds = space.work[part], space.artist[part], space.seconds[part]
        gone = value[:, None] - space.cost[step - 1][history[:, -1]] if step else np.tile(value[:, None], len(work))
        rank = gone + relaxation.value_to_go[part]
        parent, pick = np.nonzero(rank > above)
        spent = time[parent] + seconds[pick]
        open_ = (
            ~used[parent, work[pick]]
            & (played[parent, artist[pick]] < space.cap)
            & (time[parent] + shortest_rest[part][pick] <= high + 1e-6)
            & (time[parent] + longest_rest[part][pick] >= low - 1e-6)
        )
        for steps, early, late, soonest, latest in checks:
            if step < steps:
                open_ &= time[parent] + soonest[part][pick] <= late + 1e-6
                open_ &= time[parent] + latest[part][pick] >= early - 1e-6
        parent, pick, spent = parent[open_], pick[open_], spent[open_]
        ranks = rank[parent, pick]
        if len(ranks) > SPARE * width:
            least_kept = np.partition(ranks, -SPARE * width)[-SPARE * width]
            missed = max(missed, float(least_kept))
            near = np.flatnonzero(ranks >= least_kept)
            parent, pick, spent, ranks = parent[near], pick[near], spent[near], ranks[near]
        order = np.argsort(-ranks, kind="stable")
        parent, pick, spent, ranks = parent[order], pick[order], spent[order], ranks[order]
        name = named[parent] + names[space.track[part][pick]]
        new = find_distinct(name, pick, spent)
        if len(new) > width:
            missed = max(missed, float(ranks[new[width]]))
            new = new[:width]
        if not len(new):
            return SearchResult(None, missed)
        parent, pick = parent[new], pick[new]
        value, time, named = gone[parent, pick] + relaxation.worth[part][pick], spent[new], name[new]
        used, played, row = used[parent], played[parent], np.arange(len(new))
        used[row, work[pick]] = True
        played[row, artist[pick]] += 1
        history = np.column_stack([history[parent], pick])
    standing = np.array(space.starts[:-1]) + history
    values = space.worth[standing].sum(axis=1)
    for step, cost in enumerate(space.cost):
        values -= cost[history[:, step], history[:, step + 1]]
    best = standing[int(np.argmax(values))]
    return SearchResult(tuple(int(place) for place in space.index[best]), missed)


def search_locally(space: SearchSpace, picks: tuple[int, ...]) -> tuple[int, ...]:
    """Local search: exchanges two neighbouring picks for a better pair, until no exchange improves the order.

    It helps where the beam search completes few orders. `space` must hold all candidates: indices are those of `picks`.
    """
    parts, now, rested = space.list_slices(), list(picks), 0
    for step in cycle(range(space.steps - 1)):
        at = space.locate(now)
        rest = np.delete(at, [step, step + 1])
        used = np.zeros(int(space.work.max()) + 1, bool)
        used[space.work[rest]] = True
        left = space.cap - np.bincount(space.artist[rest], minlength=int(space.artist.max()) + 1)
        here, there = (
            part.start + np.flatnonzero(~used[space.work[part]] & (left[space.artist[part]] > 0))
            for part in parts[step : step + 2]
        )
        one, two = here - parts[step].start, there - parts[step + 1].start
        gain = space.worth[here][:, None] + space.worth[there] - space.cost[step][one][:, two]
        if step:
            gain -= space.cost[step - 1][now[step - 1], one][:, None]
        if step + 2 < space.steps:
            gain -= space.cost[step + 1][two, now[step + 2]]
        gain[(space.artist[here][:, None] == space.artist[there]) & (left[space.artist[there]] < 2)] = -np.inf
        total = space.seconds[rest].sum() + space.seconds[here][:, None] + space.seconds[there]
        # An order may end exactly on the edge of the window: another order of summation must not put it outside.
        gain[(total < space.window[0] - 1e-6) | (total > space.window[1] + 1e-6)] = -np.inf
        for steps, early, late in space.checks:
            if step < steps:
                kept = space.seconds[np.delete(at, [step, step + 1])[: max(steps - 2, step)]].sum()
                other = space.seconds[there][None, :] if step + 1 < steps else 0.0
                spent = kept + space.seconds[here][:, None] + other
                gain[np.broadcast_to((spent < early - 1e-6) | (spent > late + 1e-6), gain.shape)] = -np.inf
        a, b = np.unravel_index(int(np.argmax(gain)), gain.shape)
        old = gain[np.searchsorted(one, now[step]), np.searchsorted(two, now[step + 1])]
        better = bool(np.isfinite(old)) and gain[a, b] > old + 1e-9
        if better:
            now[step], now[step + 1] = int(one[a]), int(two[b])
        rested = 0 if better else rested + 1
        if rested == space.steps:
            break
    return tuple(now)


def find_distinct(name: Whole, last: Whole, spent: Floats) -> Whole:
    """Indices of partial orders that differ in their set of tracks, their last track or their time: the first of each.

    Others can be continued in the same ways. A set is identified by the sum of 64 random bits a track.
    """
    key = name * np.int64(2_862_933_555_777_941_757) + last
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(key), bool)
    again[order[1:]] = (key[order[1:]] == key[order[:-1]]) & (np.abs(spent[order[1:]] - spent[order[:-1]]) < 1e-6)
    return np.flatnonzero(~again)


def bound_remaining_time(space: SearchSpace) -> tuple[Floats, Floats]:
    """[N] each: least and most time from a candidate to the end, itself included, s; infinite at a dead end."""
    free = randomise_worth(space)
    return -compute_value_to_go(free, -space.seconds), compute_value_to_go(free, space.seconds)


def randomise_worth(space: SearchSpace, seed: int = 0) -> SearchSpace:
    """The same limits with random values for candidates, and no costs."""
    rng = np.random.Generator(np.random.PCG64(seed))
    cost = tuple(np.where(np.isfinite(cost), 0.0, np.inf) for cost in space.cost)
    return replace(space, worth=rng.random(len(space.worth)), cost=cost)


def sample_random_values(space: SearchSpace, count: int, seed: int) -> Floats:
    """Values of up to `count` seeded random orders that keep every limit but the total; dead ends are left out."""
    rng = np.random.Generator(np.random.PCG64(seed))
    open_ahead = np.isfinite(compute_value_to_go(space, space.worth))
    used = np.zeros((count, int(space.work.max()) + 1), bool)
    played = np.zeros((count, int(space.artist.max()) + 1), np.int16)
    value, last, each, alive = np.zeros(count), np.zeros(count, np.int64), np.arange(count), np.ones(count, bool)
    for step, part in enumerate(space.list_slices()):
        work, artist = space.work[part], space.artist[part]
        cost = space.cost[step - 1][last] if step else np.zeros((count, len(work)))
        free = ~used[:, work] & (played[:, artist] < space.cap) & np.isfinite(cost) & open_ahead[part]
        pick = np.argmax(np.where(free, rng.random(free.shape), -1.0), axis=1)
        alive &= free[each, pick]
        value += space.worth[part][pick] - np.where(alive, cost[each, pick], 0.0)
        used[each, work[pick]], last = True, pick
        played[each, artist[pick]] += 1
    return value[alive]
