"""Words, notated music and audio to vectors of one space: the interface of the model.

Here is all that does not depend on the library that runs the towers: the preparation of texts and scores, their
segments, and the combination of the segments' vectors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix, ModelCard, ScoreUnreadable
from encoders.embedding.clamp3.patches import split_patches
from encoders.embedding.clamp3.segments import TOGETHER, batch_segments, pad_batch, split_segments

DESCRIPTION: Final = "model.json"
TEXT, SYMBOLIC, AUDIO = "text", "symbolic", "audio"
KINDS: Final = (TEXT, SYMBOLIC, AUDIO)
OF_AUDIO: Final = (
    "its audio tower reads features of MERT, whose weights are CC BY-NC 4.0: not for commercial purposes. Words and "
    "notated music need nothing of it"
)
FETCH: Final = (
    "Take the bundled folder from the repository again, or a published checkpoint (weights_clamp3_*.pth, MIT) from "
    "huggingface.co/sander-wood/clamp3"
)


class Tower(Protocol):
    """One tower and its projection."""

    @property
    def longest(self) -> int:
        """Positions of a segment at most."""
        ...

    @property
    def width(self) -> int:
        """Numbers at one position: 1 for a token, 64 for a patch, as many as the frames of audio have."""
        ...

    def embed(self, inputs: NDArray[Any], mask: NDArray[np.int64]) -> Matrix:
        """Float32 [segments, dimensions], not normalised; positions where `mask` is 0 are ignored."""
        ...


@dataclass(frozen=True, slots=True)
class TextTokenizer:
    """The text tower's tokenizer."""

    encode: Callable[[str], Sequence[int]]
    """Ids of all tokens of a text, with begin and end tokens; neither truncated nor padded."""
    separator: str
    pad: int


class TowerSet(Protocol):
    """The towers of a model, run by torch for a checkpoint, by onnxruntime for an exported folder."""

    @property
    def card(self) -> ModelCard:
        """Which model this is."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of one vector."""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which of `KINDS` the model has towers for."""
        ...

    def get_tower(self, kind: str) -> Tower:
        """One of `KINDS`; EncoderUnavailable when the model has none of it."""
        ...

    def get_tokenizer(self) -> TextTokenizer:
        """The text tower's tokenizer; EncoderUnavailable when the model has no text tower."""
        ...


@dataclass(frozen=True, slots=True)
class Clamp3:
    """CLaMP 3: a `TextEmbedder` that also reads music."""

    towers: TowerSet

    @property
    def card(self) -> ModelCard:
        return self.towers.card

    @property
    def dimensions(self) -> int:
        return self.towers.dimensions

    def embed_text(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], unit rows. Repeated lines of a text are read once."""
        words = self.towers.get_tokenizer()
        tokens = [np.array(words.encode(join_lines(text, words.separator)), dtype=np.int64) for text in texts]
        return self._embed(TEXT, tokens, words.pad)

    def embed_symbolic(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], unit rows. Each text is MTF (`encoders.embedding.clamp3.mtf`) or ABC.

        ScoreUnreadable, naming all of them by number, when there are texts without a line of music.
        """
        patches = [split_patches(text) for text in texts]
        if empty := [str(row + 1) for row, found in enumerate(patches) if len(found) == 2]:
            place = f"music {', '.join(empty)} of {len(texts)}"
            raise ScoreUnreadable(place, "it holds neither a message nor a bar", "Give it as MTF or as ABC")
        return self._embed(SYMBOLIC, patches, 0)

    def embed_audio(self, frames: Sequence[NDArray[Any]]) -> Matrix:
        """Float32 [recordings, dimensions], unit rows. Each recording is bare MERT features [frames, width]: for 5 s of
        sound (24 kHz, one channel) one row, the mean over MERT's layers and over time.

        MERT's own weights are CC BY-NC 4.0, not for commercial purposes; CLaMP 3's are MIT. EncoderUnavailable when the
        model has no audio tower; ScoreUnreadable for frames it cannot read.
        """
        tower = self.towers.get_tower(AUDIO)
        given = [np.asarray(one, dtype=np.float32) for one in frames]
        faults = [
            f"recording {row + 1}: {fault}" for row, one in enumerate(given) if (fault := _find_fault(one, tower.width))
        ]
        if faults:
            repair = f"Give MERT's means over 5 s as [frames, {tower.width}]"
            raise ScoreUnreadable(f"audio, {len(given)} in all", "; ".join(faults), repair)
        quiet = np.zeros((1, tower.width), dtype=np.float32)
        between = [np.concatenate((quiet, one.reshape(-1, tower.width), quiet)) for one in given]
        return self._embed(AUDIO, between, 0)

    def _embed(self, kind: str, items: Sequence[NDArray[Any]], pad: int) -> Matrix:
        tower = self.towers.get_tower(kind)
        sums = np.zeros((len(items), self.dimensions))
        segments = [
            part for owner, item in enumerate(items) for part in split_segments(owner, len(item), tower.longest)
        ]
        for batch in batch_segments(segments, TOGETHER):
            vectors = tower.embed(*pad_batch(batch, items, pad))
            for segment, vector in zip(batch, vectors, strict=True):
                # The sum has the direction of the weighted mean, and it is normalised below.
                sums[segment.owner] += segment.weight * vector.astype(np.float64)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            fault = f"its {kind} tower gives vectors that are no numbers, or zero"
            raise EncoderUnavailable(self.card.name, fault, FETCH)
        unit: Matrix = (sums / lengths).astype(np.float32)
        return unit


def join_lines(text: str, separator: str) -> str:
    """The lines of a text, each once and none empty, with the tokenizer's separator between them."""
    return separator.join(line for line in dict.fromkeys(text.split("\n")) if line)


def _find_fault(frames: NDArray[Any], width: int) -> str:
    if frames.ndim < 2 or frames.shape[-1] != width:
        return f"its shape is {list(frames.shape)}"
    if not frames.size:
        return "it has no frame"
    return "" if np.isfinite(frames).all() else "it holds values that are no numbers"
