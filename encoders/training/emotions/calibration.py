"""Fits calibration and thresholds of the emotion model on development texts.

Numpy alone. Runs in training only; the fitted values are written into `model.json`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.base import Matrix, Thresholds

Odds = NDArray[np.float64]

_SHRINK = 16.0
"""Strength of the prior on the weights shared by all labels, in texts."""
_FOLDS = 5
_SEED = 20


@dataclass(frozen=True, slots=True)
class Blend:
    """One weight per part and label, and one bias per label; the weighted sum is a calibrated log-odds."""

    weights: Matrix
    """Float [parts, labels]"""
    bias: Matrix
    """Float [labels]"""

    def predict(self, odds: Odds) -> Matrix:
        """Float [texts, labels] from odds [parts, texts, labels]."""
        total: Matrix = 1.0 / (1.0 + np.exp(-(np.einsum("pnl,pl->nl", odds, self.weights) + self.bias).clip(-30, 30)))
        return total


def fit_blend(odds: Odds, gold: Matrix) -> Blend:
    """Maximum-likelihood weights with shrinkage of each label towards weights shared by all labels.

    A label with a dozen positives stays close to the shared weights, one with hundreds hardly does.
    """
    parts, texts, labels = odds.shape
    shared = np.concatenate([np.full(parts, 1.0 / parts), [0.0]])
    offsets = np.zeros(labels)
    # Alternates between the shared weights and each label's own bias; eight rounds converge.
    for _ in range(8):
        design = np.concatenate([odds.reshape(parts, -1).T, np.ones((texts * labels, 1))], axis=1)
        shared = _fit_logistic(design, gold.reshape(-1), shared, np.zeros(parts + 1), shared, np.tile(offsets, texts))
        flat = np.einsum("pnl,p->nl", odds, shared[:-1]) + shared[-1]
        for label in range(labels):
            one = np.ones((texts, 1))
            own = offsets[label : label + 1]
            offsets[label] = _fit_logistic(one, gold[:, label], own, np.zeros(1), own, flat[:, label])[0]
    spread = odds.reshape(parts, -1).var(axis=1)
    weights, bias = np.zeros((parts, labels)), np.zeros(labels)
    for label in range(labels):
        design = np.concatenate([odds[:, :, label].T, np.ones((texts, 1))], axis=1)
        start = np.concatenate([shared[:-1], [shared[-1] + offsets[label]]])
        ridge = np.concatenate([_SHRINK * spread, [0.0]])
        own = _fit_logistic(design, gold[:, label], start, ridge, start, np.zeros(texts))
        weights[:, label], bias[label] = own[:-1], own[-1]
    return Blend(weights.astype(np.float32), bias.astype(np.float32))


def _fit_logistic(
    design: NDArray[np.float64],
    gold: Matrix,
    start: NDArray[np.float64],
    ridge: NDArray[np.float64],
    centre: NDArray[np.float64],
    offset: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Logistic regression with a ridge around `centre`, by damped Newton steps."""
    found = start.astype(np.float64).copy()
    for _ in range(25):
        probability = 1.0 / (1.0 + np.exp(-(design @ found + offset)))
        slope = design.T @ (probability - gold) + ridge * (found - centre)
        spread = (probability * (1.0 - probability))[:, None]
        curve = design.T @ (design * spread) + np.diag(ridge + 1e-6)
        step = np.clip(np.linalg.solve(curve, slope), -2.0, 2.0)
        found -= step
        if float(np.abs(step).max()) < 1e-7:
            break
    return found


def choose_thresholds(probabilities: Matrix, gold: Matrix) -> tuple[Thresholds, ...]:
    """For each label the thresholds of present (best F1) and of strong (the upper third of the present ones)."""
    return tuple(_choose_threshold(probabilities[:, label], gold[:, label]) for label in range(gold.shape[1]))


def _choose_threshold(probability: Matrix, gold: Matrix) -> Thresholds:
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order].astype(np.float64)
    count = np.arange(1, len(ranked) + 1)
    # A mixture of observed labels and of those that the calibrated probabilities expect: with a dozen positives the
    # labels alone would put the threshold wherever one lucky text is.
    hits = np.cumsum(gold[order]) * SEEN + np.cumsum(ranked) * (1.0 - SEEN)
    positives = gold.sum() * SEEN + ranked.sum() * (1.0 - SEEN)
    best = int(np.argmax(2.0 * hits / (count + positives)))
    present = float((ranked[best] + ranked[min(best + 1, len(ranked) - 1)]) / 2)
    strong = max(float(np.quantile(ranked[: best + 1], 2 / 3)), present)
    return Thresholds(round(present, 4), round(max(strong, present), 4))


SEEN = 0.7
"""Weight of the observed labels in choosing a threshold; the rest is what calibrated probabilities expect."""


@dataclass(frozen=True, slots=True)
class CrossFit:
    """Cross-fitted predictions: for each text those of a blend that was fitted without it."""

    probabilities: Matrix
    present: NDArray[np.bool_]
    """[texts, labels]: whether the label reaches the threshold fitted on the other texts."""


def cross_fit(odds: Odds, gold: Matrix) -> CrossFit:
    """Predictions of each fold by blend, calibration and thresholds that were fitted on all others."""
    probabilities = np.zeros_like(gold)
    present = np.zeros(gold.shape, dtype=np.bool_)
    for rest, kept in split_folds(gold, _FOLDS, _SEED):
        blend = fit_blend(odds[:, rest], gold[rest])
        limits = choose_thresholds(blend.predict(odds[:, rest]), gold[rest])
        probabilities[kept] = blend.predict(odds[:, kept])
        present[kept] = probabilities[kept] >= np.array([limit.present for limit in limits])
    return CrossFit(probabilities, present)


def split_folds(gold: Matrix, folds: int, seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yields (rows to fit on, rows to predict), the rarest labels spread evenly over the folds."""
    rarest = np.where(gold > 0, gold.sum(0), np.inf).argmin(axis=1)
    order = np.random.default_rng(seed).permutation(len(gold))
    order = order[np.argsort(rarest[order], kind="stable")]
    fold = np.empty(len(gold), dtype=np.intp)
    fold[order] = np.arange(len(gold)) % folds
    for number in range(folds):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)
