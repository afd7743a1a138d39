"""The multilingual part of the emotion model: one pass over a sentence gives its emotions and how much it says danger.

The gate and the reading ask about the same sentences, one after the other. What a sentence gave is kept for the next
few, under a hash of it, so that both cost one pass; the words themselves are not kept.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock

import numpy as np

from encoders.base import Matrix
from encoders.emotions.onnx_classifier import OnnxModel
from encoders.emotions.passages import split_passages, split_sentences

KEPT = 256
"""Sentences whose outputs are kept."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns log-odds into calibrated ones: scale x log-odds + bias."""

    scale: Matrix
    """Float32 [labels], or [1]."""
    bias: Matrix

    def apply(self, odds: Matrix) -> Matrix:
        """Probabilities of the same shape."""
        total: Matrix = 1.0 / (1.0 + np.exp(-(odds * self.scale + self.bias).clip(-30, 30)))
        return total.astype(np.float32)


@dataclass(frozen=True, slots=True)
class MultilingualModel:
    """An encoder whose last output is the log-odds of danger, and whose others are those of the emotions."""

    network: OnnxModel
    languages: Mapping[str, Calibration]
    """Language -> calibration of its emotions; "und" stands for those without texts to calibrate on."""
    danger: Calibration
    _kept: OrderedDict[bytes, Matrix] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def predict_logits(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: log-odds of the emotions."""
        return self._predict(texts)[:, :-1]

    def score(self, texts: Sequence[str], language: str) -> Matrix:
        """Float32 [texts, labels]: probabilities, calibrated for the language."""
        return self.languages.get(language, self.languages["und"]).apply(self.predict_logits(texts))

    def score_danger(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts]: the probability of danger in the sentence that says most of it.

        A text of several sentences is also read in passages: some hints need two sentences.
        """
        parts = [
            sorted({text[s.start : s.end] for s in (*split_sentences(text), *split_passages(text))}) for text in texts
        ]
        scores = self.danger.apply(self._predict([part for some in parts for part in some])[:, -1])
        ends = np.cumsum([len(some) for some in parts])
        found = [scores[end - len(some) : end].max() for some, end in zip(parts, ends, strict=True)]
        return np.array(found, dtype=np.float32)

    def _predict(self, texts: Sequence[str]) -> Matrix:
        keys = [blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in texts]
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        rows = self.network.predict_logits(list(new.values()))
        known |= dict(zip(new, rows, strict=True))
        with self._lock:
            for key in keys:
                self._kept[key] = known[key]
                self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, self.network.outputs), np.float32)
