"""Text to 28 calibrated probabilities; `open_emotion_model` opens every emotion model.

A model of ours is a folder with `model.json` and the files it names, each with its sha256. Its parts (a linear model,
an encoder) each give log-odds; a learnt weighted sum per label calibrates them. Any other folder or name is opened as a
sequence-classification checkpoint.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from encoders.base import EmotionReader, EncoderUnavailable, Matrix, ModelCard, Thresholds, hash_file
from encoders.emotions.checkpoint import open_checkpoint
from encoders.emotions.denial import find_denied, remove_words
from encoders.emotions.language import is_english
from encoders.emotions.linear import LinearModel
from encoders.emotions.ngrams import Ngrams
from encoders.emotions.onnx_classifier import OnnxModel
from encoders.emotions.passages import NEUTRAL, split_passages

DESCRIPTION = "model.json"
UNCALIBRATED = Thresholds(0.3, 0.6)
"""Thresholds for a checkpoint that somebody else trained: .5 would hardly ever be reached by its rare labels."""
_NAME = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)?")
"""A name on a hub: at most one slash, and none in front."""
_AGAIN = "Fetch the model again, or train it anew"


class LogOddsModel(Protocol):
    """A model that gives uncalibrated log-odds."""

    def predict_logits(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]."""
        ...


