"""Writes the playlists of a journey: M3U8 and XSPF for players, JSPF with the reasons of each track, CSV."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from encoders.performing.performance import Performance
from encoders.sound.playback import OwnRecording
from engine.export.audio import WrittenSound

EXTENSION = "https://isopath.org/jspf"
"""Key of our own fields in a JSPF playlist: of the journey, and stage, reason and rules of each track."""

_NAME_BYTES = 80
_CHANNELS = 15
"""Channels of MIDI, without the one for drums."""


@dataclass(frozen=True, slots=True)
class SavedStep:
    """One step of a journey, with the data for its files."""

    position: int
    """1 is the first of the whole journey."""
    stage: str
    track_id: str
    title: str
    artist: str
    because: str
    rule_ids: tuple[str, ...]
    level: float
    """Planned, dB re full scale: the track's `level` cue."""
    performance: Performance | OwnRecording
    """A performance to render, or a listener's own recording, which has no MIDI file."""
    work: str = ""
    """Id of what it performs; parts of one work that follow each other sound without a gap."""


def make_file_name(position: int, title: str, suffix: str) -> str:
    """A name like `01-Air-in-G.ogg`: letters, marks and digits of any script, no characters special to file systems."""
    spelt = unicodedata.normalize("NFC", title)
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in spelt)
    short = re.sub("-+", "-", kept).strip("-").encode()[:_NAME_BYTES].decode(errors="ignore").strip("-")
    return f"{position:02d}-{short or 'untitled'}.{suffix}"


def make_midi_name(step: SavedStep) -> str | None:
    """Name of a step's MIDI file; None for a recording, and for more instruments than MIDI has channels."""
    if isinstance(step.performance, OwnRecording) or len(set(step.performance.programs)) > _CHANNELS:
        return None
    return make_file_name(step.position, step.title, "mid")


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """One track of a playlist."""

    position: int
    stage: str
    track_id: str
    title: str
    artist: str
    seconds: float
    because: str
    rule_ids: Sequence[str]
    location: str
    """A path relative to the playlist, or a URL."""
    level: float | None = None
    """Planned, dB re full scale."""
    loudness: float | None = None
    """LUFS of the sound file, where measured."""
    midi: str | None = None
    """Path of its MIDI file; None without one."""


def make_entries(steps: Sequence[SavedStep], soundings: Sequence[WrittenSound]) -> list[PlaylistEntry]:
    """The entries of a journey whose sound files are stored beside its playlist."""
    return [
        PlaylistEntry(
            step.position, step.stage, step.track_id, step.title, step.artist, sounding.seconds, step.because,
            step.rule_ids, f"audio/{sounding.path.name}", step.level, sounding.loudness,
            f"midi/{name}" if (name := make_midi_name(step)) else None,
        )
        for step, sounding in zip(steps, soundings, strict=True)
    ]  # fmt: skip


def write_m3u8(tracks: Sequence[PlaylistEntry], title: str) -> str:
    """The playlist as extended M3U, UTF-8; each stage is a group."""
    lines = ["#EXTM3U", "#EXTENC:UTF-8", f"#PLAYLIST:{_join_lines(title)}"]
    for track in tracks:
        lines += [
            f"#EXTGRP:{_join_lines(track.stage)}",
            f"#EXTINF:{round(track.seconds)},{_join_lines(track.artist)} - {_join_lines(track.title)}",
            track.location,
        ]
    return "\n".join(lines) + "\n"


def build_jspf(tracks: Sequence[PlaylistEntry], answer: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The playlist as JSPF; stage, reason and rule ids are under `EXTENSION`, as the format requires."""
    about = {key: answer[key] for key in ("id", "seed", "goal", "notices", "quality", "provenance") if key in answer}
    listed = [
        {
            "location": [_quote_address(track.location)],
            "title": track.title,
            "creator": track.artist,
            "annotation": track.because,
            "trackNum": track.position,
            "duration": round(track.seconds * 1000),
            "extension": {
                EXTENSION: [
                    {
                        "track_id": track.track_id,
                        "stage": track.stage,
                        "reason": track.because,
                        "rule_ids": list(track.rule_ids),
                        "planned_level": track.level,
                        **({} if track.loudness is None else {"loudness": round(track.loudness, 2)}),
                        **({} if track.midi is None else {"midi": _quote_address(track.midi)}),
                    }
                ]
            },
        }
        for track in tracks
    ]
    return {"playlist": {"title": title, "creator": "Isopath", "track": listed, "extension": {EXTENSION: [about]}}}


def write_xspf(tracks: Sequence[PlaylistEntry], title: str) -> str:
    """The playlist as XSPF, with the stage as album and the reason as annotation of each track."""
    root = Element("playlist", {"version": "1", "xmlns": "http://xspf.org/ns/0/"})
    SubElement(root, "title").text = _join_lines(title)
    SubElement(root, "creator").text = "Isopath"
    listed = SubElement(root, "trackList")
    for track in tracks:
        one = SubElement(listed, "track")
        facts = {
            "location": _quote_address(track.location),
            "title": _join_lines(track.title),
            "creator": _join_lines(track.artist),
            "annotation": _join_lines(track.because),
            "album": _join_lines(track.stage),
            "trackNum": str(track.position),
            "duration": str(round(track.seconds * 1000)),
        }
        for name, text in facts.items():
            SubElement(one, name).text = text
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def write_csv(tracks: Sequence[PlaylistEntry]) -> str:
    """The tracks as CSV (RFC 4180). A text that a spreadsheet would read as a formula begins with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("position", "stage", "track_id", "title", "artist", "seconds", "rule_ids", "reason", "location"))
    for track in tracks:
        texts = (track.title, track.artist, " ".join(track.rule_ids), track.because)
        title, artist, rules, reason = (f"'{each}" if each[:1] in "=+-@\t\r" and each else each for each in texts)
        row = (track.position, track.stage, track.track_id, title, artist, round(track.seconds, 1), rules, reason)
        writer.writerow((*row, track.location))
    return text.getvalue()


def _quote_address(location: str) -> str:
    return quote(location, safe="/:?=&%")


def _join_lines(text: str) -> str:
    """The text on one line without control characters, as playlists require."""
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())
