"""Evaluates a model on held-out composers: how well opposite texts separate their music, against the baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from encoders.base import Matrix, TextEmbedder
from encoders.catalogue.repertoire import read_table
from encoders.catalogue.rows import perform_row
from encoders.embedding.captions import LEXICON_FILE, CaptionEncoder, Lexicon, WordsUnknown
from encoders.embedding.clamp3.mtf import write_mtf
from encoders.embedding.embedder import Clamp3Embedder
from encoders.training.captions import embed_catalogue
from encoders.training.clamp3.samples import HELD_OUT
from encoders.training.clamp3.separation import Opposites, measure_separations, read_opposites

FIRST: Final = 20
"""First tracks of a search that are compared."""
CHANCE = 0.5
"""AUC of a model that has no vector for one of the two texts."""


class MusicEmbedder(TextEmbedder, Protocol):
    """A model that embeds notes as well as words."""

    def embed_symbolic(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], unit rows."""
        ...


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """How well both models separate held-out music by one pair of opposites."""

    pair: Opposites
    out_of_vocabulary: bool
    """Whether its words occur in no caption."""
    ours: float
    """AUC, 0..1; .5 is chance."""
    baseline: float
    """AUC of the caption model, whose vectors are made from the measured cues."""


@dataclass(frozen=True, slots=True)
class CaptionsComparison:
    """Compares searches over music embedded by captions, as recordings are, with searches over its notes."""

    share: float
    """Share of captions among the first 20 of a search over both; .5 is even."""
    agreement: float
    """Rank correlation of a search among captions with one among notes, -1..1; both are means over the searches."""


def read_held_out(seed_data: Path) -> list[Mapping[str, str]]:
    """The rows of the catalogue by composers and collections that are held out."""
    return [row for row in read_table(seed_data / "catalogue.csv") if row["artist_id"] in HELD_OUT]


def evaluate(model: MusicEmbedder, seed_data: Path, every: int = 1) -> list[EvaluationResult]:
    """A result for each pair of `seed_data/opposites.json`, on every `every`-th held-out row of the catalogue."""
    rows = read_held_out(seed_data)[::every]
    captions = seed_data / "models" / "captions"
    baseline = CaptionEncoder.load(captions)
    ours = model.embed_symbolic([write_mtf(perform_row(row)) for row in rows])
    theirs = embed_catalogue(baseline, Lexicon.load(captions / LEXICON_FILE), rows)
    return [
        EvaluationResult(
            pair, which == "open", _measure_auc(model, ours, rows, pair), _measure_auc(baseline, theirs, rows, pair)
        )
        for which in ("pairs", "open")
        for pair in read_opposites(seed_data / "opposites.json", which)
    ]


def average_results(results: Sequence[EvaluationResult], *, out_of_vocabulary: bool) -> tuple[float, float]:
    """Mean AUC over the pairs of one kind: of the model, and of the baseline."""
    some = [result for result in results if result.out_of_vocabulary is out_of_vocabulary]
    return float(np.mean([result.ours for result in some])), float(np.mean([result.baseline for result in some]))


def compare_captions_with_notes(
    embedder: Clamp3Embedder, seed_data: Path, every: int = 1
) -> tuple[CaptionsComparison, CaptionsComparison]:
    """Comparisons without and with the modality-gap map, over searches for every text of the opposites, on every
    `every`-th held-out row of the catalogue."""
    rows = read_held_out(seed_data)[::every]
    notes = embedder.model.embed_symbolic([write_mtf(perform_row(row)) for row in rows])
    texts = (embedder.lexicon.write_track_captions(row, row["instrument"], row["title"], row["artist"]) for row in rows)
    captions = [embedder.model.embed_text(each) for each in texts]
    pairs = [pair for which in ("pairs", "open") for pair in read_opposites(seed_data / "opposites.json", which)]
    words = embedder.embed_text([text for pair in pairs for text in (pair.low, pair.high)])
    bare, moved = (
        _compare_searches(words, notes, np.stack([one.map_captions(each) for each in captions]))
        for one in (replace(embedder, gap_map=None), embedder)
    )
    return bare, moved


def _compare_searches(words: Matrix, notes: Matrix, captions: Matrix) -> CaptionsComparison:
    among_notes, among_captions = words @ notes.T, words @ captions.T
    first = np.argsort(-np.concatenate((among_notes, among_captions), axis=1), axis=1)[:, :FIRST]
    ranks = [np.argsort(np.argsort(alike, axis=1), axis=1) for alike in (among_notes, among_captions)]
    agreements = [np.corrcoef(one, other)[0, 1] for one, other in zip(*ranks, strict=True)]
    return CaptionsComparison(float((first >= len(notes)).mean()), float(np.mean(agreements)))


def _measure_auc(model: TextEmbedder, vectors: Matrix, rows: Sequence[Mapping[str, str]], pair: Opposites) -> float:
    try:
        return measure_separations(model, vectors, rows, [pair])[0].auc
    except WordsUnknown:
        return CHANCE
