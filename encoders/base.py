"""The interfaces of all encoders: model cards, protocols and errors.

`EncoderUnavailable` is for the operator (a model is missing, damaged or does not fit), `ScoreUnreadable` for the caller
whose file is not readable music. Both name place, fault and repair, and never contain a person's words.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from encoders.errors import EncoderUnavailable as EncoderUnavailable
from encoders.errors import ScoreUnreadable as ScoreUnreadable

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Identifies a model, so that a journey can name it and the same model can be obtained again."""

    name: str
    sha256: str
    """Over all files of the model in the order of their names: any changed weight changes it."""
    licence: str
    source: str = ""
    """Where the weights and the data behind them came from."""
    dimensions: int = 0
    """Length of one output: scores or vector components."""

    def __post_init__(self) -> None:
        if not self.name or len(self.sha256) != 64 or not self.licence:
            raise ValueError("a model card needs a name, a sha256 of 64 hexadecimal digits and a licence")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Calibrated probabilities from which a label counts as present or strong: 0..1, strong is never below present."""

    present: float
    strong: float

    def __post_init__(self) -> None:
        if not 0.0 < self.present <= self.strong <= 1.0:
            raise ValueError("thresholds need 0 < present <= strong <= 1")


class EmotionReader(Protocol):
    """Turns texts into calibrated probabilities of emotions."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The emotions, in the order of the columns of `score`."""
        ...

    @property
    def thresholds(self) -> Mapping[str, Thresholds]:
        """Label -> its thresholds."""
        ...

    @property
    def card(self) -> ModelCard:
        """Which model this is."""
        ...

    def score(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: calibrated probabilities, which need not add to 1."""
        ...

    def detect_language(self, text: str) -> str:
        """ISO 639-1 code of the text's language, or "und" where that is not known."""
        ...

    def covers(self, text: str) -> bool:
        """Whether the text is in a language that the model was trained on. Other texts must not be scored."""
        ...

    def is_clear(self, text: str, scores: Matrix) -> bool | None:
        """Whether people would nearly always name the emotion that scores highest; None where nobody measured that.

        `scores`: what `score` gave for this text.
        """
        ...


class DangerReader(Protocol):
    """Tells from texts how likely it is that whoever wrote them is in danger."""

    def score_danger(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts]: calibrated probabilities, of the sentence that says most of it."""
        ...


class TextEmbedder(Protocol):
    """Turns texts into vectors of unit length that can be compared with those of the tracks."""

    @property
    def dimensions(self) -> int:
        """Length of one vector."""
        ...

    @property
    def card(self) -> ModelCard:
        """Which model this is."""
        ...

    def embed_text(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], each row of unit length."""
        ...


def hash_file(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_json(path: Path, repair: str) -> Any:
    """What a JSON file of a model holds; EncoderUnavailable, with this repair, when it cannot be read."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise EncoderUnavailable(str(path), f"cannot be read ({type(exc).__name__})", repair) from exc
