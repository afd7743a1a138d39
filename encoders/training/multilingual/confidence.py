"""How sure a reading is: the probability that people would name the group of the label that scores highest.

A logistic regression per language on two numbers of the reading. It says when to read and when to ask.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize

from encoders.base import Matrix
from encoders.emotions.confidence import describe_reading
from encoders.emotions.groups import build_membership

PULL = 4.0
_SEED = 20
FOLDS = 5


def find_right(probabilities: Matrix, groups: Matrix, labels: Sequence[str]) -> Matrix:
    """[texts]: 1 where the group of the highest emotion is among those given."""
    shown = probabilities.copy()
    shown[:, list(labels).index("neutral")] = -1.0
    members = build_membership(labels)[shown.argmax(1)]
    found: Matrix = (members * groups).max(1)
    return found


def fit_confidence(read: Mapping[str, tuple[Matrix, Matrix]], labels: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Language, or "und" for all together -> weights. `read`: probabilities [texts, labels] and groups by language."""
    designs = {
        name: (describe_reading(scores, labels), find_right(scores, groups, labels))
        for name, (scores, groups) in read.items()
    }
    every = tuple(np.concatenate(some) for some in zip(*designs.values(), strict=True))
    pooled = _fit(every[0], every[1], np.zeros(every[0].shape[1], np.float32), 0.01)
    fits = {"und": pooled} | {name: _fit(design, right, pooled, PULL) for name, (design, right) in designs.items()}
    return {name: tuple(round(float(weight), 4) for weight in fit) for name, fit in fits.items()}


def choose_clear(confidences: Matrix, right: Matrix, wanted: float) -> float:
    """The lowest confidence from which on readings are right in the share `wanted`; 1 where none is."""
    order = np.argsort(-confidences, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(shares >= wanted)
    return round(float(confidences[order[enough[-1]]]), 4) if len(enough) else 1.0


def cross_fit_confidence(name: str, read: Mapping[str, tuple[Matrix, Matrix]], labels: Sequence[str]) -> Matrix:
    """Confidences of one language's texts, each by a fit made without it."""
    scores, groups = read[name]
    fold = np.random.default_rng(_SEED).permutation(len(scores)) % FOLDS
    found = np.zeros(len(scores), np.float32)
    for number in range(FOLDS):
        rest, kept = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        weights = np.array(fit_confidence({**read, name: (scores[rest], groups[rest])}, labels)[name])
        found[kept] = 1 / (1 + np.exp(-describe_reading(scores[kept], labels) @ weights))
    return found


def _fit(design: Matrix, right: Matrix, start: Matrix, pull: float) -> Matrix:
    def lose(weights: Matrix) -> float:
        odds = design @ weights
        return float(np.logaddexp(0, odds).sum() - (right * odds).sum() + pull * ((weights - start) ** 2).sum())

    return np.asarray(minimize(lose, start, method="L-BFGS-B").x, dtype=np.float32)
