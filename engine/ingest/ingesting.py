"""The main path of an ingest: analyse, embed, write, report; in batches, so that an interruption loses little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from encoders.analysis.piece import AnalysedPiece
from engine.ingest.changes import BatchChanges, decide_changes
from engine.ingest.finding import FoundFile, SkippedPlace
from engine.ingest.known import KnownMusic
from engine.ingest.naming import encode_path, make_track_id
from engine.ingest.pool import AnalysisPool, Pieces
from engine.ingest.report import ReportLine
from engine.ingest.writing import TrackWriter
from engine.store.search_index import SearchIndex

_BATCH: Final = 50
"""Pieces of music in one transaction."""
_BATCH_NOTES: Final = 150_000
"""Notes of the pieces of a batch: each takes some 200 bytes."""
_BATCH_SECONDS: Final = 20.0
"""Seconds after which a batch is written."""


def ingest(
    places: Sequence[FoundFile | SkippedPlace],
    pool: AnalysisPool,
    writer: TrackWriter,
    known: KnownMusic,
    on_analysed: Callable[[], None],
    *,
    write: bool = True,
) -> Iterator[ReportLine]:
    """Yields a line for each place once it is written; calls `on_analysed` after each analysed file.

    Unchanged files come first, then the others in the order of the places. A fault of a single file does not stop the
    ingest; GraphUnavailable and EncoderUnavailable do.
    """
    changed: list[FoundFile] = []
    for place in places:
        if isinstance(place, SkippedPlace):
            yield ReportLine(encode_path(place.path), "refused", None, place.reason)
        elif entry := known.find_unchanged(place):
            yield ReportLine(encode_path(place.path), "same", entry.track_ids[0], "")
        else:
            changed.append(place)
    batch: list[tuple[FoundFile, Pieces]] = []
    began = time.monotonic()
    for analysed in pool.analyse(changed):
        on_analysed()
        batch.append(analysed)
        if _is_full(batch) or time.monotonic() - began > _BATCH_SECONDS:
            yield from _finish_batch(batch, writer, known, write)
            batch, began = [], time.monotonic()
    if batch:
        yield from _finish_batch(batch, writer, known, write)
    if changed and write:
        SearchIndex(writer.graph).repair()  # Replacing a track is a deletion to the vector index.


def _is_full(batch: Sequence[tuple[FoundFile, Pieces]]) -> bool:
    analysed = [piece for _, pieces in batch for piece in pieces if isinstance(piece, AnalysedPiece)]
    notes = sum(len(piece.performance.notes) for piece in analysed if piece.performance)
    return len(analysed) >= _BATCH or notes > _BATCH_NOTES or len(batch) >= 4 * _BATCH


def _finish_batch(
    batch: Sequence[tuple[FoundFile, Pieces]], writer: TrackWriter, known: KnownMusic, write: bool
) -> list[ReportLine]:
    music = {make_track_id(piece): piece for _, pieces in batch for piece in pieces if isinstance(piece, AnalysedPiece)}
    vectors = writer.embed(music)
    changes: BatchChanges = decide_changes(batch, vectors, known)
    if write:
        writer.write(changes, vectors)
    return changes.lines
