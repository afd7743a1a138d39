"""Evaluation metrics of emotion probabilities, with confidence intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.base import Matrix

RESAMPLES = 1000
WORTH_A_LOOK = 0.1
"""Scores below this are left out: they are nearly all right, and would make every calibration look perfect."""
_BINS = 15
_SEED = 20


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Metrics of one label on one split."""

    support: int
    """Texts with this label."""
    precision: float
    recall: float
    f1: float
    low: float
    """Lower end of the 95 % interval of F1, by resampling texts."""
    high: float
    brier_skill: float
    """1 - Brier score / that of always giving the base rate; 0 is no better than the base rate."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Metrics of one model on one split."""

    labels: tuple[LabelFigures, ...]
    macro_f1: float
    low: float
    """Lower end of the 95 % interval of macro-F1."""
    high: float
    calibration_error: float
    """Expected calibration error over all scores of at least `WORTH_A_LOOK`, in fifteen bins of equal width."""
    log_loss: float
    """Mean over all texts and labels, in nats."""
    coverage: tuple[tuple[float, float, float], ...]
    """(share of texts answered, least confidence of an answered one, share of those whose top label is a gold one)."""


def compute_figures(probabilities: Matrix, present: NDArray[np.bool_], gold: Matrix) -> Figures:
    """All metrics of a model from its `probabilities`, and from `present`, which labels reach their thresholds."""
    draw = np.random.default_rng(_SEED)
    hits = (gold * present).astype(np.float64)
    found = present.astype(np.float64)
    resampled = np.zeros((RESAMPLES, gold.shape[1]))
    for number in range(RESAMPLES):
        times = np.bincount(draw.integers(0, len(gold), len(gold)), minlength=len(gold)).astype(np.float64)
        resampled[number] = _compute_f1(times @ hits, times @ found, times @ gold)
    exact = _compute_f1(hits.sum(0), found.sum(0), gold.sum(0))
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
    rates = gold.mean(0)
    skill = 1.0 - ((probabilities - gold) ** 2).mean(0) / np.maximum(rates * (1 - rates), 1e-12)
    rows = tuple(
        LabelFigures(
            support=int(gold[:, label].sum()),
            precision=float(hits[:, label].sum() / max(found[:, label].sum(), 1)),
            recall=float(hits[:, label].sum() / max(gold[:, label].sum(), 1)),
            f1=float(exact[label]),
            low=float(low[label]),
            high=float(high[label]),
            brier_skill=float(skill[label]),
        )
        for label in range(gold.shape[1])
    )
    macro_low, macro_high = np.quantile(resampled.mean(1), [0.025, 0.975])
    return Figures(
        labels=rows,
        macro_f1=float(exact.mean()),
        low=float(macro_low),
        high=float(macro_high),
        calibration_error=compute_calibration_error(probabilities, gold),
        log_loss=compute_log_loss(probabilities, gold),
        coverage=compute_risk_coverage(probabilities, gold),
    )


def compute_calibration_error(probabilities: Matrix, gold: Matrix) -> float:
    """Expected calibration error over scores of at least `WORTH_A_LOOK`, in fifteen bins of equal width."""
    at = probabilities >= WORTH_A_LOOK
    scores, right = probabilities[at].astype(np.float64), gold[at].astype(np.float64)
    bin_of = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bin_of, scores - right, _BINS)
    return float(np.abs(gaps).sum() / len(scores))


def compute_log_loss(probabilities: Matrix, gold: Matrix) -> float:
    """Mean negative log-likelihood of every label of every text, in nats."""
    scores = probabilities.astype(np.float64).clip(1e-7, 1 - 1e-7)
    return float(-(gold * np.log(scores) + (1 - gold) * np.log(1 - scores)).mean())


def compute_risk_coverage(probabilities: Matrix, gold: Matrix) -> tuple[tuple[float, float, float], ...]:
    """Risk-coverage curve: (share answered, least confidence, share right) when only the most confident are answered.

    Confidence is the top score's share of the sum of all scores: two likely labels give less than one.
    """
    top = probabilities.argmax(1)
    clear = probabilities.max(1) / probabilities.sum(1)
    order = np.argsort(-clear, kind="stable")
    right = gold[np.arange(len(top)), top][order]
    rows = []
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2):
        count = max(1, round(share * len(order)))
        rows.append((share, float(clear[order[count - 1]]), float(right[:count].mean())))
    return tuple(rows)


def _compute_f1(
    hits: NDArray[np.float64], found: NDArray[np.float64], gold: NDArray[np.float64]
) -> NDArray[np.float64]:
    f1: NDArray[np.float64] = 2 * hits / np.maximum(found + gold, 1)
    return f1
