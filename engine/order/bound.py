"""No order is worth more than this: prices on what must not be used up make the best order easy to work out.

With any prices on works, artists and minutes, the best order of the priced field (Viterbi's recurrence, where all may
repeat) is worth at least as much as the best valid one: that is Lagrange's bound. Prices are moved until it is low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.order.search_space import Floats, Marks, SearchSpace, Whole

PATIENCE = 3
"""Rounds without a lower bound before the prices move in smaller steps."""
STEP_FACTOR = 0.7
"""What a smaller step is of the one before."""
TOLERANCE = 1e-4
"""Prices rest when the bound is this near to the best order."""


@dataclass(frozen=True, slots=True)
class LagrangeMultipliers:
    """What each work, each artist and each minute costs."""

    work: Floats
    """[works], 0 or more, for each time beyond the first."""
    artist: Floats
    """[artists], 0 or more, for each time beyond the cap."""
    minute: float
    """For each minute beyond the longest allowed; below 0 for each one missing to the shortest."""

    @classmethod
    def zeros(cls, field: SearchSpace) -> LagrangeMultipliers:
        return cls(np.zeros(int(field.work.max()) + 1), np.zeros(int(field.artist.max()) + 1), 0.0)

    def scale(self, factor: float) -> LagrangeMultipliers:
        """All of them so many times as high."""
        return LagrangeMultipliers(factor * self.work, factor * self.artist, factor * self.minute)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A field under prices, with the best that can follow each candidate and the bound that stands for."""

    space: SearchSpace
    multipliers: LagrangeMultipliers
    worth: Floats
    """[N], less what each candidate costs."""
    value_to_go: Floats
    """[N]: best priced value from a candidate to the end, itself included."""
    constant: float
    """What an order may use without paying: added to a priced value, it gives a bound."""

    @classmethod
    def from_multipliers(cls, field: SearchSpace, prices: LagrangeMultipliers) -> Relaxation:
        worth = (
            field.worth - prices.work[field.work] - prices.artist[field.artist] - prices.minute * (field.seconds / 60)
        )
        minutes = field.window[1 if prices.minute > 0 else 0] / 60
        refund = prices.work.sum() + field.cap * prices.artist.sum() + (prices.minute * minutes if prices.minute else 0)
        return cls(field, prices, worth, compute_value_to_go(field, worth), float(refund))

    @property
    def bound(self) -> float:
        """No valid order of this field is worth more; -inf when there is none."""
        return float(self.value_to_go[: self.space.starts[1]].max(initial=-np.inf)) + self.constant

    def argmax(self) -> Whole:
        """[steps]: where the best priced order stands; it may break what is priced."""
        parts = self.space.list_slices()
        at = [int(np.argmax(self.value_to_go[parts[0]]))]
        for part, cost in zip(parts[1:], self.space.cost, strict=True):
            at.append(int(np.argmax(self.value_to_go[part] - cost[at[-1]])))
        return self.space.locate(at)

    def take_step(self, size: float) -> LagrangeMultipliers | None:
        """Dearer where the leading order used more than it may, cheaper where less; None when it kept everything."""
        field, old, leader = self.space, self.multipliers, self.argmax()
        works = np.bincount(field.work[leader], minlength=len(old.work)) - 1.0
        artists = np.bincount(field.artist[leader], minlength=len(old.artist)) - float(field.cap)
        works[(works < 0) & (old.work <= 0)] = 0.0
        artists[(artists < 0) & (old.artist <= 0)] = 0.0
        low, high = field.window
        total = float(field.seconds[leader].sum())
        edge = high if old.minute > 0 else low if old.minute < 0 else min(max(total, low), high)
        over = (total - edge) / 60
        length = float((works**2).sum() + (artists**2).sum() + over**2)
        if length < 1e-12:
            return None
        go = size / length
        minute = old.minute + go * over
        return LagrangeMultipliers(
            np.maximum(0.0, old.work + go * works),
            np.maximum(0.0, old.artist + go * artists),
            # Longest and shortest are two limits with one price each; a price stops where its limit does.
            0.0 if minute * old.minute < 0 else minute,
        )

    def prune(self, reached: float) -> SearchSpace:
        """The field without candidates and pairs through which no order is worth more than `reached`."""
        field, parts = self.space, self.space.list_slices()
        behind = self.worth.copy()
        for here, there, cost in zip(parts, parts[1:], field.cost, strict=False):
            behind[there] += (behind[here][:, None] - cost).max(axis=0)
        keep: Marks = behind + self.value_to_go - self.worth + self.constant > reached
        arcs = [
            behind[here][:, None] - cost + self.value_to_go[there][None, :] + self.constant > reached
            for here, there, cost in zip(parts, parts[1:], field.cost, strict=False)
        ]
        return field.filter(keep, arcs)


def compute_value_to_go(field: SearchSpace, worth: Floats) -> Floats:
    """[N]: best value from each candidate to the end, itself included, when all may repeat (Viterbi's recurrence)."""
    best, parts = worth.copy(), field.list_slices()
    for here, there, cost in zip(parts[-2::-1], parts[:0:-1], field.cost[::-1], strict=True):
        best[here] += (best[there] - cost).max(axis=1)
    return best


def tighten(priced: Relaxation, reached: float, rounds: int) -> Relaxation:
    """The prices with the lowest bound of `rounds`, beginning with those at hand (Polyak's steps)."""
    best, step, stale = priced, 1.0, 0
    for _ in range(rounds):
        over = priced.bound - reached
        if over < TOLERANCE or (prices := priced.take_step(step * over)) is None:
            break
        priced = Relaxation.from_multipliers(priced.space, prices)
        if priced.bound < best.bound - 1e-6:
            best, stale = priced, 0
        elif (stale := stale + 1) == PATIENCE:
            step, stale = STEP_FACTOR * step, 0
    return best
