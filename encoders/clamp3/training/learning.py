"""Both towers learn from stretches of music and from texts that say what they demand of music.

In every step a batch of music meets a batch of texts. Each text should choose among the pieces as its demands do, and
each piece among the texts: a contrastive loss with soft targets, of which one pair and its rivals is the special case
(Radford et al. 2021, arXiv 2103.00020, section 2.3; CLaMP 3, arXiv 2502.10362). The sentence encoder stays as it is;
what its vectors mean for music is learnt by the projection, so that words that no caption used keep their sense.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from encoders.base import Matrix
from encoders.clamp3.towers import Towers
from encoders.clamp3.training.wordings import Demands


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn."""

    steps: int = 3000
    music: int = 48
    """Stretches a batch."""
    texts: int = 512
    """Texts a batch."""
    rate: float = 1e-3
    warm: int = 150
    """Steps until the full rate; from then on it falls as a cosine does."""
    decay: float = 0.02
    told: float = 0.3
    """What naming the measured cues outright counts, beside the contrast: it tells the tower early what to look at."""
    inner: float = 0.5
    """Share of stretches shown without the head that tells tempo and instruments: so a long piece goes on."""
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Lesson:
    """All there is to learn from."""

    patches: Sequence[NDArray[np.uint8]]
    """[patches, 64] of each stretch."""
    heads: NDArray[np.int64]
    """How many patches of each are its head."""
    places: Matrix
    """Float32 [music, cues], -1..1."""
    tags: NDArray[np.bool_]
    """[music, tags]"""
    words: Matrix
    """Float32 [texts, width]: the sentence encoder's mean over each text's tokens."""
    demands: Demands


