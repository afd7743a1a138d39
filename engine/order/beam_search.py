"""The search: valid orders only, the most promising kept at each step, and nothing forgotten of those that were not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np

from engine.order.bound import Relaxation, compute_value_to_go
from engine.order.search_space import Floats, SearchSpace, Whole

SPARE = 3
"""Unfinished orders looked at for each one kept: many of them are the same tracks in another order."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search came back with."""

    picks: tuple[int, ...] | None
    """The best valid order among those that were followed; None when none came to the end."""
    pruned_bound: float
    """No valid order that was not followed is worth more."""


def search_beam(priced: Relaxation, width: int, above: float) -> SearchResult:
    """The best valid order worth more than `above`, led by priced values, `width` unfinished ones kept a step.

    What an unfinished order can still come to is known from the prices, so a search that had to drop none has seen the
    best there is; one that did knows how much better it might have become.
    """
    field, parts = priced.space, priced.space.list_slices()
    low, high = field.window
    least, most = bound_remaining_time(field)
    checks = [(steps, early, late, *bound_remaining_time(field.truncate(steps))) for steps, early, late in field.checks]
    names = np.random.Generator(np.random.PCG64(0)).integers(1, 2**63, int(field.track.max(initial=0)) + 1)
    used = np.zeros((1, int(field.work.max(initial=0)) + 1), bool)
    played = np.zeros((1, int(field.artist.max(initial=0)) + 1), np.int16)
    value, time, named = np.full(1, priced.constant), np.zeros(1), np.zeros(1, np.int64)
    history, missed = np.zeros((1, 0), np.int64), -np.inf
    for step, part in enumerate(parts):
        work, artist, seconds = field.work[part], field.artist[part], field.seconds[part]
        gone = value[:, None] - field.cost[step - 1][history[:, -1]] if step else np.tile(value[:, None], len(work))
        rank = gone + priced.value_to_go[part]
        parent, pick = np.nonzero(rank > above)
        spent = time[parent] + seconds[pick]
        open_ = (
            ~used[parent, work[pick]]
            & (played[parent, artist[pick]] < field.cap)
            & (time[parent] + least[part][pick] <= high + 1e-6)
            & (time[parent] + most[part][pick] >= low - 1e-6)
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
        name = named[parent] + names[field.track[part][pick]]
        new = find_distinct(name, pick, spent)
        if len(new) > width:
            missed = max(missed, float(ranks[new[width]]))
            new = new[:width]
        if not len(new):
            return SearchResult(None, missed)
        parent, pick = parent[new], pick[new]
        value, time, named = gone[parent, pick] + priced.worth[part][pick], spent[new], name[new]
        used, played, row = used[parent], played[parent], np.arange(len(new))
        used[row, work[pick]] = True
        played[row, artist[pick]] += 1
        history = np.column_stack([history[parent], pick])
    standing = np.array(field.starts[:-1]) + history
    values = field.worth[standing].sum(axis=1)
    for step, cost in enumerate(field.cost):
        values -= cost[history[:, step], history[:, step + 1]]
    best = standing[int(np.argmax(values))]
    return SearchResult(tuple(int(place) for place in field.index[best]), missed)


def search_locally(field: SearchSpace, picks: tuple[int, ...]) -> tuple[int, ...]:
    """The order after every exchange of two neighbours for two others that makes it better, until none does.

    Of use where a search hardly comes to an end. For a field that none were left out of.
    """
    parts, now, rested = field.list_slices(), list(picks), 0
    for step in cycle(range(field.steps - 1)):
        at = field.locate(now)
        rest = np.delete(at, [step, step + 1])
        used = np.zeros(int(field.work.max()) + 1, bool)
        used[field.work[rest]] = True
        left = field.cap - np.bincount(field.artist[rest], minlength=int(field.artist.max()) + 1)
        here, there = (
            part.start + np.flatnonzero(~used[field.work[part]] & (left[field.artist[part]] > 0))
            for part in parts[step : step + 2]
        )
        one, two = here - parts[step].start, there - parts[step + 1].start
        gain = field.worth[here][:, None] + field.worth[there] - field.cost[step][one][:, two]
        if step:
            gain -= field.cost[step - 1][now[step - 1], one][:, None]
        if step + 2 < field.steps:
            gain -= field.cost[step + 1][two, now[step + 2]]
        gain[(field.artist[here][:, None] == field.artist[there]) & (left[field.artist[there]] < 2)] = -np.inf
        total = field.seconds[rest].sum() + field.seconds[here][:, None] + field.seconds[there]
        # An order may end exactly on the window's edge: adding up in another order must not put it outside.
        gain[(total < field.window[0] - 1e-6) | (total > field.window[1] + 1e-6)] = -np.inf
        for steps, early, late in field.checks:
            if step < steps:
                kept = field.seconds[np.delete(at, [step, step + 1])[: max(steps - 2, step)]].sum()
                other = field.seconds[there][None, :] if step + 1 < steps else 0.0
                spent = kept + field.seconds[here][:, None] + other
                gain[np.broadcast_to((spent < early - 1e-6) | (spent > late + 1e-6), gain.shape)] = -np.inf
        a, b = np.unravel_index(int(np.argmax(gain)), gain.shape)
        old = gain[np.searchsorted(one, now[step]), np.searchsorted(two, now[step + 1])]
        better = bool(np.isfinite(old)) and gain[a, b] > old + 1e-9
        if better:
            now[step], now[step + 1] = int(one[a]), int(two[b])
        rested = 0 if better else rested + 1
        if rested == field.steps:
            break
    return tuple(now)


def find_distinct(name: Whole, last: Whole, spent: Floats) -> Whole:
    """Of unfinished orders with the same tracks and the same last one only the first: they can all end alike.

    A sum of 64 random bits a track names the set; the time is compared as well.
    """
    key = name * np.int64(2_862_933_555_777_941_757) + last
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(key), bool)
    again[order[1:]] = (key[order[1:]] == key[order[:-1]]) & (np.abs(spent[order[1:]] - spent[order[:-1]]) < 1e-6)
    return np.flatnonzero(~again)


