"""What there is to play: every track, or a listener's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.graph import Graph, Row
from engine.ingest.naming import OWN
from engine.queries import Queries

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

    @classmethod
    def of(cls, graph: Graph, queries: Queries) -> Counts:
        return cls(**graph.rows(queries["library/counts"])[0])

    def told(self) -> str:
        """In a sentence."""
        said = f"{self.tracks} tracks, {self.own} of them your own"
        if self.waiting:
            said += (
                f"; {self.waiting} of those wait for a vector of the model in use: run `isopath ingest` on them again"
            )
        return said


def tracks(graph: Graph, queries: Queries, own: bool) -> Iterator[Row]:
    """A row of `library/tracks` for every track, in the order of their ids."""
    after = ""
    while True:
        rows = graph.rows(queries["library/tracks"], after=after, count=_PART, prefix=OWN if own else "")
        yield from rows
        if len(rows) < _PART:
            return
        after = rows[-1]["id"]
