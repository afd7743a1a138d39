"""Exports a checkpoint to a folder for onnxruntime without torch: `model.json`, an ONNX file a tower, a tokenizer.

`python -m encoders.training.clamp3.export CHECKPOINT FOLDER --text-model FOLDER` exports any checkpoint. Weights are
rounded to 8 bits as in `encoders.training.emotions.export_onnx`, unless `--exact` is given; the effect of the rounding
is measured on music of the catalogue and texts for it, printed, and stored in `model.json`.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from torch import nn

from encoders.base import EncoderUnavailable, Matrix, hash_file
from encoders.catalogue.repertoire import read_table
from encoders.catalogue.rows import CUES, perform_row
from encoders.embedding.captions import Lexicon
from encoders.embedding.clamp3.checkpoint import TorchTowers
from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.model import AUDIO, DESCRIPTION, SYMBOLIC, TEXT, Clamp3
from encoders.embedding.clamp3.mtf import write_mtf
from encoders.embedding.clamp3.onnx_towers import FILES, INPUTS, MASK, VECTORS
from encoders.seed_data import SEED_DATA
from encoders.training.emotions.export_onnx import quantise, trace_graph

TOKENIZER: Final = "tokenizer.json"
BLOCK: Final = 32
"""Inputs of a matrix that share a scale. With 64 a single word's vector turned half as far again (cosine .9969, .9980
with 32, for the worst of 549 through all-MiniLM-L6-v2), at the same speed and a thirtieth of the size less."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Name, licence and source in a model's description."""

    name: str
    licence: str
    source: str


