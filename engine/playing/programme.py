"""The tracks of a journey as one stream of sound that can pause, go on to the next track, and fade to its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Lock
from typing import Final, Literal

import numpy as np
import soundfile

from engine.playing.speaker import CHANNELS, Samples

PAUSE_SECONDS: Final = 0.15
SKIP_SECONDS: Final = 1.0
"""How long the sound takes to fall silent, so that nothing clicks."""

Aim = Literal["play", "pause", "next", "stop"]


class Programme:
    """Plays files one after the other without a gap; `read` is called by the device, all else by whoever listens."""

    def __init__(self, files: Sequence[Path], fade: float) -> None:
        """All files have one rate and two channels. `fade`: seconds in which the sound ends when it is stopped."""
        self._files, self._fade = files, fade
        self._at = 0
        self._open = soundfile.SoundFile(files[0])
        self.rate = int(self._open.samplerate)
        self._gain, self._aim, self._aim_gain, self._step = 1.0, "play", 1.0, 0.0
        self._lock = Lock()
        self._ended = Event()

    @property
    def position(self) -> int:
        """Index of the track that sounds, from 0."""
        return self._at

    @property
    def is_paused(self) -> bool:
        return self._aim == "pause"

    @property
    def has_ended(self) -> bool:
        """Whether nothing is left to be played."""
        return self._ended.is_set()

    def pause_or_resume(self) -> None:
        with self._lock:
            if self._aim == "pause":
                self._lead("play", 1.0, PAUSE_SECONDS)
            elif self._aim == "play":
                self._lead("pause", 0.0, PAUSE_SECONDS)

    def skip(self) -> None:
        """Fades out and goes on to the next track; after the last one, to the end."""
        with self._lock:
            if self._aim != "stop":
                self._lead("next", 0.0, SKIP_SECONDS)

    def stop(self) -> None:
        """Fades to the end; the second time, or where it is silent already, it ends at once."""
        with self._lock:
            at_once = self._aim == "stop" or self._gain <= 0
            self._lead("stop", 0.0, 0.0 if at_once else self._fade)

    def close(self) -> None:
        with self._lock:
            self._ended.set()
            self._open.close()

    def read(self, frames: int) -> Samples:
        """The next [frames, 2]; silence while it is paused, and after its end."""
        block = np.zeros((frames, CHANNELS), dtype=np.float32)
        with self._lock:
            done = 0
            while done < frames and not self._ended.is_set():
                if self._gain == self._aim_gain == 0.0 and not self._settle():
                    break
                done += self._fill(block[done:])
        return block

    def _lead(self, aim: Aim, gain: float, seconds: float) -> None:
        """Lets the gain go to another one in a time that is full from silence to sound."""
        self._aim, self._aim_gain = aim, gain
        self._step = 1.0 / max(1.0, seconds * self.rate)

    def _settle(self) -> bool:
        """Does what the sound was to fall silent for; False where there is nothing to be read then."""
        match self._aim:
            case "next":
                self._aim, self._gain, self._aim_gain = "play", 1.0, 1.0
                return self._go_on()
            case "stop":
                self._ended.set()
        return False

    def _go_on(self) -> bool:
        """Opens the next file; False after the last one."""
        self._open.close()
        if self._at + 1 == len(self._files):
            self._ended.set()
            return False
        self._at += 1
        self._open = soundfile.SoundFile(self._files[self._at])
        return True

    def _fill(self, block: Samples) -> int:
        """Fills the beginning of a block, until the file ends or the gain is where it is to go; the frames."""
        if self._gain != self._aim_gain:
            ramp = int(np.ceil(abs(self._aim_gain - self._gain) / self._step))
            block = block[: max(1, ramp)]
        samples = self._open.read(len(block), dtype="float32", always_2d=True)
        if not len(samples):
            if self._aim == "next":
                self._aim, self._gain, self._aim_gain = "play", 1.0, 1.0
            self._go_on()
            return 0
        way = np.arange(1, len(samples) + 1, dtype=np.float32) * self._step
        if self._aim_gain < self._gain:
            gains = np.maximum(self._gain - way, self._aim_gain)
        else:
            gains = np.minimum(self._gain + way, self._aim_gain)
        # By the square of a sine, which neither begins nor ends with an edge.
        block[: len(samples)] = samples * np.sin(gains * np.float32(np.pi / 2))[:, None] ** 2
        self._gain = float(gains[-1])
        if abs(self._gain - self._aim_gain) < self._step / 2:
            self._gain = self._aim_gain
        return len(samples)
