"""What there is to play: every track, or a listener's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.graph import Graph, Row
from engine.ingest.naming import path_of
from engine.journey import OWN

_PART: Final = 2_000
"""Tracks read at a time: what is printed is not held."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tracks there are."""

    tracks: int
    own: int
    """A listener's own."""
    waiting: int
    """Of those: with no vector of the model in use, so that no journey plays them until they are ingested again."""

    gone: int = 0
    """Of a listener's own: their file is not there any more."""

    @classmethod
    def of(cls, graph: Graph) -> Counts:
        gone = sum(not is_there(row["source"]) for row in graph.rows("library/own_places"))
        return cls(**graph.rows("library/counts")[0], gone=gone)

    def told(self) -> str:
        """In a sentence."""
        said = f"{self.tracks} tracks, {self.own} of them your own"
        if self.waiting:
            said += (
                f"; {self.waiting} of those wait for a vector of the model in use: run `isopath ingest` on them again"
            )
        if self.gone:
            said += (
                f"; the files of {self.gone} are not there any more: bring them back, run `isopath ingest` where they"
                " are now, or `isopath forget` them"
            )
        return said


def is_there(source: str | None) -> bool:
    """Whether the file that a track is played from is there."""
    try:
        return source is not None and path_of(source).exists()
    except OSError:  # a link that leads to itself, a folder that may not be looked into
        return False


def tracks(graph: Graph, own: bool, after: str = "") -> Iterator[Row]:
    """A row of `library/tracks` for every track after this id, in the order of their ids, with `gone`: its own file is
    not there."""
    while True:
        rows = graph.rows("library/tracks", after=after, count=_PART, prefix=OWN if own else "")
        yield from (row | {"gone": row["id"].startswith(OWN) and not is_there(row["source"])} for row in rows)
        if len(rows) < _PART:
            return
        after = rows[-1]["id"]
