"""Decides the changes for each analysed file: whether its music is new, known, close, changed or moved."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.piece import AnalysedPiece
from engine.ingest.finding import Found
from engine.ingest.known import Entry, Known
from engine.ingest.naming import path_of, path_text, track_id
from engine.ingest.pool import Pieces
from engine.ingest.report import Line, together
from engine.ingest.worker import Unreadable

_OTHER_MODEL: Final = "a model that makes its vector has changed"
Vectors = Mapping[str, NDArray[np.float32] | Unreadable]
"""Track id -> its vector, or the reason why there is none."""


@dataclass(slots=True)
class Taken:
    """The changes of a batch of files to the graph."""

    lines: list[Line] = field(default_factory=list)
    """One for each file."""
    tracks: dict[str, tuple[AnalysedPiece, str]] = field(default_factory=dict)
    """Tracks to write, by id, with their source."""
    files: dict[str, tuple[Found, tuple[str, ...], bool]] = field(default_factory=dict)
    """Files to store, by path, with their tracks, and whether nothing failed; else they are analysed again."""
    gone: list[str] = field(default_factory=list)
    """Missing files whose music was found elsewhere."""
    loose: list[str] = field(default_factory=list)
    """Tracks that a file contained before and does not any more."""


def take(batch: Sequence[tuple[Found, Pieces]], vectors: Vectors, known: Known) -> Taken:
    """The changes of all files of a batch, in order; `known` is updated as if they were written."""
    taken = Taken()
    for file, pieces in batch:
        _take(taken, file, pieces, vectors, known)
    return taken


def _take(taken: Taken, file: Found, pieces: Pieces, vectors: Vectors, known: Known) -> None:
    path = path_text(file.path)
    before = known.files.get(path)
    held = before.track_ids if before else ()
    ids: list[str] = []
    lines: list[Line] = []
    for piece in pieces:
        if isinstance(piece, AnalysedPiece) and isinstance(vector := vectors.get(track_id(piece)), Unreadable):
            piece = vector
        if isinstance(piece, Unreadable):
            kept = "; what was heard of it before is kept" if held and len(pieces) == 1 else ""
            lines.append(Line(path, "failed" if piece.ours else "refused", None, piece.reason + kept))
            continue
        id_ = track_id(piece)
        if id_ in ids:
            lines.append(Line(path, "duplicate", id_, "the same music stands in this file before"))
            continue
        lines.append(_piece(taken, piece, path, held, known))
        ids.append(id_)
    taken.lines.append(together(lines))
    if not ids:
        return  # An unreadable file keeps its tracks: a partial copy is not a deletion.
    taken.files[path] = (file, tuple(ids), all(line.outcome != "failed" for line in lines))
    known.files[path] = Entry(file.size, file.modified, tuple(ids), current=True)
    for id_ in held:
        if id_ not in ids:
            taken.loose.append(id_)
            if not any(id_ in entry.track_ids for entry in known.files.values()):
                known.drop(id_)


def _piece(taken: Taken, heard: AnalysedPiece, path: str, held: Sequence[str], known: Known) -> Line:
    id_, remarks = track_id(heard), "; ".join(heard.remarks)
    own = known.tracks.get(id_)
    if own is None:
        close = known.close(heard, but=held)
        if held:
            outcome, reason = "updated", "the music of the file has changed"
        elif close:
            outcome = "close"
            reason = f"close to {close[0]} ({known.tracks[close[0]].source}), likeness {close[1]:.3f}; both are kept"
        else:
            outcome, reason = "added", ""
        _write(taken, heard, path, known)
        return Line(path, outcome, id_, "; ".join(filter(None, (reason, remarks))))
    if own.source == path:
        reason = "heard again, with what has changed in it" if own.current else _OTHER_MODEL
        _write(taken, heard, path, known)
        return Line(path, "updated", id_, reason)
    if not os.path.lexists(path_of(own.source)) or _by_link(own.source, path):
        gone = known.files.get(own.source)
        _write(taken, heard, path, known)
        if gone and set(gone.track_ids) <= {id_, *held, *(other for other in taken.tracks)}:
            taken.gone.append(own.source)
            del known.files[own.source]
        return Line(path, "moved", id_, f"it was {own.source}")
    if not own.current:
        _write(taken, heard, own.source, known)
        return Line(path, "updated", id_, _OTHER_MODEL)
    return Line(path, "duplicate", id_, f"the same music as {own.source}")


def _by_link(source: str, path: str) -> bool:
    """Whether a source is a link to this file, as older releases stored it."""
    place = os.path.realpath(path_of(path))
    return place == str(path_of(path)) and place == os.path.realpath(path_of(source))


def _write(taken: Taken, heard: AnalysedPiece, source: str, known: Known) -> None:
    taken.tracks[track_id(heard)] = (heard, source)
    known.add(heard, source)
