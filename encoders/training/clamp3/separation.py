"""How well a vector space keeps opposite words apart: the measure by which text encoders are compared.

For a pair such as "soft" and "loud", every track gets the difference of its similarities to the two texts. The area
under the ROC curve is the chance that a track from the third with the highest measured values of the cue scores above
one from the lowest third: 0.5 is chance, 1 is perfect.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from encoders.base import EncoderUnavailable, TextEmbedder

FEWEST_TRACKS = 30
"""Below this the thirds are too small to say anything."""


@dataclass(frozen=True, slots=True)
class Opposites:
    """Two texts that stand for the lower and the higher values of one cue."""

    cue: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Separation:
    """What came out for one pair of opposites."""

    opposites: Opposites
    auc: float
    """0..1: chance that a track of the highest third scores above one of the lowest."""
    tracks: int
    """Tracks compared: both thirds together."""


def read_opposites(path: Path, which: str = "pairs") -> tuple[Opposites, ...]:
    """The pairs in `seed_data/opposites.json`, or the `open` ones: wordings that no caption ever used.

    EncoderUnavailable when the file cannot be read.
    """
    try:
        pairs = json.loads(path.read_text(encoding="utf-8"))[which]
        return tuple(Opposites(pair["cue"], pair["low"], pair["high"]) for pair in pairs)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise EncoderUnavailable(
            str(path), f"the pairs of opposites cannot be read ({type(exc).__name__})", "Take it from the repository"
        ) from exc


def separations(
    embedder: TextEmbedder, vectors: ArrayLike, cues: Sequence[Mapping[str, Any]], pairs: Sequence[Opposites]
) -> list[Separation]:
    """One result a pair, in their order.

    `vectors` [tracks, dimensions] are of unit length and in the order of `cues`, the measured values of each track;
    a model that learnt from tracks is asked about works it has not met. ValueError for fewer than `FEWEST_TRACKS`.
    """
    space = np.asarray(vectors, dtype=np.float32)
    if len(space) < FEWEST_TRACKS or len(space) != len(cues):
        raise ValueError(f"{len(space)} vectors and {len(cues)} rows: at least {FEWEST_TRACKS} of each are needed")
    results = []
    for pair in pairs:
        low, high = embedder.embed_text([pair.low, pair.high])
        values = np.array([float(row[pair.cue]) for row in cues])
        first, second = np.quantile(values, [1 / 3, 2 / 3])
        scores = space @ (high - low)
        bottom, top = scores[values <= first], scores[values >= second]
        if first == second:
            raise ValueError(f"the tracks do not differ in {pair.cue}: nothing can be told apart")
        results.append(Separation(pair, auc(top, bottom), len(top) + len(bottom)))
    return results


def auc(above: ArrayLike, below: ArrayLike) -> float:
    """Chance that one of `above` is greater than one of `below`; equal ones count half."""
    upper, lower = np.asarray(above), np.sort(np.asarray(below))
    wins = np.searchsorted(lower, upper, side="left") + np.searchsorted(lower, upper, side="right")
    return float(wins.sum() / (2 * len(upper) * len(lower)))
