"""Long proofs: every case with `make prove`, a seeded sample of them with `make test`.

A proof is an ordinary test with the marker `proof`, over `sample(cases, n)`. `make prove` writes what it found to
tests/PROVED.md, one line a test function.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

PROVING = os.environ.get("ISOPATH_PROVE") == "1"
"""Whether this run is `make prove`."""


def sample(cases: Sequence[T], count: int, seed: int = 7) -> list[T]:
    """All cases when proving, else `count` of them, the same each time and in their own order."""
    if PROVING or count >= len(cases):
        return list(cases)
    kept = sorted(random.Random(seed).sample(range(len(cases)), count))  # noqa: S311  # a choice of tests guards nothing
    return [cases[number] for number in kept]
