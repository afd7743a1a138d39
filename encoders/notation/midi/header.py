"""Reads title, composer, rights, and whether it is sung, from the texts of a MIDI file."""

import re
from pathlib import Path
from typing import Final

from encoders.notation.header import Header
from encoders.notation.midi.smf import MidiFile
from encoders.notation.texts import clean, decode_text, keep_human_written, make_title

_PLAYER: Final = re.compile(
    r"(?i)^(grand |acoustic |electric |solo )*(piano|guitar|violin|viola|cello|flute|oboe|clarinet|bassoon|horn|trumpet"
    r"|organ|harp|strings?|voice|choir|soprano|alto|tenor|bass|melody|lead|right|left|drums?|[lr]h)( hand)?"
    r"( ?(\d+|[ivx]+))?$"
)
"""Names of what plays, where a title should stand."""


def read_header(file: MidiFile, path: Path) -> Header:
    """The header of a file; `path` gives it a title where it has none."""
    texts = [(kind, decode_text(value)) for kind, value in file.tracks[0].texts] if file.tracks else []
    title = next(
        (name for kind, text in texts if kind == 3 and (name := keep_human_written(text)) and not _PLAYER.match(name)),
        "",
    )
    rights = next((clean(text) for kind, text in texts if kind == 2 and clean(text)), "")
    composer = next(
        (text.partition(":")[2] for kind, text in texts if kind == 1 and text.lower().startswith("composer:")), ""
    )
    # In karaoke files the lines of text that begin with '@' are headers, and the others are sung.
    karaoke = [
        text
        for track in file.tracks
        for kind, value in track.texts
        if kind == 1 and (text := decode_text(value)).startswith("@")
    ]
    titles = [keep_human_written(text[2:]) for text in karaoke if text.startswith("@T")]
    sung = bool(karaoke) or any(kind == 5 for track in file.tracks for kind, _ in track.texts)
    return Header(
        next((t for t in titles if t), "") or title or make_title(path.stem),
        keep_human_written(composer) or next((t for t in titles[1:] if t), ""),
        licence=rights,
        words=sung,
    )
