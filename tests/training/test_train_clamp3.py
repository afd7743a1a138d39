"""How the small CLaMP 3 learns: what it is shown, what it is asked, and that it learns from it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.analysis.cues import sum_pitch_class_times
from encoders.base import EncoderUnavailable
from encoders.catalogue.repertoire import Repertoire
from encoders.catalogue.rows import CUES
from encoders.embedding.captions import LEXICON_FILE, Lexicon
from encoders.embedding.clamp3.mtf import write_mtf
from encoders.embedding.clamp3.towers import SymbolicTower
from encoders.notation.titles import normalise_title
from encoders.performing.performance import Note, Performance
from encoders.training.clamp3 import samples as sampling
from encoders.training.clamp3.auxiliary import count_head_patches, find_struck_classes, make_auxiliary_targets
from encoders.training.clamp3.evaluation import read_held_out
from encoders.training.clamp3.gap_map import fit_gap_map
from encoders.training.clamp3.learning import TowersRecipe, TrainingModule, TrainingSet, train_towers
from encoders.training.clamp3.samples import HELD_OUT, Samples, make_samples, select_pieces
from encoders.training.clamp3.wordings import Demands, Wordings, join_samples, make_texts, place_music
from engine.settings import SEED_DIR
from tests.embedding.test_captions import FIERCE, GENTLE

pytestmark = pytest.mark.torch

LEXICON = Lexicon.load(SEED_DIR / "models" / "captions" / LEXICON_FILE)
WORDINGS = Wordings.load(SEED_DIR / "models" / "clamp3" / "wordings.json", LEXICON)


def some_music(cues: dict[str, float], instrument: str = "harp", artist: str = "Anon (1750-1800)") -> Samples:
    return Samples(
        ("ticks_per_beat 50",),
        np.array([[cues[c] for c in CUES]], np.float32),
        np.eye(1, 12, dtype=np.float32),
        (instrument,),
        ("Air",),
        (artist,),
        ("air",),
    )


def demands(**places: float) -> Demands:
    asked = np.full((1, len(CUES)), np.nan, dtype=np.float32)
    for cue, place in places.items():
        asked[0, CUES.index(cue)] = place
    return Demands(asked, np.ones((1, len(CUES)), np.float32), np.zeros((1, len(WORDINGS.list_tags())), dtype=bool))


def test_a_demand_is_met_by_music_that_has_what_it_names_and_by_no_other() -> None:
    places, tags = place_music(WORDINGS, join_samples([some_music(GENTLE), some_music(FIERCE)]))
    [[gentle, fierce]] = demands(level=-1.0, tempo=-1.0).measure_fit(places, tags)
    assert gentle > 10 * fierce
    [[gentle, fierce]] = demands(level=1.0).measure_fit(places, tags)
    assert fierce > 10 * gentle


def test_music_without_the_instrument_asked_for_counts_little() -> None:
    places, tags = place_music(WORDINGS, join_samples([some_music(GENTLE), some_music(GENTLE, "trumpet and brass")]))
    asked = demands()
    asked.tags[0, sorted(WORDINGS.list_tags()).index("instrument trumpet")] = True
    [[harp, trumpet]] = asked.measure_fit(places, tags)
    assert trumpet == 1.0
    assert harp < 0.1


def test_an_age_is_that_of_the_authors_last_year() -> None:
    assert "era 1770" in WORDINGS.find_tags("harp", "Johann Sebastian Bach (1685-1750)", "chorale")
    assert "genre chorale" in WORDINGS.find_tags("harp", "Johann Sebastian Bach (1685-1750)", "chorale")
    assert not any(tag.startswith("era") for tag in WORDINGS.find_tags("harp", "Manuscript (14th century)", "mass"))


def test_texts_name_what_they_demand() -> None:
    texts, asked = make_texts(WORDINGS, some_music(GENTLE), 300, seed=3)
    assert len(texts) == 300
    assert all(texts)
    assert (~np.isnan(asked.places)).any(axis=1).sum() + asked.tags.any(axis=1).sum() >= 300
    slow = [row for row, text in enumerate(texts) if text == "very slow"]
    assert all(asked.places[row, CUES.index("tempo")] == -1.0 for row in slow)
    again, _ = make_texts(WORDINGS, some_music(GENTLE), 300, seed=3)
    assert again == texts


CHANCE = """
bare-barely breath-breathing breath-breathless breath-breathlessly breath-breakneck downcast-down detail-detached
dusk-dusky mell-mellow mell-mellowed mell-mellifluous overcast-over round-rounded happening-happy scarcely-scary
sprint-sprightly sprint-springlike stroll-strong treacly-tread angelic-anger
"""
"""Of one stem by their letters alone, and of another meaning or for another cue: examined, and told."""


def test_no_open_wording_of_the_evaluation_stands_in_a_caption() -> None:
    told = {
        word
        for words in WORDINGS.list_tags().values()
        for text in words
        for word in re.findall(r"[a-z]+", text.lower())
    }
    for cue in LEXICON.cues.values():
        told |= {w for grade in cue["grades"] for text in grade["words"] for w in re.findall(r"[a-z]+", text.lower())}
    for mood in LEXICON.moods:
        told |= {w for text in mood["words"] for w in re.findall(r"[a-z]+", text.lower())}
    for ends in WORDINGS.more.values():
        told |= {w for words in ends.values() for text in words for w in re.findall(r"[a-z]+", text.lower())}
    silent = set(re.findall("[a-z]+", "a along any at for from in many never of so the to under up with not as among"))
    chance = set(re.findall(r"\S+", CHANCE))
    pairs = json.loads((SEED_DIR / "opposites.json").read_text("utf-8"))["open"]
    asked = {w for pair in pairs for side in ("low", "high") for w in re.findall(r"[a-z]+", pair[side].lower())}
    assert asked & told - silent == set()
    akin = {f"{one}-{other}" for one in asked - silent for other in told - silent if _of_one_stem(one, other)}
    assert akin == chance


def _of_one_stem(one: str, other: str) -> bool:
    """Whether they begin alike, four letters at least and all but two of the shorter."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return same >= max(4, min(len(one), len(other)) - 2)


