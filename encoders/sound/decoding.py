"""Sound files, decoded block by block: WAV, FLAC, MP3, Ogg and AIFF by libsndfile, M4A and AAC by ffmpeg."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from encoders.base import Matrix, ScoreUnreadable
from encoders.limits import LONGEST
from encoders.sound.levels import CHANNELS
from encoders.sound.parts import RecordingPart, SplicedFile, split_recordings
from encoders.sound.repair import StreamConverter, silence_bursts

BY_FFMPEG: Final = (".m4a", ".aac")
"""Suffixes of formats that libsndfile cannot decode."""
LARGEST: Final = 4_000_000_000
"""Bytes of one file. Two hours of stereo at 48 kHz and 24 bits have 2.1 thousand million."""
_SLOWEST_RATE, _FASTEST_RATE = 4000, 384_000
_LOUDEST: Final = 100.0
"""Largest sample in multiples of full scale: data with larger ones is not sound."""
_BLOCK: Final = 1_000_000
"""Samples of all channels together in a block: 11 s of a CD."""
_PIECE: Final = 0.5
"""Seconds decoded at a time."""
_MISSING: Final = (1.0, 0.02)
"""Seconds, and share of the stated length, that may be missing before a file counts as cut short: encoders round."""
_GAP, _MOST_MISSING = 0.1, 0.5
"""Seconds missing in the middle from which a remark is made, and share that may be missing there."""
_MOST_FAULTS: Final = 10
"""Places that cannot be decoded after which decoding stops."""
_FFMPEG_SECONDS: Final = 300.0
_FFMPEG_BYTES: Final = 2_800_000_000
_UNKNOWN: Final = 0x7FFF0000
"""Sizes of a chunk from which they are placeholders, written before the size was known."""
_CHUNK: Final = re.compile(r"^\s*(?:data|SSND)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)
"""libsndfile's log entry for a chunk that is longer than its file, which it otherwise reads without complaint."""
_AGAIN: Final = "Copy the file again, or export it anew"


class _Sequential(soundfile.SoundFile):
    """A sound file that is read from its beginning to its end."""

    def seekable(self) -> bool:
        """Always False: soundfile seeks after every read where it can, which changes the decoded samples of an MP3."""
        return False


@dataclass(slots=True)
class Recording:
    """An open sound file. Where it has several recordings, they are converted to rate and channels of the first."""

    rate: int
    """Samples a second."""
    channels: int
    low_effects_last: bool
    """Whether its six channels are in Ogg's order, which has the low effects last."""
    place: str
    remarks: list[str]
    """What was left out; complete once all blocks are read."""
    _parts: Sequence[RecordingPart]
    _stated: float
    """Total length in seconds that its parts state, as far as they do."""
    _decoded: int = 0
    """Samples so far."""
    _broken: list[float] = field(default_factory=list)
    """Seconds from the start at which a part could not be decoded any further."""

    def read_blocks(self) -> Iterator[Matrix]:
        """Yields float32 [frames, channels], block by block. Raises ScoreUnreadable for a file that cannot be decoded,
        is no sound, is truncated, or is too long."""
        silenced = 0.0
        for part in self._parts:
            with _open_part(part, self.place) as file:
                shape = StreamConverter(int(file.samplerate), self.rate, self.channels)
                # Samples far beyond full scale come from a codec that decodes damaged data, never from PCM.
                is_coded = file.format in ("MP3", "OGG")
                for block in self._read_part(file):
                    silenced += silence_bursts(block, int(file.samplerate)) if is_coded else 0.0
                    self._check_samples(block)
                    yield self._count_samples(shape.convert(block))
                if len(rest := shape.flush()):
                    yield self._count_samples(rest)
        self._check_missing()
        if silenced:
            self.remarks.append(f"bursts that no music has are taken for silence: {silenced:.2g} s of damage")

    def _check_missing(self) -> None:
        """Adds remarks on missing parts; ScoreUnreadable where too much is missing."""
        ends = self._seconds
        beyond = next((at for at in self._broken if at >= ends), None)
        missing = self._stated - ends
        # The length of an Ogg file stands in its last page: when that is there, what is missing is in the middle.
        if self.low_effects_last and missing < _MOST_MISSING * self._stated:
            if missing > _GAP and beyond is None:
                self.remarks.append(f"{missing:.1f} s of it are damaged: left out")
        elif missing > max(_MISSING[0], _MISSING[1] * self._stated):
            why = "it is cut short" if beyond is None else f"it cannot be decoded beyond {beyond:.1f} s"
            there = f"{ends:.0f} s are there of the {self._stated:.0f} s that it states"
            raise ScoreUnreadable(self.place, f"{why}: {there}", _AGAIN)
        if inside := [f"{at:.1f} s" for at in self._broken if at < ends]:
            self.remarks.append(f"it cannot be decoded at {', '.join(inside)}: half a second is left out at each place")
        if beyond is not None:
            self.remarks.append(f"it cannot be decoded beyond {beyond:.1f} s: the rest is left out")

    def _count_samples(self, block: Matrix) -> Matrix:
        self._decoded += len(block)
        if self._seconds > LONGEST:
            raise _make_length_error(self.place)
        return block

    @property
    def _seconds(self) -> float:
        return self._decoded / self.rate

    def _read_part(self, file: soundfile.SoundFile) -> Iterator[Matrix]:
        """Yields blocks of a part, as far as it can be decoded."""
        wanted = _BLOCK // int(file.channels)
        while True:
            block, count, is_over = np.empty((wanted, int(file.channels)), dtype=np.float32), 0, False
            while not is_over and count < wanted:
                # In small pieces: an error loses at most one of them.
                piece = min(wanted - count, int(_PIECE * file.samplerate))
                try:
                    read = len(file.read(piece, out=block[count : count + piece]))
                except (soundfile.LibsndfileError, RuntimeError):
                    # Decoding may succeed again after the damage.
                    self._broken.append(self._seconds + count / file.samplerate)
                    is_over = len(self._broken) > _MOST_FAULTS
                    continue
                count += read
                is_over = not read
            if count:
                yield block[:count]
            if is_over:
                return

    def _check_samples(self, block: Matrix) -> None:
        if not np.isfinite(block).all():
            fault = f"it holds samples that are not numbers, from {self._seconds:.0f} s on"
            raise ScoreUnreadable(self.place, fault, "Export it again from where it was made")
        if float(np.abs(block).max()) > _LOUDEST:
            fault = f"its samples reach {float(np.abs(block).max()):.0f} times full scale"
            raise ScoreUnreadable(self.place, fault, "Export it again with samples within -1 and 1")


