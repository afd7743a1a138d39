"""Where the instruments of a performance sit, and the room around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_PLACES: Final = {
    **dict.fromkeys(range(8, 16), 0.25),  # bells, mallets
    **dict.fromkeys(range(24, 32), 0.2),  # guitars
    **dict.fromkeys(range(32, 40), 0.45),  # basses
    40: -0.45,
    41: 0.15,
    42: 0.4,
    43: 0.55,
    44: -0.2,
    45: -0.2,
    46: -0.4,
    47: 0.3,
    56: 0.3,
    57: 0.4,
    58: 0.5,
    59: 0.3,
    60: -0.35,
    61: 0.3,
    62: 0.3,
    63: 0.3,
    64: 0.2,
    65: 0.2,
    66: 0.25,
    67: 0.3,
    68: 0.1,
    69: 0.15,
    70: 0.25,
    71: -0.1,
    **dict.fromkeys(range(72, 80), -0.2),  # flutes, whistles
    104: 0.2,
    105: 0.2,
    106: 0.2,
    107: 0.2,
    108: 0.2,
    109: -0.1,
    110: -0.4,
    111: 0.1,
}
"""General MIDI program -> place, -1 left .. 1 right, as an orchestra sits before its listeners; others: the middle."""
_NEIGHBOURS: Final = 0.24
"""From one player of an instrument to the next."""
_SECTION: Final = 0.8
"""From the first to the last player of an instrument, at most."""
_OUTERMOST: Final = 0.6
_DISTANCE: Final = 0.2
"""Amplitude of the room's sound against the direct one: 14 dB below it."""


def seat_parts(programs: Sequence[int]) -> tuple[float, ...]:
    """The place of each part, -1 left .. 1 right: by its instrument, several of one kind side by side, all balanced.

    Whoever plays alone sits in the middle.
    """
    players, seated = Counter(programs), Counter[int]()
    places = []
    for program in programs:
        wide = min(_SECTION, _NEIGHBOURS * (players[program] - 1))
        share = seated[program] / (players[program] - 1) if players[program] > 1 else 0.5
        places.append(_PLACES.get(program, 0.0) + wide * (share - 0.5))
        seated[program] += 1
    middle = sum(places) / len(places)
    return tuple(round(max(-_OUTERMOST, min(_OUTERMOST, place - middle)), 4) for place in places)


def make_room(reverberation: float = 1.5, seed: int = 1, rate: int = 44100) -> Samples:
    """[2, samples], of unit energy a channel: the impulse response of a small hall, low-passed noise that decays by
    60 dB in `reverberation` seconds."""
    frames = int(reverberation * rate)
    time = np.arange(frames) / rate
    noise = np.random.default_rng(seed).standard_normal((2, frames)) * 10 ** (-3 * time / reverberation)
    spectrum = np.fft.rfft(noise)
    frequency = np.fft.rfftfreq(frames, 1 / rate)
    spectrum *= 1 / np.sqrt(1 + (frequency / 3500) ** 2) * (frequency / (frequency + 150))
    answer = np.fft.irfft(spectrum, frames)
    answer = np.concatenate([np.zeros((2, int(0.018 * rate))), answer], axis=1)
    room: Samples = (answer / np.sqrt((answer**2).sum(axis=1, keepdims=True))).astype(np.float32)
    return room


def add_room(dry: Samples, room: Samples) -> Samples:
    """Float32 [2, samples]: the sound in the room, quietly, cut to its own length."""
    from scipy.signal import oaconvolve

    sound = oaconvolve(dry, room * np.float32(_DISTANCE), axes=1)[:, : dry.shape[1]]
    sound += dry
    return np.asarray(sound, dtype=np.float32)
