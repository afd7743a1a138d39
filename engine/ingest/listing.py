"""Lists and counts tracks: all of them, or a listener's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.graph import Graph, Row
from engine.ingest.naming import decode_path
from engine.journey import OWN

_PART: Final = 2_000
"""Tracks read at a time, so that printed ones need no memory."""


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """Numbers of tracks."""

    tracks: int
    own: int
    """A listener's own."""
    waiting: int
    """Of a listener's own, those without a vector of the model in use: no journey plays them until they are ingested
    again."""

    gone: int = 0
    """Of a listener's own, those whose file is missing."""

    @classmethod
    def read(cls, graph: Graph) -> TrackCounts:
        gone = sum(not source_exists(row["source"]) for row in graph.rows("library/own_places"))
        return cls(**graph.rows("library/counts")[0], gone=gone)

    def describe(self) -> str:
        """The numbers as a sentence."""
        text = f"{self.tracks} tracks, {self.own} of them your own"
        if self.waiting:
            text += (
                f"; {self.waiting} of those wait for a vector of the model in use: run `isopath ingest` on them again"
            )
        if self.gone:
            text += (
                f"; the files of {self.gone} are not there any more: bring them back, run `isopath ingest` where they"
                " are now, or `isopath forget` them"
            )
        return text


def source_exists(source: str | None) -> bool:
    """Whether the file that a track is played from exists."""
    try:
        return source is not None and decode_path(source).exists()
    except OSError:  # a link that leads to itself, a folder that may not be looked into
        return False


def iterate_tracks(graph: Graph, own: bool, after: str = "") -> Iterator[Row]:
    """Yields a row of `library/tracks` for every track after this id, sorted by id, with `gone`: whether the file of a
    listener's own track is missing."""
    while True:
        rows = graph.rows("library/tracks", after=after, count=_PART, prefix=OWN if own else "")
        yield from (row | {"gone": row["id"].startswith(OWN) and not source_exists(row["source"])} for row in rows)
        if len(rows) < _PART:
            return
        after = rows[-1]["id"]