def test_nobody_who_is_held_out_is_learnt_from_nor_any_work_of_their_titles() -> None:
    repertoire = Repertoire.read(SEED_DIR)
    # The whole survey reads thousands of tunes; one in twenty of the works that the table names shows the rule.
    collections = tuple(c for c in repertoire.collections if c.kind != "tune")
    few = replace(repertoire, collections=collections)
    few = replace(few, works=tuple(work for work in few.works if few.find_collection(work.path) is not None)[::20])
    assert {repertoire.find_collection(work.path).artist_id for work in few.works} & HELD_OUT  # type: ignore[union-attr]
    pieces = select_pieces(few)
    assert len(pieces) > 10
    assert not HELD_OUT & {piece.collection.artist_id for piece in pieces}
    assert not {normalise_title(p.title) for p in pieces} & {
        normalise_title(row["title"]) for row in read_held_out(SEED_DIR)
    }
    assert len(read_held_out(SEED_DIR)) > 300


def test_samples_are_made_once_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repertoire = Repertoire.read(SEED_DIR)
    few = replace(repertoire, collections=tuple(c for c in repertoire.collections if c.artist_id == "franz-schubert"))
    works = tuple(w for w in repertoire.works if w.path.startswith("schubert/"))
    few = replace(few, works=works)
    [path] = make_samples(few, 2, tmp_path, processes=1)
    made = Samples.load(path)
    assert 2 <= len(made.texts) <= 4 * len(works)
    assert made.cues.shape == (len(made.texts), len(CUES))
    assert all(text.startswith("ticks_per_beat") for text in made.texts)
    monkeypatch.setattr(sampling, "_make_file", None)  # Nothing is made again.
    assert [*make_samples(few, 2, tmp_path, processes=1)] == [path]


def training_set() -> TrainingSet:
    """Soft slow music and loud fast music, and a text for each kind."""
    texts, held, cues = [], [], []
    for number in range(32):
        loud = number % 2
        notes = tuple(Note(0.2 * i, 0.15, 60 + (i + number) % 7, 100 if loud else 30, 0) for i in range(24))
        texts.append(write_mtf(Performance(notes, (0,), 5.0, 160.0 if loud else 50.0)))
        held.append(sum_pitch_class_times(notes))
        cues.append(FIERCE if loud else GENTLE)
    patches, targets = make_auxiliary_targets(texts, np.array(held, np.float32), 24)
    places, tags = place_music(WORDINGS, join_samples([some_music(cue) for cue in cues]))
    asked = np.concatenate([demands(level=-1.0).places, demands(level=1.0).places])
    both = Demands(asked, np.ones_like(asked), np.zeros((2, tags.shape[1]), dtype=bool))
    return TrainingSet(patches, targets, places, tags, np.eye(2, 16, dtype=np.float32), both)


def module() -> TrainingModule:
    torch.manual_seed(7)
    return TrainingModule(SymbolicTower(64, 1, 64, 32), torch.nn.Linear(16, 8), len(CUES))


