"""Trains the projection of texts again, against fixed music: cheap, so that it sees many more texts.

The sentence encoder knows thousands of words that no caption uses. The projection must generalise to them, so it is
regularised by noise on every text and by weight decay.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from encoders.base import Matrix
from encoders.training.clamp3.learning import compute_choice_loss
from encoders.training.clamp3.wordings import Demands


@dataclass(frozen=True, slots=True)
class WordsRecipe:
    """Hyperparameters of the projection's training."""

    steps: int = 3000
    music: int = 256
    texts: int = 512
    rate: float = 1e-3
    blur: float = 0.5
    """Noise on a text's vector, in standard deviations of each component over all texts."""
    decay: float = 0.3
    scale: float = 15.0
    """Inverse temperature of the choice among pieces."""
    seed: int = 11


def learn_words(
    project: nn.Linear,
    music: Matrix,
    places: Matrix,
    tags: NDArray[np.bool_],
    words: Matrix,
    demands: Demands,
    recipe: WordsRecipe,
    say: Callable[[str], None],
) -> None:
    """Trains the projection in place.

    `music` [pieces, dimensions] are unit vectors of pieces at `places` with `tags`; `words` [texts, width] are the
    sentence encoder's vectors of texts that make `demands`.
    """
    rng = np.random.default_rng(recipe.seed)
    noise = torch.Generator().manual_seed(recipe.seed)
    spread = torch.from_numpy(words.std(axis=0))
    optimizer = torch.optim.AdamW(project.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=recipe.steps, pct_start=0.05)
    mean = 0.0
    for step in range(recipe.steps):
        pieces, texts = rng.integers(len(music), size=recipe.music), rng.integers(len(words), size=recipe.texts)
        met = torch.from_numpy(demands.select(texts).measure_fit(places[pieces], tags[pieces]))
        blurred = torch.from_numpy(words[texts])
        blurred = blurred + recipe.blur * spread * torch.randn(blurred.shape, generator=noise)
        vectors = functional.normalize(project(blurred), dim=-1)
        alike = recipe.scale * vectors @ torch.from_numpy(music[pieces]).T
        loss = compute_choice_loss(alike, met)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        mean = float(loss.detach()) if not step else 0.98 * mean + 0.02 * float(loss.detach())
        if (step + 1) % 500 == 0:
            say(f"words, step {step + 1}: choosing {mean:.3f}")
