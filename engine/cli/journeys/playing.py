"""Plays a journey that is saved: names each track as it begins, and is led by keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from engine.export.files import SavedFiles
from engine.journey import Step
from engine.playing.keys import ReadKey
from engine.playing.programme import Programme
from engine.playing.speaker import Speaker

KEYS: Final = "space: pause    n: next    q: fade and stop (twice: at once)"
_LOOKS: Final = 0.1
"""Seconds between looks at what sounds."""


def play_saved(
    saved: SavedFiles,
    steps: Sequence[Step],
    fade: float,
    speaker: Speaker,
    keys: ReadKey | None,
    note: Callable[[str], None],
) -> None:
    """Plays the files from the first to the last, or until it is stopped; `fade`: s in which it is then silent."""
    named = {step.position: f"{step.title}  {step.artist}".rstrip() for step in steps}
    files = [sounding.path for sounding in saved.soundings]
    programme = Programme(files, fade)
    if keys is not None:
        note(KEYS)
    told = -1
    try:
        speaker.start(programme.rate, programme.read)
        while not programme.has_ended:
            if programme.position != told:
                told = programme.position
                position = int(files[told].name.partition("-")[0])
                note(f"{told + 1} of {len(files)}  {named.get(position, files[told].stem)}")
            lead(programme, keys, note)
    finally:
        speaker.close()
        programme.close()


def lead(programme: Programme, keys: ReadKey | None, note: Callable[[str], None]) -> None:
    """Waits a moment for a key, and does what it is for."""
    if keys is None:
        time.sleep(_LOOKS)
        return
    match keys(_LOOKS):
        case " " | "p":
            programme.pause_or_resume()
            note("paused; space goes on" if programme.is_paused else "going on")
        case "n":
            programme.skip()
        case "q" | "\x1b":
            programme.stop()
            note("fading; q again ends at once")