@contextmanager
def open_recording(path: Path, ffmpeg_seconds: float = _FFMPEG_SECONDS) -> Iterator[Recording]:
    """Opens the recording in a file, as a context. Raises ScoreUnreadable for a file that is no sound, or whose rate or
    channels music does not have. `ffmpeg_seconds`: time limit of ffmpeg."""
    if path.stat().st_size > LARGEST:
        fault = f"it has {path.stat().st_size / 1e9:.1f} thousand million bytes, more than the {LARGEST / 1e9:.0f} read"
        raise ScoreUnreadable(path.name, fault, "Split it into its movements")
    if path.suffix.lower() in BY_FFMPEG:
        with tempfile.TemporaryDirectory(prefix="isopath-") as folder:
            decoded = Path(folder) / "decoded.wav"
            _decode_with_ffmpeg(path, decoded, ffmpeg_seconds)
            yield _describe_parts([RecordingPart(decoded)], [], path.name)
    else:
        with split_recordings(path) as (parts, remarks):
            yield _describe_parts(parts, remarks, path.name)


def _describe_parts(parts: Sequence[RecordingPart], remarks: list[str], place: str) -> Recording:
    """The recording of all parts that can be decoded; ScoreUnreadable where none can."""
    whole: list[tuple[RecordingPart, int, int, bool]] = []
    faults: list[ScoreUnreadable] = []
    stated = 0.0
    for part in parts:
        try:
            with _open_part(part, place) as file:
                whole.append((part, int(file.samplerate), int(file.channels), file.format == "OGG"))
                stated += _read_stated_length(file, part)
        except ScoreUnreadable as fault:
            faults.append(fault)
    if not whole:
        raise faults[0]
    if faults:
        remarks.append(f"{len(faults)} of its {len(parts)} recordings are left out: {faults[0].fault}")
    if stated > LONGEST:
        raise _make_length_error(place, stated)
    _, rate, channels, is_ogg = whole[0]
    return Recording(rate, channels, is_ogg, place, remarks, [part for part, *_ in whole], stated)


@contextmanager
def _open_part(part: RecordingPart, place: str) -> Iterator[soundfile.SoundFile]:
    if isinstance(part.source, SplicedFile):
        part.source.seek(0)
    try:
        file = _Sequential(part.source)
    except (soundfile.LibsndfileError, RuntimeError, TypeError, ValueError) as exc:
        # The library's message may contain a path, and says little: "Format not recognised".
        raise ScoreUnreadable(place, "it cannot be decoded as sound: damaged, or of another format", _AGAIN) from exc
    with file:
        _check_shape(int(file.samplerate), int(file.channels), place)
        yield file


def _check_shape(rate: int, channels: int, place: str) -> None:
    faults = []
    if not _SLOWEST_RATE <= rate <= _FASTEST_RATE:
        faults.append(f"it states {rate} samples a second, not {_SLOWEST_RATE} to {_FASTEST_RATE}")
    if not 1 <= channels <= CHANNELS:
        faults.append(f"it states {channels} channels, not 1 to {CHANNELS}")
    if faults:
        raise ScoreUnreadable(place, " and ".join(faults), "Export it again, in stereo at 44,100 samples a second")


def _read_stated_length(file: soundfile.SoundFile, part: RecordingPart) -> float:
    """The stated length of a part in seconds; 0 where it states none."""
    if part.stated is not None:
        return part.stated
    # libsndfile gives an unknown length as the largest number there is.
    stated = float(file.frames / file.samplerate) if 0 < file.frames < 2**62 else 0.0
    if (cut := _CHUNK.search(file.extra_info)) and int(cut[2]) < int(cut[1]) < _UNKNOWN:
        stated *= int(cut[1]) / max(int(cut[2]), 1)
    return stated


def _make_length_error(place: str, stated: float = 0.0) -> ScoreUnreadable:
    length = f"it says it lasts {stated / 3600:.1f} hours" if stated else "it lasts for hours"
    fault = f"{length}, longer than the {LONGEST / 3600:.0f} that a journey can"
    return ScoreUnreadable(place, fault, "Split it into its pieces")


def _decode_with_ffmpeg(path: Path, to: Path, seconds: float) -> None:
    """Decodes to WAV with the ffmpeg that is on the PATH, within `seconds`."""
    program = shutil.which("ffmpeg")
    if program is None:
        fault = f"no decoder for {path.suffix.lower()} is here: ffmpeg is not on the PATH"
        raise ScoreUnreadable(path.name, fault, "Install ffmpeg (ffmpeg.org), or convert the file to FLAC or MP3")
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", f"file:{path.absolute()}"]
    # Only the first audio stream; one second more than the limit, so that files over it are recognised.
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
