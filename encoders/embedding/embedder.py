"""Words and music to vectors of one space; `open_embedder` opens every embedding model.

There are two embedders. `CaptionEmbedder` embeds music by captions of its measured cues. `Clamp3Embedder` embeds the
notes themselves, and recordings by their MERT frames where its model has an audio tower; other music by captions.
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
"""The default model: it separates held-out works better than the captions (seed_data/models/clamp3/CARD.md)."""


class Embedder(TextEmbedder, Protocol):
    """Embeds words and music as vectors that can be compared with each other."""

    def embed_music(self, music: Sequence["AnalysedPiece"]) -> Matrix:
        """Float32 [music, dimensions], each row of unit length."""
        ...

    def choose_input(self, piece: "AnalysedPiece") -> str:
        """The input that a piece is embedded from: its notes ('symbolic'), its sound ('audio') or captions of its cues
        ('caption')."""
        ...


@dataclass(frozen=True, slots=True)
class CaptionEmbedder:
    """The baseline: embeds every piece by captions of its measured cues."""

    encoder: CaptionEncoder
    lexicon: Lexicon

    @property
    def card(self) -> ModelCard:
        return self.encoder.card

    @property
    def dimensions(self) -> int:
        return self.encoder.dimensions

    def embed_text(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], unit rows; WordsUnknown when a text has no word in the vocabulary."""
        return self.encoder.embed_text(texts)

    def embed_music(self, music: Sequence["AnalysedPiece"]) -> Matrix:
        """Float32 [music, dimensions], unit rows."""
        return _stack(
            [self.encoder.embed_captions(write_piece_captions(self.lexicon, piece)) for piece in music], self.dimensions
        )

    def choose_input(self, piece: "AnalysedPiece") -> str:  # noqa: ARG002 - the protocol's
        """Always 'caption'."""
        return "caption"


@dataclass(frozen=True, slots=True)
class Clamp3Embedder:
    """CLaMP 3: embeds notes by the symbolic tower, recordings by the audio tower, words by the text tower."""

    model: "Clamp3"
    lexicon: Lexicon
    english_only: bool
    """Whether the text tower was trained on English only: its vectors of other scripts mean nothing."""
    gap_map: Matrix | None = None
    """The modality-gap map, float32 [dimensions, dimensions + 1], the last column a shift: from vectors of captions to
    vectors of notes. Text queries are nearer to captions than to notes, so without it music embedded by captions would
    come before all other music in every search."""

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
        from encoders.embedding.clamp3.mtf import write_mtf

        vectors = np.zeros((len(music), self.dimensions), dtype=np.float32)
        ways = [self.choose_input(piece) for piece in music]
        notes = {row: one.performance for row, one in enumerate(music) if ways[row] == SYMBOLIC and one.performance}
        if notes:
            vectors[list(notes)] = self.model.embed_symbolic([write_mtf(p) for p in notes.values()])
        sound = {row: one.frames for row, one in enumerate(music) if ways[row] == AUDIO and one.frames is not None}
        if sound:
            vectors[list(sound)] = self.model.embed_audio(list(sound.values()))
        for row, way in enumerate(ways):
            if way == "caption":
                vectors[row] = self.map_captions(self.model.embed_text(write_piece_captions(self.lexicon, music[row])))
        return vectors

    def choose_input(self, piece: "AnalysedPiece") -> str:
        """'symbolic' where the piece has notes, 'audio' where it has frames and there is a tower for them, else
        'caption'."""
        if piece.performance is not None:
            return SYMBOLIC
        return AUDIO if piece.frames is not None and AUDIO in self.model.towers.kinds else "caption"

    def map_captions(self, captions: Matrix) -> Matrix:
        """Float32 [dimensions], unit length: the mean of a piece's caption vectors [captions, dimensions], moved by
        `gap_map` to where a vector of its notes would be."""
        vector: Matrix = _normalise(captions.sum(axis=0))
        return vector if self.gap_map is None else _normalise(self.gap_map[:, :-1] @ vector + self.gap_map[:, -1])


def write_piece_captions(lexicon: Lexicon, piece: "AnalysedPiece") -> list[str]:
    """All captions of a piece's measured cues."""
    return lexicon.write_track_captions(asdict(piece.cues), piece.instrument, piece.title, piece.artist)


def open_embedder(place: str | Path | None = None) -> Embedder:
    """The embedding model at a path, or the bundled one: a folder of the caption model, one of an exported CLaMP 3, or
    a published CLaMP 3 checkpoint. EncoderUnavailable when it is none of these, or damaged; never falls back."""
    folder = Path(place) if place is not None else BUNDLED
    if not folder.exists():
        repair = "Name a folder or a checkpoint that is there, or unset ISOPATH_EMBEDDING_MODEL for the bundled model"
        raise EncoderUnavailable(str(folder), "no embedding model is there", repair)
    if (folder / LEXICON_FILE).is_file():
        return CaptionEmbedder(CaptionEncoder.load(folder), Lexicon.load(folder / LEXICON_FILE))
    return open_clamp3(folder)


def open_clamp3(folder: Path) -> Clamp3Embedder:
    """A CLaMP 3, exported or a checkpoint; EncoderUnavailable when there is none, or it is damaged."""
    from encoders.embedding.clamp3.onnx_towers import OnnxTowers

    model, lexicon = load_clamp3(folder), Lexicon.load(CAPTIONS / LEXICON_FILE)
    if isinstance(model.towers, OnnxTowers):
        return Clamp3Embedder(model, lexicon, model.towers.english_only, model.towers.load_gap_map())
    # A checkpoint states no languages, so it is assumed to read all; and it brings no modality-gap map.
    return Clamp3Embedder(model, lexicon, english_only=False)


def check_mert(embedder: Embedder, folder: Path) -> ModelCard:
    """The card of the MERT in a folder, checked against the model's audio tower; its weights are loaded once.

    EncoderUnavailable without a MERT or an audio tower, or when the width of the frames differs.
    """
    from encoders.analysis.audio.mert import Mert, read_card

    model = embedder.model if isinstance(embedder, Clamp3Embedder) else None
    if model is None or AUDIO not in model.towers.kinds:
        fault = f"{embedder.card.name} has no audio tower, which MERT's features are for"
        raise EncoderUnavailable("ISOPATH_MERT", fault, "Unset it, or name a CLaMP 3 in ISOPATH_EMBEDDING_MODEL")
    Mert.load(folder)
    card = read_card(folder)
    if (width := model.towers.get_tower(AUDIO).width) != card.dimensions:
        fault = f"{card.name} gives {card.dimensions} numbers a frame, and the audio tower reads {width}"
        raise EncoderUnavailable("ISOPATH_MERT", fault, "Name the MERT that the model was trained with (MERT-v1-95M)")
    return card


def _normalise(vector: Matrix) -> Matrix:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _stack(vectors: Sequence[Matrix], dimensions: int) -> Matrix:
    return np.stack(vectors) if vectors else np.zeros((0, dimensions), dtype=np.float32)
