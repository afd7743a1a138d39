"""Trains the symbolic tower and the projection of texts on excerpts of music and on texts with demands.

In every step a batch of music is compared with a batch of texts, by a contrastive loss with soft targets: the degree
to which each piece meets each text's demands. The usual loss with one matching pair is a special case (Radford et al.
2021, arXiv 2103.00020, section 2.3; CLaMP 3, arXiv 2502.10362). The sentence encoder is frozen and only its projection
is trained, so that words outside the training captions keep their meaning. Auxiliary losses are the regression of the
measured cues, and the heads of `auxiliary`.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from encoders.base import EncoderUnavailable, Matrix
from encoders.embedding.clamp3.towers import Clamp3Module, SymbolicTower, mean_pool
from encoders.training.clamp3.auxiliary import AuxiliaryHeads, AuxiliaryTargets, count_head_patches
from encoders.training.clamp3.wordings import Demands


@dataclass(frozen=True, slots=True)
class TowersRecipe:
    """Hyperparameters of the training."""

    steps: int = 6000
    patches: int = 6144
    """Patches of music a batch, padding included: some fifty excerpts, or a dozen long ones."""
    texts: int = 512
    """Texts a batch."""
    rate: float = 1e-3
    warm: int = 150
    """Warm-up steps; after them the rate follows a cosine schedule."""
    decay: float = 0.02
    regression: float = 1.0
    """Weight of the auxiliary regression of the measured cues: it guides the tower early on."""
    auxiliary: float = 0.5
    """Weight of the losses of the auxiliary heads."""
    inner: float = 0.5
    """Share of excerpts without their first patches (tempo and instruments), like later segments of a long piece."""
    seed: int = 7


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The training set."""

    patches: Sequence[NDArray[np.uint8]]
    """[patches, 64] of each excerpt."""
    auxiliary: AuxiliaryTargets
    places: Matrix
    """Float32 [music, cues], -1..1."""
    tags: NDArray[np.bool_]
    """[music, tags]"""
    words: Matrix
    """Float32 [texts, width]: output of the text tower, before the projection."""
    demands: Demands


