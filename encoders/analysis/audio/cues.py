"""The twelve cues of a recording, in the units that the cues of notes have.

Measures of the sound (`SoundMeasures`) are converted to the units of `encoders.analysis.cues` by linear functions,
whose coefficients stand in `seed_data/audio_cues.json`: `encoders.training.cue_calibration` renders scores, measures
sound and notes, and fits them. For levels only the offset is fitted. `level_swing`, `mode` and `tempo` are used as
measured. How well each cue agrees with the notes: `seed_data/CUES.md`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.audio.harmony import estimate_harmony
from encoders.analysis.audio.pulse import HIGHEST, LOWEST, PulseEstimate, estimate_pulse
from encoders.analysis.audio.spectrum import compute_mel_frequencies
from encoders.analysis.cues import Cues
from encoders.base import EncoderUnavailable, Matrix
from encoders.seed_data import SEED_DATA
from encoders.sound.levels import Levels

FILE: Final = SEED_DATA / "audio_cues.json"
NO_BEAT: Final = 80.0
"""BPM assumed for music without a beat: the middle of the catalogue, which is neutral in comparisons."""
NO_PITCH: Final = 62.0
"""Register assumed for music without pitch, for the same reason."""
_FITTED: Final = (
    "onset_rate", "level", "articulation", "register", "pitch_spread", "brightness", "roughness",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SoundMeasures:
    """Measures of the sound, before calibration."""

    levels: Levels
    pulse: PulseEstimate
    register: float
    """MIDI key: mean of the keys estimated to sound; overtones count among them."""
    spread: float
    mode: float
    roughness: float
    centroid: float
    """Spectral centroid weighted by energy, in octaves above 1 Hz."""
    strengths: Matrix
    """[keys, moments]; empty where nothing has a pitch."""


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """Converts a measure to a cue: `slope` times the measure plus `offset`."""

    slope: float
    offset: float

    def convert(self, measured: float) -> float:
        """The cue."""
        return self.slope * measured + self.offset


@dataclass(frozen=True, slots=True)
class Calibration:
    """The linear functions of all calibrated cues."""

    lines: Mapping[str, CalibrationLine]

    @classmethod
    def read(cls, file: Path = FILE) -> Self:
        """The calibration that ships; EncoderUnavailable when the file is missing, damaged or incomplete."""
        repair = "Restore it from the repository, or make it: python -m encoders.training.cue_calibration"
        try:
            found = json.loads(file.read_text(encoding="utf-8"))["cues"]
            lines = {cue: CalibrationLine(float(found[cue]["slope"]), float(found[cue]["offset"])) for cue in _FITTED}
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise EncoderUnavailable(file.name, "the calibration of recordings cannot be read", repair) from exc
        if falling := [cue for cue, line in lines.items() if not line.slope > 0]:
            raise EncoderUnavailable(file.name, f"these lines do not rise: {', '.join(falling)}", repair)
        return cls(lines)


def measure_sound(samples: NDArray[np.float32], energies: Matrix, levels: Levels) -> SoundMeasures:
    """Measures mono samples at `pulse.RATE`; their band energies and levels are given."""
    found = estimate_harmony(samples)
    none = np.zeros((0, 0), dtype=np.float32)
    return SoundMeasures(
        levels=levels,
        pulse=estimate_pulse(energies),
        register=found.register if found else 0.0,
        spread=found.spread if found else 0.0,
        mode=found.mode if found else 0.0,
        roughness=found.roughness if found else 0.0,
        centroid=_compute_centroid(energies),
        strengths=found.strengths if found else none,
    )


def calibrate_cues(measures: SoundMeasures, calibration: Calibration, seconds: float) -> tuple[Cues, tuple[str, ...]]:
    """The cues of a recording of so many seconds, neither rounded nor clamped; and remarks on cues that could not be
    measured, with the value assumed instead."""
    line, levels, pulse_ = calibration.lines, measures.levels, measures.pulse
    remarks = []
    onsets = 2.0 ** line["onset_rate"].convert(float(np.log2(max(pulse_.onsets, 1.0 / max(seconds, 1.0)))))
    tempo = pulse_.tempo
    if not tempo:
        tempo = NO_BEAT
        remarks.append(f"no beat was found: {tempo:g} BPM taken")
    elif pulse_.others:
        doubt = sorted([tempo, *pulse_.others])
        also = f"{', '.join(f'{bpm:.0f}' for bpm in doubt[:-1])} or {doubt[-1]:.0f}"
        why = f"{tempo:.0f} taken, the likelier beside {pulse_.onsets:.1f} onsets a second"
        remarks.append(f"tempo may be {also} BPM: {why}")
    else:
        remarks.append(f"tempo is estimated: {tempo:.0f} BPM, and no octave of it fits nearly as well")
    if pitched := bool(measures.strengths.size):
        register, spread = line["register"].convert(measures.register), line["pitch_spread"].convert(measures.spread)
    else:
        register, spread = NO_PITCH, 0.0
        remarks.append(f"nothing in it has a pitch: register {NO_PITCH:g} and mode 0 taken")
    return Cues(
        tempo=tempo,
        onset_rate=onsets,
        level=line["level"].convert(levels.whole),
        level_swing=levels.swing,
        level_in=line["level"].convert(levels.opening),
        level_out=line["level"].convert(levels.closing),
        mode=measures.mode,
        articulation=min(1.2, max(0.0, line["articulation"].convert(pulse_.held))),
        register=register,
        pitch_spread=max(0.0, spread),
        brightness=min(1.0, max(0.0, line["brightness"].convert(measures.centroid))),
        # The cue is held under 1 by tanh, and so is this.
        roughness=min(1.0, max(0.0, line["roughness"].convert(float(np.tanh(measures.roughness))))) if pitched else 0.0,
    ), tuple(remarks)


def _compute_centroid(energies: Matrix) -> float:
    middles = compute_mel_frequencies(energies.shape[0] + 2, LOWEST, HIGHEST)[1:-1]
    weights = energies.sum(axis=1, dtype=np.float64)
    return float(np.log2(np.average(middles, weights=np.maximum(weights, 1e-30))))
