"""Auxiliary heads: each layer of the symbolic tower is trained on a step of its own, and the heads are then dropped.

Major or minor is three steps away from the characters of a patch: which pitches they strike, how long each pitch class
sounds in all, and which key that fits. A loss at the end alone hardly teaches the first of them, so each layer is
asked for its own step (deep supervision: Lee et al. 2015, AISTATS, arXiv 1409.5185).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from encoders.analysis.cues import keys_of
from encoders.base import Matrix
from encoders.embedding.clamp3.patches import patches_of

NOTES: Final = b"note_"
"""What patches of notes begin with, after the mark that begins every patch."""
_SURE: Final = 12.0
"""How sharply the best of the 24 keys is told from the others: a correlation that is .1 higher is three times as
likely."""


@dataclass(frozen=True, slots=True)
class AuxiliaryTargets:
    """What is true of each excerpt of music."""

    struck: Sequence[NDArray[np.bool_]]
    """[patches, 12] of each: which pitch classes a patch strikes."""
    held: Matrix
    """Float32 [music, 12]: the share of the sounding time that each pitch class has."""
    keys: Matrix
    """Float32 [music, 24]: how likely each key is, the twelve major ones first; adds to 1."""

    @classmethod
    def of(cls, patches: Sequence[NDArray[np.uint8]], held: Matrix) -> "AuxiliaryTargets":
        """From the patches of each excerpt, and the seconds that each pitch class sounds in it."""
        likely = np.exp(_SURE * np.array([keys_of(row) for row in held.astype(np.float64)]))
        return cls(
            [struck(each) for each in patches],
            (held / np.maximum(held.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32),
            (likely / likely.sum(axis=1, keepdims=True)).astype(np.float32),
        )


def struck(patches: NDArray[np.uint8]) -> NDArray[np.bool_]:
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


def head_of(patches: NDArray[np.uint8]) -> int:
    """How many patches come before the first note."""
    return next(row for row, patch in enumerate(patches) if bytes(patch[1:6].tolist()) == NOTES)


class AuxiliaryHeads(nn.Module):
    """A linear head for each step, read off the layers while the tower is trained."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.struck = nn.Linear(width, 12)
        self.held = nn.ModuleList([nn.Linear(width, 12), nn.Linear(width, 12)])
        self.keys = nn.ModuleList([nn.Linear(width, 24), nn.Linear(width, 24)])

    def losses(
        self,
        hidden: Sequence[torch.Tensor],
        mask: torch.Tensor,
        struck: torch.Tensor,
        held: torch.Tensor,
        keys: torch.Tensor,
    ) -> torch.Tensor:
        """How far the layers are from their steps. `hidden` [music, patches, width] of every layer, the patches'
        embedding first; `struck` [music, patches, 12]; `held` [music, 12]; `keys` [music, 24]."""
        layers = len(hidden) - 1
        # With fewer than four layers the last of them takes more than one step.
        first, second, third = (hidden[min(number, layers)].float() for number in (1, 2, 3))
        notes = mask.bool() & struck.any(dim=-1)
        loss = functional.binary_cross_entropy_with_logits(self.struck(first)[notes], struck[notes].float())
        read = mask.to(torch.float32) / mask.sum()
        for reader, layer in zip(self.held, (second, third), strict=True):
            loss = loss + 0.5 * _apart(reader(layer), held, read)
        for reader, layer in zip(self.keys, (third, hidden[-1].float()), strict=True):
            loss = loss + 0.5 * _apart(reader(layer), keys, read)
        return loss


def _apart(predicted: torch.Tensor, true: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
    """Cross-entropy at every patch, weighed by `read` [music, patches]."""
    each = -(predicted.log_softmax(dim=-1) * true.unsqueeze(1)).sum(dim=-1)
    return (each * read).sum()


def with_auxiliary_targets(
    texts: Sequence[str], held: Matrix, longest: int
) -> tuple[list[NDArray[np.uint8]], AuxiliaryTargets]:
    """The patches of music told as MTF, each cut at `longest`, and what is true of them."""
    patches = [patches_of(text)[:longest] for text in texts]
    return patches, AuxiliaryTargets.of(patches, held)
