"""Calibrates the reading of danger, and recommends from which probability on to ask and to hold back."""

from collections.abc import Mapping, Sequence

import numpy as np

from encoders.base import Matrix
from encoders.emotions.multilingual import MultilingualModel
from encoders.training.emotions.corpus import Corpus
from encoders.training.multilingual.evaluation import Sets
from encoders.training.multilingual.examples import SPEAKS_OF_DANGER

HELD_DANGER, HELD_FEELINGS = "danger, held-out authors", "made texts about feelings, held-out authors"
COMMENTS = "GoEmotions, development"
ORDINARY = 5000
ASKED, HELD = 0.01, 0.003
"""Shares of people's ordinary texts that may be asked about, and held back."""
HARD_ASKED, HARD_HELD = 0.13, 0.03
"""The same of harmless texts in the words of danger, written for us, of held-out authors."""
_ROUNDS = 50


def read_calm(corpus: Corpus, sets: Sets) -> dict[str, list[str]]:
    """Texts free of danger that the model did not learn from, by set; those aside that name what danger is made of."""
    found = {COMMENTS: list(corpus.dev.texts[:ORDINARY])}
    for name, split in sets.dev.items():
        found[f"BRIGHTER, {name}"] = [*split.texts, *sets.held[name].texts]
    found[HELD_FEELINGS] = [text for text, _ in sets.feelings]
    return {name: [text for text in texts if not SPEAKS_OF_DANGER.search(text)] for name, texts in found.items()}


def score_raw(network: MultilingualModel, texts: Sequence[str]) -> Matrix:
    """[texts]: log-odds of danger of a network that is not calibrated."""
    scores = network.score_danger(texts).astype(np.float64).clip(1e-12, 1 - 1e-12)
    odds: Matrix = np.log(scores / (1 - scores))
    return odds


def fit_danger(raw: Mapping[str, Matrix], target: Matrix) -> tuple[float, float]:
    """Scale and bias: the texts of held-out authors, `target` of them danger, among people's ordinary words."""
    odds = np.concatenate([raw[HELD_DANGER], *(some for name, some in raw.items() if name != HELD_DANGER)])
    gold = np.concatenate([target, np.zeros(len(odds) - len(target))])
    weights, design = np.array([1.0, 0.0]), np.stack([odds, np.ones(len(odds))], axis=1)
    for _ in range(_ROUNDS):
        found = 1 / (1 + np.exp(-design @ weights))
        spread = (found * (1 - found)).clip(1e-9)
        weights += np.linalg.solve(design.T @ (design * spread[:, None]) + 1e-6 * np.eye(2), design.T @ (gold - found))
    return float(weights[0]), float(weights[1])


def calibrate(odds: Matrix, fit: tuple[float, float]) -> Matrix:
    """Probabilities."""
    found: Matrix = 1 / (1 + np.exp(-(fit[0] * odds + fit[1])))
    return found


def recommend(scores: Mapping[str, Matrix], target: Matrix) -> tuple[float, float]:
    """Probabilities from which to ask and to hold back, so that harmless texts are seldom disturbed.

    `scores`: of each set, calibrated; `target`: how much danger the texts of the held-out authors speak of.
    """
    people = np.concatenate([some for name, some in scores.items() if name not in (HELD_DANGER, HELD_FEELINGS)])
    hard = scores[HELD_DANGER][target == 0]
    asks = max(np.quantile(people, 1 - ASKED - HELD), np.quantile(hard, 1 - HARD_ASKED))
    supports = max(np.quantile(people, 1 - HELD), np.quantile(hard, 1 - HARD_HELD))
    return round(float(asks), 2), round(max(float(supports), float(asks)), 2)
