"""Words and music to vectors of one space: the door through which every embedding model is opened.

Two kinds answer. `Captions` knows music by what was measured of it, told in words. `Clamp3Embedder` hears the notes
themselves, and recordings where its model has an audio tower and a MERT made frames of them; what it cannot hear is
told to it in words.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from encoders.base import EncoderUnavailable, Matrix, ModelCard, TextEmbedder
from encoders.embedding.captions import LEXICON_FILE, CaptionEncoder, Lexicon, WordsUnknown
from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.model import AUDIO, SYMBOLIC
from encoders.seed_data import SEED_DATA

if TYPE_CHECKING:
    from encoders.analysis.piece import AnalysedPiece
    from encoders.embedding.clamp3 import Clamp3

CAPTIONS: Final = SEED_DATA / "models" / "captions"
CLAMP3: Final = SEED_DATA / "models" / "clamp3"
BUNDLED: Final = CLAMP3
"""The default: over the words of captions and others together it keeps held-out works apart better
(seed_data/models/clamp3/CARD.md)."""


class Embedder(TextEmbedder, Protocol):
    """Gives words and music vectors that can be compared with each other."""

    def embed_music(self, music: Sequence["AnalysedPiece"]) -> Matrix:
        """Float32 [music, dimensions], each row of unit length."""
        ...

    def how(self, heard: "AnalysedPiece") -> str:
        """What a piece of music gets its vector from: its notes ('symbolic'), its sound ('audio') or words for its
        cues ('caption')."""
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

    def embed_music(self, music: Sequence["AnalysedPiece"]) -> Matrix:
        """Float32 [music, dimensions], unit rows."""
        return _stacked(
            [self.encoder.embed_captions(describe_piece(self.lexicon, heard)) for heard in music], self.dimensions
        )

    def how(self, heard: "AnalysedPiece") -> str:  # noqa: ARG002 - the protocol's
        """Always 'caption'."""
        return "caption"


@dataclass(frozen=True, slots=True)
class Clamp3Embedder:
    """CLaMP 3: notes through the symbolic tower, words through the text tower."""

    model: "Clamp3"
    lexicon: Lexicon
    english_only: bool
    """Whether the text tower was made for English: of other scripts it would make a vector that means nothing."""
    gap_map: Matrix | None = None
    """The modality-gap map, float32 [dimensions, dimensions + 1], the last column a shift: from where captions lie to
    where music lies. Words lie nearer to words than music does, so without it recordings would come before notes in
    every search."""

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

    def embed_music(self, music: Sequence["AnalysedPiece"]) -> Matrix:
        """Float32 [music, dimensions], unit rows."""
        from encoders.embedding.clamp3.mtf import mtf_of_performance

        vectors = np.zeros((len(music), self.dimensions), dtype=np.float32)
        ways = [self.how(heard) for heard in music]
        notes = {row: one.performance for row, one in enumerate(music) if ways[row] == SYMBOLIC and one.performance}
        if notes:
            vectors[list(notes)] = self.model.embed_symbolic([mtf_of_performance(p) for p in notes.values()])
        sound = {row: one.frames for row, one in enumerate(music) if ways[row] == AUDIO and one.frames is not None}
        if sound:
            vectors[list(sound)] = self.model.embed_audio(list(sound.values()))
        for row, way in enumerate(ways):
            if way == "caption":
                vectors[row] = self.as_music(self.model.embed_text(describe_piece(self.lexicon, music[row])))
        return vectors

    def how(self, heard: "AnalysedPiece") -> str:
        """'symbolic' where there are notes, 'audio' where there are frames and a tower for them, else 'caption'."""
        if heard.performance is not None:
            return SYMBOLIC
        return AUDIO if heard.frames is not None and AUDIO in self.model.towers.kinds else "caption"

    def as_music(self, captions: Matrix) -> Matrix:
        """Float32 [dimensions], unit length: one vector for all captions [captions, dimensions] of a piece, where the
        vector of its notes would be (`gap_map`)."""
        vector: Matrix = _unit(captions.sum(axis=0))
        return vector if self.gap_map is None else _unit(self.gap_map[:, :-1] @ vector + self.gap_map[:, -1])


def describe_piece(lexicon: Lexicon, heard: "AnalysedPiece") -> list[str]:
    """What was measured, in words: every wording that a caption can have."""
    return lexicon.captions_of(asdict(heard.cues), heard.instrument, heard.title, heard.artist)


def open_embedder(place: str | Path | None = None) -> Embedder:
    """The embedding model at a place, or the bundled one: a folder of the caption model, one of an exported CLaMP 3,
    or a published CLaMP 3 checkpoint. EncoderUnavailable when it is none of them, or damaged; never another model."""
    folder = Path(place) if place is not None else BUNDLED
    if not folder.exists():
        repair = "Name a folder or a checkpoint that is there, or unset ISOPATH_EMBEDDING_MODEL for the bundled model"
        raise EncoderUnavailable(str(folder), "no embedding model is there", repair)
    if (folder / LEXICON_FILE).is_file():
        return Captions(CaptionEncoder.load(folder), Lexicon.load(folder / LEXICON_FILE))
    return open_clamp3(folder)


def open_clamp3(folder: Path) -> Clamp3Embedder:
    """A CLaMP 3, exported or a checkpoint; EncoderUnavailable when there is none, or it is damaged."""
    from encoders.embedding.clamp3.onnx_towers import OnnxTowers

    model, lexicon = load_clamp3(folder), Lexicon.load(CAPTIONS / LEXICON_FILE)
    if isinstance(model.towers, OnnxTowers):
        return Clamp3Embedder(model, lexicon, model.towers.english_only, model.towers.gap_map())
    # A checkpoint says nothing of languages, so it is taken to read all; nor how far its captions are from its music.
    return Clamp3Embedder(model, lexicon, english_only=False)


def mert_for(embedder: Embedder, folder: Path) -> ModelCard:
    """Which MERT a folder holds, fit for the model's audio tower, its weights read once to see that they can be.

    EncoderUnavailable when there is none in either, or its frames are of another width.
    """
    from encoders.analysis.audio.mert import Mert, card_of

    model = embedder.model if isinstance(embedder, Clamp3Embedder) else None
    if model is None or AUDIO not in model.towers.kinds:
        fault = f"{embedder.card.name} has no audio tower, which MERT's features are for"
        raise EncoderUnavailable("ISOPATH_MERT", fault, "Unset it, or name a CLaMP 3 in ISOPATH_EMBEDDING_MODEL")
    Mert.load(folder)
    card = card_of(folder)
    if (width := model.towers.tower(AUDIO).width) != card.dimensions:
        fault = f"{card.name} gives {card.dimensions} numbers a frame, and the audio tower reads {width}"
        raise EncoderUnavailable("ISOPATH_MERT", fault, "Name the MERT that the model was trained with (MERT-v1-95M)")
    return card


def _unit(vector: Matrix) -> Matrix:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _stacked(vectors: Sequence[Matrix], dimensions: int) -> Matrix:
    return np.stack(vectors) if vectors else np.zeros((0, dimensions), dtype=np.float32)
