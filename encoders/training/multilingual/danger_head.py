"""Fits the danger head anew on a trained encoder: its texts are few, and what they teach the encoder fits them closely.

A logistic regression on the pooled states, strongly held back. How strongly is chosen on authors that are held out.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize

from encoders.base import Matrix
from encoders.training.emotions.classifier import PooledClassifier, pad_tokens, tokenise

PULLS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Strengths of the pull of the weights towards 0, per text."""
ORDINARY_WEIGHT = 0.5
"""What one of people's ordinary texts counts beside one of the danger set."""
LONGEST = 64
_BATCH = 64

Examples = tuple[Sequence[str], Matrix]
"""Texts, and how much danger they speak of, 0..1."""


def refit_danger_head(
    model: PooledClassifier,
    tokenizer: Any,
    danger: Examples,
    ordinary: Sequence[str],
    held: Examples,
    say: Callable[[str], None],
) -> None:
    """Replaces the last row of the head."""
    say("pooling the texts of the danger set")
    pooled = [pool_texts(model, tokenizer, texts) for texts in (danger[0], ordinary, held[0])]
    middle, spread = pooled[0].mean(0), pooled[0].std(0) + 1e-3
    learnt, plain, measured = ((one - middle) / spread for one in pooled)
    design = np.concatenate([learnt, plain])
    gold = np.concatenate([danger[1], np.zeros(len(plain))])
    weights = np.concatenate([np.ones(len(learnt)), np.full(len(plain), ORDINARY_WEIGHT)])
    fits = [fit_logistic(design, gold, weights, pull) for pull in PULLS]
    losses = [_lose(measured @ fit[:-1] + fit[-1], held[1]) for fit in fits]
    best = int(np.argmin(losses))
    say(f"danger head: pull {PULLS[best]}, losses held out {' '.join(f'{loss:.3f}' for loss in losses)}")
    chosen = fits[best][:-1] / spread
    with torch.no_grad():
        model.head.weight[-1] = torch.from_numpy(chosen.astype(np.float32))
        model.head.bias[-1] = float(fits[best][-1] - chosen @ middle)


def pool_texts(model: PooledClassifier, tokenizer: Any, texts: Sequence[str]) -> Matrix:
    """Float [texts, 3 x width]: what the head is given."""
    model.eval()
    tokens = tokenise(tokenizer, texts, LONGEST)
    order = np.argsort([len(ids) for ids in tokens], kind="stable")
    found = np.zeros((len(tokens), model.head.in_features), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            ids, mask = pad_tokens([tokens[row] for row in rows], tokenizer.pad_token_id, torch.device("cpu"))
            found[rows] = model.pool(ids, mask).numpy()
    return found


def fit_logistic(design: Matrix, gold: Matrix, weights: Matrix, pull: float) -> Matrix:
    """Weights of the columns, and last the bias."""
    total = weights.sum()

    def lose(fit: Matrix) -> tuple[float, Matrix]:
        odds = design @ fit[:-1] + fit[-1]
        away = weights * (1 / (1 + np.exp(-odds)) - gold) / total
        loss = (weights * (np.logaddexp(0, odds) - gold * odds)).sum() / total + pull / 2 * (fit[:-1] ** 2).sum()
        return float(loss), np.concatenate([design.T @ away + pull * fit[:-1], [away.sum()]])

    start = np.zeros(design.shape[1] + 1)
    found: Matrix = minimize(lose, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return found


def _lose(odds: Matrix, gold: Matrix) -> float:
    return float((np.logaddexp(0, odds) - gold * odds).mean())