class Learner(nn.Module):
    """The towers, how sharply they choose, and an ear for the cues that is thrown away afterwards."""

    def __init__(self, towers: Towers, dimensions: int, cues: int) -> None:
        super().__init__()
        if towers.text_proj is None:
            raise ValueError("words are learnt by the text tower's projection, which these towers lack")
        self.towers = towers
        self.project = towers.text_proj
        self.scale = nn.Parameter(torch.tensor(math.log(10.0)))
        self.ear = nn.Linear(dimensions, cues)

    def losses(
        self, patches: torch.Tensor, mask: torch.Tensor, words: torch.Tensor, met: torch.Tensor, places: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Of choosing, and of naming the cues; `met` [texts, music] is how well each piece meets each text."""
        # Half precision where the work is, whole precision where the choice is made.
        with torch.autocast("cpu", torch.bfloat16):
            music = self.towers.embed_patches(patches, mask)
        music = functional.normalize(music.float(), dim=-1)
        texts = functional.normalize(self.project(words), dim=-1)
        alike = self.scale.clamp(max=math.log(50.0)).exp() * texts @ music.T
        by_piece = -((met / met.sum(dim=0, keepdim=True).clamp(min=1e-6)) * alike.log_softmax(dim=0)).sum(dim=0)
        chosen = choosing(alike, met) + by_piece.mean()
        return chosen, functional.smooth_l1_loss(self.ear(music * 4), places, beta=0.2)


def choosing(alike: torch.Tensor, met: torch.Tensor) -> torch.Tensor:
    """How far texts are from choosing among pieces as their demands do; both [texts, music]."""
    pieces = met / met.sum(dim=1, keepdim=True).clamp(min=1e-6)
    # A text that nothing here meets has nothing to teach.
    counts = met.amax(dim=1).clamp(max=0.3) / 0.3
    by_text = -(pieces * alike.log_softmax(dim=1)).sum(dim=1)
    return (by_text * counts).sum() / counts.sum().clamp(min=1e-6)


def learn(learner: Learner, lesson: Lesson, recipe: Recipe, folder: Path, say: Callable[[str], None]) -> None:
    """Trains in place. What is learnt is kept in the folder every 200 steps; a run that was stopped goes on from it."""
    rng = np.random.default_rng(recipe.seed)
    optimizer = torch.optim.AdamW(_groups(learner, recipe), lr=recipe.rate, betas=(0.9, 0.98))
    begin = _restore(folder / "learner.pt", learner, optimizer)
    batches = _batches(lesson, recipe, rng)
    started, shown = time.monotonic(), [0.0, 0.0]
    # Without dropout: a pass over the music is all that time allows, and what is seen once is not learnt by heart.
    learner.eval()
    for step in range(recipe.steps):
        rows = next(batches)
        texts = rng.integers(len(lesson.words), size=recipe.texts)
        inner = rng.random(len(rows)) < recipe.inner
        if step < begin:
            continue  # The same chance as in the run that was stopped, so that both end alike.
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _rate(step, recipe)
        patches, mask = padded(
            [lesson.patches[r][lesson.heads[r] if i else 0 :] for r, i in zip(rows, inner, strict=True)]
        )
        asked = Demands(lesson.demands.places[texts], lesson.demands.weights[texts], lesson.demands.tags[texts])
        met = torch.from_numpy(asked.met(lesson.places[rows], lesson.tags[rows]))
        chosen, told = learner.losses(
            patches, mask, torch.from_numpy(lesson.words[texts]), met, torch.from_numpy(lesson.places[rows])
        )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(chosen + recipe.told * told)
        nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimizer.step()
        shown = [
            0.98 * a + 0.02 * float(b.detach()) if step > begin else float(b.detach())
            for a, b in zip(shown, (chosen, told), strict=True)
        ]
        if (step + 1) % 50 == 0:
            pace = (time.monotonic() - started) / (step + 1 - begin)
            left = pace * (recipe.steps - step - 1) / 60
            losses = f"choosing {shown[0]:.3f}, cues {shown[1]:.4f}"
            say(f"step {step + 1}: {losses}; {pace:.2f} s a step, {left:.0f} min left")
        if (step + 1) % 200 == 0 or step + 1 == recipe.steps:
            _keep(folder / "learner.pt", learner, optimizer, step + 1)


def embedded(learner: Learner, stretches: Sequence[NDArray[np.uint8]]) -> Matrix:
    """Float32 [stretches, dimensions], unit rows: what the symbolic tower makes of them now."""
    order = sorted(range(len(stretches)), key=lambda row: len(stretches[row]))
    parts = [order[start : start + 64] for start in range(0, len(order), 64)]
    found: dict[int, NDArray[np.float32]] = {}
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for rows in parts:
            vectors = learner.towers.embed_patches(*padded([stretches[row] for row in rows])).float()
            found.update(zip(rows, functional.normalize(vectors, dim=-1).numpy(), strict=True))
    return np.stack([found[row] for row in range(len(stretches))])


def padded(stretches: Sequence[NDArray[np.uint8]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Patches [stretches, longest, 64] and which of them are any, 1 or 0."""
    longest = max(len(stretch) for stretch in stretches)
    patches = np.zeros((len(stretches), longest, stretches[0].shape[1]), dtype=np.int64)
    mask = np.zeros((len(stretches), longest), dtype=np.int64)
    for row, stretch in enumerate(stretches):
        patches[row, : len(stretch)] = stretch
        mask[row, : len(stretch)] = 1
    return torch.from_numpy(patches), torch.from_numpy(mask)


def _groups(learner: Learner, recipe: Recipe) -> list[dict[str, Any]]:
    """Matrices decay, all else does not; the sentence encoder does not learn."""
    learning = [
        (name, value) for name, value in learner.named_parameters() if not name.startswith("towers.text_model.")
    ]
    for name, value in learner.named_parameters():
        value.requires_grad_(not name.startswith("towers.text_model."))
    return [
        {"params": [value for _, value in learning if value.ndim > 1], "weight_decay": recipe.decay},
        {"params": [value for _, value in learning if value.ndim <= 1], "weight_decay": 0.0},
    ]


def _batches(lesson: Lesson, recipe: Recipe, rng: np.random.Generator) -> Any:
    """Rows of a batch, for ever: stretches of about one length, since what is padded is paid for."""
    lengths = np.array([len(stretch) for stretch in lesson.patches])
    while True:
        order = rng.permutation(len(lengths))
        for start in range(0, len(order) - recipe.music * 16 + 1, recipe.music * 16):
            some = order[start : start + recipe.music * 16]
            some = some[np.argsort(lengths[some], kind="stable")].reshape(16, recipe.music)
            yield from some[rng.permutation(16)]


def _rate(step: int, recipe: Recipe) -> float:
    if step < recipe.warm:
        return (step + 1) / recipe.warm
    return 0.02 + 0.49 * (1 + math.cos(math.pi * (step - recipe.warm) / max(1, recipe.steps - recipe.warm)))


def _keep(path: Path, learner: Learner, optimizer: torch.optim.Optimizer, step: int) -> None:
    half = path.with_suffix(".half")
    state = {name: value for name, value in learner.state_dict().items() if not name.startswith("towers.text_model.")}
    torch.save({"learner": state, "optimizer": optimizer.state_dict(), "step": step}, half)
    half.replace(path)


def _restore(path: Path, learner: Learner, optimizer: torch.optim.Optimizer) -> int:
    if not path.is_file():
        return 0
    kept = torch.load(path, weights_only=True)
    learner.load_state_dict(kept["learner"], strict=False)
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["step"])
