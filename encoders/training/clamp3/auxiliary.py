"""Auxiliary heads: each layer of the symbolic tower is trained on a task of its own, and the heads are then dropped.

To infer major or minor from the characters of a patch takes three steps: which pitches are struck, how long each pitch
class sounds in all, and which key that fits. A loss at the last layer alone hardly trains the first of them, so each
layer has its own loss (deep supervision: Lee et al. 2015, AISTATS, arXiv 1409.5185).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from encoders.analysis.cues import correlate_keys
from encoders.base import Matrix
from encoders.embedding.clamp3.patches import split_patches

NOTES: Final = b"note_"
"""The beginning of a patch of notes, after the begin mark of every patch."""
_SURE: Final = 12.0
"""Inverse temperature of the softmax over the 24 keys: a correlation higher by .1 is three times as likely."""


@dataclass(frozen=True, slots=True)
class AuxiliaryTargets:
    """Targets of the auxiliary heads for each excerpt of music."""

    struck: Sequence[NDArray[np.bool_]]
    """[patches, 12] of each: the pitch classes struck in a patch."""
    held: Matrix
    """Float32 [music, 12]: share of the sounding time of each pitch class."""
    keys: Matrix
    """Float32 [music, 24]: probability of each key, the twelve major ones first; sums to 1."""

    @classmethod
    def of(cls, patches: Sequence[NDArray[np.uint8]], held: Matrix) -> "AuxiliaryTargets":
        """From the patches of each excerpt, and the seconds that each pitch class sounds in it."""
        likely = np.exp(_SURE * np.array([correlate_keys(row) for row in held.astype(np.float64)]))
        return cls(
            [find_struck_classes(each) for each in patches],
            (held / np.maximum(held.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32),
            (likely / likely.sum(axis=1, keepdims=True)).astype(np.float32),
        )


def find_struck_classes(patches: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """[patches, 12]: the pitch classes of the notes that begin in each patch of MTF."""
    found = np.zeros((len(patches), 12), dtype=bool)
    for row, patch in enumerate(patches):
        text = bytes(patch[patch > 3].tolist())
        if not text.startswith(b"note_on "):
            continue
        for message in text.decode("ascii").removeprefix("note_on ").rstrip("\n").split("\t"):
            values = message.split(" ")
            if len(values) == 4 and values[3] not in ("", "0"):
                found[row, int(values[2]) % 12] = True
    return found


def count_head_patches(patches: NDArray[np.uint8]) -> int:
    """Number of patches before the first note."""
    return next(row for row, patch in enumerate(patches) if bytes(patch[1:6].tolist()) == NOTES)


class AuxiliaryHeads(nn.Module):
    """Linear heads on the layers of the symbolic tower; used in training only."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.struck = nn.Linear(width, 12)
        self.held = nn.ModuleList([nn.Linear(width, 12), nn.Linear(width, 12)])
        self.keys = nn.ModuleList([nn.Linear(width, 24), nn.Linear(width, 24)])

    def compute_losses(
        self,
        hidden: Sequence[torch.Tensor],
        mask: torch.Tensor,
        struck: torch.Tensor,
        held: torch.Tensor,
        keys: torch.Tensor,
    ) -> torch.Tensor:
        """Sum of the losses of all heads. `hidden`: [music, patches, width] of every layer, the patch embedding first;
        `struck` [music, patches, 12]; `held` [music, 12]; `keys` [music, 24]."""
        layers = len(hidden) - 1
        # With fewer than four layers the last one has more than one task.
        first, second, third = (hidden[min(number, layers)].float() for number in (1, 2, 3))
        notes = mask.bool() & struck.any(dim=-1)
        loss = functional.binary_cross_entropy_with_logits(self.struck(first)[notes], struck[notes].float())
        read = mask.to(torch.float32) / mask.sum()
        for reader, layer in zip(self.held, (second, third), strict=True):
            loss = loss + 0.5 * _compute_cross_entropy(reader(layer), held, read)
        for reader, layer in zip(self.keys, (third, hidden[-1].float()), strict=True):
            loss = loss + 0.5 * _compute_cross_entropy(reader(layer), keys, read)
        return loss


def _compute_cross_entropy(predicted: torch.Tensor, true: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
    """Cross-entropy at every patch, weighted by `read` [music, patches]."""
    each = -(predicted.log_softmax(dim=-1) * true.unsqueeze(1)).sum(dim=-1)
    return (each * read).sum()


def make_auxiliary_targets(
    texts: Sequence[str], held: Matrix, longest: int
) -> tuple[list[NDArray[np.uint8]], AuxiliaryTargets]:
    """The patches of excerpts in MTF, each truncated to `longest`, and their auxiliary targets. `held`: seconds that
    each pitch class sounds, [music, 12]."""
    patches = [split_patches(text)[:longest] for text in texts]
    return patches, AuxiliaryTargets.of(patches, held)
