"""The baseline text encoder: its captions, its vectors, and how well opposite words part the real catalogue."""

import csv
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from encoders.base import EncoderUnavailable, Matrix
from encoders.embedding.captions import (
    CARD_FILE,
    LEXICON_FILE,
    MODEL_FILE,
    CaptionEncoder,
    Lexicon,
    WordsUnknown,
    split_tokens,
)
from encoders.training import captions as train_captions
from encoders.training.captions import embed_catalogue, learn_projection
from encoders.training.clamp3.separation import Opposites, compute_auc, measure_separations, read_opposites
from engine.settings import ROOT

SEED_DATA = ROOT / "seed_data"
FOLDER = SEED_DATA / "models" / "captions"
PAIRS = read_opposites(SEED_DATA / "opposites.json")

KNOWN = [-0.2314, 0.0724, 0.0543, -0.1472, 0.1925]

GENTLE = {
    "tempo": 58.0, "onset_rate": 1.6, "level": -24.0, "level_swing": 2.2, "level_in": -25.0, "level_out": -25.0,
    "mode": 0.7, "articulation": 1.05, "register": 62.0, "pitch_spread": 9.0, "brightness": 0.3, "roughness": 0.1,
}  # fmt: skip
FIERCE = {
    "tempo": 140.0, "onset_rate": 7.0, "level": -7.0, "level_swing": 6.0, "level_in": -8.0, "level_out": -6.0,
    "mode": -0.5, "articulation": 0.5, "register": 62.0, "pitch_spread": 9.0, "brightness": 0.75, "roughness": 0.8,
}  # fmt: skip


def unknown_words(encoder: CaptionEncoder, text: str) -> list[str]:
    """Words that have no vector, in order, without those that mean nothing in a caption."""
    return [t.word for t in split_tokens(text) if t.word not in encoder.silent and not is_known(encoder, t.word)]


def is_known(encoder: CaptionEncoder, word: str) -> bool:
    try:
        return bool(encoder.embed_text([word]).any())
    except WordsUnknown:
        return False


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load(FOLDER / LEXICON_FILE)


@pytest.fixture(scope="module")
def encoder() -> CaptionEncoder:
    return CaptionEncoder.load(FOLDER)


