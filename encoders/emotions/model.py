"""Text to 28 calibrated probabilities; `open_emotion_model` opens every emotion model.

A model of ours is a folder with `model.json` and the files it names, each with its sha256. Its parts (a linear model,
an encoder) each give log-odds; a learnt weighted sum per label calibrates them. Any other folder or name is opened as a
sequence-classification checkpoint.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from encoders.base import DangerReader, EmotionReader, EncoderUnavailable, Matrix, ModelCard, Thresholds, hash_file
from encoders.emotions.checkpoint import open_checkpoint
from encoders.emotions.confidence import Confidence
from encoders.emotions.denial import find_denied, remove_words
from encoders.emotions.detector import UNKNOWN, open_detector
from encoders.emotions.linear import LinearModel
from encoders.emotions.multilingual import Calibration, MultilingualModel
from encoders.emotions.ngrams import Ngrams
from encoders.emotions.onnx_classifier import OnnxModel
from encoders.emotions.passages import NEUTRAL, split_passages
from encoders.languages import ENGLISH

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
    """An `EmotionReader` that sums the log-odds of several models with learnt weights per label.

    With a multilingual part it is also a `DangerReader`, and reads languages other than English by that part alone.
    """

    labels: tuple[str, ...]
    thresholds: Mapping[str, Thresholds]
    card: ModelCard
    parts: tuple[LogOddsModel, ...]
    weights: Matrix
    """Float32 [parts, labels]: weight of each part's log-odds."""
    bias: Matrix
    """Float32 [labels]"""
    languages: frozenset[str]
    """ISO 639-1 codes of the languages that it reads; empty for every language."""
    multilingual: MultilingualModel | None = None
    confidence: Mapping[str, Confidence] = field(default_factory=dict)
    """Language -> how sure its readings are; empty where nobody measured that."""

    def score(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: calibrated probabilities, which need not add to 1.

        A text too long to be read at once is scored passage by passage: an emotion gets its highest score over all
        passages, and neutral its lowest.
        """
        cut = [[text[span.start : span.end] for span in split_passages(text)] for text in texts]
        passages = [passage for some in cut for passage in some]
        languages = [
            language for text, some in zip(texts, cut, strict=True) for language in [self._choose(text)] * len(some)
        ]
        scores = self._score_passages(passages, languages)
        ends = np.cumsum([len(some) for some in cut])
        read = [scores[end - len(some) : end] for some, end in zip(cut, ends, strict=True)]
        found = np.array([rows.max(axis=0) for rows in read], dtype=np.float32).reshape(len(texts), len(self.labels))
        if NEUTRAL in self.labels:
            column = self.labels.index(NEUTRAL)
            found[:, column] = [rows[:, column].min() for rows in read]
        return found

    def score_danger(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts]: calibrated probability that the writer is in danger, by the sentence that says most."""
        if self.multilingual is None:
            raise EncoderUnavailable(self.card.name, "does not tell danger", "Use the bundled emotion model")
        return self.multilingual.score_danger(texts)

    def detect_language(self, text: str) -> str:
        """ISO 639-1 code of the text's language, or "und"."""
        return open_detector().detect(text)

    def covers(self, text: str) -> bool:
        """Whether the text is in a language that the model was trained for."""
        if not self.languages:
            return any(sign.isalpha() for sign in text)
        return self.detect_language(text) in self.languages

    def is_clear(self, text: str, scores: Matrix) -> bool | None:
        """Whether people would nearly always name the emotion that scores highest; None where nobody measured that.

        `scores`: what `score` gave for this text.
        """
        if not self.confidence:
            return None
        one = self.confidence.get(self.detect_language(text), self.confidence[UNKNOWN])
        return bool(one.rate(scores.reshape(1, -1), self.labels)[0] >= one.clear)

    def _choose(self, text: str) -> str:
        return ENGLISH if self.multilingual is None else self.detect_language(text)

    def _score_passages(self, texts: Sequence[str], languages: Sequence[str]) -> Matrix:
        found = np.zeros((len(texts), len(self.labels)), np.float32)
        for language in sorted(set(languages)):
            rows = [row for row, one in enumerate(languages) if one == language]
            some = [texts[row] for row in rows]
            if self.multilingual is None or language in (ENGLISH, UNKNOWN):
                found[rows] = self._score_english(some)
            else:
                found[rows] = self.multilingual.score(some, language)
        return found

    def _score_english(self, texts: Sequence[str]) -> Matrix:
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
        languages=frozenset() if checkpoint.multilingual else frozenset({ENGLISH}),
    )


def open_danger_reader(place: Path | str) -> DangerReader:
    """The part of the emotion model at `place` that tells danger; EncoderUnavailable when it has none."""
    folder = Path(place)
    described = _read_description(folder)
    given = described["parts"].get("multilingual")
    if given is None:
        raise EncoderUnavailable(str(folder), "does not tell danger", "Use the bundled emotion model")
    _check_files(folder, {name: described["files"][name] for name in (given["model"], given["tokenizer"])})
    return _open_multilingual(folder, given)


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
        "multilingual": _open_multilingual,
    }
    if unknown := sorted(set(described["parts"]) - set(kinds)):
        raise EncoderUnavailable(str(folder), f"has parts of unknown kind: {', '.join(unknown)}", _AGAIN)
    parts = tuple(kinds[name](folder, part) for name, part in described["parts"].items())
    multilingual = next((part for part in parts if isinstance(part, MultilingualModel)), None)
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
        parts=parts,
        weights=np.array([described["blend"][name] for name in described["parts"]], dtype=np.float32),
        bias=np.array(described["blend"]["bias"], dtype=np.float32),
        languages=frozenset(described.get("languages", [ENGLISH])),
        multilingual=multilingual,
        confidence={
            name: Confidence(tuple(weights), clear)
            for name, (weights, clear) in described.get("confidence", {}).items()
        },
    )


def _read_description(folder: Path) -> dict[str, Any]:
    path = folder / DESCRIPTION
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as exc:
        repair = "Unset ISOPATH_EMOTION_MODEL for the bundled model, or name a folder that holds one"
        raise EncoderUnavailable(str(path), "no emotion model is there", repair) from exc
    except ValueError as exc:
        raise EncoderUnavailable(str(path), "is not JSON", _AGAIN) from exc
    wanted = {"name", "licence", "source", "labels", "parts", "blend", "thresholds", "files"}
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


def _open_multilingual(folder: Path, described: Mapping[str, Any]) -> MultilingualModel:
    model, tokenizer = folder / described["model"], folder / described["tokenizer"]
    network = OnnxModel.load(model, tokenizer, described["longest"], described["pad"])
    languages = {name: _open_calibration(*given) for name, given in described["calibration"].items()}
    return MultilingualModel(network, languages, _open_calibration(*described["danger"]))


def _open_calibration(scale: Any, bias: Any) -> Calibration:
    return Calibration(np.array(scale, dtype=np.float32), np.array(bias, dtype=np.float32))
