"""The three towers of CLaMP 3 as torch modules whose parameters carry the names of the published checkpoints.

`Clamp3Module` is the whole model; `symbolic_model.`, `text_proj.` and so on are its attributes, so its `state_dict` has
the published layout, and `save_checkpoint` writes files that the authors' own code reads. Needs torch and transformers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from encoders.embedding.clamp3.patches import HEAD_WIDTH, PATCH_LENGTH, VOCABULARY


class SymbolicTower(nn.Module):
    """Patches of notated music -> one vector a segment, before its projection."""

    def __init__(
        self,
        width: int,
        layers: int,
        inner: int,
        positions: int,
        patch_length: int = PATCH_LENGTH,
        vocabulary: int = VOCABULARY,
    ) -> None:
        super().__init__()
        self.patch_embedding = nn.Linear(patch_length * vocabulary, width)
        nn.init.normal_(self.patch_embedding.weight, std=0.02)
        self.base = build_bert(width, layers, inner, positions)
        # Not persistent: the published checkpoints do not have it.
        first = torch.arange(patch_length) * vocabulary
        self.register_buffer("first_column", first, persistent=False)
        self.first_column: torch.Tensor

    def forward(self, patches: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Float [segments, width]: the mean over the patches that `mask` [segments, patches] holds 1 for.

        `patches` [segments, patches, 64] may be of any whole-number type.
        """
        return self.encode_embedded(self.embed(patches), mask)

    def encode_embedded(self, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Float [segments, width]: as `forward`, from embedded patches [segments, patches, width]."""
        return mean_pool(self.base(inputs_embeds=embedded, attention_mask=mask).last_hidden_state, mask)

    def embed(self, patches: torch.Tensor) -> torch.Tensor:
        """Float [segments, patches, width]: the linear layer over one-hot characters, as the sum of 64 of its columns.

        A hundredth of the work, since 8,128 of the 8,192 inputs are zero.
        """
        columns = (patches.long() + self.first_column).flatten(0, 1)
        table = self.patch_embedding.weight.t().contiguous()
        summed: torch.Tensor = functional.embedding_bag(columns, table, mode="sum")
        return summed.reshape(*patches.shape[:2], -1) + self.patch_embedding.bias


class Clamp3Module(nn.Module):
    """The towers of a model, each with its projection; a missing one is None.

    Every method gives float [segments, dimensions], not of unit length.
    """

    def __init__(
        self, dimensions: int, text: Any = None, symbolic: SymbolicTower | None = None, audio: Any = None
    ) -> None:
        super().__init__()
        self.text_model: Any = text
        self.text_proj: Any = text and build_projection(text.config.hidden_size, dimensions)
        self.symbolic_model: Any = symbolic
        self.symbolic_proj: Any = symbolic and build_projection(symbolic.base.config.hidden_size, dimensions)
        self.audio_model: Any = audio
        self.audio_proj: Any = audio and build_projection(audio.config.hidden_size, dimensions)

    def embed_tokens(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Of tokens [segments, tokens] of the text tower's own tokenizer."""
        hidden = self.text_model(input_ids=ids, attention_mask=mask).last_hidden_state
        projected: torch.Tensor = self.text_proj(mean_pool(hidden, mask))
        return projected

    def embed_patches(self, patches: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Of patches [segments, patches, 64]."""
        projected: torch.Tensor = self.symbolic_proj(self.symbolic_model(patches, mask))
        return projected

    def embed_frames(self, frames: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Of MERT frames [segments, frames, width], one for 5 s."""
        hidden = self.audio_model(inputs_embeds=frames, attention_mask=mask).last_hidden_state
        projected: torch.Tensor = self.audio_proj(mean_pool(hidden, mask))
        return projected


def build_bert(width: int, layers: int, inner: int, positions: int) -> Any:
    """A BERT for vectors as input: its vocabulary has only one word."""
    config = BertConfig(
        vocab_size=1,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // HEAD_WIDTH,
        intermediate_size=inner,
        max_position_embeddings=positions,
    )
    return BertModel(config, add_pooling_layer=False)


def build_projection(width: int, dimensions: int) -> nn.Linear:
    linear = nn.Linear(width, dimensions)
    nn.init.normal_(linear.weight, std=0.02)
    return linear


def mean_pool(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Float [segments, width]: the mean of `hidden` [segments, positions, width] where `mask` is 1."""
    share = mask.to(hidden.dtype)
    mean: torch.Tensor = (hidden * share.unsqueeze(-1)).sum(dim=1) / share.sum(dim=1, keepdim=True)
    return mean


def save_checkpoint(towers: nn.Module, path: Path, epoch: int = 0, min_eval_loss: float = 0.0) -> None:
    """Writes the towers as a checkpoint of the published layout."""
    state: Mapping[str, torch.Tensor] = {name: value.detach().cpu() for name, value in towers.state_dict().items()}
    torch.save({"model": state, "epoch": epoch, "min_eval_loss": min_eval_loss}, path)
