"""A seeded random generator that gives the same numbers on every machine and in every version of numpy."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Rng:
    """Random numbers that the seed alone decides.

    numpy promises the bits of PCG64 for ever, but not what its distributions make of them: so the few distributions
    needed here are made from the bits.
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def unit(self) -> float:
        """A number from 0 up to, not including, 1."""
        return int(self._bits.random_raw() >> 11) * 2.0**-53

    def around(self, spread: float) -> float:
        """A number around 0, bell-shaped, never beyond twice the spread: the jitter of a hand."""
        return (self.unit() + self.unit() + self.unit() - 1.5) * (4.0 / 3.0) * spread

    def below(self, count: int) -> int:
        """A whole number from 0 up to, not including, `count`."""
        return min(count - 1, int(self.unit() * count))

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.below(len(choices))]
