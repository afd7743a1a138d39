"""Writes the sound files of a journey at one reference level, so that the loudness between tracks is as planned."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from encoders.performing.performance import Performance
from encoders.sound.levels import SILENCE, measure_loudness, measure_true_peak
from encoders.sound.playback import OwnRecording
from encoders.sound.players import Player
from encoders.sound.stage import Samples
from encoders.sound.synthesis import RATE, TAIL

CEILING = -1.0
"""Highest true peak of a file, dBTP."""
LOUDEST = -18.0
"""LUFS of the loudest track where the ceiling allows it: 4 dB below the level of streaming services."""
FADE_IN = 0.05
FADE_OUT = 2.5
"""Seconds. The fade-out begins in the last note and covers the reverberation."""

Progress = Callable[[str, int, int], None]
"""Called with the step ("rendered", then "written"), the number of tracks done, and their total."""

OVERSHOOT = 0.6
"""dB by which peaks of a decoded Ogg file exceed those of what was encoded, at most."""
_TAG = 300
"""Characters of a tag at most."""
_MOST_WORKERS = 4
"""Tracks rendered at a time, where there are as many cores: each takes some 130 MB."""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """A sound file to write."""

    path: Path
    performance: Performance | OwnRecording
    level: float
    """Planned, dB; only the differences between tracks count."""
    number: int
    title: str
    artist: str
    album: str
    work: str = ""
    """Tracks of one work that follow each other sound without a gap; of none, each stands for itself."""
    fade: float = FADE_OUT
    """Seconds that it fades at its end, where no other part of its work follows."""


@dataclass(frozen=True, slots=True)
class WrittenSound:
    """A written sound file."""

    path: Path
    seconds: float
    loudness: float
    """LUFS as written (ITU-R BS.1770-5)."""
    peak: float
    """True peak as written, dBTP (Annex 2 of BS.1770-4)."""


@dataclass(frozen=True, slots=True)
class _RenderedTrack:
    """A rendered track in a temporary file; its gain depends on all tracks of the journey."""

    path: Path
    scale: float
    loudness: float
    peak: float
    tail: Samples | None
    """What sounds on into the next track, at the level of the recording; None where nothing does."""
    opening: float
    """True peak of the part that the tail of the track before sounds into, dBTP."""


def write_tracks(
    player: Player, tracks: Sequence[AudioTrack], workspace: Path, progress: Progress, loudest: float | None = None
) -> list[WrittenSound]:
    """Renders every track, then writes each to its path as Ogg Vorbis with the gain that all tracks allow.

    Differences in loudness between tracks are exactly as planned; the loudest track gets `LOUDEST`, or less where a
    peak would exceed `CEILING`. `loudest`: the planned level that gets `LOUDEST`, where tracks are written one at a
    time. `workspace`: an empty folder for temporary files. OSError or LibsndfileError when a file cannot be written.
    """
    measured, written = [], []
    follows = [bool(a.work) and a.work == b.work for a, b in pairwise(tracks)]
    with ThreadPoolExecutor(max(1, min(_MOST_WORKERS, os.cpu_count() or 1))) as workers:
        try:
            halves = (workspace / f"{number}.flac" for number in range(len(tracks)))
            rendering = partial(_render_track, player)
            for half in workers.map(rendering, tracks, halves, [False, *follows], [*follows, False]):
                measured.append(half)
                progress("rendered", len(measured), len(tracks))
            measured = _raise_peaks(tracks, measured)
            rendered = [(m.loudness, m.peak) for m in measured]
            reference = compute_reference_level([t.level for t in tracks], rendered, loudest)
            gains = [t.level + reference - m.loudness for t, m in zip(tracks, measured, strict=True)]
            tails = [
                m.tail * np.float32(10 ** (gain / 20)) if m.tail is not None else None
                for m, gain in zip(measured, gains, strict=True)
            ]
            for sounding in workers.map(_finish_track, tracks, measured, gains, [None, *tails[:-1]]):
                written.append(sounding)
                progress("written", len(written), len(tracks))
        finally:
            workers.shutdown(cancel_futures=True)
    return written


def compute_reference_level(
    levels: Sequence[float], measured: Sequence[tuple[float, float]], loudest: float | None = None
) -> float:
    """dB to add to each planned level to get its LUFS: one number for the journey, set by its loudest sample or track.

    `measured`: loudness (LUFS) and true peak (dBTP) of each rendered track.
    """
    room = [
        CEILING - OVERSHOOT - peak + loudness - level for level, (loudness, peak) in zip(levels, measured, strict=True)
    ]
    return min(LOUDEST - (max(levels) if loudest is None else loudest), *room)


def _raise_peaks(tracks: Sequence[AudioTrack], measured: Sequence[_RenderedTrack]) -> list[_RenderedTrack]:
    """The tracks with the peak that they have at most once the tail of the one before sounds into their opening."""
    raised = list(measured[:1])
    for (before, first), (after, then) in pairwise(zip(tracks, measured, strict=True)):
        if first.tail is None:
            raised.append(then)
            continue
        louder = before.level - first.loudness - after.level + then.loudness
        both = 10 ** (then.opening / 20) + 10 ** ((measure_true_peak(first.tail) + louder) / 20)
        raised.append(replace(then, peak=max(then.peak, 20 * float(np.log10(both)))))
    return raised


def _render_track(player: Player, track: AudioTrack, half: Path, follows: bool, leads: bool) -> _RenderedTrack:
    """`follows` and `leads`: it goes on from the track before, and the one after it goes on from it."""
    music, tail = track.performance, None
    if isinstance(music, OwnRecording):
        samples = music.decode()
    else:
        samples = player.render(music)
        if leads:
            end = round(music.seconds * RATE)
            samples, tail = samples[:, :end], samples[:, end:].copy()
            _apply_fade(tail[:, ::-1], FADE_OUT)
    if not follows:
        _apply_fade(samples, FADE_IN)
    if not leads:
        _apply_fade(samples[:, ::-1], track.fade)
    highest = max(float(np.abs(samples).max(initial=0.0)), 1e-6)
    loudness, peak = measure_loudness(samples, RATE), measure_true_peak(samples)
    opening = measure_true_peak(samples[:, : int(TAIL * RATE)]) if follows else SILENCE
    # Normalised to full scale, so that 16-bit rounding stays 90 dB below the music whatever the gain will be.
    with soundfile.SoundFile(half, "w", RATE, 2, subtype="PCM_16", format="FLAC") as file:
        _write_samples(file, samples * np.float32(0.999 / highest))
    return _RenderedTrack(half, highest / 0.999, loudness, peak, tail, opening)


def _finish_track(track: AudioTrack, measured: _RenderedTrack, gain: float, before: Samples | None) -> WrittenSound:
    """`before`: what sounds on from the track before."""
    samples, _ = soundfile.read(measured.path, dtype="float32")
    samples = samples.T * np.float32(measured.scale * 10 ** (gain / 20))
    measured.path.unlink()
    if before is not None:
        length = min(before.shape[1], samples.shape[1])
        samples[:, :length] += before[:, :length]
    with soundfile.SoundFile(track.path, "w", RATE, 2, format="OGG", subtype="VORBIS") as file:
        tags = {"title": track.title, "artist": track.artist, "album": track.album, "tracknumber": str(track.number)}
        for name, text in tags.items():
            # libsndfile accepts no empty tag, and stores a few thousand bytes of all tags.
            if kept := text.replace("\0", " ").strip()[:_TAG]:
                setattr(file, name, kept)
        _write_samples(file, samples)
    return WrittenSound(track.path, samples.shape[1] / RATE, measured.loudness + gain, measured.peak + gain)


def _write_samples(file: soundfile.SoundFile, samples: Samples) -> None:
    # A second at a time: the Vorbis encoder copies its input to the stack, which a whole track would overflow.
    for at in range(0, samples.shape[1], RATE):
        file.write(samples[:, at : at + RATE].T)


def _apply_fade(samples: Samples, seconds: float) -> None:
    """Lets the beginning rise from silence, in place; over half of the samples at most."""
    length = min(int(seconds * RATE), samples.shape[1] // 2)
    samples[:, :length] *= np.sin(np.linspace(0, np.pi / 2, length, dtype=np.float32)) ** 2
