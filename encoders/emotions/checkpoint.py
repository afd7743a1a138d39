"""Anybody's sequence-classification checkpoint as an emotion reader: a folder or a name that transformers resolves.

A folder with an ONNX file runs on onnxruntime; any other needs torch and transformers (the `models` extra). Labels
stand in whatever order the configuration gives.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import EncoderUnavailable, Matrix, hash_file, read_json
from encoders.emotions.onnx_classifier import OnnxModel

LONGEST = 128
"""Tokens of a passage that are read."""
MULTILINGUAL = frozenset({"xlm-roberta", "xlm-roberta-xl"})
"""Model types that were pretrained on a hundred languages and carry what they learn in one over to the others."""
_REPAIR = "Give a folder with config.json, tokenizer and weights of a sequence classifier, or a name on the hub"


@dataclass(frozen=True, slots=True)
class TorchModel:
    """A classifier that transformers runs."""

    model: Any
    tokenizer: Any

    def predict_logits(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: log-odds as the checkpoint gives them."""
        import torch

        found = []
        with torch.inference_mode():
            for start in range(0, len(texts), 16):
                some = list(texts[start : start + 16])
                given = self.tokenizer(some, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
                found.append(self.model(**given).logits.float().numpy())
        return np.concatenate(found) if found else np.zeros((0, self.model.config.num_labels), np.float32)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A classifier whose outputs have names."""

    labels: tuple[str, ...]
    model: OnnxModel | TorchModel
    one_of_many: bool
    """Whether the configuration says that exactly one label holds, so that scores add to 1."""
    multilingual: bool
    """Whether texts in any language may be read."""
    sha256: str
    """Over config and weights where they are files, else over the name."""

    def predict_logits(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: log-odds, whichever way the checkpoint was trained."""
        logits = self.model.predict_logits(texts)
        if not self.one_of_many:
            return logits
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = np.clip(shifted / shifted.sum(axis=1, keepdims=True), 1e-6, 1 - 1e-6)
        odds: Matrix = np.log(shares / (1 - shares)).astype(np.float32)
        return odds


def open_checkpoint(place: str) -> Checkpoint:
    """The classifier at `place`; `EncoderUnavailable` when it is none, is incomplete, or names no labels."""
    folder = Path(place)
    if not folder.is_dir():
        return _open_with_transformers(place)
    config = _read_config(folder)
    exported = sorted(folder.glob("*.onnx"))
    if not exported:
        return _open_with_transformers(place)
    if len(exported) > 1 or not (folder / "tokenizer.json").is_file():
        fault = f"holds {len(exported)} ONNX files and needs exactly one, and tokenizer.json beside it"
        raise EncoderUnavailable(place, fault, _REPAIR)
    model = OnnxModel.load(exported[0], folder / "tokenizer.json", LONGEST, _read_padding_token(folder))
    labels = _read_labels(place, config)
    if model.outputs not in {0, len(labels)}:
        fault = f"the model has {model.outputs} outputs and config.json names {len(labels)} labels"
        raise EncoderUnavailable(place, fault, "Export the model again with the configuration it was trained with")
    return Checkpoint(
        labels, model, _is_single_label(config), config.get("model_type") in MULTILINGUAL, _hash_checkpoint(place)
    )


def _open_with_transformers(place: str) -> Checkpoint:
    try:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
        from transformers.utils import logging
    except ImportError as exc:
        fault = "needs transformers and torch, which are not installed"
        raise EncoderUnavailable(place, fault, "Install the `models` extra, or export the checkpoint to ONNX") from exc
    # transformers would print progress bars and tables; the error below says the same in one sentence.
    quiet: Any = logging
    quiet.disable_progress_bar()
    quiet.set_verbosity_error()
    try:
        # Weights the checkpoint lacks would be drawn at random: reported by the loader, refused below.
        model, report = AutoModelForSequenceClassification.from_pretrained(place, output_loading_info=True)
        tokenizer = AutoTokenizer.from_pretrained(place)
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        # The library's own message may be long and name hub addresses; its kind is enough to act on.
        fault = f"transformers cannot load it as a sequence classifier ({type(exc).__name__})"
        raise EncoderUnavailable(place, fault, _REPAIR) from exc
    lacking = sorted(report["missing_keys"]) + sorted(str(key) for key in report.get("mismatched_keys", ()))
    if lacking:
        fault = f"the weights lack {', '.join(lacking[:4])}" + (f" and {len(lacking) - 4} more" if lacking[4:] else "")
        raise EncoderUnavailable(place, fault, "Use a checkpoint that was fine-tuned to classify, not its base")
    config = model.config.to_dict()
    return Checkpoint(
        labels=_read_labels(place, config),
        model=TorchModel(model.eval(), tokenizer),
        one_of_many=_is_single_label(config),
        multilingual=config["model_type"] in MULTILINGUAL,
        sha256=_hash_checkpoint(place),
    )


def _hash_checkpoint(place: str) -> str:
    files = [
        path for path in sorted(Path(place).glob("*")) if path.suffix in {".json", ".onnx", ".safetensors", ".bin"}
    ]
    if not files:
        return hashlib.sha256(place.encode()).hexdigest()
    return hashlib.sha256("".join(f"{path.name} {hash_file(path)}\n" for path in files).encode()).hexdigest()


def _read_config(folder: Path) -> Mapping[str, Any]:
    return _read_object(folder / "config.json")


def _read_labels(place: str, config: Mapping[str, Any]) -> tuple[str, ...]:
    named = {int(number): str(label).strip().lower() for number, label in (config.get("id2label") or {}).items()}
    labels = tuple(named.get(number, "") for number in range(len(named)))
    if not labels or "" in labels or len(set(labels)) < len(labels) or labels[0] == "label_0":
        fault = "config.json does not name every label once (id2label)"
        raise EncoderUnavailable(place, fault, "Write the labels into id2label in the order of the outputs")
    return labels


def _is_single_label(config: Mapping[str, Any]) -> bool:
    return config.get("problem_type") == "single_label_classification"


def _read_padding_token(folder: Path) -> str:
    path = folder / "tokenizer_config.json"
    token = _read_object(path).get("pad_token", "[PAD]") if path.is_file() else "[PAD]"
    return str(token["content"] if isinstance(token, dict) else token)


def _read_object(path: Path) -> Mapping[str, Any]:
    found = read_json(path, _REPAIR)
    if not isinstance(found, dict):
        raise EncoderUnavailable(str(path), "is not an object of JSON", _REPAIR)
    return found
