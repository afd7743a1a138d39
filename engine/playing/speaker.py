"""The machine's sound device. The only module that knows the library for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import SoundUnavailable

Samples = NDArray[np.float32]
"""[frames, channels], -1..1."""
CHANNELS: Final = 2
_REPAIR: Final = "`--save DIR` writes the journey to a folder, to be played anywhere"


class Speaker(Protocol):
    """Something that sounds."""

    def start(self, rate: int, read: Callable[[int], Samples]) -> None:
        """Asks for so many frames at a time, from a thread of its own, until it is closed."""
        ...

    def close(self) -> None:
        """Ends the sound at once, and gives the device back."""
        ...


class SoundDevice:
    """The device that the machine plays sound by."""

    def __init__(self) -> None:
        """SoundUnavailable where the machine has none."""
        try:
            import miniaudio
        except ImportError as exc:
            raise SoundUnavailable("--play", "the package miniaudio is not installed", _REPAIR) from exc
        self._library = miniaudio
        self._device: Any = None
        self._open(44100).close()

    def start(self, rate: int, read: Callable[[int], Samples]) -> None:
        self._device = self._open(rate)
        blocks = _feed(read)
        next(blocks)
        self._device.start(blocks)

    def close(self) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None

    def _open(self, rate: int) -> Any:
        library = self._library
        # The library would take a device that swallows all sound for one.
        audible = [backend for backend in library.Backend if backend is not library.Backend.NULL]
        try:
            with _hide_standard_error():
                return library.PlaybackDevice(
                    library.SampleFormat.FLOAT32, CHANNELS, rate, app_name="Isopath", backends=audible
                )
        except library.MiniaudioError as exc:
            raise SoundUnavailable("--play", "this machine has no sound device", _REPAIR) from exc


def _feed(read: Callable[[int], Samples]) -> Generator[bytes, int, None]:
    """What the library asks for block by block, as bytes."""
    frames = yield b""
    while True:
        frames = yield read(frames).tobytes()


@contextmanager
def _hide_standard_error() -> Iterator[None]:
    """ALSA prints dozens of lines there where there is no device, past Python."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
