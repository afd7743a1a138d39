"""Who plays a performance: FluidSynth where the machine has it, else our own synthesizer; both in the same room."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from encoders.base import EncoderUnavailable
from encoders.performing.performance import PITCHED_CHANNELS, Performance
from encoders.sound.midi import write_midi
from encoders.sound.soundfont import find_bundled_font
from encoders.sound.stage import Samples, add_room, make_room
from encoders.sound.synthesis import RATE, TAIL, Synthesizer

_COMMAND: Final = "fluidsynth"
_GAIN: Final = 2**0.5
"""FluidSynth plays every part 3 dB softer than its font has it."""
_PATIENCE: Final = 300.0
"""Seconds that FluidSynth may take for a performance: it takes one or two."""


class Player(Protocol):
    """Plays performances."""

    @property
    def name(self) -> str:
        """Who plays, for whoever saves a journey."""
        ...

    def render(self, performance: Performance) -> Samples:
        """Float32 [2, samples] at `RATE`: the performance and `TAIL` seconds after it, at the font's own level."""
        ...


@dataclass(frozen=True, slots=True)
class FluidSynth:
    """Renders performances by the command `fluidsynth`, with the instruments of one sound font, in one room."""

    command: str
    font: Path
    room: Samples

    @property
    def name(self) -> str:
        return "FluidSynth"

    def render(self, performance: Performance) -> Samples:
        """As `Player.render`; EncoderUnavailable when the command fails."""
        if len(set(performance.programs)) > len(PITCHED_CHANNELS):
            # MIDI has no room for so many instruments at a time.
            return Synthesizer.load(self.font).render(performance)
        frames = int((performance.seconds + TAIL) * RATE)
        with tempfile.TemporaryDirectory(prefix="isopath-") as folder:
            notes, sound = Path(folder, "notes.mid"), Path(folder, "sound.raw")
            notes.write_bytes(write_midi(performance, "", silence=TAIL))
            self._run(
                "-niq", "-r", str(RATE), "-g", f"{_GAIN:.4f}", "-R", "0", "-C", "0",
                "-T", "raw", "-O", "float", "-E", "little", "-F", str(sound), str(self.font), str(notes),
            )  # fmt: skip
            heard = np.fromfile(sound, "<f4").reshape(-1, 2) if sound.is_file() else np.zeros((0, 2), "<f4")
        if not np.abs(heard).max(initial=0.0) > 0:
            raise self._make_error("it plays nothing")
        dry = np.zeros((2, frames), dtype=np.float32)
        dry[:, : len(heard)] = heard[:frames].T
        return add_room(dry, self.room)

    def _run(self, *options: str) -> None:
        try:
            done = subprocess.run([self.command, *options], capture_output=True, timeout=_PATIENCE, check=False)
        except OSError as exc:
            raise self._make_error(f"it cannot be started ({exc.strerror})") from exc
        except subprocess.TimeoutExpired as exc:
            raise self._make_error("it does not come to an end") from exc
        if done.returncode:
            raise self._make_error(f"it ended with {done.returncode}")

    def _make_error(self, fault: str) -> EncoderUnavailable:
        return EncoderUnavailable(self.command, fault, "Install FluidSynth again, or remove it: Isopath plays without")


def open_player(soundfont: Path | None = None) -> Player:
    """FluidSynth where the machine has the command, else our own synthesizer, with this font or the bundled one.

    EncoderUnavailable when the font cannot be read.
    """
    if command := find_fluidsynth():
        return FluidSynth(command, soundfont or find_bundled_font(), make_room(rate=RATE))
    return Synthesizer.load(soundfont)


def find_fluidsynth() -> str | None:
    """Path of the command `fluidsynth`; None where the machine lacks it."""
    return shutil.which(_COMMAND)
