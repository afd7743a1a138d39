"""The classifier that is fine-tuned: a transformer encoder with one logit per label, saved as a folder."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

from encoders.base import EncoderUnavailable, Matrix

HEAD = "head.pt"


class PooledClassifier(nn.Module):
    """A transformer encoder with one logit per label."""

    encoder: Any

    def __init__(self, encoder: nn.Module, width: int, labels: int, dropout: float = 0.15) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(3 * width, labels)

    def pool(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Float [texts, 3 x width]: mean, maximum and first token of the last layer, padding left out."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        highest = (hidden * mask - 1e4 * (1.0 - mask)).amax(1)
        return torch.cat([mean, highest, hidden[:, 0]], dim=1)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Float [texts, labels]: logits."""
        logits: torch.Tensor = self.head(self.dropout(self.pool(input_ids, attention_mask)))
        return logits


def save_classifier(
    folder: Path, model: PooledClassifier, tokenizer: Any, labels: Sequence[str], notes: dict[str, Any]
) -> None:
    """Saves encoder and tokenizer as transformers does, the head as `head.pt`, labels and recipe as JSON."""
    model.encoder.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.save(model.head.state_dict(), folder / HEAD)
    (folder / "training.json").write_text(json.dumps({"labels": list(labels), **notes}, indent=2) + "\n", "utf-8")


def restore_classifier(folder: Path) -> tuple[PooledClassifier, Any, tuple[str, ...]]:
    """Model, tokenizer and labels that `save_classifier` wrote."""
    labels = tuple(json.loads((folder / "training.json").read_text("utf-8"))["labels"])
    tokenizer, encoder = open_base(str(folder))
    model = PooledClassifier(encoder, encoder.config.hidden_size, len(labels))
    model.head.load_state_dict(torch.load(folder / HEAD, weights_only=True))
    return model.eval(), tokenizer, labels


def predict_logits(model: PooledClassifier, tokenizer: Any, texts: Sequence[str], longest: int) -> Matrix:
    """Float32 [texts, labels]: logits in full precision."""
    model.eval()
    device = next(model.parameters()).device
    tokens = tokenise(tokenizer, texts, longest)
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    out = np.zeros((len(tokens), model.head.out_features), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), 128):
            rows = order[start : start + 128]
            ids, mask = pad_tokens([tokens[row] for row in rows], tokenizer.pad_token_id, device)
            out[rows] = model(ids, mask).float().cpu().numpy()
    return out


def open_base(base: str) -> tuple[Any, Any]:
    """Tokenizer and encoder, by a folder or a name that transformers resolves."""
    try:
        return AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base)
    except (OSError, ValueError) as exc:
        repair = "Give a folder with config, tokenizer and weights, or a name that transformers can resolve"
        raise EncoderUnavailable(base, "transformers cannot load it as an encoder", repair) from exc


def tokenise(tokenizer: Any, texts: Sequence[str], longest: int) -> list[list[int]]:
    """Token ids of each text, truncated to `longest`."""
    found: list[list[int]] = tokenizer(list(texts), truncation=True, max_length=longest, padding=False)["input_ids"]
    return found


def pad_tokens(tokens: list[list[int]], pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Int [texts, longest]: ids padded with `pad`, and the mask of what is no padding."""
    width = max(len(ids) for ids in tokens)
    rows = [ids + [pad] * (width - len(ids)) for ids in tokens]
    mask = [[1] * len(ids) + [0] * (width - len(ids)) for ids in tokens]
    return torch.tensor(rows, device=device), torch.tensor(mask, device=device)
