"""The door to embedding models: which one answers, what it is given, and that what ships belongs together."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from encoders.analysis.cues import Cues
from encoders.analysis.piece import AnalysedPiece
from encoders.base import EncoderUnavailable
from encoders.embedding.captions import WordsUnknown
from encoders.embedding.embedder import (
    BUNDLED,
    CAPTIONS,
    CLAMP3,
    CaptionEmbedder,
    Clamp3Embedder,
    Embedder,
    open_embedder,
)
from encoders.performing.performance import Note, Performance
from encoders.training.catalogue_vectors import embed_rows
from encoders.training.clamp3.card import TrainingRecord, write_card
from encoders.training.clamp3.evaluation import (
    CHANCE,
    average_results,
    compare_captions_with_notes,
    evaluate,
    read_held_out,
)
from encoders.training.clamp3.learning import TowersRecipe
from encoders.training.clamp3.samples import Samples
from engine.settings import SEED_DIR
from tests.embedding.test_captions import FIERCE, GENTLE

KNOWN = [0.034, -0.0368, -0.0504, -0.0112, -0.2707]


@pytest.fixture(scope="module", params=[CAPTIONS, CLAMP3], ids=["captions", "clamp3"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return open_embedder(request.param)


@pytest.fixture(scope="module")
def clamp3() -> Clamp3Embedder:
    found = open_embedder(CLAMP3)
    assert isinstance(found, Clamp3Embedder)
    return found


def heard(cues: dict[str, float], performance: Performance | None = None) -> AnalysedPiece:
    return AnalysedPiece(
        "audio" if performance is None else "midi", "Air", "unknown", "", "not stated", 60.0, Cues(**cues), "piano",
        performance, (), "0" * 64, (1.0,), 1, 1, 1,
    )  # fmt: skip


def played(pace: float, velocity: int, tempo: float) -> Performance:
    notes = tuple(Note(pace * i, pace * 0.9, 60 + (0, 2, 4, 5, 7)[i % 5], velocity, 0) for i in range(120))
    return Performance(notes, (0,), 120 * pace, tempo)


def test_one_of_the_two_is_bundled_and_the_catalogue_was_made_with_it() -> None:
    card = json.loads((SEED_DIR / "catalogue.json").read_text("utf-8"))["embedder"]
    bundled = open_embedder()
    assert BUNDLED in (CAPTIONS, CLAMP3)
    assert card == {"name": bundled.card.name, "sha256": bundled.card.sha256}


def test_shipped_vectors_are_those_of_the_bundled_model(tmp_path: Path) -> None:
    with (SEED_DIR / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shipped = np.load(SEED_DIR / "catalogue_embeddings.npy", allow_pickle=False)
    some = list(range(0, len(rows), 120))
    again = embed_rows(open_embedder(), [rows[row] for row in some], tmp_path)
    assert shipped.shape == (len(rows), again.shape[1])
    cosines = (shipped[some].astype(np.float32) * again).sum(axis=1)
    assert cosines.min() > 0.999


def test_shipped_weights_give_the_known_numbers(clamp3: Clamp3Embedder) -> None:
    [vector] = clamp3.embed_text(["serene, calm, soft legato strings"])
    np.testing.assert_allclose(vector[:5], KNOWN, atol=1e-3)


def test_soft_slow_music_is_nearer_to_such_words_than_loud_fast_music_is(embedder: Embedder) -> None:
    music = embedder.embed_music([heard(GENTLE, played(0.6, 30, 55.0)), heard(FIERCE, played(0.12, 110, 150.0))])
    words = embedder.embed_text(["very soft and slow", "very loud and fast"])
    alike = words @ music.T
    assert alike[0, 0] > alike[0, 1]
    assert alike[1, 1] > alike[1, 0]
    np.testing.assert_allclose(np.linalg.norm(music, axis=1), 1.0, atol=1e-5)


def test_recordings_are_told_in_words_of_their_cues(embedder: Embedder) -> None:
    soft, loud = heard(GENTLE), heard(FIERCE)
    assert embedder.choose_input(soft) == "caption"
    music = embedder.embed_music([soft, loud])
    words = embedder.embed_text(["hushed and slow", "thundering and fast"])
    assert ((words[1] - words[0]) @ music.T).argmax() == 1


def test_notes_are_heard_where_the_model_has_ears_for_them(clamp3: Clamp3Embedder) -> None:
    assert clamp3.choose_input(heard(GENTLE, played(0.6, 30, 55.0))) == "symbolic"
    assert clamp3.embed_music([]).shape == (0, clamp3.dimensions)


@pytest.mark.parametrize("text", ["雨声，独奏钢琴", "дождь", "…!"])
def test_words_that_the_model_cannot_read_are_refused_and_not_repeated(embedder: Embedder, text: str) -> None:
    with pytest.raises(WordsUnknown) as caught:
        embedder.embed_text(["slow", text])
    assert "text 2 of 2" in str(caught.value)
    assert text not in str(caught.value)


def test_a_place_without_a_model_is_an_error_and_never_another_model(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="ISOPATH_EMBEDDING_MODEL"):
        open_embedder(tmp_path / "nowhere")
    with pytest.raises(EncoderUnavailable):
        open_embedder(tmp_path)


@pytest.mark.long
def test_held_out_music_is_kept_apart_and_open_words_carry_further_than_the_captions_do(clamp3: Clamp3Embedder) -> None:
    results = evaluate(clamp3.model, SEED_DIR, every=3)
    known, wide = average_results(results, out_of_vocabulary=False), average_results(results, out_of_vocabulary=True)
    assert known[0] >= 0.85
    assert wide[0] > wide[1] + 0.05
    assert any(result.baseline == CHANCE for result in results if result.out_of_vocabulary)
    assert len(read_held_out(SEED_DIR)) > 300


@pytest.mark.long
def test_the_map_of_the_shipped_model_brings_recordings_among_the_notes(clamp3: Clamp3Embedder, tmp_path: Path) -> None:
    bare, moved = compare_captions_with_notes(clamp3, SEED_DIR, every=6)
    assert abs(moved.share - 0.5) < abs(bare.share - 0.5) - 0.2
    assert moved.agreement > bare.agreement + 0.2
    # The card tells both, and what the model was made from.
    results, described = (
        evaluate(clamp3.model, SEED_DIR, every=6),
        json.loads((CLAMP3 / "model.json").read_text("utf-8")),
    )
    samples = Samples(("", ""), np.zeros((2, 12), np.float32), np.zeros((2, 12), np.float32), *([("a", "b")] * 4))
    write_card(tmp_path / "CARD.md", TrainingRecord(TowersRecipe(), samples, described), results, (bare, moved))
    card = (tmp_path / "CARD.md").read_text("utf-8")
    assert f"| {bare.share:.2f} | {moved.share:.2f} |" in card
    assert f"# {described['name']}" in card
    # A row for each open pair, and one for their mean.
    assert card.count("| no |") == sum(result.out_of_vocabulary for result in results) + 1


def test_both_are_embedders(embedder: Embedder) -> None:
    assert isinstance(embedder, CaptionEmbedder | Clamp3Embedder)
    assert embedder.card.dimensions == embedder.dimensions
