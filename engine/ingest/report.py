"""What became of each file: a line a file, and how many of each kind."""

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
"""Every outcome of a file and what it means. For a book of several tunes the first in this order is told."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one file, or of one tune of a book."""

    path: str
    """Absolute; a file address where the name is no UTF-8."""
    outcome: str
    """One of `OUTCOMES`."""
    track_id: str | None
    """The track that holds the music; for a duplicate the one that was there; none when there is no music."""
    reason: str
    """Why, or what a reader should know; empty when there is nothing to say."""

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "outcome": self.outcome, "track_id": self.track_id, "reason": self.reason}


def together(lines: Sequence[Line]) -> Line:
    """One line for a file of several tunes: what is best of them, how many of each, and the first that went wrong."""
    if len(lines) == 1:
        return lines[0]
    order = list(OUTCOMES)
    first = min(lines, key=lambda line: order.index(line.outcome))
    counted = Counter(line.outcome for line in lines)
    said = [f"{len(lines)} tunes: " + ", ".join(f"{counted[name]} {name}" for name in order if counted[name])]
    said += [line.reason for line in lines if line.outcome in ("refused", "failed")][:1]
    return Line(first.path, first.outcome, first.track_id, "; ".join(said))


def summary(counted: Counter[str]) -> str:
    """How many files of each outcome, in one line."""
    told = ", ".join(f"{counted[name]} {name}" for name in OUTCOMES if counted[name])
    return f"{counted.total()} files: {told}" if told else "no file that can be heard"
