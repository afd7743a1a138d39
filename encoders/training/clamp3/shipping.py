"""Exports the folder that ships: the trained symbolic tower, a frozen text tower with a trained projection, and the
modality-gap map."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from torch import nn
from transformers import AutoModel

from encoders.base import Matrix, hash_file
from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.model import SYMBOLIC, TEXT
from encoders.embedding.clamp3.onnx_towers import OnnxTowers
from encoders.embedding.clamp3.towers import Clamp3Module, save_checkpoint
from encoders.training.clamp3.export import ModelInfo, choose_probes, export, measure_rounding, write_description

PROJECTION: Final = "text_proj.npy"
GAP_MAP: Final = "bridge.npy"
_PROBES: Final = 40
"""Pieces and texts on which the effect of rounding is measured."""


@dataclass(frozen=True, slots=True)
class TrainedWords:
    """A frozen text tower, and the projection trained over it."""

    tower: OnnxTowers
    """An exported model with a text tower."""
    project: nn.Linear


def export_words(base: Path, folder: Path) -> Path:
    """Exports a sentence encoder of transformers' layout as a text tower with an identity projection, over which one
    can be trained; the folder."""
    encoder: Any = AutoModel.from_pretrained(base, add_pooling_layer=False)
    width = int(encoder.config.hidden_size)
    towers = Clamp3Module(width, text=encoder)
    nn.init.eye_(towers.text_proj.weight)
    nn.init.zeros_(towers.text_proj.bias)
    folder.mkdir(parents=True, exist_ok=True)
    save_checkpoint(towers, folder / "words.pth")
    description = dict(
        export(folder / "words.pth", base, folder, ModelInfo(base.name, "as its maker states", str(base)))
    )
    texts, _ = choose_probes(_PROBES)
    description["rounding"] = measure_rounding(load_clamp3(folder / "words.pth", base), load_clamp3(folder), texts, [])
    write_description(folder, description)
    return folder


def export_model(checkpoint: Path, words: TrainedWords, folder: Path, about: ModelInfo) -> Mapping[str, Any]:
    """Exports the symbolic tower of a checkpoint, and the text tower beside it; the folder's description."""
    description = dict(export(checkpoint, None, folder, about))
    text = {**words.tower.described["towers"][TEXT], "projection": PROJECTION}
    # The file of a text tower is copied as it is; only its projection is new.
    for name in (text["model"], text["tokenizer"]):
        shutil.copyfile(words.tower.folder / name, folder / name)
    learnt = (words.project.weight.detach().numpy(), words.project.bias.detach().numpy()[:, None])
    np.save(folder / PROJECTION, np.concatenate(learnt, axis=1).astype(np.float32), allow_pickle=False)
    description["towers"] = {TEXT: text, SYMBOLIC: description["towers"][SYMBOLIC]}
    description["words_from"] = words.tower.described.get("words_from", words.tower.card.name)
    description["languages"] = ["en"]
    _write_checksums(folder, description, (text["model"], text["tokenizer"], PROJECTION))
    rounded = measure_rounding(load_clamp3(checkpoint), load_clamp3(folder), [], choose_probes(_PROBES)[1])
    description["rounding"] = {**words.tower.described.get("rounding", {}), **rounded}
    write_description(folder, description)
    return description


def add_gap_map(folder: Path, description: Mapping[str, Any], gap_map: Matrix) -> Mapping[str, Any]:
    """Writes the modality-gap map beside an exported model; the description that names it."""
    np.save(folder / GAP_MAP, gap_map, allow_pickle=False)
    whole = {**description, "bridge": GAP_MAP}
    _write_checksums(folder, whole, (GAP_MAP,))
    return whole


def _write_checksums(folder: Path, description: dict[str, Any], more: tuple[str, ...]) -> None:
    files = {**description["files"], **{name: hash_file(folder / name) for name in more}}
    description["files"] = dict(sorted(files.items()))
    write_description(folder, description)
