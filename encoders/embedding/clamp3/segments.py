"""Splits inputs longer than a tower can read into segments, and batches segments by length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

TOGETHER: Final = 256
"""Positions of a batch, padding included. More exceed the processor's caches and are not faster."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A range of one input that a tower reads at once."""

    owner: int
    """Index of the input."""
    begin: int
    end: int
    weight: int
    """Weight of its vector in the mean: its length; for the last one its length without the overlap."""

    @property
    def length(self) -> int:
        return self.end - self.begin


def split_segments(owner: int, length: int, longest: int) -> Iterator[Segment]:
    """The segments of an input, each `longest` long, or as long as the input; the last one overlaps for that."""
    for begin in range(0, length, longest):
        end = min(begin + longest, length)
        yield Segment(owner, max(0, end - longest), end, end - begin)


def batch_segments(segments: Sequence[Segment], together: int = TOGETHER) -> Iterator[list[Segment]]:
    """Batches of all segments, those of similar length together, so that there is little padding."""
    some: list[Segment] = []
    for segment in sorted(segments, key=lambda one: one.length):
        # Sorted by length, so all of a batch are padded to the length of the last one.
        if some and (len(some) + 1) * segment.length > together:
            yield some
            some = []
        some.append(segment)
    if some:
        yield some


def pad_batch(
    batch: Sequence[Segment], items: Sequence[NDArray[Any]], pad: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """A batch's inputs [segments, longest of them, …], and a mask with 1 where they are not padding."""
    longest = max(segment.length for segment in batch)
    first = items[batch[0].owner]
    inputs = np.full((len(batch), longest, *first.shape[1:]), pad, dtype=first.dtype)
    mask = np.zeros((len(batch), longest), dtype=np.int64)
    for row, segment in enumerate(batch):
        inputs[row, : segment.length] = items[segment.owner][segment.begin : segment.end]
        mask[row, : segment.length] = 1
    return inputs, mask