class TrainingModule(nn.Module):
    """The symbolic tower, the projection of texts, the temperature, and the heads that are dropped afterwards.

    Checkpoints store the names of its attributes (`ear` is the head of the cue regression).
    """

    def __init__(self, symbolic: SymbolicTower, project: nn.Linear, cues: int) -> None:
        super().__init__()
        self.towers = Clamp3Module(project.out_features, symbolic=symbolic)
        self.project = project
        self.scale = nn.Parameter(torch.tensor(math.log(10.0)))
        self.ear = nn.Linear(project.out_features, cues)
        self.auxiliary = AuxiliaryHeads(symbolic.base.config.hidden_size)

    @property
    def positions(self) -> int:
        """Patches that the tower reads at once."""
        return int(self.towers.symbolic_model.base.config.max_position_embeddings)

    def encode_music(
        self, patches: torch.Tensor, mask: torch.Tensor, begins: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, Sequence[torch.Tensor]]:
        """Unit vectors [music, dimensions], and the hidden states of every layer. `begins` [music]: the position index
        of an excerpt's first patch, so that all positions are trained though few excerpts are long."""
        tower = self.towers.symbolic_model
        at = torch.arange(patches.shape[1]) + (0 if begins is None else begins.unsqueeze(1))
        # Half precision for the tower, full precision for the loss.
        with torch.autocast("cpu", torch.bfloat16):
            read = tower.base(
                inputs_embeds=tower.embed(patches),
                attention_mask=mask,
                position_ids=at.expand(len(patches), -1),
                output_hidden_states=True,
            )
            vectors = self.towers.symbolic_proj(mean_pool(read.last_hidden_state, mask))
        return functional.normalize(vectors.float(), dim=-1), read.hidden_states

    def compute_contrast(self, music: torch.Tensor, words: torch.Tensor, met: torch.Tensor) -> torch.Tensor:
        """The contrastive loss; `met` [texts, music] is how well each piece meets each text."""
        texts = functional.normalize(self.project(words), dim=-1)
        alike = self.scale.clamp(max=math.log(50.0)).exp() * texts @ music.T
        by_piece = -((met / met.sum(dim=0, keepdim=True).clamp(min=1e-6)) * alike.log_softmax(dim=0)).sum(dim=0)
        return compute_choice_loss(alike, met) + by_piece.mean()

    def compute_cue_loss(self, music: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Regression loss between the cues predicted from the vectors and the measured ones."""
        return functional.smooth_l1_loss(self.ear(music * 4), places, beta=0.2)


def compute_choice_loss(alike: torch.Tensor, met: torch.Tensor) -> torch.Tensor:
    """Cross-entropy between the pieces that texts choose and those that meet their demands; both [texts, music]."""
    pieces = met / met.sum(dim=1, keepdim=True).clamp(min=1e-6)
    # A text that no piece of the batch meets gets no weight.
    counts = met.amax(dim=1).clamp(max=0.3) / 0.3
    by_text = -(pieces * alike.log_softmax(dim=1)).sum(dim=1)
    return (by_text * counts).sum() / counts.sum().clamp(min=1e-6)


def train_towers(
    module: TrainingModule, training_set: TrainingSet, recipe: TowersRecipe, folder: Path, say: Callable[[str], None]
) -> None:
    """Trains in place. Saves a checkpoint in the folder every 200 steps; an interrupted run resumes from it."""
    rng = np.random.default_rng(recipe.seed)
    optimizer = torch.optim.AdamW(_group_parameters(module, recipe), lr=recipe.rate, betas=(0.9, 0.98))
    begin = _restore_state(folder / "module.pt", module, optimizer)
    batches = _draw_batches(training_set, recipe, rng)
    heads = [count_head_patches(patches) for patches in training_set.patches]
    started, shown = time.monotonic(), np.zeros(3)
    # Without dropout: a few epochs are all that time allows, too few to overfit.
    module.eval()
    for step in range(recipe.steps):
        rows = next(batches)
        texts = rng.integers(len(training_set.words), size=recipe.texts)
        inner, begins = rng.random(len(rows)) < recipe.inner, rng.random(len(rows))
        if step < begin:
            continue  # Random numbers are drawn all the same, so that a resumed run ends as an uninterrupted one.
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _schedule_rate(step, recipe)
        first = [heads[row] if without else 0 for row, without in zip(rows, inner, strict=True)]
        losses = _compute_losses(module, training_set, rows, first, texts, begins)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(losses[0] + recipe.regression * losses[1] + recipe.auxiliary * losses[2])
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        now = np.array([float(loss.detach()) for loss in losses])
        shown = 0.98 * shown + 0.02 * now if step > begin else now
        if (step + 1) % 50 == 0:
            pace = (time.monotonic() - started) / (step + 1 - begin)
            terms = f"choosing {shown[0]:.3f}, cues {shown[1]:.4f}, auxiliary {shown[2]:.3f}"
            say(f"step {step + 1}: {terms}; {pace:.2f} s a step, {pace * (recipe.steps - step - 1) / 60:.0f} min left")
        if (step + 1) % 200 == 0 or step + 1 == recipe.steps:
            _save_state(folder / "module.pt", module, optimizer, step + 1)


def _compute_losses(
    module: TrainingModule,
    training_set: TrainingSet,
    rows: NDArray[np.int64],
    first: Sequence[int],
    texts: NDArray[np.int64],
    begins: NDArray[np.float64],
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Losses of the contrast, of the cue regression and of the auxiliary heads, for excerpts from patch `first` on."""
    patches, mask = pad_excerpts([training_set.patches[row][at:] for row, at in zip(rows, first, strict=True)])
    struck, _ = pad_excerpts([training_set.auxiliary.struck[row][at:] for row, at in zip(rows, first, strict=True)])
    left = module.positions - patches.shape[1]
    music, hidden = module.encode_music(patches, mask, torch.from_numpy((begins * (left + 1)).astype(np.int64)))
    places = torch.from_numpy(training_set.places[rows])
    met = torch.from_numpy(
        training_set.demands.select(texts).measure_fit(training_set.places[rows], training_set.tags[rows])
    )
    targets = (
        struck,
        torch.from_numpy(training_set.auxiliary.held[rows]),
        torch.from_numpy(training_set.auxiliary.keys[rows]),
    )
    return (
        module.compute_contrast(music, torch.from_numpy(training_set.words[texts]), met),
        module.compute_cue_loss(music, places),
        module.auxiliary.compute_losses(hidden, mask, *targets),
    )


def embed_excerpts(module: TrainingModule, excerpts: Sequence[NDArray[np.uint8]]) -> Matrix:
    """Float32 [excerpts, dimensions], unit rows: the current vectors of the symbolic tower."""
    order = sorted(range(len(excerpts)), key=lambda row: len(excerpts[row]))
    found: dict[int, NDArray[np.float32]] = {}
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            rows = order[start : start + 32]
            vectors, _ = module.encode_music(*pad_excerpts([excerpts[row] for row in rows]))
            found.update(zip(rows, vectors.numpy(), strict=True))
    return np.stack([found[row] for row in range(len(excerpts))])


def pad_excerpts(excerpts: Sequence[NDArray[Any]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Excerpts [patches, …] padded with zeros to [excerpts, longest, …], and the mask of what is no padding."""
    longest = max(len(excerpt) for excerpt in excerpts)
    out = np.zeros((len(excerpts), longest, *excerpts[0].shape[1:]), dtype=excerpts[0].dtype)
    mask = np.zeros((len(excerpts), longest), dtype=np.int64)
    for row, excerpt in enumerate(excerpts):
        out[row, : len(excerpt)] = excerpt
        mask[row, : len(excerpt)] = 1
    return torch.from_numpy(out), torch.from_numpy(mask)


def _group_parameters(module: TrainingModule, recipe: TowersRecipe) -> list[dict[str, Any]]:
    """Parameter groups: weight decay for matrices only."""
    every = list(module.parameters())
    return [
        {"params": [value for value in every if value.ndim > 1], "weight_decay": recipe.decay},
        {"params": [value for value in every if value.ndim <= 1], "weight_decay": 0.0},
    ]


def _draw_batches(
    training_set: TrainingSet, recipe: TowersRecipe, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yields batches of rows without end: excerpts of similar length, since padding costs time."""
    lengths = np.array([len(excerpt) for excerpt in training_set.patches])
    while True:
        order = rng.permutation(len(lengths))
        for some in np.array_split(order, max(1, int(lengths.sum() // (16 * recipe.patches)))):
            sorted_ = some[np.argsort(lengths[some], kind="stable")]
            parts = _split_by_patches(sorted_, lengths, recipe.patches)
            yield from (parts[number] for number in rng.permutation(len(parts)))


def _split_by_patches(rows: NDArray[np.int64], lengths: NDArray[np.int64], patches: int) -> list[NDArray[np.int64]]:
    """Rows sorted by length, split so that no part has more than `patches` patches, padding included."""
    parts, start = [], 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or (end + 1 - start) * lengths[rows[end]] > patches:
            parts.append(rows[start:end])
            start = end
    return parts


def _schedule_rate(step: int, recipe: TowersRecipe) -> float:
    if step < recipe.warm:
        return (step + 1) / recipe.warm
    return 0.02 + 0.49 * (1 + math.cos(math.pi * (step - recipe.warm) / max(1, recipe.steps - recipe.warm)))


def _save_state(path: Path, module: TrainingModule, optimizer: torch.optim.Optimizer, step: int) -> None:
    half = path.with_suffix(".half")
    torch.save({"module": module.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, half)
    half.replace(path)


def _restore_state(path: Path, module: TrainingModule, optimizer: torch.optim.Optimizer) -> int:
    if not path.is_file():
        return 0
    kept = torch.load(path, weights_only=True)
    try:
        module.load_state_dict(kept["module"])
        optimizer.load_state_dict(kept["optimizer"])
    except (KeyError, RuntimeError, ValueError) as exc:
        repair = "Remove it to begin anew, or name another folder with --work"
        raise EncoderUnavailable(str(path), "was kept by a module of another size", repair) from exc
    return int(kept["step"])
