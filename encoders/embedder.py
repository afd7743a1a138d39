"""Words and music to vectors of one space: the door through which every embedding model is opened.

Two kinds answer. `Captions` knows music by what was measured of it, told in words. `Clamp3Embedder` hears the notes
themselves; what has none (a recording, unless its model has an audio tower and frames for it) is told to it in words.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from encoders.base import EncoderUnavailable, Matrix, ModelCard, TextEmbedder
from encoders.captions import LEXICON_FILE, CaptionEncoder, Lexicon, WordsUnknown

if TYPE_CHECKING:
    from encoders.clamp3 import Clamp3
    from encoders.hearing import Heard

_MODELS: Final = Path(__file__).resolve().parent.parent / "seed_data" / "models"
CAPTIONS: Final = _MODELS / "captions"
CLAMP3: Final = _MODELS / "clamp3"
BUNDLED: Final = CLAMP3
"""The default: over the words of captions and others together it keeps held-out works apart better
(seed_data/models/clamp3/CARD.md)."""


class Embedder(TextEmbedder, Protocol):
    """Gives words and music vectors that can be compared with each other."""

    def embed_music(self, music: Sequence["Heard"]) -> Matrix:
        """Float32 [music, dimensions], each row of unit length."""
        ...

    def how(self, heard: "Heard") -> str:
        """What a piece of music gets its vector from: its notes ('symbolic') or words for its cues ('caption')."""
        ...


@dataclass(frozen=True, slots=True)
class Captions:
    """The baseline: every piece of music by captions of its measured cues."""

    encoder: CaptionEncoder
    lexicon: Lexicon

    @property
    def card(self) -> ModelCard:
        return self.encoder.card

    @property
    def dimensions(self) -> int:
        return self.encoder.dimensions

    def embed_text(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], unit rows; WordsUnknown when a text has no word about music."""
        return self.encoder.embed_text(texts)

    def embed_music(self, music: Sequence["Heard"]) -> Matrix:
        """Float32 [music, dimensions], unit rows."""
        return _stacked([self.encoder.embed_captions(told(self.lexicon, heard)) for heard in music], self.dimensions)

    def how(self, heard: "Heard") -> str:  # noqa: ARG002 - the protocol's
        """Always 'caption'."""
        return "caption"


@dataclass(frozen=True, slots=True)
class Clamp3Embedder:
    """CLaMP 3: notes through the symbolic tower, words through the text tower."""

    model: "Clamp3"
    lexicon: Lexicon
    english_only: bool
    """Whether the text tower was made for English: of other scripts it would make a vector that means nothing."""

    @property
    def card(self) -> ModelCard:
        return self.model.card

    @property
    def dimensions(self) -> int:
        return self.model.dimensions

    def embed_text(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], unit rows; WordsUnknown for a text that the model cannot read."""
        letters = re.compile("[A-Za-z]" if self.english_only else r"[^\W\d_]")
        foreign = [str(row + 1) for row, text in enumerate(texts) if not letters.search(text)]
        if foreign:
            raise WordsUnknown(
                f"text {', '.join(foreign)} of {len(texts)}",
                "it holds no word that the embedding model can read",
                'Describe the sound in English words such as "slow, soft, legato strings, calm"',
            )
        return self.model.embed_text(texts)

    def embed_music(self, music: Sequence["Heard"]) -> Matrix:
        """Float32 [music, dimensions], unit rows."""
        from encoders.clamp3.mtf import mtf_of_performance

        vectors = np.zeros((len(music), self.dimensions), dtype=np.float32)
        notes = {row: heard.performance for row, heard in enumerate(music) if heard.performance is not None}
        if notes:
            vectors[list(notes)] = self.model.embed_symbolic([mtf_of_performance(p) for p in notes.values()])
        for row, heard in enumerate(music):
            if heard.performance is None:
                vectors[row] = _one(self.model.embed_text(told(self.lexicon, heard)))
        return vectors

    def how(self, heard: "Heard") -> str:
        """'symbolic' where there are notes, else 'caption'."""
        return "symbolic" if heard.performance is not None else "caption"


def told(lexicon: Lexicon, heard: "Heard") -> list[str]:
    """What was measured, in words: every wording that a caption can have."""
    cues = {cue: float(getattr(heard.cues, cue)) for cue in lexicon.cues}
    return lexicon.captions(cues, heard.instrument, f"{heard.title} {heard.artist}")


def open_embedder(place: str | Path | None = None) -> Embedder:
    """The embedding model at a place, or the bundled one: a folder of the caption model, one of an exported CLaMP 3,
    or a published CLaMP 3 checkpoint. EncoderUnavailable when it is none of them, or damaged; never another model."""
    folder = Path(place) if place is not None else BUNDLED
    if not folder.exists():
        repair = "Name a folder or a checkpoint that is there, or unset ISOPATH_EMBEDDING_MODEL for the bundled model"
        raise EncoderUnavailable(str(folder), "no embedding model is there", repair)
    if (folder / LEXICON_FILE).is_file():
        return Captions(CaptionEncoder.load(folder), Lexicon.load(folder / LEXICON_FILE))
    from encoders.clamp3 import Clamp3

    return Clamp3Embedder(Clamp3.load(folder), Lexicon.load(CAPTIONS / LEXICON_FILE), _languages(folder) == ["en"])


def _languages(folder: Path) -> list[str]:
    """What the description of an exported model says of the words it reads; none said, all."""
    path = folder / "model.json"
    return list(json.loads(path.read_text("utf-8")).get("languages", [])) if path.is_file() else []


def _one(vectors: Matrix) -> Matrix:
    """Float32 [dimensions], unit length: the middle of some vectors."""
    total: Matrix = vectors.sum(axis=0)
    return total / np.float32(np.linalg.norm(total))


def _stacked(vectors: Sequence[Matrix], dimensions: int) -> Matrix:
    return np.stack(vectors) if vectors else np.zeros((0, dimensions), dtype=np.float32)
