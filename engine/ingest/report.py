"""The report of an ingest: a line for each file, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

OUTCOMES: Final = {
    "added": "a new track",
    "close": "a new track, close to another one that is kept as well",
    "updated": "the file has changed, or the model has: its tracks were made anew",
    "moved": "the music of a file that is gone, found here",
    "duplicate": "the very music of another track: no second one is made",
    "same": "nothing has changed since it was heard",
    "refused": "not music that can be read",
    "failed": "our fault, or too much: the file may be sound",
}
"""Outcome of a file -> its meaning. For a book of several tunes the first in this order is reported."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The outcome of one file, or of one tune of a book."""

    path: str
    """Absolute; a file URL where the name is not UTF-8."""
    outcome: str
    """One of `OUTCOMES`."""
    track_id: str | None
    """The track of the music; for a duplicate the existing one; None when there is no music."""
    reason: str
    """Reason or remarks; may be empty."""

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "outcome": self.outcome, "track_id": self.track_id, "reason": self.reason}


def merge_lines(lines: Sequence[ReportLine]) -> ReportLine:
    """One line for a file of several tunes: the best outcome, the number of each outcome, and the first fault."""
    if len(lines) == 1:
        return lines[0]
    order = list(OUTCOMES)
    first = min(lines, key=lambda line: order.index(line.outcome))
    counted = Counter(line.outcome for line in lines)
    texts = [f"{len(lines)} tunes: " + ", ".join(f"{counted[name]} {name}" for name in order if counted[name])]
    texts += [line.reason for line in lines if line.outcome in ("refused", "failed")][:1]
    return ReportLine(first.path, first.outcome, first.track_id, "; ".join(texts))


def summarise(counted: Counter[str]) -> str:
    """The number of files with each outcome, in one line."""
    counts = ", ".join(f"{counted[name]} {name}" for name in OUTCOMES if counted[name])
    return f"{counted.total()} files: {counts}" if counts else "no file that can be heard"