def bound_remaining_time(field: SearchSpace) -> tuple[Floats, Floats]:
    """[N] each: least and most time from a candidate to the end, itself included, s; infinite where none follows."""
    free = randomise_worth(field)
    return -compute_value_to_go(free, -field.seconds), compute_value_to_go(free, field.seconds)


def randomise_worth(field: SearchSpace, seed: int = 0) -> SearchSpace:
    """The same limits, with random worths and no costs."""
    dice = np.random.Generator(np.random.PCG64(seed))
    cost = tuple(np.where(np.isfinite(cost), 0.0, np.inf) for cost in field.cost)
    return replace(field, worth=dice.random(len(field.worth)), cost=cost)


def sample_random_values(field: SearchSpace, count: int, seed: int) -> Floats:
    """What `count` seeded random orders that keep every limit are worth, less those that run into a dead end."""
    dice = np.random.Generator(np.random.PCG64(seed))
    open_ahead = np.isfinite(compute_value_to_go(field, field.worth))
    used = np.zeros((count, int(field.work.max()) + 1), bool)
    played = np.zeros((count, int(field.artist.max()) + 1), np.int16)
    value, last, each, alive = np.zeros(count), np.zeros(count, np.int64), np.arange(count), np.ones(count, bool)
    for step, part in enumerate(field.list_slices()):
        work, artist = field.work[part], field.artist[part]
        cost = field.cost[step - 1][last] if step else np.zeros((count, len(work)))
        free = ~used[:, work] & (played[:, artist] < field.cap) & np.isfinite(cost) & open_ahead[part]
        pick = np.argmax(np.where(free, dice.random(free.shape), -1.0), axis=1)
        alive &= free[each, pick]
        value += field.worth[part][pick] - np.where(alive, cost[each, pick], 0.0)
        used[each, work[pick]], last = True, pick
        played[each, artist[pick]] += 1
    return value[alive]
