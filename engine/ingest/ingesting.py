"""The main path of an ingest: analyse, embed, write, report; in batches, so that an interruption loses little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from encoders.analysis.piece import AnalysedPiece
from engine.ingest.finding import Found, Left
from engine.ingest.known import Known
from engine.ingest.naming import path_text, track_id
from engine.ingest.pool import Pieces, Pool
from engine.ingest.report import Line
from engine.ingest.taking import Taken, take
from engine.ingest.writing import Writer
from engine.store.search_index import SearchIndex

_BATCH: Final = 50
"""Pieces of music in one transaction."""
_BATCH_NOTES: Final = 150_000
"""Notes of the pieces of a batch: each takes some 200 bytes."""
_BATCH_SECONDS: Final = 20.0
"""Seconds after which a batch is written."""


def ingest(
    places: Sequence[Found | Left],
    pool: Pool,
    writer: Writer,
    known: Known,
    on_analysed: Callable[[], None],
    *,
    write: bool = True,
) -> Iterator[Line]:
    """Yields a line for each place once it is written; calls `on_analysed` after each analysed file.

    Unchanged files come first, then the others in the order of the places. A fault of a single file does not stop the
    ingest; GraphUnavailable and EncoderUnavailable do.
    """
    changed: list[Found] = []
    for place in places:
        if isinstance(place, Left):
            yield Line(path_text(place.path), "refused", None, place.reason)
        elif entry := known.unchanged(place):
            yield Line(path_text(place.path), "same", entry.track_ids[0], "")
        else:
            changed.append(place)
    batch: list[tuple[Found, Pieces]] = []
    began = time.monotonic()
    for taken in pool.analyse(changed):
        on_analysed()
        batch.append(taken)
        if _is_full(batch) or time.monotonic() - began > _BATCH_SECONDS:
            yield from _finish(batch, writer, known, write)
            batch, began = [], time.monotonic()
    if batch:
        yield from _finish(batch, writer, known, write)
    if changed and write:
        SearchIndex(writer.graph).mend()  # Replacing a track is a deletion to the vector index.


def _is_full(batch: Sequence[tuple[Found, Pieces]]) -> bool:
    heard = [piece for _, pieces in batch for piece in pieces if isinstance(piece, AnalysedPiece)]
    notes = sum(len(piece.performance.notes) for piece in heard if piece.performance)
    return len(heard) >= _BATCH or notes > _BATCH_NOTES or len(batch) >= 4 * _BATCH


def _finish(batch: Sequence[tuple[Found, Pieces]], writer: Writer, known: Known, write: bool) -> list[Line]:
    music = {track_id(piece): piece for _, pieces in batch for piece in pieces if isinstance(piece, AnalysedPiece)}
    vectors = writer.embed(music)
    taken: Taken = take(batch, vectors, known)
    if write:
        writer.write(taken, vectors)
    return taken.lines
