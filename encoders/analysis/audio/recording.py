"""Analyses sound files, decoded block by block, so that memory does not grow with their length."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.audio.cues import Calibration, calibrate_cues, measure_sound
from encoders.analysis.audio.likeness import compute_sound_likeness, fingerprint_sound
from encoders.analysis.audio.pulse import RATE, compute_mel_bands
from encoders.analysis.piece import AnalysedPiece
from encoders.analysis.ranges import clamp_cues
from encoders.base import Matrix, ScoreUnreadable
from encoders.sound.decoding import Recording, open_recording
from encoders.sound.levels import SILENCE, LevelMeter, Levels
from encoders.sound.resampling import resample
from encoders.sound.tags import read_tags

if TYPE_CHECKING:
    from encoders.analysis.audio.mert import Mert

SHORTEST: Final = 2.0
"""Seconds of sound under which nothing can be said about it."""
ANALYSED: Final = 600.0
"""Seconds whose beat, harmony and timbre are measured; levels are those of the whole."""
_SURE: Final = 15.0
"""Seconds from which a tempo estimate is fairly certain."""
_MOST_SAMPLES: Final = 60_000_000
"""Samples kept at a time: ten minutes at 96 kHz, 240 MB."""
_CANCELS: Final = 0.01
"""Share of the channels' energy that their mean must keep: channels in opposite phase cancel."""
_PAUSE: Final = 2.0
"""Seconds of silence at an end that are remarked on."""
_BRIGHT: Final = 20000
"""Samples a second under which the top of the spectrum is missing."""


def analyse_audio(path: Path, mert: "Mert | None" = None) -> AnalysedPiece:
    """The piece in a sound file, with the frames of `mert` for the seconds that are analysed.

    Raises ScoreUnreadable for what cannot be decoded, is silent, or is too long or too short; EncoderUnavailable when
    the calibration is damaged.
    """
    calibration = Calibration.read()
    with open_recording(path) as recording:
        samples, meter, length = _read_samples(recording)
        rate, repairs = recording.rate, recording.remarks
    seconds = length / rate
    levels = meter.measure()
    if levels is None:
        fault = "it is silent" if seconds >= SHORTEST else "it holds less sound than can be measured"
        repair = f"Bring at least {SHORTEST:g} s of sound louder than {SILENCE:g} LUFS"
        raise ScoreUnreadable(path.name, fault, repair)
    sounding = levels.ends - levels.begins
    if sounding < SHORTEST:
        fault = f"it sounds for {sounding:.1f} s, too short to be measured"
        raise ScoreUnreadable(path.name, fault, f"Bring at least {SHORTEST:g} s of sound")
    frames = _extract_frames(samples, rate, mert) if mert else None
    inside = samples[int(levels.begins * rate) : int(levels.ends * rate)]
    # An offset is no sound, but its edges would be.
    inside -= np.float32(inside.mean(dtype=np.float64))
    analysed = resample(inside, rate, RATE)
    energies = compute_mel_bands(analysed)
    measures = measure_sound(analysed, energies, levels)
    cues, doubts = calibrate_cues(measures, calibration, sounding)
    cues, outside = clamp_cues(cues)
    tags = read_tags(path)
    return AnalysedPiece(
        kind="audio",
        title=tags.title,
        artist=tags.artist or "unknown",
        work=tags.work,
        licence=tags.licence or "not stated",
        seconds=round(seconds, 2),
        cues=cues,
        instrument=tags.instrument or "music",
        performance=None,
        remarks=(*repairs, *_list_remarks(levels, rate, seconds, len(samples) / rate), *doubts, *outside),
        content=fingerprint_sound(length, rate, meter.list_energies(), energies),
        likeness=compute_sound_likeness(measures.strengths),
        lyrics=1,
        hopeless_lyrics=1,
        imagery=1,
        frames=frames,
    )


def _read_samples(recording: Recording) -> tuple[NDArray[np.float32], LevelMeter, int]:
    """The beginning as mono samples, the levels of the whole, and how many samples it has."""
    meter = LevelMeter(recording.rate, recording.channels, recording.low_effects_last)
    kept = np.empty(min(int(ANALYSED * recording.rate), _MOST_SAMPLES), dtype=np.float32)
    count = frames = 0
    for block in recording.read_blocks():
        meter.add(block)
        new = _mix_to_mono(block[: len(kept) - count])
        kept[count : count + len(new)] = new
        count, frames = count + len(new), frames + len(block)
    return kept[:count], meter, frames


def _mix_to_mono(block: Matrix) -> NDArray[np.float32]:
    if block.shape[1] == 1 or not len(block):
        return block[:, 0]
    mean = block.mean(axis=1, dtype=np.float32)
    if float(np.square(mean).mean()) < _CANCELS * float(np.square(block).mean()):
        return block[:, int(np.argmax(np.square(block).mean(axis=0)))]
    return np.asarray(mean)


def _extract_frames(samples: NDArray[np.float32], rate: int, mert: "Mert") -> Matrix:
    from encoders.analysis.audio.mert import RATE as RATE_OF_MERT

    return mert.extract_frames(resample(samples, rate, RATE_OF_MERT))


def _list_remarks(levels: Levels, rate: int, seconds: float, kept: float) -> tuple[str, ...]:
    remarks = []
    if levels.begins > _PAUSE:
        remarks.append(f"it begins after {levels.begins:.0f} s of silence: levels are those of what sounds")
    if seconds - levels.ends > _PAUSE:
        remarks.append(f"it ends in {seconds - levels.ends:.0f} s of silence: levels are those of what sounds")
    if kept < seconds - 1:
        first = f"{kept / 60:.0f} minutes" if kept >= 120 else f"{kept:.0f} s"
        remarks.append(f"beat, harmony and timbre are those of its first {first}")
    if levels.ends - levels.begins < _SURE:
        remarks.append("so short that its beat is a guess")
    if rate < _BRIGHT:
        remarks.append(f"recorded at {rate} samples a second: it may have been brighter")
    return tuple(remarks)
