"""Calibrates measures of sound to the cues of notes: `python -m encoders.training.cue_calibration`.

Renders a minute of each of 100 catalogue scores, balanced over instruments, with `encoders.sound.synthesis`; measures
notes and sound; fits linear functions by least squares, and evaluates them by five-fold cross-validation over works.
About two minutes on one core. Writes `seed_data/audio_cues.json`.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.audio.cues import (
    FILE,
    Calibration,
    CalibrationLine,
    SoundMeasures,
    calibrate_cues,
    measure_sound,
)
from encoders.analysis.audio.pulse import RATE as ANALYSIS
from encoders.analysis.audio.pulse import compute_mel_bands
from encoders.analysis.cues import Cues, measure_cues
from encoders.catalogue.repertoire import read_table
from encoders.catalogue.rows import perform_row
from encoders.performing.jitter import Rng
from encoders.performing.performance import Performance
from encoders.sound.levels import LevelMeter
from encoders.sound.resampling import resample
from encoders.sound.stage import Samples
from encoders.sound.synthesis import RATE, Synthesizer

_SCORES, _SECONDS, _TURNS, _SEED = 100, 60.0, 5, 11
_UNIT_SLOPE = ("level",)
"""Cues of which only the offset is fitted."""
_LOG = ("onset_rate",)
_SHOWN = (
    "tempo", "onset_rate", "level", "level_swing", "level_in", "level_out",
    "mode", "articulation", "register", "pitch_spread", "brightness", "roughness",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """Cues of the notes and measures of the sound of one rendered minute."""

    work: str
    notes: Cues
    sound: SoundMeasures


def main() -> None:
    """Renders, measures, fits, evaluates and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, metavar="FILE")
    given = parser.parse_args()
    rows = read_table(FILE.parent / "catalogue.csv")
    pairs = []
    for pair in _measure_pairs(_choose_rows(rows)):
        pairs.append(pair)
        print(f"\r{len(pairs)} of {_SCORES} measured", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    given.out.write_text(json.dumps(build_report(pairs), indent=1) + "\n", encoding="utf-8")


def _choose_rows(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """`_SCORES` rows of different works, one instrument after the other."""
    rng = Rng(_SEED)
    heaps: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        heaps[row["instrument"]].append(row)
    chosen: list[dict[str, str]] = []
    works: set[str] = set()
    while len(chosen) < _SCORES:
        for name in sorted(heaps):
            left = [row for row in heaps[name] if row["work_id"] not in works]
            if left and len(chosen) < _SCORES:
                chosen.append(rng.pick(left))
                works.add(chosen[-1]["work_id"])
    return chosen


def _measure_pairs(rows: Sequence[dict[str, str]]) -> Iterator[MeasuredPair]:
    player = Synthesizer.load()
    for row in rows:
        played = _cut_minute(perform_row(row))
        samples = player.render(played)[:, : int((played.seconds + 0.5) * RATE)]
        yield MeasuredPair(row["work_id"], measure_cues(played), measure_rendering(samples))


def _cut_minute(performance: Performance) -> Performance:
    notes = tuple(
        replace(note, duration=round(min(note.duration, _SECONDS - note.onset), 4))
        for note in performance.notes
        if note.onset < _SECONDS - 0.05
    )
    return replace(performance, notes=notes, seconds=min(performance.seconds, _SECONDS))


def measure_rendering(samples: Samples) -> SoundMeasures:
    """Measures float32 [2, samples] at `synthesis.RATE`; ValueError when they are silent."""
    meter = LevelMeter(RATE, 2)
    meter.add(samples.T)
    levels = meter.measure()
    if levels is None:
        raise ValueError("a rendered score is silent")
    mono = samples.mean(axis=0)[int(levels.begins * RATE) : int(levels.ends * RATE)]
    analysed = resample(mono, RATE, ANALYSIS)
    return measure_sound(analysed, compute_mel_bands(analysed), levels)


def _get_measure(cue: str, sound: SoundMeasures) -> float:
    return {
        "onset_rate": float(np.log2(max(sound.pulse.onsets, 1 / _SECONDS))),
        "level": sound.levels.whole,
        "articulation": sound.pulse.held,
        "register": sound.register,
        "pitch_spread": sound.spread,
        "brightness": sound.centroid,
        "roughness": float(np.tanh(sound.roughness)),
    }[cue]


_FITTED = ("onset_rate", "level", "articulation", "register", "pitch_spread", "brightness", "roughness")


def fit_lines(pairs: Sequence[MeasuredPair]) -> Calibration:
    """The calibration that minimises the squared error between sound and notes of the pairs."""
    lines = {}
    for cue in _FITTED:
        x = np.array([_get_measure(cue, pair.sound) for pair in pairs])
        y = np.array([getattr(pair.notes, cue) for pair in pairs])
        y = np.log2(y) if cue in _LOG else y
        slope = 1.0 if cue in _UNIT_SLOPE else float(np.polyfit(x, y, 1)[0])
        lines[cue] = CalibrationLine(round(slope, 4), round(float(np.mean(y) - slope * np.mean(x)), 4))
    return Calibration(lines)


def build_report(pairs: Sequence[MeasuredPair]) -> dict[str, Any]:
    """The content of the file: coefficients, and for every cue the agreement of sound and notes on held-out works."""
    from scipy.stats import spearmanr

    analysed: list[Cues] = [pair.notes for pair in pairs]
    for turn in range(_TURNS):
        others = fit_lines([pair for n, pair in enumerate(pairs) if n % _TURNS != turn])
        for n in range(turn, len(pairs), _TURNS):
            analysed[n] = calibrate_cues(pairs[n].sound, others, _SECONDS)[0]
    lines = fit_lines(pairs).lines
    cues: dict[str, dict[str, float]] = {}
    for cue in _SHOWN:
        notes = np.array([getattr(pair.notes, cue) for pair in pairs])
        sound = np.array([getattr(one, cue) for one in analysed])
        off = np.log2(sound / notes) if cue in ("tempo", *_LOG) else sound - notes
        agreement = {
            "rank_correlation": round(float(spearmanr(notes, sound)[0]), 3),
            "mean_difference": round(float(off.mean()), 3),
            "typical_difference": round(float(np.median(np.abs(off))), 3),
            "spread_of_notes": round(_measure_spread(np.log2(notes) if cue in ("tempo", *_LOG) else notes), 3),
        }
        line = {"slope": lines[cue].slope, "offset": lines[cue].offset} if cue in lines else {}
        cues[cue] = {**line, **agreement}
    ratio = np.log2([cue.tempo / pair.notes.tempo for cue, pair in zip(analysed, pairs, strict=True)])
    whole = np.abs(ratio - np.round(ratio)) < np.log2(1.05)
    cues["tempo"]["share_right"] = round(float(np.mean(np.abs(ratio) < np.log2(1.05))), 3)
    cues["tempo"]["share_right_or_an_octave_off"] = round(float(np.mean(whole)), 3)
    return {
        "what": "Lines from what is measured in sound to the units of notes: cue = slope * measure + offset.",
        "source": f"{len(pairs)} catalogue scores, the first minute of each, rendered by encoders.sound.synthesis",
        "made_by": "python -m encoders.training.cue_calibration",
        "date": datetime.now(UTC).date().isoformat(),
        "units": "those of encoders/analysis/cues.py; tempo and onset_rate differ in octaves",
        "judged": f"in {_TURNS} turns, each on works that its lines were not fitted to",
        "cues": cues,
    }


def _measure_spread(values: NDArray[np.float64]) -> float:
    return float(values.std())


if __name__ == "__main__":
    main()