def test_the_layers_are_told_which_pitch_classes_a_patch_strikes_and_which_key_they_make() -> None:
    scale = (0, 2, 4, 5, 7, 9, 11, 12)
    notes = tuple(Note(0.5 * i, 0.4, 62 + step, 80, 0) for i, step in enumerate(scale))
    [patches], targets = make_auxiliary_targets(
        [write_mtf(Performance(notes, (0,), 5.0, 100.0))], sum_pitch_class_times(notes)[None].astype(np.float32), 64
    )
    found = np.flatnonzero(targets.struck[0].any(axis=0))
    assert set(found) == {(62 + step) % 12 for step in scale}
    assert not targets.struck[0][: count_head_patches(patches)].any()
    # What ends a note strikes nothing.
    [ends] = find_struck_classes(np.array([[1, *b"note_on 40 0 62 0\t10 0 64 0\n", 2]], dtype=np.uint8))
    assert not ends.any()
    [both] = find_struck_classes(np.array([[1, *b"note_on 40 0 62 0\t10 0 64 9\n", 2]], dtype=np.uint8))
    assert np.flatnonzero(both).tolist() == [64 % 12]
    assert int(targets.keys[0].argmax()) == 2  # D major
    np.testing.assert_allclose(targets.keys.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.long
def test_it_learns_to_tell_soft_from_loud_and_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole, recipe = module(), TowersRecipe(steps=260, patches=64, texts=8, rate=3e-3, warm=5)
    (tmp_path / "whole").mkdir()
    train_towers(whole, training_set(), recipe, tmp_path / "whole", lambda line: None)
    music, texts = _vectors(whole)
    right = (texts[1] - texts[0]) @ music.T
    assert right[1::2].min() > right[::2].max()

    def stop(line: str) -> None:
        if line.startswith("step 250"):
            raise KeyboardInterrupt

    (tmp_path / "stopped").mkdir()
    with pytest.raises(KeyboardInterrupt):
        train_towers(module(), training_set(), recipe, tmp_path / "stopped", stop)
    again = module()
    train_towers(again, training_set(), recipe, tmp_path / "stopped", lambda line: None)
    for one, other in zip(_vectors(whole), _vectors(again), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    other_size = TrainingModule(SymbolicTower(64, 2, 64, 32), torch.nn.Linear(16, 8), len(CUES))
    with pytest.raises(EncoderUnavailable, match="was kept by a module of another size"):
        train_towers(other_size, training_set(), recipe, tmp_path / "stopped", lambda line: None)


def test_no_batch_holds_more_patches_than_asked_for_and_none_is_left_out() -> None:
    from encoders.training.clamp3.learning import _draw_batches

    some = training_set()
    lengths = np.array([len(patches) for patches in some.patches])
    recipe, seen = TowersRecipe(patches=64), set[int]()
    batches = _draw_batches(some, recipe, np.random.default_rng(3))
    while len(seen) < len(lengths):
        rows = next(batches)
        assert len(rows) == 1 or len(rows) * lengths[rows].max() <= 64
        assert not seen & set(rows.tolist())
        seen |= set(rows.tolist())


def test_captions_are_taken_to_where_their_music_lies_and_spread_as_it_is() -> None:
    rng = np.random.default_rng(3)
    true = rng.normal(size=(400, 6))
    music = _units(true @ rng.normal(size=(6, 24)) * 0.4 + rng.normal(size=24))
    captions = _units(true @ rng.normal(size=(6, 24)) * 0.1 + rng.normal(size=24) + rng.normal(size=(400, 24)) * 0.05)
    over = fit_gap_map(captions[:300], music[:300])
    moved = captions[300:] @ over[:, :-1].T + over[:, -1]
    # Music that was not learnt from is found again, about as widely spread, in the middle of its own kind.
    assert ((_units(moved) @ music[300:].T).argmax(axis=1) == np.arange(100)).mean() > 0.5
    assert ((captions[300:] @ music[300:].T).argmax(axis=1) == np.arange(100)).mean() < 0.1
    assert 0.8 < moved.std(axis=0).sum() / music.std(axis=0).sum() < 1.2
    np.testing.assert_allclose(moved.mean(axis=0), music[:300].mean(axis=0), atol=0.1)


def _units(rows: np.ndarray) -> np.ndarray:
    unit: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _vectors(taught: TrainingModule) -> tuple[np.ndarray, np.ndarray]:
    from encoders.training.clamp3.learning import pad_excerpts

    shown = training_set()
    with torch.inference_mode():
        music = taught.towers.embed_patches(*pad_excerpts(shown.patches))
        texts = taught.project(torch.from_numpy(shown.words))
    return music.numpy(), texts.numpy()
