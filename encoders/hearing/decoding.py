"""Sound files, decoded block by block: WAV, FLAC, MP3, Ogg and AIFF by libsndfile, M4A and AAC by ffmpeg."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from encoders.base import Matrix, ScoreUnreadable
from encoders.hearing.levels import CHANNELS
from encoders.hearing.ranges import LONGEST

if TYPE_CHECKING:
    from soundfile import SoundFile

BY_FFMPEG: Final = (".m4a", ".aac")
"""Suffixes of what libsndfile cannot decode."""
LARGEST: Final = 4_000_000_000
"""Bytes of one file. Two hours of stereo at 48 kHz and 24 bits have 2.1 thousand million."""
_SLOWEST_RATE, _FASTEST_RATE = 4000, 384_000
_LOUDEST: Final = 100.0
"""Times full scale that a sample may reach: what is beyond was not written as sound."""
_BLOCK: Final = 1_000_000
"""Samples of all channels together decoded at a time: 11 s of a CD."""
_MISSING: Final = (1.0, 0.02)
"""Seconds, and share of the stated length, that may be missing before a file counts as cut short: encoders round."""
_FFMPEG_SECONDS: Final = 300.0
_FFMPEG_BYTES: Final = 2_800_000_000
_UNKNOWN: Final = 0x7FFF0000
"""From so many bytes on, a chunk's size was written before anyone knew it."""
_CHUNK: Final = re.compile(r"^\s*(?:data|SSND)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)
"""What libsndfile notes of a chunk that is longer than its file; it reads what is there and says no more."""
_AGAIN: Final = "Copy the file again, or export it anew"


@dataclass(frozen=True, slots=True)
class Recording:
    """An open sound file."""

    rate: int
    """Samples a second."""
    channels: int
    stated: float
    """Seconds that the file says it lasts; 0 where it does not say."""
    low_effects_last: bool
    """How its six channels are ordered: Ogg differs from all others."""
    place: str
    _file: "SoundFile"

    def blocks(self) -> Iterator[Matrix]:
        """Float32 [frames, channels], one after another. Raises ScoreUnreadable for what cannot be
        decoded, is no sound, is cut short, or goes on for too long."""
        import soundfile

        decoded = 0
        while True:
            try:
                block = self._file.read(_BLOCK // self.channels, dtype="float32", always_2d=True)
            except (soundfile.LibsndfileError, RuntimeError) as exc:
                fault = f"it cannot be decoded beyond {decoded / self.rate:.0f} s"
                raise ScoreUnreadable(self.place, fault, _AGAIN) from exc
            if not len(block):
                break
            if not np.isfinite(block).all():
                fault = f"it holds samples that are not numbers, from {decoded / self.rate:.0f} s on"
                raise ScoreUnreadable(self.place, fault, "Export it again from where it was made")
            if float(np.abs(block).max()) > _LOUDEST:
                fault = f"its samples reach {float(np.abs(block).max()):.0f} times full scale"
                raise ScoreUnreadable(self.place, fault, "Export it again with samples within -1 and 1")
            decoded += len(block)
            if decoded / self.rate > LONGEST:
                raise _too_long(self.place)
            yield block
        missing = self.stated - decoded / self.rate
        if missing > max(_MISSING[0], _MISSING[1] * self.stated):
            fault = f"it is cut short: {decoded / self.rate:.0f} s are there of the {self.stated:.0f} s that it states"
            raise ScoreUnreadable(self.place, fault, _AGAIN)


@contextmanager
def opened(path: Path, ffmpeg_seconds: float = _FFMPEG_SECONDS) -> Iterator[Recording]:
    """The recording in a file, open as long as it is read. Raises ScoreUnreadable for what is no sound file, or not of
    a shape that music has. `ffmpeg_seconds`: how long ffmpeg may take."""
    if path.stat().st_size > LARGEST:
        fault = f"it has {path.stat().st_size / 1e9:.1f} thousand million bytes, more than the {LARGEST / 1e9:.0f} read"
        raise ScoreUnreadable(path.name, fault, "Split it into its movements")
    if path.suffix.lower() in BY_FFMPEG:
        with tempfile.TemporaryDirectory(prefix="isopath-") as folder:
            decoded = Path(folder) / "decoded.wav"
            _by_ffmpeg(path, decoded, ffmpeg_seconds)
            with _open(decoded, path.name) as recording:
                yield recording
    else:
        with _open(path, path.name) as recording:
            yield recording


@contextmanager
def _open(path: Path, place: str) -> Iterator[Recording]:
    import soundfile

    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, RuntimeError, TypeError, ValueError) as exc:
        # The library's own words may tell a path, and say little: "Format not recognised".
        raise ScoreUnreadable(place, "it cannot be decoded as sound: damaged, or of another format", _AGAIN) from exc
    with file:
        rate, channels = int(file.samplerate), int(file.channels)
        faults = []
        if not _SLOWEST_RATE <= rate <= _FASTEST_RATE:
            faults.append(f"it states {rate} samples a second, not {_SLOWEST_RATE} to {_FASTEST_RATE}")
        if not 1 <= channels <= CHANNELS:
            faults.append(f"it states {channels} channels, not 1 to {CHANNELS}")
        if faults:
            raise ScoreUnreadable(place, " and ".join(faults), "Export it again, in stereo at 44,100 samples a second")
        # A length that nobody knows is stated as the largest number there is.
        stated = file.frames / rate if 0 < file.frames < 2**62 else 0.0
        if (cut := _CHUNK.search(file.extra_info)) and int(cut[2]) < int(cut[1]) < _UNKNOWN:
            stated *= int(cut[1]) / max(int(cut[2]), 1)
        if stated > LONGEST:
            raise _too_long(place, stated)
        yield Recording(rate, channels, stated, file.format == "OGG", place, file)


def _too_long(place: str, stated: float = 0.0) -> ScoreUnreadable:
    length = f"it says it lasts {stated / 3600:.1f} hours" if stated else "it lasts for hours"
    fault = f"{length}, longer than the {LONGEST / 3600:.0f} that a journey can"
    return ScoreUnreadable(place, fault, "Split it into its pieces")


def _by_ffmpeg(path: Path, to: Path, seconds: float) -> None:
    """Decodes to WAV with the ffmpeg that is on the PATH, for so long at most."""
    program = shutil.which("ffmpeg")
    if program is None:
        fault = f"no decoder for {path.suffix.lower()} is here: ffmpeg is not on the PATH"
        raise ScoreUnreadable(path.name, fault, "Install ffmpeg (ffmpeg.org), or convert the file to FLAC or MP3")
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", f"file:{path.absolute()}"]
    # The first stream of sound alone, no pictures; one second more than is taken, so that too long is seen as such.
    command += ["-map", "0:a:0", "-vn", "-sn", "-dn", "-t", f"{LONGEST + 1:.0f}", "-fs", str(_FFMPEG_BYTES)]
    command += ["-c:a", "pcm_s16le", "-f", "wav", f"file:{to}"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as exc:
        fault = f"ffmpeg had not decoded it after {seconds:.0f} s"
        raise ScoreUnreadable(path.name, fault, "Convert it to FLAC or MP3") from exc
    except OSError as exc:
        raise ScoreUnreadable(path.name, "ffmpeg cannot be started", "Install ffmpeg (ffmpeg.org) again") from exc
    if done.returncode or not to.is_file() or not to.stat().st_size:
        raise ScoreUnreadable(path.name, "ffmpeg cannot decode it: damaged, locked, or without sound", _AGAIN)
    if to.stat().st_size >= _FFMPEG_BYTES:
        raise ScoreUnreadable(path.name, "decoded, it is too large", "Split it into its pieces, or convert it to FLAC")
