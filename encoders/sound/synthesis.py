"""Writes a performance as MIDI, and synthesises it.

The synthesizer applies the sound font's envelopes, loops, filters and vibrato. A note of velocity v has (v / 127)^4 of
the energy of full velocity, as in `encoders.analysis.cues`, so that the sound has the planned level.
"""

import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import mido
import numpy as np
from numpy.typing import NDArray

from encoders.performing.performance import PITCHED_CHANNELS, Note, Performance
from encoders.sound.soundfont import Region, SoundFont

RATE = 44100
"""Samples a second of everything rendered here."""
TAIL = 2.0
"""Seconds rendered after the last note, for release and reverberation."""
Samples = NDArray[np.float32]

_TICKS = 480
_BAND = 12
"""Velocities that share one filter setting."""
_SEATS = 0.35
"""Stereo position of the outermost parts, 1 being wholly left or right."""
_SETTLED = 1024
"""Samples of the unrolled loop before the part that repeats, so that a filter has settled after the attack."""
_FLOOR = 60.0
"""dB below a note's level at which its release ends."""


def write_midi(performance: Performance, title: str) -> bytes:
    """The performance as a standard MIDI file (format 1, a track a part); ValueError with over 15 instruments."""
    channels = _assign_channels(performance.programs)
    micro = mido.bpm2tempo(performance.tempo)
    file = mido.MidiFile(type=1, ticks_per_beat=_TICKS, charset="utf-8")
    opening = mido.MidiTrack([
        mido.MetaMessage("track_name", name=title),
        mido.MetaMessage("set_tempo", tempo=micro),
    ])  # fmt: skip
    file.tracks.append(opening)
    # By the file's tempo, which is rounded to whole microseconds; by the exact one, a long piece would drift.
    keys = list(performance.list_key_events(_TICKS * 1e6 / micro))
    for part, program in enumerate(performance.programs):
        events = [(tick, velocity > 0, pitch, velocity) for tick, of, pitch, velocity in keys if of == part]
        track = mido.MidiTrack([mido.Message("program_change", channel=channels[part], program=program)])
        now = 0
        # A key is released before it is struck again at the same tick.
        for tick, struck, pitch, velocity in sorted(events):
            name = "note_on" if struck else "note_off"
            track.append(mido.Message(name, channel=channels[part], note=pitch, velocity=velocity, time=tick - now))
            now = tick
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _assign_channels(programs: tuple[int, ...]) -> list[int]:
    """A channel for every part, never the tenth, which is for drums; with too many parts one for every instrument."""
    if len(programs) <= len(PITCHED_CHANNELS):
        return list(PITCHED_CHANNELS[: len(programs)])
    kinds = sorted(set(programs))
    if len(kinds) > len(PITCHED_CHANNELS):
        raise ValueError(f"{len(kinds)} instruments do not fit the 15 channels of MIDI")
    return [PITCHED_CHANNELS[kinds.index(program)] for program in programs]


