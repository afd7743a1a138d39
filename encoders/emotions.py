"""Text to 28 calibrated probabilities: the door through which every emotion model is loaded.

A bundled model is a folder with `model.json` and the files it names, each with its sha256. Its parts (a linear model,
an encoder) each give log-odds; a learnt sum per label makes calibrated log-odds of them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from encoders.base import EmotionReader, EncoderUnavailable, Matrix, ModelCard, Thresholds
from encoders.emotion_linear import LinearModel
from encoders.ngrams import Ngrams

DESCRIPTION = "model.json"


class Part(Protocol):
    """Something that gives uncalibrated log-odds."""

    def logits(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]."""
        ...


@dataclass(frozen=True, slots=True)
class BlendedEmotions:
    """The parts' log-odds, added with learnt weights per label and calibrated."""

    labels: tuple[str, ...]
    thresholds: Mapping[str, Thresholds]
    card: ModelCard
    parts: tuple[Part, ...]
    weights: Matrix
    """Float32 [parts, labels]: what each part's log-odds count for."""
    bias: Matrix
    """Float32 [labels]"""

    def score(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: calibrated probabilities, which need not add to 1."""
        odds = np.tile(self.bias, (len(texts), 1))
        for part, weights in zip(self.parts, self.weights, strict=True):
            odds = odds + weights * part.logits(texts)
        probabilities: Matrix = 1.0 / (1.0 + np.exp(-odds.astype(np.float32)))
        return probabilities

    def covers(self, text: str) -> bool:
        """Whether the text reads as English, the language of the training texts."""
        return True


def load(folder: Path) -> EmotionReader:
    """The emotion model in `folder`, every file checked against its sha256; else `EncoderUnavailable` with all faults."""
    described = _description(folder)
    _check_files(folder, described["files"])
    labels = tuple(described["labels"])
    parts: list[Part] = []
    if "linear" in described["parts"]:
        parts.append(_linear(folder, described["parts"]["linear"]))
    return BlendedEmotions(
        labels=labels,
        thresholds={label: Thresholds(*described["thresholds"][label]) for label in labels},
        # The description holds the sha256 of every other file, so its own stands for the whole model.
        card=ModelCard(
            name=described["name"],
            sha256=sha256_of(folder / DESCRIPTION),
            licence=described["licence"],
            source=described["source"],
            dimensions=len(labels),
        ),
        parts=tuple(parts),
        weights=np.array([described["blend"][name] for name in described["parts"]], dtype=np.float32),
        bias=np.array(described["blend"]["bias"], dtype=np.float32),
    )


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _description(folder: Path) -> dict[str, Any]:
    path = folder / DESCRIPTION
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as exc:
        repair = "Unset ISOPATH_EMOTION_MODEL for the bundled model, or name a folder that holds one"
        raise EncoderUnavailable(str(path), "no emotion model is there", repair) from exc
    except ValueError as exc:
        raise EncoderUnavailable(str(path), "is not JSON", "Fetch the model again, or train it anew") from exc
    missing = {"name", "licence", "source", "labels", "parts", "blend", "thresholds", "files"} - set(found)
    if missing:
        fault = f"lacks {', '.join(sorted(missing))}"
        raise EncoderUnavailable(str(path), fault, "Fetch the model again, or train it anew")
    return dict(found)


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    faults = []
    for name, expected in files.items():
        if not (folder / name).is_file():
            faults.append(f"{name} is missing")
        elif sha256_of(folder / name) != expected:
            faults.append(f"{name} is not the file that was trained (its checksum differs)")
    if faults:
        raise EncoderUnavailable(str(folder), "; ".join(faults), "Fetch the model again, or train it anew")


def _linear(folder: Path, described: Mapping[str, Any]) -> LinearModel:
    return LinearModel(
        ngrams=Ngrams(**described["ngrams"]),
        weights=np.load(folder / described["weights"], allow_pickle=False, mmap_mode="r"),
        scale=np.array(described["scale"], dtype=np.float32),
        bias=np.array(described["bias"], dtype=np.float32),
        rarity=np.load(folder / described["rarity"], allow_pickle=False),
    )
