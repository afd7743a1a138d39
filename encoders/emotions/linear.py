"""The linear part of the emotion model: hashed n-grams times weights. Needs numpy and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.base import Matrix
from encoders.emotions.ngrams import Ngrams


@dataclass(frozen=True, slots=True)
class LinearModel:
    """One weight per bucket and label, quantised to int8 with one scale per label."""

    ngrams: Ngrams
    weights: NDArray[np.int8]
    """[buckets, labels]"""
    scale: Matrix
    """Float32 [labels]: a weight is the square of scale times its whole number, with that number's sign."""
    bias: Matrix
    rarity: NDArray[np.float16]
    """[buckets]: inverse document frequency in the training texts, 0 for what occurs once or never."""

    def predict_logits(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: log-odds; a text without a known n-gram gets the bias, which is the prior."""
        return (
            np.stack([self._predict_one(text) for text in texts])
            if texts
            else np.zeros((0, len(self.bias)), np.float32)
        )

    def _predict_one(self, text: str) -> Matrix:
        buckets, heights = self.ngrams.count(text)
        heights = heights * self.rarity[buckets]
        length = float(np.sqrt(np.sum(heights * heights)))
        if length == 0.0:
            return self.bias.copy()
        roots = self.weights[buckets] * self.scale
        weighted: Matrix = (heights / length) @ (roots * np.abs(roots))
        return weighted + self.bias