class TowerGraph(nn.Module):
    """One tower with its projection, in the form that can be traced."""

    def __init__(self, towers: Any, kind: str) -> None:
        super().__init__()
        self.towers = towers
        self.run = {TEXT: towers.embed_tokens, AUDIO: towers.embed_frames}[kind]

    def forward(self, inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Float [segments, dimensions]"""
        vectors: torch.Tensor = self.run(inputs, mask)
        return vectors


class SymbolicTowerGraph(nn.Module):
    """The symbolic tower in the form that can be traced; patches are embedded by a lookup table of the linear layer.

    With `bits` 8 the table is int8 with one scale a column.
    """

    def __init__(self, towers: Any, bits: int) -> None:
        super().__init__()
        self.towers = towers
        linear = towers.symbolic_model.patch_embedding
        table = linear.weight.detach().t().contiguous()
        if bits == 8:
            scale = table.abs().amax(dim=0).clamp(min=1e-8) / 127
            table = (table / scale).round().to(torch.int8)
        else:
            scale = torch.ones(table.shape[1])
        self.register_buffer("table", table)
        self.register_buffer("scale", scale)
        self.table: torch.Tensor
        self.scale: torch.Tensor

    def forward(self, inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Float [segments, dimensions]"""
        tower = self.towers.symbolic_model
        columns = inputs.long() + tower.first_column
        summed = self.table[columns].float().sum(dim=-2)
        embedded = summed * self.scale + tower.patch_embedding.bias
        vectors: torch.Tensor = self.towers.symbolic_proj(tower.encode_embedded(embedded, mask))
        return vectors


def export(
    checkpoint: Path, text_model: Path | str | None, folder: Path, about: ModelInfo, exact: bool = False
) -> Mapping[str, Any]:
    """Writes the folder, with every tower that the checkpoint has and whose configuration is given; its description."""
    loaded = TorchTowers.load(checkpoint, text_model)
    folder.mkdir(parents=True, exist_ok=True)
    described = {kind: _write_tower(loaded, kind, folder, exact) for kind in _list_towers(loaded)}
    files = sorted(str(tower[key]) for tower in described.values() for key in FILES if key in tower)
    description = {
        "name": about.name, "licence": about.licence, "source": about.source, "dimensions": loaded.dimensions,
        "weights": "float32" if exact else "8 bits",
        "towers": described,
        "files": {name: hash_file(folder / name) for name in files},
    }  # fmt: skip
    write_description(folder, description)
    return description


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Writes `model.json`."""
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _list_towers(loaded: TorchTowers) -> list[str]:
    towers = loaded.modules
    there = {TEXT: towers.text_model, SYMBOLIC: towers.symbolic_model, AUDIO: towers.audio_model}
    return [kind for kind, module in there.items() if module is not None]


def _write_tower(loaded: TorchTowers, kind: str, folder: Path, exact: bool) -> dict[str, Any]:
    """Writes one tower's file; its part of the description."""
    tower, towers, name = loaded.get_tower(kind), loaded.modules, f"{kind}.onnx"
    about: dict[str, Any] = {"model": name, "positions": tower.longest, "width": tower.width}
    some = (2, min(9, tower.longest))
    if kind == SYMBOLIC:
        about |= _describe_layers(loaded.sizes.symbolic)
        inputs: torch.Tensor = torch.ones((*some, tower.width), dtype=torch.uint8)
        graph = trace_graph(
            SymbolicTowerGraph(towers, 32 if exact else 8), inputs, (INPUTS, MASK, VECTORS), ("segments", "patches")
        )
    elif kind == AUDIO:
        about |= _describe_layers(loaded.sizes.audio)
        inputs = torch.ones((*some, tower.width))
        graph = trace_graph(TowerGraph(towers, kind), inputs, (INPUTS, MASK, VECTORS), ("segments", "frames"))
    else:
        words = loaded.get_tokenizer()
        loaded.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
        about |= {"tokenizer": TOKENIZER, "separator": words.separator, "pad": words.pad}
        about |= {"kind": towers.text_model.config.model_type}
        inputs = torch.ones(some, dtype=torch.long)
        graph = trace_graph(TowerGraph(towers, kind), inputs, (INPUTS, MASK, VECTORS), ("segments", "tokens"))
    if exact:
        onnx.save(graph, str(folder / name))
    else:
        quantise(graph, folder / name, BLOCK)
    return about


def _describe_layers(sizes: Mapping[str, int] | None) -> dict[str, int]:
    """Sizes of a tower for people; loading does not need them."""
    return (
        {name: sizes[key] for name, key in (("hidden", "width"), ("layers", "layers"), ("inner", "inner"))}
        if sizes
        else {}
    )


def measure_rounding(
    exact: Clamp3, rounded: Clamp3, texts: Sequence[str], music: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Tower -> median and worst cosine between exact and rounded vectors."""
    pairs = {}
    if texts:
        pairs[TEXT] = exact.embed_text(texts), rounded.embed_text(texts)
    if music:
        pairs[SYMBOLIC] = exact.embed_symbolic(music), rounded.embed_symbolic(music)
    return {kind: compare_vectors(*pair) for kind, pair in pairs.items()}


def compare_vectors(one: Matrix, other: Matrix) -> dict[str, float]:
    """Median and worst cosine between the rows of two sets of unit vectors, and how many there are."""
    each = (one.astype(np.float64) * other).sum(axis=1)
    return {"median": round(float(np.median(each)), 6), "worst": round(float(each.min()), 6), "vectors": len(each)}


def choose_probes(count: int) -> tuple[list[str], list[str]]:
    """Captions and MTF of `count` rows of the catalogue, evenly spaced."""
    rows = read_table(SEED_DATA / "catalogue.csv")
    some = rows[:: max(1, len(rows) // count)][:count]
    lexicon = Lexicon.load(SEED_DATA / "models" / "captions" / "lexicon.json")
    texts = [
        lexicon.write_caption({cue: float(row[cue]) for cue in CUES}, row["instrument"], row["title"], wording)
        for wording, row in enumerate(some)
    ]
    return texts, [write_mtf(perform_row(row)) for row in some]


def main(arguments: list[str] | None = None) -> None:
    """Exports a checkpoint and measures the effect of the rounding."""
    parser = argparse.ArgumentParser(prog="export-clamp3", description="Export a CLaMP 3 checkpoint to ONNX.")
    parser.add_argument("checkpoint", type=Path, help="a .pth file of the published layout")
    parser.add_argument("folder", type=Path, help="where the exported model is written")
    parser.add_argument("--text-model", help="folder or name: configuration and tokenizer of the text tower")
    parser.add_argument("--name", help="what the model is called; the checkpoint's file name otherwise")
    parser.add_argument("--licence", default="as its maker states; the published CLaMP 3 checkpoints are MIT")
    parser.add_argument("--source", default="", help="where weights and data came from")
    parser.add_argument("--exact", action="store_true", help="keep all bits of the weights")
    parser.add_argument("--probes", type=int, default=40, help="pieces to measure the rounding on; 0 for none")
    given = parser.parse_args(arguments)
    source = given.source or f"exported from {given.checkpoint.name}"
    about = ModelInfo(given.name or given.checkpoint.stem, given.licence, source)
    try:
        description = dict(export(given.checkpoint, given.text_model, given.folder, about, given.exact))
        if given.probes and not given.exact:
            description["rounding"] = _measure_probes(given, description)
            write_description(given.folder, description)
            print(json.dumps(description["rounding"], indent=1))
    except EncoderUnavailable as exc:
        parser.error(str(exc))


def _measure_probes(given: argparse.Namespace, description: Mapping[str, Any]) -> Mapping[str, Any]:
    texts, music = choose_probes(given.probes)
    towers = description["towers"]
    exact, rounded = load_clamp3(given.checkpoint, given.text_model), load_clamp3(given.folder)
    return measure_rounding(exact, rounded, texts if TEXT in towers else [], music if SYMBOLIC in towers else [])


if __name__ == "__main__":
    main()
