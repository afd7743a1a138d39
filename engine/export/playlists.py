"""The playlists of a journey: M3U8 for players, JSPF with the stage, the reason and the rules of every track."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from encoders.performing.performance import Performance
from encoders.sound.playback import Recorded
from engine.export.audio import Sounding

EXTENSION = "https://isopath.org/jspf"
"""Names our own fields in a JSPF playlist: of the journey, and of each track its stage, reason and rules."""

_NAME_BYTES = 80
_CHANNELS = 15
"""Of MIDI, without the one for drums."""


@dataclass(frozen=True, slots=True)
class SavedStep:
    """One step of a journey with all that its files need."""

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
    performance: Performance | Recorded
    """What is rendered, or a listener's own recording, which is played as it is and has no MIDI file."""


def file_name(position: int, title: str, suffix: str) -> str:
    """A name like `01-Air-in-G.ogg`: letters, marks and digits of any script, nothing that a file system reads."""
    spelt = unicodedata.normalize("NFC", title)
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in spelt)
    short = re.sub("-+", "-", kept).strip("-").encode()[:_NAME_BYTES].decode(errors="ignore").strip("-")
    return f"{position:02d}-{short or 'untitled'}.{suffix}"


def midi_name(step: SavedStep) -> str | None:
    """The file with the notes of a step; none for a recording, and for more instruments than MIDI has channels."""
    if isinstance(step.performance, Recorded) or len(set(step.performance.programs)) > _CHANNELS:
        return None
    return file_name(step.position, step.title, "mid")


def m3u8(steps: Sequence[SavedStep], soundings: Sequence[Sounding], title: str) -> str:
    """The extended playlist, UTF-8, its paths relative to itself; each stage is a group."""
    lines = ["#EXTM3U", "#EXTENC:UTF-8", f"#PLAYLIST:{_line(title)}"]
    for step, sounding in zip(steps, soundings, strict=True):
        lines += [
            f"#EXTGRP:{_line(step.stage)}",
            f"#EXTINF:{round(sounding.seconds)},{_line(step.artist)} - {_line(step.title)}",
            f"audio/{sounding.path.name}",
        ]
    return "\n".join(lines) + "\n"


def jspf(
    steps: Sequence[SavedStep], soundings: Sequence[Sounding], answer: Mapping[str, Any], title: str
) -> dict[str, Any]:
    """The playlist as JSPF; stage, reason and rule ids stand under `EXTENSION`, as the format asks of extensions."""
    about = {key: answer[key] for key in ("id", "seed", "goal", "notices", "quality", "provenance") if key in answer}
    tracks = [
        {
            "location": [quote(f"audio/{sounding.path.name}")],
            "title": step.title,
            "creator": step.artist,
            "annotation": step.because,
            "trackNum": step.position,
            "duration": round(sounding.seconds * 1000),
            "extension": {
                EXTENSION: [
                    {
                        "track_id": step.track_id,
                        "stage": step.stage,
                        "reason": step.because,
                        "rule_ids": list(step.rule_ids),
                        "planned_level": step.level,
                        "loudness": round(sounding.loudness, 2),
                        **({"midi": quote(f"midi/{name}")} if (name := midi_name(step)) else {}),
                    }
                ]
            },
        }
        for step, sounding in zip(steps, soundings, strict=True)
    ]
    return {"playlist": {"title": title, "creator": "Isopath", "track": tracks, "extension": {EXTENSION: [about]}}}


def _line(text: str) -> str:
    """On one line and without control characters, as a playlist needs it."""
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())