@dataclass(frozen=True, slots=True)
class Synthesizer:
    """Renders performances with the instruments of one sound font, in one room."""

    font: SoundFont
    room: Samples
    """[2, samples]: impulse response of the room, of unit energy a channel."""

    @classmethod
    def load(cls, soundfont: Path | None = None) -> Self:
        """A synthesizer with this font, or with the bundled one; EncoderUnavailable when it cannot be read."""
        return cls(SoundFont.load(soundfont), _make_room(reverberation=1.5, seed=1))

    def render(self, performance: Performance) -> Samples:
        """Float32 [2, samples] at `RATE`: the performance and `TAIL` seconds after it, at the font's own level."""
        frames = int((performance.seconds + TAIL) * RATE)
        dry = np.zeros((2, frames), dtype=np.float32)
        groups: defaultdict[tuple[int, int, int], list[Note]] = defaultdict(list)
        for note in performance.notes:
            groups[note.part, note.pitch, note.velocity // _BAND].append(note)
        for (part, pitch, _), notes in groups.items():
            seat = _SEATS * (2 * part / (len(performance.programs) - 1) - 1) if len(performance.programs) > 1 else 0.0
            for region in self.font.find_regions(performance.programs[part], pitch, notes[0].velocity):
                _add_notes(dry, notes, region, seat)
        return dry + np.float32(0.2) * _convolve(dry, self.room)


def _add_notes(out: Samples, notes: list[Note], region: Region, seat: float) -> None:
    """Adds to `out` notes of the same part, the same pitch and about the same velocity."""
    pitch, velocity = notes[0].pitch, float(np.mean([note.velocity for note in notes]))
    held = int(max(note.duration for note in notes) * RATE) + 1
    let_go = int(min(max(region.release, 0.05) * _FLOOR / 100, 3.0) * RATE)
    wave = _make_wave(region, pitch, velocity, held + let_go)
    envelope = _make_envelope(region, pitch, held)
    ramp = np.linspace(0, 1, let_go)
    # The second factor fades the last few dB to silence, so that no release ends in a click.
    fading: Samples = (10 ** (-_FLOOR / 20 * ramp) * (1 - ramp) ** 0.2).astype(np.float32)
    shaped = wave[:held] * envelope
    angle = (np.clip(0.7 * region.pan + seat, -1, 1) + 1) * np.pi / 4
    sides = np.float32(region.gain) * np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    for note in notes:
        at, length = round(note.onset * RATE), max(1, round(note.duration * RATE))
        length = min(length, held)
        released = wave[length : length + let_go] * fading * envelope[length - 1]
        sound = np.concatenate([shaped[:length], released])[: out.shape[1] - at]
        for side, share in enumerate(sides * np.float32((note.velocity / 127) ** 2)):
            out[side, at : at + len(sound)] += share * sound


def _make_envelope(region: Region, pitch: int, frames: int) -> Samples:
    """Amplitude 0..1 of a held key: attack, hold, and a decay that is linear in dB to the sustain level."""
    time = np.arange(frames, dtype=np.float32) / RATE - region.delay
    hold = region.hold * 2 ** (region.key_hold * (60 - pitch))
    decay = max(region.decay * 2 ** (region.key_decay * (60 - pitch)), 0.001)
    attack = max(region.attack, 0.002)
    falling = np.clip((time - attack - hold) * (100 / decay), 0, region.sustain)
    envelope: Samples = (np.clip(time / attack, 0, 1) * 10 ** (-falling / 20)).astype(np.float32)
    return envelope


def _make_wave(region: Region, pitch: int, velocity: float, frames: int) -> Samples:
    """The sample at this pitch, looped to `frames` samples and filtered; soft notes have a cutoff up to an octave
    lower."""
    ratio = region.rate / RATE * 2 ** ((pitch - region.root) * region.cents_a_key / 1200)
    sample, loop = _unroll_loop(region)
    time = np.arange(frames, dtype=np.float64)
    positions = ratio * time
    if region.vibrato:
        turn = 2 * np.pi * region.vibrato_rate / RATE
        since = np.maximum(time - region.vibrato_delay * RATE, 0)
        positions += ratio * np.log(2) / 1200 * region.vibrato * (1 - np.cos(turn * since)) / turn
    if loop:
        beyond = positions >= loop[1]
        positions[beyond] = loop[0] + (positions[beyond] - loop[0]) % (loop[1] - loop[0])
    kept = positions < len(sample) - 3
    if not kept.all():
        positions[~kept] = 0
    whole = positions.astype(np.intp)
    weights = _weigh_neighbours((positions - whole).astype(np.float32))
    steps = max(1, int(np.ceil(abs(region.sweep) * 1.5)))
    opened = _make_sweep(region, frames) * steps
    total = np.zeros(frames, dtype=np.float32)
    for step in range(steps + 1 if region.sweep else 1):
        cutoff = region.cutoff * 2 ** (region.sweep * step / steps + velocity / 127 - 1)
        filtered = _filter_low_pass(sample, cutoff / ratio / RATE)
        sound = sum(weights[k] * filtered[whole + k] for k in range(4))
        # Between two settings of the filter their outputs are mixed in proportion.
        total += sound * np.clip(1 - np.abs(opened - step), 0, 1) if region.sweep else sound
    total *= kept
    return total


def _unroll_loop(region: Region) -> tuple[Samples, tuple[int, int] | None]:
    """The sample with one silent value before it, and its loop repeated so that a filter meets no edge; and the
    loop's range in it."""
    silence = np.zeros(4, dtype=np.float32)
    if region.loop is None:
        return np.concatenate([silence[:1], region.sample, silence]), None
    first, last = region.loop
    turns = -(-_SETTLED // (last - first))
    body = np.concatenate([silence[:1], region.sample[:last], np.tile(region.sample[first:last], 2 * turns + 1)])
    return body, (first + turns * (last - first), last + turns * (last - first))


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


def _filter_low_pass(sample: Samples, cutoff: float) -> Samples:
    """The sample through a low-pass of 12 dB an octave without delay; `cutoff` in cycles a sample."""
    if cutoff >= 0.5:
        return sample
    size = 1 << (len(sample) + 512).bit_length()
    response = (1 / np.sqrt(1 + (np.fft.rfftfreq(size) / cutoff) ** 4)).astype(np.float32)
    filtered: Samples = np.fft.irfft(np.fft.rfft(sample, size) * response, size)[: len(sample)].astype(np.float32)
    return filtered


def _make_room(reverberation: float, seed: int) -> Samples:
    """Impulse response of a small hall: low-passed noise that decays by 60 dB in `reverberation` seconds."""
    frames = int(reverberation * RATE)
    time = np.arange(frames) / RATE
    noise = np.random.default_rng(seed).standard_normal((2, frames)) * 10 ** (-3 * time / reverberation)
    spectrum = np.fft.rfft(noise)
    frequency = np.fft.rfftfreq(frames, 1 / RATE)
    spectrum *= 1 / np.sqrt(1 + (frequency / 3500) ** 2) * (frequency / (frequency + 150))
    answer = np.fft.irfft(spectrum, frames)
    answer = np.concatenate([np.zeros((2, int(0.018 * RATE))), answer], axis=1)
    room: Samples = (answer / np.sqrt((answer**2).sum(axis=1, keepdims=True))).astype(np.float32)
    return room


def _convolve(samples: Samples, answer: Samples) -> Samples:
    """Both channels convolved with an impulse response, cut to their own length."""
    block = 1 << 17
    size = 1 << (block + answer.shape[1] - 1).bit_length()
    spectrum = np.fft.rfft(answer, size)
    out = np.zeros((2, samples.shape[1] + size), dtype=np.float32)
    for at in range(0, samples.shape[1], block):
        piece = np.fft.irfft(np.fft.rfft(samples[:, at : at + block], size) * spectrum, size)
        out[:, at : at + size] += piece
    return out[:, : samples.shape[1]]