@pytest.fixture(scope="module")
def catalogue() -> list[dict[str, str]]:
    with (SEED_DATA / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_slow_soft_major_strings_come_before_fast_loud_minor_ones(lexicon: Lexicon, encoder: CaptionEncoder) -> None:
    tracks = [
        encoder.embed_captions(lexicon.write_captions(cues, instrument))
        for cues, instrument in ((GENTLE, "strings"), (FIERCE, "strings"), (GENTLE, "trumpet"), (FIERCE, "trumpet"))
    ]
    similar = np.stack(tracks) @ encoder.embed_text(["slow soft calm legato strings major"])[0]
    assert similar[0] == max(similar)
    assert similar[2] > similar[1] > similar[3]


def test_each_row_has_unit_length_and_does_not_depend_on_its_company(encoder: CaptionEncoder) -> None:
    texts = ["serene, calm", "loud brass", "a tense and restless reel in minor"]
    together = encoder.embed_text(texts)
    assert together.dtype == np.float32
    assert together.shape == (3, encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    for row, text in zip(together, texts, strict=True):
        np.testing.assert_array_equal(encoder.embed_text([text])[0], row)


def test_shipped_weights_give_the_known_numbers(encoder: CaptionEncoder) -> None:
    first = encoder.embed_text(["serene, calm, soft legato strings"])[0, :5]
    np.testing.assert_allclose(first, KNOWN, atol=1e-3)


@pytest.mark.parametrize("text", ["", "  ", "zzyzx qwrtp", "你好", "the of and", "🙂", "12 34"])
def test_a_text_without_a_known_word_is_an_error_not_a_vector(encoder: CaptionEncoder, text: str) -> None:
    with pytest.raises(WordsUnknown) as raised:
        encoder.embed_text(["calm", text])
    assert "text 2 of 2" in str(raised.value)


def test_the_error_does_not_repeat_a_persons_words(encoder: CaptionEncoder) -> None:
    with pytest.raises(WordsUnknown) as raised:
        encoder.embed_text(["zzyzx"])
    assert "zzyzx" not in str(raised.value)


@pytest.mark.parametrize(("unlisted", "listed"), [("quietly", "quiet"), ("slowness", "slow"), ("calmness", "calm"),
                                                  ("SERENELY", "serene"), ("joyfully", "joyful")])  # fmt: skip
def test_an_unlisted_form_stands_near_its_word(encoder: CaptionEncoder, unlisted: str, listed: str) -> None:
    form, word, other = encoder.embed_text([unlisted, listed, "loud furious brass"])
    assert form @ word > 0.4
    assert form @ word > form @ other + 0.2


def test_a_denied_word_points_the_other_way(encoder: CaptionEncoder) -> None:
    plain, denied, after, soft = encoder.embed_text(["loud", "not loud", "not loud, soft", "soft"])
    np.testing.assert_allclose(denied, -plain, atol=1e-6)
    assert after @ soft > 0.5


def test_words_that_add_nothing_can_be_told(encoder: CaptionEncoder) -> None:
    assert unknown_words(encoder, "calm xylophone music for the zebras") == ["xylophone", "zebras"]


def test_a_value_between_two_grades_is_called_by_both(lexicon: Lexicon) -> None:
    slow, unhurried = lexicon.cues["tempo"]["grades"][1:3]
    between = GENTLE | {"tempo": float(np.sqrt(slow["at"] * unhurried["at"]))}
    said = [text.casefold() for text in lexicon.write_captions(between, "piano")]
    for grade in (slow, unhurried):
        assert sum(any(word in text for word in grade["words"]) for text in said) >= len(said) / 4


def test_captions_use_many_wordings_and_say_the_form(lexicon: Lexicon) -> None:
    said = lexicon.write_captions(GENTLE, "fiddle and guitar", "The Irish Washerwoman (jig)")
    assert len(set(said)) == len(said)
    assert any("jig" in text for text in said)
    assert any("fiddle" in text for text in said)
    assert any("guitar" in text for text in said)
    assert said == lexicon.write_captions(GENTLE, "fiddle and guitar", "The Irish Washerwoman (jig)")


def test_music_whose_instruments_nobody_knows_is_told_without_them(lexicon: Lexicon, encoder: CaptionEncoder) -> None:
    cues = {cue: spec["grades"][1]["at"] for cue, spec in lexicon.cues.items()}
    captions = lexicon.write_captions(cues, "music")
    assert not [word for caption in captions for word in unknown_words(encoder, caption)]
    assert encoder.embed_captions(captions).any()


def test_moods_follow_the_cues(lexicon: Lexicon) -> None:
    gentle, fierce = (lexicon.moods[int(lexicon.weigh_moods(cues).argmax())]["words"] for cues in (GENTLE, FIERCE))
    assert {"calm", "comforting", "tender"} & set(gentle)
    assert {"tense", "angry"} & set(fierce)


def test_the_model_was_learnt_from_the_lexicon_beside_it(encoder: CaptionEncoder) -> None:
    card = json.loads((FOLDER / CARD_FILE).read_text(encoding="utf-8"))
    assert card["lexicon_sha256"] == hashlib.sha256((FOLDER / LEXICON_FILE).read_bytes()).hexdigest()
    assert encoder.card.sha256 == hashlib.sha256((FOLDER / MODEL_FILE).read_bytes()).hexdigest()


def test_learning_twice_gives_the_same_model(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_captions, "PROFILES", 300)
    first, second = learn_projection(lexicon), learn_projection(lexicon)
    assert first[0] == second[0]
    np.testing.assert_allclose(first[2], second[2], atol=1e-6)


def test_an_instrument_without_words_is_named(encoder: CaptionEncoder, lexicon: Lexicon) -> None:
    row = {cue: str(value) for cue, value in GENTLE.items()} | {"instrument": "zither", "title": "", "artist": ""}
    with pytest.raises(EncoderUnavailable, match="zither"):
        embed_catalogue(encoder, lexicon, [row])


@pytest.mark.parametrize("fault", ["missing", "changed", "cut short", "no card"])
def test_a_damaged_model_is_refused(tmp_path: Path, fault: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "model")
    body = tmp_path / "model" / MODEL_FILE
    if fault == "missing":
        body.unlink()
    elif fault == "no card":
        (tmp_path / "model" / CARD_FILE).write_text("{}", encoding="utf-8")
    else:
        body.write_bytes(body.read_bytes()[:-100] + (b"" if fault == "cut short" else b"x" * 100))
    with pytest.raises(EncoderUnavailable, match="model"):
        CaptionEncoder.load(tmp_path / "model")


@pytest.fixture(scope="module")
def told(lexicon: Lexicon, encoder: CaptionEncoder, catalogue: list[dict[str, str]]) -> Matrix:
    """The vectors of every third performance, by its captions."""
    return embed_catalogue(encoder, lexicon, catalogue[::3])


def test_opposite_words_part_works_the_model_never_met(
    encoder: CaptionEncoder, told: Matrix, catalogue: list[dict[str, str]]
) -> None:
    found = measure_separations(encoder, told, catalogue[::3], PAIRS)
    assert np.mean([one.auc for one in found]) >= 0.93
    assert min(one.auc for one in found) >= 0.65


def test_vectors_in_the_wrong_order_part_nothing(
    encoder: CaptionEncoder, told: Matrix, catalogue: list[dict[str, str]]
) -> None:
    shuffled = np.random.default_rng(3).permutation(told)
    assert all(abs(one.auc - 0.5) < 0.12 for one in measure_separations(encoder, shuffled, catalogue[::3], PAIRS))


def test_too_few_tracks_are_not_judged(encoder: CaptionEncoder) -> None:
    with pytest.raises(ValueError, match="at least 30"):
        measure_separations(encoder, np.eye(3), [GENTLE] * 3, [Opposites("level", "soft", "loud")])


@pytest.mark.parametrize(("above", "below", "area"), [([2, 3], [0, 1], 1.0), ([0, 1], [2, 3], 0.0), ([1], [1], 0.5)])
def test_area_counts_pairs(above: list[int], below: list[int], area: float) -> None:
    assert compute_auc(above, below) == area
