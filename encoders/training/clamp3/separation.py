"""Measures how well a vector space separates opposite texts; text encoders are compared by it.

For a pair such as "soft" and "loud", the score of a track is the difference of its similarities to the two texts. The
area under the ROC curve is the probability that a track from the third with the highest measured values of the cue
scores above one from the lowest third: 0.5 is chance, 1 is perfect.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from encoders.base import EncoderUnavailable, TextEmbedder

MIN_TRACKS = 30
"""Tracks needed at least: with fewer the thirds are too small."""


@dataclass(frozen=True, slots=True)
class Opposites:
    """Two texts that stand for the lower and the higher values of one cue."""

    cue: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Separation:
    """The result for one pair of opposites."""

    opposites: Opposites
    auc: float
    """0..1: probability that a track of the highest third scores above one of the lowest."""
    tracks: int
    """Tracks compared: both thirds together."""


def read_opposites(path: Path, which: str = "pairs") -> tuple[Opposites, ...]:
    """The pairs in `seed_data/opposites.json`; with `which` "open" the out-of-vocabulary ones, whose words no caption
    uses.

    EncoderUnavailable when the file cannot be read.
    """
    try:
        pairs = json.loads(path.read_text(encoding="utf-8"))[which]
        return tuple(Opposites(pair["cue"], pair["low"], pair["high"]) for pair in pairs)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise EncoderUnavailable(
            str(path), f"the pairs of opposites cannot be read ({type(exc).__name__})", "Take it from the repository"
        ) from exc


def measure_separations(
    embedder: TextEmbedder, vectors: ArrayLike, cues: Sequence[Mapping[str, Any]], pairs: Sequence[Opposites]
) -> list[Separation]:
    """One result a pair, in their order.

    `vectors` [tracks, dimensions] are of unit length and in the order of `cues`, the measured values of each track.
    Use works that were held out from training. ValueError for fewer than `MIN_TRACKS`.
    """
    space = np.asarray(vectors, dtype=np.float32)
    if len(space) < MIN_TRACKS or len(space) != len(cues):
        raise ValueError(f"{len(space)} vectors and {len(cues)} rows: at least {MIN_TRACKS} of each are needed")
    results = []
    for pair in pairs:
        low, high = embedder.embed_text([pair.low, pair.high])
        values = np.array([float(row[pair.cue]) for row in cues])
        first, second = np.quantile(values, [1 / 3, 2 / 3])
        scores = space @ (high - low)
        bottom, top = scores[values <= first], scores[values >= second]
        if first == second:
            raise ValueError(f"the tracks do not differ in {pair.cue}: no separation can be measured")
        results.append(Separation(pair, compute_auc(top, bottom), len(top) + len(bottom)))
    return results


def compute_auc(above: ArrayLike, below: ArrayLike) -> float:
    """Probability that one of `above` is greater than one of `below`; ties count half."""
    upper, lower = np.asarray(above), np.sort(np.asarray(below))
    wins = np.searchsorted(lower, upper, side="left") + np.searchsorted(lower, upper, side="right")
    return float(wins.sum() / (2 * len(upper) * len(lower)))
