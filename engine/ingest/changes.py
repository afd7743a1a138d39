"""Decides the changes for each analysed file: whether its music is new, known, close, changed or moved."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.piece import AnalysedPiece
from engine.ingest.finding import FoundFile
from engine.ingest.known import KnownFile, KnownMusic
from engine.ingest.naming import decode_path, encode_path, make_track_id
from engine.ingest.pool import Pieces
from engine.ingest.report import ReportLine, merge_lines
from engine.ingest.worker import Unreadable

_OTHER_MODEL: Final = "a model that makes its vector has changed"
Vectors = Mapping[str, NDArray[np.float32] | Unreadable]
"""Track id -> its vector, or the reason why there is none."""


@dataclass(slots=True)
class BatchChanges:
    """The changes of a batch of files to the graph."""

    lines: list[ReportLine] = field(default_factory=list)
    """One for each file."""
    tracks: dict[str, tuple[AnalysedPiece, str]] = field(default_factory=dict)
    """Tracks to write, by id, with their source."""
    files: dict[str, tuple[FoundFile, tuple[str, ...], bool]] = field(default_factory=dict)
    """Files to store, by path, with their tracks, and whether nothing failed; else they are analysed again."""
    gone: list[str] = field(default_factory=list)
    """Missing files whose music was found elsewhere."""
    loose: list[str] = field(default_factory=list)
    """Tracks that a file contained before and does not any more."""


def decide_changes(batch: Sequence[tuple[FoundFile, Pieces]], vectors: Vectors, known: KnownMusic) -> BatchChanges:
    """The changes of all files of a batch, in order; `known` is updated as if they were written."""
    changes = BatchChanges()
    for file, pieces in batch:
        _decide_file(changes, file, pieces, vectors, known)
    return changes


def _decide_file(changes: BatchChanges, file: FoundFile, pieces: Pieces, vectors: Vectors, known: KnownMusic) -> None:
    path = encode_path(file.path)
    before = known.files.get(path)
    held = before.track_ids if before else ()
    ids: list[str] = []
    lines: list[ReportLine] = []
    for piece in pieces:
        if isinstance(piece, AnalysedPiece) and isinstance(vector := vectors.get(make_track_id(piece)), Unreadable):
            piece = vector
        if isinstance(piece, Unreadable):
            kept = "; what was heard of it before is kept" if held and len(pieces) == 1 else ""
            lines.append(ReportLine(path, "failed" if piece.ours else "refused", None, piece.reason + kept))
            continue
        id_ = make_track_id(piece)
        if id_ in ids:
            lines.append(ReportLine(path, "duplicate", id_, "the same music stands in this file before"))
            continue
        lines.append(_decide_piece(changes, piece, path, held, known))
        ids.append(id_)
    changes.lines.append(merge_lines(lines))
    if not ids:
        return  # An unreadable file keeps its tracks: a partial copy is not a deletion.
    changes.files[path] = (file, tuple(ids), all(line.outcome != "failed" for line in lines))
    known.files[path] = KnownFile(file.size, file.modified, tuple(ids), current=True)
    for id_ in held:
        if id_ not in ids:
            changes.loose.append(id_)
            if not any(id_ in entry.track_ids for entry in known.files.values()):
                known.drop(id_)


def _decide_piece(
    changes: BatchChanges, piece: AnalysedPiece, path: str, held: Sequence[str], known: KnownMusic
) -> ReportLine:
    id_, remarks = make_track_id(piece), "; ".join(piece.remarks)
    own = known.tracks.get(id_)
    if own is None:
        close = known.find_close(piece, but=held)
        if held:
            outcome, reason = "updated", "the music of the file has changed"
        elif close:
            outcome = "close"
            reason = f"close to {close[0]} ({known.tracks[close[0]].source}), likeness {close[1]:.3f}; both are kept"
        else:
            outcome, reason = "added", ""
        _add_track(changes, piece, path, known)
        return ReportLine(path, outcome, id_, "; ".join(filter(None, (reason, remarks))))
    if own.source == path:
        reason = "heard again, with what has changed in it" if own.current else _OTHER_MODEL
        _add_track(changes, piece, path, known)
        return ReportLine(path, "updated", id_, reason)
    if not os.path.lexists(decode_path(own.source)) or _is_link(own.source, path):
        gone = known.files.get(own.source)
        _add_track(changes, piece, path, known)
        if gone and set(gone.track_ids) <= {id_, *held, *(other for other in changes.tracks)}:
            changes.gone.append(own.source)
            del known.files[own.source]
        return ReportLine(path, "moved", id_, f"it was {own.source}")
    if not own.current:
        _add_track(changes, piece, own.source, known)
        return ReportLine(path, "updated", id_, _OTHER_MODEL)
    return ReportLine(path, "duplicate", id_, f"the same music as {own.source}")


def _is_link(source: str, path: str) -> bool:
    """Whether a source is a link to this file, as older releases stored it."""
    place = os.path.realpath(decode_path(path))
    return place == str(decode_path(path)) and place == os.path.realpath(decode_path(source))


def _add_track(changes: BatchChanges, piece: AnalysedPiece, source: str, known: KnownMusic) -> None:
    changes.tracks[make_track_id(piece)] = (piece, source)
    known.add(piece, source)
