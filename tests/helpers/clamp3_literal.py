"""CLaMP 3 as `clamp3.md` tells it, word for word and slow: what the fast one is held against.

One input at a time, one segment at a time, always padded to the full length, characters as one-hot rows through a
plain linear layer. Shares no line with `encoders/clamp3`. Its state is that of a published checkpoint, with poolers.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, BertConfig, BertModel

PATCH = 64
TEXT_TOKENS = 128
Size = tuple[int, int, int]
"""Width, layers, positions."""
BAR_LINES = ["|:", "::", ":|", "[|", "||", "|]", "|"]


def bert(width: int, layers: int, positions: int, spread: float) -> BertModel:
    config = BertConfig(
        vocab_size=1,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=4 * width,
        max_position_embeddings=positions,
        initializer_range=spread,
    )
    return BertModel(config)


class PatchTower(nn.Module):
    def __init__(self, width: int, layers: int, positions: int, spread: float) -> None:
        super().__init__()
        self.patch_embedding = nn.Linear(PATCH * 128, width)
        nn.init.normal_(self.patch_embedding.weight, std=spread)
        self.base = bert(width, layers, positions, spread)

    def forward(self, patches: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        one_hot = nn.functional.one_hot(patches, 128).reshape(1, -1, PATCH * 128).float()
        hidden: torch.Tensor = self.base(
            inputs_embeds=self.patch_embedding(one_hot), attention_mask=mask
        ).last_hidden_state
        return hidden


class Literal(nn.Module):
    """All three towers; `text_model` is a folder with a configuration and a tokenizer."""

    def __init__(self, text_model: Path, dimensions: int, symbolic: Size, audio: Size, spread: float = 0.1) -> None:
        super().__init__()
        config = AutoConfig.from_pretrained(text_model)
        self.text_model: Any = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
        self.text_proj = nn.Linear(config.hidden_size, dimensions)
        self.symbolic_model = PatchTower(*symbolic, spread=spread)
        self.symbolic_proj = nn.Linear(symbolic[0], dimensions)
        self.audio_model = bert(*audio, spread=spread)
        self.audio_proj = nn.Linear(audio[0], dimensions)
        self.tokenizer = AutoTokenizer.from_pretrained(text_model)
        self.symbolic_positions, self.audio_positions = symbolic[2], audio[2]
        self.eval()

    def text(self, text: str) -> torch.Tensor:
        """[dimensions], unit length."""
        lines: list[str] = []
        for line in text.split("\n"):
            if line != "" and line not in lines:
                lines.append(line)
        ids = self.tokenizer(self.tokenizer.sep_token.join(lines), truncation=False, padding=False)["input_ids"]
        pad = self.tokenizer.pad_token_id

        def read(part: torch.Tensor, mask: torch.Tensor) -> Any:
            hidden = self.text_model(input_ids=part, attention_mask=mask).last_hidden_state
            return self.text_proj(mean(hidden, mask))

        return whole(torch.tensor(ids), TEXT_TOKENS, torch.tensor(pad), read)

    def symbolic(self, text: str) -> torch.Tensor:
        """[dimensions], unit length."""

        def read(part: torch.Tensor, mask: torch.Tensor) -> Any:
            return self.symbolic_proj(mean(self.symbolic_model(part, mask), mask))

        return whole(torch.tensor(patches(text)), self.symbolic_positions, torch.zeros(PATCH, dtype=torch.long), read)

    def audio(self, frames: torch.Tensor) -> torch.Tensor:
        """[dimensions], unit length."""
        zero = torch.zeros(1, frames.shape[1])

        def read(part: torch.Tensor, mask: torch.Tensor) -> Any:
            hidden = self.audio_model(inputs_embeds=part, attention_mask=mask).last_hidden_state
            return self.audio_proj(mean(hidden, mask))

        return whole(torch.cat([zero, frames, zero]), self.audio_positions, zero[0], read)


def mean(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    kept = [row for row, one in zip(hidden[0], mask[0], strict=True) if one]
    return torch.stack(kept).mean(0)


def whole(items: torch.Tensor, longest: int, pad: torch.Tensor, read: Any) -> torch.Tensor:
    """The weighted mean over segments; the last one is the last full window and weighs what remained."""
    count, rest = divmod(len(items), longest)
    begins, weights = [longest * number for number in range(count)], [longest] * count
    if rest:
        begins.append(max(0, len(items) - longest))
        weights.append(rest)
    vectors = []
    with torch.no_grad():
        for begin in begins:
            part = items[begin : begin + longest]
            mask = torch.cat([torch.ones(len(part)), torch.zeros(longest - len(part))])
            part = torch.cat([part, pad.repeat(longest - len(part), *[1] * pad.dim())])
            vectors.append(read(part.unsqueeze(0), mask.unsqueeze(0)))
    total = sum(w * v for w, v in zip(weights, vectors, strict=True)) / sum(weights)
    unit: torch.Tensor = total / total.norm()
    return unit


def patches(text: str) -> list[list[int]]:
    """Text in ASCII: MTF, or ABC without two bar lines side by side."""
    lines, line = [], ""
    for sign in text:
        line += sign
        if sign == "\n":
            lines.append(line)
            line = ""
    if line:
        lines.append(line)
    lines = [one for one in lines if one.strip("\n") != "L:1/8"]
    bodies = mtf(lines) if lines[0].startswith("ticks_per_beat") else abc(lines)
    rows = []
    for body in ["\x01" * PATCH, *bodies, "\x02" * PATCH]:
        row = [1, *(ord(sign) for sign in body), 2][:PATCH]
        rows.append(row + [0] * (PATCH - len(row)))
    return rows


def mtf(lines: list[str]) -> list[str]:
    found: list[str] = []
    kinds: list[str] = []
    for line in lines:
        kind, values = line.split(" ", 1)
        if kinds and kinds[-1] == kind:
            longer = found[-1].removesuffix("\n") + "\t" + values
            if len(longer) <= 62:
                found[-1] = longer
                continue
        found.append(line)
        kinds.append(kind)
    return found


def abc(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if line.startswith("%%") or (line[0].isalpha() and line[1] == ":"):
            found.append(line)
        else:
            found += bars(line.rstrip("\n"))
    return found


def bars(line: str) -> list[str]:
    """The bars of one line, each with the bar line that closes it, the last with the line's newline."""
    cut, bar = [""], 0
    while bar < len(line):
        sign = next((one for one in BAR_LINES if line.startswith(one, bar)), line[bar])
        cut[-1] += sign
        if sign in BAR_LINES and cut[-1] != sign:
            cut.append("")
        bar += len(sign)
    if cut[-1].strip():
        cut[-1] += "|"
    else:
        cut.pop()
    return [*cut[:-1], cut[-1] + "\n"] if cut else []
