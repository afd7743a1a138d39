"""Loads the music of a listener's own tracks: performances from their files, or the recordings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from encoders.analysis.analyser import analyse_each
from encoders.analysis.piece import AnalysedPiece
from encoders.performing.performance import Performance
from encoders.sound.playback import OwnRecording
from engine.errors import ScoreUnreadable, UsageError
from engine.graph import Graph, Row
from engine.ingest.naming import decode_path, make_track_id

_REPAIR = "Bring the file back as it was, or run `isopath ingest` on it and plan the journey again"


def load_own_music(graph: Graph, ids: Sequence[str]) -> dict[str, Performance | OwnRecording]:
    """The music of each of a listener's own tracks; UsageError with every file that is missing or has changed."""
    rows = {row["id"]: row for row in graph.rows("library/sources", ids=list(ids))}
    music: dict[str, Performance | OwnRecording] = {}
    faults: list[tuple[str, str, str]] = []
    for id_ in dict.fromkeys(ids):
        row = rows.get(id_)
        if row is None or row["source"] is None:
            faults.append((id_, "was forgotten since the journey was planned", "Plan the journey again"))
            continue
        try:
            music[id_] = _load_music(row)
        except (ScoreUnreadable, OSError) as exc:
            fault = exc.fault if isinstance(exc, ScoreUnreadable) else f"cannot be read ({exc.strerror})"
            faults.append((row["source"], fault, _REPAIR))
    if faults:
        raise UsageError.of(faults)
    return music


def _load_music(row: Row) -> Performance | OwnRecording:
    path = decode_path(row["source"])
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) != (row["size"], row["modified"]):
        raise ScoreUnreadable(path.name, "has changed since it was ingested", _REPAIR)
    return OwnRecording(path, row["seconds"]) if row["kind"] == "audio" else _find_performance(path, row["id"])


def _find_performance(path: Path, id_: str) -> Performance:
    """The performance that the track was measured from: of the tunes of a book, the one with this id."""
    for piece in analyse_each(path):
        if isinstance(piece, AnalysedPiece) and piece.performance is not None and make_track_id(piece) == id_:
            return piece.performance
    raise ScoreUnreadable(path.name, "is heard otherwise by this release than when it was ingested", _REPAIR)
