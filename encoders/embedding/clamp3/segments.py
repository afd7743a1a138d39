"""Inputs longer than a tower can read at once: cut into segments, batched by length, put together again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

TOGETHER: Final = 256
"""Positions that are read in one run, padding included. More of them leave the processor's caches: not faster."""


@dataclass(frozen=True, slots=True)
class Segment:
    """An excerpt of one input that a tower reads at once."""

    owner: int
    """Which input it is of, from 0."""
    begin: int
    end: int
    weight: int
    """What its vector counts for in the mean: its length, but for a last one only what its neighbour has not read."""

    @property
    def length(self) -> int:
        return self.end - self.begin


def cut(owner: int, length: int, longest: int) -> Iterator[Segment]:
    """The segments of an input, each `longest` long or as the input; the last one reaches back for it."""
    for begin in range(0, length, longest):
        end = min(begin + longest, length)
        yield Segment(owner, max(0, end - longest), end, end - begin)


def batches(segments: Sequence[Segment], together: int = TOGETHER) -> Iterator[list[Segment]]:
    """All segments, those of like length side by side, so that hardly any padding is read."""
    some: list[Segment] = []
    for segment in sorted(segments, key=lambda one: one.length):
        # Sorted upwards, so the newest one's length is what all of a batch are padded to.
        if some and (len(some) + 1) * segment.length > together:
            yield some
            some = []
        some.append(segment)
    if some:
        yield some


def padded(batch: Sequence[Segment], items: Sequence[NDArray[Any]], pad: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """A batch's inputs [segments, longest of them, …], and a mask with 1 where they are not padding."""
    longest = max(segment.length for segment in batch)
    first = items[batch[0].owner]
    inputs = np.full((len(batch), longest, *first.shape[1:]), pad, dtype=first.dtype)
    mask = np.zeros((len(batch), longest), dtype=np.int64)
    for row, segment in enumerate(batch):
        inputs[row, : segment.length] = items[segment.owner][segment.begin : segment.end]
        mask[row, : segment.length] = 1
    return inputs, mask
