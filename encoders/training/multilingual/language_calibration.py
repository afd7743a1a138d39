"""Calibrates the multilingual encoder by language, on people's texts that it did not learn from.

Labels are calibrated on GoEmotions' development split. People of another language, on another site, show another share
of each feeling: so each language gets one scale, and a bias for each of the six groups and for neutral, drawn towards
those of all languages together, which serve the languages without such texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from encoders.base import Matrix
from encoders.emotions.groups import GROUPS, build_membership, combine_groups

PULL = 8.0
"""Strength of the pull towards all languages together, in texts."""
FOLDS = 5
_SEED = 20


@dataclass(frozen=True, slots=True)
class GroupTexts:
    """Calibrated log-odds of texts, and the groups that people gave them."""

    odds: Matrix
    """[texts, labels]"""
    groups: Matrix
    """[texts, groups]"""
    known: Matrix
    """[groups]: 0 for a group that nobody was asked about."""

    def select(self, rows: NDArray[np.intp]) -> "GroupTexts":
        """These rows alone."""
        return GroupTexts(self.odds[rows], self.groups[rows], self.known)


def fit_languages(texts: Mapping[str, GroupTexts], labels: Sequence[str]) -> dict[str, Matrix]:
    """Language, or "und" for all together -> its scale, a bias for each group, and one for neutral."""
    start = np.array([1.0, *[0.0] * (len(GROUPS) + 1)])
    pooled = _fit(list(texts.values()), labels, start, 0.0)
    return {"und": pooled} | {name: _fit([some], labels, pooled, PULL) for name, some in texts.items()}


def apply_fit(odds: Matrix, fit: Matrix, labels: Sequence[str]) -> Matrix:
    """Probabilities [texts, labels]."""
    total: Matrix = 1.0 / (1.0 + np.exp(-(fit[0] * odds + spread_bias(fit, labels)).clip(-30, 30)))
    return total


def spread_bias(fit: Matrix, labels: Sequence[str]) -> Matrix:
    """The bias of each label: that of its group, or of neutral."""
    members = build_membership(labels)
    bias: Matrix = members @ fit[1:-1] + (1 - members.sum(1)) * fit[-1]
    return bias


def cross_fit_language(texts: GroupTexts, pooled: Matrix, labels: Sequence[str]) -> Matrix:
    """Probabilities of one language's texts, each by a fit made without it; `pooled` is that of all languages."""
    fold = np.random.default_rng(_SEED).permutation(len(texts.odds)) % FOLDS
    found = np.zeros_like(texts.odds)
    for number in range(FOLDS):
        rest, kept = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        found[kept] = apply_fit(texts.odds[kept], _fit([texts.select(rest)], labels, pooled, PULL), labels)
    return found


def _fit(sets: Sequence[GroupTexts], labels: Sequence[str], start: Matrix, pull: float) -> Matrix:
    neutral = list(labels).index("neutral")

    def lose(fit: Matrix) -> float:
        total = pull * float(((fit - start) ** 2).sum())
        for some in sets:
            probabilities = apply_fit(some.odds, fit, labels)
            groups = combine_groups(probabilities, labels).clip(1e-6, 1 - 1e-6)
            likelihood = some.groups * np.log(groups) + (1 - some.groups) * np.log(1 - groups)
            none = 1 - some.groups.max(1)
            plain = probabilities[:, neutral].clip(1e-6, 1 - 1e-6)
            total -= float(
                (likelihood * some.known).sum() + (none * np.log(plain) + (1 - none) * np.log(1 - plain)).sum()
            )
        return total

    found: Matrix = minimize(lose, start, method="L-BFGS-B", options={"maxiter": 60}).x
    return found
