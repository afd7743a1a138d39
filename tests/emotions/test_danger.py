"""What the learned reading of danger must do: see it in one sentence of many, stay calm otherwise, cost one pass."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from encoders.base import DangerReader, EncoderUnavailable, Matrix
from encoders.emotions.model import BlendedEmotions, open_danger_reader, open_emotion_model
from encoders.emotions.multilingual import KEPT, Calibration, MultilingualModel
from engine.settings import SEED_DIR

BUNDLED = SEED_DIR / "models" / "emotions"
CRIES = [
    "I want to kill myself tonight",
    "我不想活了，遗书都写好了",
    "Me quiero morir, ya no aguanto más y tengo las pastillas aquí",
    "Ich will nicht mehr leben und habe alles vorbereitet",
    "J'ai envie d'en finir avec la vie ce soir",
    "Non voglio più vivere, stasera la faccio finita",
    "Eu não quero mais viver, hoje eu acabo com tudo",
    "Я не хочу жить, сегодня я покончу с собой",
    "もう死にたい。今夜終わらせる。",
    "मैं अब जीना नहीं चाहता, आज रात सब खत्म कर दूँगा",
]
CHAT = "We had pasta for lunch. The bus was late again. My sister sends her love. It rained all day here. "
ORDINARY = [
    "The bus leaves at seven",
    "I could kill for a coffee",
    "今天去逛街，累死了",
    "Der Kuchen war zum Sterben gut",
]


class Counting:
    """Gives every text the same log-odds, and counts how many texts it was asked about."""

    outputs = 3

    def __init__(self) -> None:
        self.asked = 0

    def predict_logits(self, texts: list[str]) -> Matrix:
        self.asked += len(texts)
        return np.array([[0.0, 1.0, len(text)] for text in texts], dtype=np.float32).reshape(len(texts), 3)


def make_model(network: Any) -> MultilingualModel:
    plain = Calibration(np.ones(1, np.float32), np.zeros(1, np.float32))
    return MultilingualModel(network, {"und": plain}, plain)


@pytest.fixture(scope="module")
def reader() -> DangerReader:
    return open_danger_reader(BUNDLED)


def test_plain_cries_for_help_score_above_ordinary_words_in_every_language(reader: DangerReader) -> None:
    assert float(reader.score_danger(CRIES).min()) > float(reader.score_danger(ORDINARY).max())


@pytest.mark.parametrize("cry", CRIES[:3])
def test_chat_around_a_cry_for_help_dilutes_nothing(reader: DangerReader, cry: str) -> None:
    alone, inside = reader.score_danger([cry, CHAT + cry + ". " + CHAT])
    assert inside >= alone - 1e-4


def test_danger_is_a_probability_and_the_same_alone_and_among_others(reader: DangerReader) -> None:
    together = reader.score_danger([*CRIES, *ORDINARY, "", "?!"])
    assert together.dtype == np.float32
    assert together.shape == (len(CRIES) + len(ORDINARY) + 2,)
    assert 0 <= float(together.min()) <= float(together.max()) <= 1
    alone = np.concatenate([open_danger_reader(BUNDLED).score_danger([text]) for text in CRIES[:4]])
    np.testing.assert_allclose(together[:4], alone, atol=1e-4)
    assert reader.score_danger([]).shape == (0,)


def test_the_gate_and_the_reading_cost_one_pass_over_a_sentence() -> None:
    network = Counting()
    model = make_model(network)
    model.score_danger(["I am so tired"])
    model.score(["I am so tired"], "en")
    model.score_danger(["I am so tired"])
    assert network.asked == 1


def test_what_is_kept_is_bounded_and_holds_no_words() -> None:
    model = make_model(Counting())
    model.score([f"secret {number}" for number in range(3 * KEPT)], "en")
    assert len(model._kept) == KEPT
    assert not any(b"secret" in key for key in model._kept)


def test_the_emotion_model_scores_danger_as_the_reader_of_danger_does(reader: DangerReader) -> None:
    whole = open_emotion_model(BUNDLED)
    assert isinstance(whole, BlendedEmotions)
    assert np.array_equal(whole.score_danger(CRIES[:2]), reader.score_danger(CRIES[:2]))


def test_a_model_without_that_part_says_so(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="no emotion model is there"):
        open_danger_reader(tmp_path)
