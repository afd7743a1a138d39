"""Synthesises a performance.

The synthesizer applies the sound font's envelopes, loops, filters and vibrato. A note of velocity v has (v / 127)^4 of
the energy of full velocity, as in `encoders.analysis.cues`, so that the sound has the planned level.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from encoders.performing.performance import Note, Performance
from encoders.sound.soundfont import Region, SoundFont
from encoders.sound.stage import Samples, add_room, make_room, seat_parts

RATE = 44100
"""Samples a second of everything rendered here."""
TAIL = 2.0
"""Seconds rendered after the last note, for release and reverberation."""

_BAND = 12
"""Velocities that share one filter setting."""
_CUTOFFS = 8
"""Filter settings in an octave."""
_FILTERED = 48
"""Filtered samples that are remembered while a performance is rendered: neighbouring notes share them."""
_SETTLED = 1024
"""Samples of the unrolled loop before the part that repeats, so that a filter has settled after the attack."""
_FLOOR = 60.0
"""dB below a note's level at which its release ends."""


@dataclass(frozen=True, slots=True)
class Synthesizer:
    """Renders performances with the instruments of one sound font, in one room."""

    font: SoundFont
    room: Samples
    """[2, samples]: impulse response of the room, of unit energy a channel."""

    @classmethod
    def load(cls, soundfont: Path | None = None) -> Self:
        """A synthesizer with this font, or with the bundled one; EncoderUnavailable when it cannot be read."""
        return cls(SoundFont.load(soundfont), make_room(rate=RATE))

    @property
    def name(self) -> str:
        return "our own synthesizer"

    def render(self, performance: Performance) -> Samples:
        """Float32 [2, samples] at `RATE`: the performance and `TAIL` seconds after it, at the font's own level."""
        dry = np.zeros((2, int((performance.seconds + TAIL) * RATE)), dtype=np.float32)
        groups: defaultdict[tuple[int, int, int, int], list[Note]] = defaultdict(list)
        for note in performance.notes:
            groups[performance.programs[note.part], note.pitch, note.velocity // _BAND, note.part].append(note)
        places = seat_parts(performance.programs)
        filter_ = lru_cache(_FILTERED)(_filter_low_pass)
        for (program, pitch, _, part), notes in sorted(groups.items()):
            for region in self.font.find_regions(program, pitch, notes[0].velocity):
                _add_notes(dry, notes, region, places[part], filter_)
        return add_room(dry, self.room)


Filter = Callable[[Region, int], Samples]
"""The sample of a region, its loop unrolled, through the low-pass of a setting."""


def _add_notes(out: Samples, notes: list[Note], region: Region, place: float, filter_: Filter) -> None:
    """Adds to `out` notes of the same part, the same pitch and about the same velocity."""
    pitch, velocity = notes[0].pitch, float(np.mean([note.velocity for note in notes]))
    held = int(max(note.duration for note in notes) * RATE) + 1
    let_go = int(min(max(region.release, 0.05) * _FLOOR / 100, 3.0) * RATE)
    wave = _make_wave(region, pitch, velocity, held + let_go, filter_)
    envelope = _make_envelope(region, pitch, held)
    ramp = np.linspace(0, 1, let_go, dtype=np.float32)
    # The second factor fades the last few dB to silence, so that no release ends in a click.
    fading: Samples = 10 ** (np.float32(-_FLOOR / 20) * ramp) * (1 - ramp) ** np.float32(0.2)
    shaped = wave[:held] * envelope
    angle = (np.clip(0.7 * region.pan + place, -1, 1) + 1) * np.pi / 4
    sides = np.float32(region.gain) * np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    for note in notes:
        at, length = round(note.onset * RATE), max(1, round(note.duration * RATE))
        length = min(length, held)
        shares = sides * np.float32((note.velocity / 127) ** 2)
        released = wave[length : length + let_go] * fading
        released *= envelope[length - 1]
        for sound, start in ((shaped[:length], at), (released, at + length)):
            end = min(start + len(sound), out.shape[1])
            for side, share in enumerate(shares):
                out[side, start:end] += share * sound[: max(0, end - start)]


def _make_envelope(region: Region, pitch: int, frames: int) -> Samples:
    """Amplitude 0..1 of a held key: attack, hold, and a decay that is linear in dB to the sustain level."""
    time = np.arange(frames, dtype=np.float32) / RATE - region.delay
    hold = region.hold * 2 ** (region.key_hold * (60 - pitch))
    decay = max(region.decay * 2 ** (region.key_decay * (60 - pitch)), 0.001)
    attack = max(region.attack, 0.002)
    falling = np.clip((time - attack - hold) * (100 / decay), 0, region.sustain)
    envelope: Samples = (np.clip(time / attack, 0, 1) * 10 ** (-falling / 20)).astype(np.float32)
    return envelope


def _make_wave(region: Region, pitch: int, velocity: float, frames: int, filter_: Filter) -> Samples:
    """The sample at this pitch, looped to `frames` samples and filtered; soft notes have a cutoff up to an octave
    lower."""
    ratio = region.rate / RATE * 2 ** ((pitch - region.root) * region.cents_a_key / 1200)
    length, loop = _unroll_loop(region)
    positions = np.arange(frames, dtype=np.float64)
    if region.vibrato:
        turn = 2 * np.pi * region.vibrato_rate / RATE
        since = np.maximum(positions - region.vibrato_delay * RATE, 0)
        positions += np.log(2) / 1200 * region.vibrato * (1 - np.cos(turn * since)) / turn
    positions *= ratio
    if loop:
        turns = np.floor((positions - loop[0]) / (loop[1] - loop[0]))
        positions -= np.maximum(turns, 0) * (loop[1] - loop[0])
    kept = min(frames, int(np.searchsorted(positions, length - 3))) if not loop else frames
    total = np.zeros(frames, dtype=np.float32)
    whole = positions[:kept].astype(np.intp)
    weights = _weigh_neighbours((positions[:kept] - whole).astype(np.float32))
    octave = np.log2(region.cutoff / ratio / RATE) + velocity / 127 - 1
    if not region.sweep:
        total[:kept] = _interpolate(filter_(region, round(_CUTOFFS * octave)), whole, weights)
        return total
    steps = max(1, int(np.ceil(abs(region.sweep) * 1.5)))
    opened = _make_sweep(region, kept) * steps
    for step in range(steps + 1):
        # Between two settings of the filter their outputs are mixed in proportion.
        share = 1 - np.abs(opened - step)
        if len(near := np.flatnonzero(share > 0)):
            sample = filter_(region, round(_CUTOFFS * (octave + region.sweep * step / steps)))
            total[near] += _interpolate(sample, whole[near], weights[:, near]) * share[near]
    return total


def _interpolate(sample: Samples, whole: NDArray[np.intp], weights: Samples) -> Samples:
    """The sample between its values."""
    sound = weights[0] * sample[whole]
    for k in range(1, 4):
        sound += weights[k] * sample[whole + k]
    return np.asarray(sound, dtype=np.float32)


def _unroll_loop(region: Region) -> tuple[int, tuple[int, int] | None]:
    """How long the sample is with its loop unrolled, and where the part that repeats then lies."""
    if region.loop is None:
        return len(region.sample) + 5, None
    first, last = region.loop
    turns = -(-_SETTLED // (last - first))
    return 1 + last + (2 * turns + 1) * (last - first), (first + turns * (last - first), last + turns * (last - first))


def _make_sweep(region: Region, frames: int) -> Samples:
    """The modulation envelope, 0..1, that opens the filter."""
    time = np.arange(frames, dtype=np.float32) / RATE
    rising = np.clip(time / max(region.sweep_attack, 1e-4), 0, 1)
    since = np.clip(time - region.sweep_attack - region.sweep_hold, 0, None)
    falling: Samples = np.maximum(1 - since / max(region.sweep_decay, 1e-4), region.sweep_sustain)
    return (rising * falling).astype(np.float32)


def _weigh_neighbours(part: Samples) -> Samples:
    """[4, samples]: Catmull-Rom weights of the four neighbours of a position between the middle two."""
    half, one_half = np.float32(0.5), np.float32(1.5)
    return np.stack([
        part * (part * (1 - half * part) - half), part * part * (one_half * part - np.float32(2.5)) + 1,
        part * (part * (2 - one_half * part) + half), part * part * (half * part - half),
    ])  # fmt: skip


def _filter_low_pass(region: Region, setting: int) -> Samples:
    """The sample through a low-pass of 12 dB an octave without delay, at 2 ^ (setting / `_CUTOFFS`) cycles a sample.

    One silent value stands before it, and its loop is repeated so that the filter meets no edge.
    """
    from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

    silence = np.zeros(4, dtype=np.float32)
    if region.loop is None:
        sample = np.concatenate([silence[:1], region.sample, silence])
    else:
        first, last = region.loop
        turns = -(-_SETTLED // (last - first))
        around = np.tile(region.sample[first:last], 2 * turns + 1)
        sample = np.concatenate([silence[:1], region.sample[:last], around])
    if (cutoff := 2 ** (setting / _CUTOFFS)) >= 0.5:
        return sample
    size = next_fast_len(len(sample) + 512, real=True)
    response = (1 / np.sqrt(1 + (rfftfreq(size) / cutoff) ** 4)).astype(np.float32)
    return np.asarray(irfft(rfft(sample, size) * response, size)[: len(sample)], dtype=np.float32)