@dataclass(frozen=True, slots=True)
class BlendedEmotions:
    """An `EmotionReader` that sums the log-odds of several models with learnt weights per label."""

    labels: tuple[str, ...]
    thresholds: Mapping[str, Thresholds]
    card: ModelCard
    parts: tuple[LogOddsModel, ...]
    weights: Matrix
    """Float32 [parts, labels]: weight of each part's log-odds."""
    bias: Matrix
    """Float32 [labels]"""
    covers: Callable[[str], bool]
    """Whether a text is in a language the model was trained for."""

    def score(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: calibrated probabilities, which need not add to 1.

        A text too long to be read at once is scored passage by passage: an emotion gets its highest score over all
        passages, and neutral its lowest.
        """
        cut = [[text[span.start : span.end] for span in split_passages(text)] for text in texts]
        scores = self._score_passages([passage for some in cut for passage in some])
        ends = np.cumsum([len(some) for some in cut])
        read = [scores[end - len(some) : end] for some, end in zip(cut, ends, strict=True)]
        found = np.array([rows.max(axis=0) for rows in read], dtype=np.float32).reshape(len(texts), len(self.labels))
        if NEUTRAL in self.labels:
            column = self.labels.index(NEUTRAL)
            found[:, column] = [rows[:, column].min() for rows in read]
        return found

    def _score_passages(self, texts: Sequence[str]) -> Matrix:
        odds = np.einsum("pnl,pl->nl", compute_log_odds(self.parts, self.labels, texts), self.weights) + self.bias
        probabilities: Matrix = 1.0 / (1.0 + np.exp(-odds.clip(-30, 30)))
        return probabilities


def compute_log_odds(parts: Sequence[LogOddsModel], labels: Sequence[str], texts: Sequence[str]) -> Matrix:
    """Float32 [parts, texts, labels]: log-odds of each part; denied feelings do not count.

    A text that denies a feeling is scored again without the word: the word's labels get the lower of the two scores.
    """
    words = [find_denied(text) for text in texts]
    rows = [row for row, some in enumerate(words) if some]
    again = [remove_words(texts[row], words[row]) for row in rows]
    read: Matrix = np.stack([part.predict_logits([*texts, *again]) for part in parts])
    for row, without_them in zip(rows, read[:, len(texts) :].swapaxes(0, 1), strict=True):
        named = {label for word in words[row] for label in word.labels}
        columns = [column for column, label in enumerate(labels) if label in named]
        read[:, row, columns] = np.minimum(read[:, row, columns], without_them[:, columns])
    return read[:, : len(texts)]


def open_emotion_model(place: Path | str) -> EmotionReader:
    """The emotion model at `place`: a folder of ours, a checkpoint's folder, or a name that transformers resolves.

    EncoderUnavailable, with all faults of the folder, when a file is missing or is not the one that was trained.
    """
    folder = Path(place)
    if folder.is_dir() and not (folder / "config.json").is_file():
        return _open_own_model(folder)
    if not folder.is_dir() and not _NAME.fullmatch(str(place)):
        raise EncoderUnavailable(str(place), "no emotion model is there", "Name a folder that holds one")
    checkpoint = open_checkpoint(str(place))
    columns = len(checkpoint.labels)
    return BlendedEmotions(
        labels=checkpoint.labels,
        thresholds=dict.fromkeys(checkpoint.labels, UNCALIBRATED),
        card=ModelCard(f"{folder.name} (not calibrated)", checkpoint.sha256, "its own", str(place), columns),
        parts=(checkpoint,),
        weights=np.ones((1, columns), dtype=np.float32),
        bias=np.zeros(columns, dtype=np.float32),
        covers=_has_letters if checkpoint.multilingual else _make_english_check(None),
    )


def read_thresholds(place: Path | str) -> Mapping[str, Thresholds]:
    """Label -> thresholds of the model of ours at `place`, without opening it; empty for a checkpoint of others."""
    folder = Path(place)
    if not folder.is_dir() or (folder / "config.json").is_file():
        return {}
    described = _read_description(folder)
    return {label: Thresholds(*described["thresholds"][label]) for label in described["labels"]}


def _open_own_model(folder: Path) -> EmotionReader:
    described = _read_description(folder)
    _check_files(folder, described["files"])
    labels = tuple(described["labels"])
    kinds: dict[str, Callable[[Path, Mapping[str, Any]], LogOddsModel]] = {
        "linear": _open_linear,
        "encoder": _open_encoder,
    }
    if unknown := sorted(set(described["parts"]) - set(kinds)):
        raise EncoderUnavailable(str(folder), f"has parts of unknown kind: {', '.join(unknown)}", _AGAIN)
    return BlendedEmotions(
        labels=labels,
        thresholds=read_thresholds(folder),
        # The description holds the sha256 of every other file, so its own stands for the whole model.
        card=ModelCard(
            name=described["name"],
            sha256=hash_file(folder / DESCRIPTION),
            licence=described["licence"],
            source=described["source"],
            dimensions=len(labels),
        ),
        parts=tuple(kinds[name](folder, part) for name, part in described["parts"].items()),
        weights=np.array([described["blend"][name] for name in described["parts"]], dtype=np.float32),
        bias=np.array(described["blend"]["bias"], dtype=np.float32),
        covers=_make_english_check(np.load(folder / described["words"], allow_pickle=False)),
    )


def hash_word(word: str) -> int:
    """The hash under which a known word is stored: the words themselves would be parts of other people's texts."""
    return crc32(word.encode("utf-8", "replace"))


def _make_english_check(words: NDArray[np.uint32] | None) -> Callable[[str], bool]:
    """A test for English texts by the hashes of known words; without them every word counts as known."""

    def known(word: str) -> bool:
        if words is None:
            return True
        at = int(np.searchsorted(words, np.uint32(hash_word(word))))
        return at < len(words) and int(words[at]) == hash_word(word)

    return lambda text: is_english(text, known)


def _has_letters(text: str) -> bool:
    return any(sign.isalpha() for sign in text)


def _read_description(folder: Path) -> dict[str, Any]:
    path = folder / DESCRIPTION
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as exc:
        repair = "Unset ISOPATH_EMOTION_MODEL for the bundled model, or name a folder that holds one"
        raise EncoderUnavailable(str(path), "no emotion model is there", repair) from exc
    except ValueError as exc:
        raise EncoderUnavailable(str(path), "is not JSON", _AGAIN) from exc
    wanted = {"name", "licence", "source", "labels", "parts", "blend", "thresholds", "words", "files"}
    if missing := wanted - set(found if isinstance(found, dict) else ()):
        raise EncoderUnavailable(str(path), f"lacks {', '.join(sorted(missing))}", _AGAIN)
    return dict(found)


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    faults = []
    for name, expected in files.items():
        if not (folder / name).is_file():
            faults.append(f"{name} is missing")
        elif hash_file(folder / name) != expected:
            faults.append(f"{name} is not the file that was trained (its checksum differs)")
    if faults:
        raise EncoderUnavailable(str(folder), "; ".join(faults), _AGAIN)


def _open_linear(folder: Path, described: Mapping[str, Any]) -> LogOddsModel:
    return LinearModel(
        ngrams=Ngrams(**described["ngrams"]),
        weights=np.load(folder / described["weights"], allow_pickle=False, mmap_mode="r"),
        scale=np.array(described["scale"], dtype=np.float32),
        bias=np.array(described["bias"], dtype=np.float32),
        rarity=np.load(folder / described["rarity"], allow_pickle=False),
    )


def _open_encoder(folder: Path, described: Mapping[str, Any]) -> LogOddsModel:
    model, tokenizer = folder / described["model"], folder / described["tokenizer"]
    return OnnxModel.load(model, tokenizer, described["longest"], described["pad"])
