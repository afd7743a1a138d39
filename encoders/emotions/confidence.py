"""How sure a reading is: the probability that people would name the group of the emotion that scores highest.

A logistic regression per language on three numbers of the reading, fitted on people's texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from encoders.base import Matrix
from encoders.emotions.groups import build_membership, combine_groups
from encoders.emotions.passages import NEUTRAL


@dataclass(frozen=True, slots=True)
class Confidence:
    """Weights of a language, and from which probability on a reading is clear."""

    weights: tuple[float, ...]
    clear: float

    def rate(self, scores: Matrix, labels: Sequence[str]) -> Matrix:
        """Float32 [texts]: probabilities."""
        odds = describe_reading(scores, labels) @ np.array(self.weights)
        return np.asarray(1.0 / (1.0 + np.exp(-odds.clip(-30, 30))), dtype=np.float32)


def choose_confidence(by_language: Mapping[str, Confidence], language: str) -> Confidence:
    """That of the language, or else of all together."""
    return by_language.get(language, by_language["und"])


def describe_reading(scores: Matrix, labels: Sequence[str]) -> Matrix:
    """Float [texts, 4]: log-odds of the highest emotion's group, its lead over the next, log-odds of neutral, 1."""
    groups = _log_odds(combine_groups(scores, labels))
    neutral = list(labels).index(NEUTRAL)
    shown = scores.copy()
    shown[:, neutral] = -1.0
    best = build_membership(labels)[shown.argmax(1)] > 0
    top = groups[best]
    columns = [top, top - np.where(best, -np.inf, groups).max(1), _log_odds(scores[:, neutral]), np.ones(len(scores))]
    return np.stack(columns, axis=1)


def _log_odds(shares: Matrix) -> Matrix:
    safe = shares.astype(np.float64).clip(1e-5, 1 - 1e-5)
    odds: Matrix = np.log(safe / (1 - safe))
    return odds
