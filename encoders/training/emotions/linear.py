"""Trains the linear part of the emotion model: one logistic regression per label on hashed n-grams.

Needs scikit-learn (the `train` extra). The trained model needs numpy alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression

from encoders.base import Matrix
from encoders.emotions.linear import LinearModel
from encoders.emotions.ngrams import Ngrams
from encoders.training.emotions.corpus import Split


@dataclass(frozen=True, slots=True)
class LinearRecipe:
    """How the linear model is trained."""

    bits: int = 17
    words: int = 2
    letters: int = 5
    C: float = 4.0
    """Inverse strength of the penalty on large weights."""
    least: int = 2
    """Texts an n-gram must occur in to count."""
    seed: int = 20


def train_linear(split: Split, recipe: LinearRecipe, say: Callable[[str], None]) -> LinearModel:
    """The trained model with quantised weights, so that evaluation measures what will run."""
    ngrams = Ngrams(recipe.bits, recipe.words, recipe.letters)
    counts = _count_ngrams(split.texts, ngrams)
    met = np.bincount(counts.indices, minlength=ngrams.buckets)
    rarity = np.where(met >= recipe.least, np.log((1 + len(split.texts)) / (1 + met)) + 1, 0.0).astype(np.float16)
    counts.data *= rarity[counts.indices]
    lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(1)).ravel())
    features = scipy.sparse.diags(1.0 / np.where(lengths > 0, lengths, 1.0)) @ counts
    weights = np.zeros((ngrams.buckets, split.gold.shape[1]), dtype=np.float32)
    bias = np.zeros(split.gold.shape[1], dtype=np.float32)
    for label in range(split.gold.shape[1]):
        model = LogisticRegression(C=recipe.C, solver="liblinear", random_state=recipe.seed)
        model.fit(features, split.gold[:, label])
        weights[:, label], bias[label] = model.coef_[0], model.intercept_[0]
        say(f"linear model: label {label + 1} of {split.gold.shape[1]}")
    # Square roots are quantised: a few words weigh fifty times the rest, and both need relative precision.
    scale = np.sqrt(np.abs(weights).max(axis=0)) / 127
    whole = np.round(np.sign(weights) * np.sqrt(np.abs(weights)) / scale).astype(np.int8)
    return LinearModel(ngrams, whole, scale, bias, rarity)


def save_linear(model: LinearModel, folder: Path) -> dict[str, Any]:
    """Writes the arrays; the description of this part for `model.json`."""
    np.save(folder / "linear_weights.npy", model.weights, allow_pickle=False)
    np.save(folder / "linear_rarity.npy", model.rarity, allow_pickle=False)
    ngrams = {"bits": model.ngrams.bits, "words": model.ngrams.words, "letters": model.ngrams.letters}
    return {
        "ngrams": ngrams,
        "weights": "linear_weights.npy",
        "rarity": "linear_rarity.npy",
        "scale": [float(f"{value:.6g}") for value in model.scale],
        "bias": [float(f"{value:.6g}") for value in model.bias],
    }


def _count_ngrams(texts: Sequence[str], ngrams: Ngrams) -> Any:
    counted = [ngrams.count(text) for text in texts]
    ends = np.cumsum([0] + [len(buckets) for buckets, _ in counted])
    heights: Matrix = np.concatenate([found for _, found in counted])
    buckets = np.concatenate([found for found, _ in counted])
    return scipy.sparse.csr_matrix((heights.astype(np.float64), buckets, ends), shape=(len(texts), ngrams.buckets))
