"""Exports a journey as playlists, a table or MIDI, and renders the sound of a track."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from encoders.catalogue.rows import perform_row
from encoders.json_text import json_text
from encoders.performing.performance import Performance
from encoders.sound.playback import OwnRecording
from encoders.sound.synthesis import Synthesizer, write_midi
from engine.errors import UsageError
from engine.export.audio import AudioTrack, write_tracks
from engine.export.playlists import PlaylistEntry, build_jspf, make_file_name, write_csv, write_m3u8, write_xspf
from engine.journey import OWN
from engine.settings import Settings
from engine.use_cases.ask_again import GraphReader
from engine.use_cases.save import find_own_music

Row = Mapping[str, Any]
Music = Callable[[], Mapping[str, Row]]
"""Returns the rows of the catalogue by track id."""

FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    "m3u8": ("audio/x-mpegurl; charset=utf-8", "journey.m3u8"),
    "jspf": ("application/jspf+json", "journey.jspf"),
    "xspf": ("application/xspf+xml", "journey.xspf"),
    "csv": ("text/csv; charset=utf-8", "journey.csv"),
    "json": ("application/json", "journey.json"),
    "midi": ("application/zip", "journey-midi.zip"),
}
"""Format -> (media type, file name)."""
_MOST_PARTS: Final = 15
"""Limit on instruments in a MIDI file."""
_CACHED: Final = 2_000_000_000
"""Size of the cache of sound, bytes; least recently used files are removed first."""


def export_journey(journey: Mapping[str, Any], format_: str, base: str, music: Music, ask: GraphReader) -> bytes:
    """The journey (in the form of the contract) in one of `FORMATS`; `base` is the address of the tracks' sound."""
    title = f"A journey to {journey['goal']}"
    listed = [_make_entry(stage["id"], step, base) for stage in journey["stages"] for step in stage["steps"]]
    if format_ == "midi":
        return _zip_midi(listed, music(), ask)
    made = {
        "m3u8": lambda: write_m3u8(listed, title),
        "jspf": lambda: json_text(build_jspf(listed, journey, title), indent=1),
        "xspf": lambda: write_xspf(listed, title),
        "csv": lambda: write_csv(listed),
        "json": lambda: json_text(journey, indent=1),
    }
    return made[format_]().encode("utf-8")


def render_track(settings: Settings, rows: Mapping[str, Row], id_: str, ask: GraphReader) -> Path:
    """A file with the sound of a track, rendered and cached, or a listener's own recording.

    `rows` are those of the catalogue. UsageError for an unknown track, or one whose file is missing or has changed.
    Levels between tracks are as planned.
    """
    own = find_own_music([id_], ask) if id_.startswith(OWN) else {}
    if (music := own.get(id_)) is not None and isinstance(music, OwnRecording):
        return music.path
    if music is None and id_ not in rows:
        fault = "has no file any more" if id_.startswith(OWN) else "is no track"
        raise UsageError("--track-id", fault, "`GET /v1/tracks` lists those that can be heard")
    loudest = max(float(row["level"]) for row in rows.values())
    row = rows.get(id_, {})
    what = f"{id_} {row.get('source_sha256')} {row.get('seed')} {settings.soundfont} {loudest}"
    folder = settings.cache / "sound"
    kept = folder / f"{hashlib.sha256(what.encode()).hexdigest()}.ogg"
    if kept.exists():
        kept.touch()
        return kept
    performed = music if music is not None else perform_row(row)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".isopath-", dir=folder) as half:
        made = Path(half) / kept.name
        level = float(row.get("level", loudest))
        track = AudioTrack(made, performed, level, 1, str(row.get("title", "")), str(row.get("artist", "")), "Isopath")
        write_tracks(Synthesizer.load(settings.soundfont), [track], Path(half), lambda *_: None, loudest)
        made.replace(kept)
    _trim_cache(folder)
    return kept


def _make_entry(stage: str, step: Mapping[str, Any], base: str) -> PlaylistEntry:
    return PlaylistEntry(
        step["position"],
        stage,
        step["track_id"],
        step["title"] or "",
        step["artist"] or "",
        step["seconds"] or 0.0,
        step["because"] or "",
        step["rule_ids"],
        f"{base}/v1/tracks/{step['track_id']}/audio",
        (step["cues"] or {}).get("level"),
    )


def _zip_midi(listed: list[PlaylistEntry], rows: Mapping[str, Row], ask: GraphReader) -> bytes:
    """A zip archive with a MIDI file for each track, except recordings."""
    own = find_own_music([each.track_id for each in listed if each.track_id.startswith(OWN)], ask)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for each in listed:
            row = rows.get(each.track_id)
            music = own.get(each.track_id) or (perform_row(row) if row else None)
            if isinstance(music, Performance) and len(set(music.programs)) <= _MOST_PARTS:
                name = zipfile.ZipInfo(make_file_name(each.position, each.title, "mid"))
                zipped.writestr(name, write_midi(music, each.title))
    return content.getvalue()


def _trim_cache(folder: Path) -> None:
    """Removes least recently used files until the cache has its size."""
    files = sorted((path.stat().st_mtime_ns, path.stat().st_size, path) for path in folder.glob("*.ogg"))
    held = sum(size for _, size, _ in files)
    for _, size, path in files:
        if held <= _CACHED:
            break
        path.unlink(missing_ok=True)
        held -= size
