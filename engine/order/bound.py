"""An upper bound on the value of every order, by Lagrangian relaxation.

The limits on works, artists and minutes become costs with multipliers. Without these limits the best order follows from
Viterbi's recurrence, and its value bounds that of every valid order. Subgradient steps lower the bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.order.search_space import Floats, Marks, SearchSpace, Whole

PATIENCE = 3
"""Rounds without a lower bound before steps become smaller."""
STEP_FACTOR = 0.7
"""Factor by which steps become smaller."""
TOLERANCE = 1e-4
"""Steps end when the bound is this close to the best value."""


@dataclass(frozen=True, slots=True)
class LagrangeMultipliers:
    """The multipliers of the limits on works, artists and minutes."""

    work: Floats
    """[works], >= 0: cost of each repetition of a work."""
    artist: Floats
    """[artists], >= 0: cost of each track of an artist beyond the cap."""
    minute: float
    """> 0: cost of each minute above the window; < 0: of each minute below it."""

    @classmethod
    def zeros(cls, space: SearchSpace) -> LagrangeMultipliers:
        return cls(np.zeros(int(space.work.max()) + 1), np.zeros(int(space.artist.max()) + 1), 0.0)

    def scale(self, factor: float) -> LagrangeMultipliers:
        """All multipliers times a factor."""
        return LagrangeMultipliers(factor * self.work, factor * self.artist, factor * self.minute)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A search space whose limits on works, artists and minutes are costs instead."""

    space: SearchSpace
    multipliers: LagrangeMultipliers
    worth: Floats
    """[N]: value of each candidate less its costs."""
    value_to_go: Floats
    """[N]: best relaxed value from a candidate to the end, itself included."""
    constant: float
    """Costs of what the limits allow: added to a relaxed value, it gives an upper bound."""

    @classmethod
    def from_multipliers(cls, space: SearchSpace, multipliers: LagrangeMultipliers) -> Relaxation:
        worth = (
            space.worth
            - multipliers.work[space.work]
            - multipliers.artist[space.artist]
            - multipliers.minute * (space.seconds / 60)
        )
        minutes = space.window[1 if multipliers.minute > 0 else 0] / 60
        refund = (
            multipliers.work.sum()
            + space.cap * multipliers.artist.sum()
            + (multipliers.minute * minutes if multipliers.minute else 0)
        )
        return cls(space, multipliers, worth, compute_value_to_go(space, worth), float(refund))

    @property
    def bound(self) -> float:
        """Upper bound on the value of every valid order of this space; -inf when there is none."""
        return float(self.value_to_go[: self.space.starts[1]].max(initial=-np.inf)) + self.constant

    def argmax(self) -> Whole:
        """[steps]: positions of the best relaxed order, which may violate the relaxed limits."""
        parts = self.space.list_slices()
        at = [int(np.argmax(self.value_to_go[parts[0]]))]
        for part, cost in zip(parts[1:], self.space.cost, strict=True):
            at.append(int(np.argmax(self.value_to_go[part] - cost[at[-1]])))
        return self.space.locate(at)

    def take_step(self, size: float) -> LagrangeMultipliers | None:
        """The multipliers after a subgradient step; None when the best relaxed order keeps every limit.

        They rise for limits that this order exceeds and fall for others.
        """
        space, old, best_order = self.space, self.multipliers, self.argmax()
        works = np.bincount(space.work[best_order], minlength=len(old.work)) - 1.0
        artists = np.bincount(space.artist[best_order], minlength=len(old.artist)) - float(space.cap)
        works[(works < 0) & (old.work <= 0)] = 0.0
        artists[(artists < 0) & (old.artist <= 0)] = 0.0
        low, high = space.window
        total = float(space.seconds[best_order].sum())
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
            # The longest and the shortest total are two limits; a multiplier must not cross 0 from one to the other.
            0.0 if minute * old.minute < 0 else minute,
        )

    def prune(self, reached: float) -> SearchSpace:
        """The space without candidates and pairs through which no order has a value above `reached`."""
        space, parts = self.space, self.space.list_slices()
        behind = self.worth.copy()
        for here, there, cost in zip(parts, parts[1:], space.cost, strict=False):
            behind[there] += (behind[here][:, None] - cost).max(axis=0)
        keep: Marks = behind + self.value_to_go - self.worth + self.constant > reached
        arcs = [
            behind[here][:, None] - cost + self.value_to_go[there][None, :] + self.constant > reached
            for here, there, cost in zip(parts, parts[1:], space.cost, strict=False)
        ]
        return space.filter(keep, arcs)


def compute_value_to_go(space: SearchSpace, worth: Floats) -> Floats:
    """[N]: best value from each candidate to the end, itself included, with repetitions (Viterbi's recurrence)."""
    best, parts = worth.copy(), space.list_slices()
    for here, there, cost in zip(parts[-2::-1], parts[:0:-1], space.cost[::-1], strict=True):
        best[here] += (best[there] - cost).max(axis=1)
    return best


def tighten(relaxation: Relaxation, reached: float, rounds: int) -> Relaxation:
    """The relaxation with the lowest bound in so many subgradient steps (step sizes by Polyak's rule)."""
    best, step, stale = relaxation, 1.0, 0
    for _ in range(rounds):
        over = relaxation.bound - reached
        if over < TOLERANCE or (multipliers := relaxation.take_step(step * over)) is None:
            break
        relaxation = Relaxation.from_multipliers(relaxation.space, multipliers)
        if relaxation.bound < best.bound - 1e-6:
            best, stale = relaxation, 0
        elif (stale := stale + 1) == PATIENCE:
            step, stale = STEP_FACTOR * step, 0
    return best
