"""What must hold where a text names a feeling only to say that it is not there."""

import pytest

from encoders.base import EmotionReader
from encoders.emotions.denial import NAMES, find_denied, remove_words
from encoders.emotions.model import open_emotion_model
from encoders.emotions.passages import select_labels
from encoders.training.emotions.model_card import find_misread, find_unread, read_probes
from engine.settings import SEED_DIR


@pytest.fixture(scope="module")
def reader() -> EmotionReader:
    return open_emotion_model(SEED_DIR / "models" / "emotions")


def denied_in(text: str) -> list[str]:
    return [text[word.start : word.end] for word in find_denied(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm not happy at all", ["happy"]),
        ("I’m not really feeling sad", ["sad"]),
        ("I don't love him and I don't hate him", ["love", "hate"]),
        ("I am no longer nervous", ["nervous"]),
        ("I was angry, now I'm just sad", ["angry"]),
        ("I was angry. Now I'm just sad.", ["angry"]),
        ("I used to be afraid of dogs", ["afraid"]),
        ("She is happy and I am not", ["happy"]),
        ("Everybody was thrilled, not me.", ["thrilled"]),
        ("I wish I were proud of it", ["proud"]),
        ("I thought I'd be relieved", ["relieved"]),
        ("I should be happy but I am tired", ["happy"]),
        ("The fear is finally gone", ["fear"]),
        ("I stopped being angry", ["angry"]),
        ("I can't feel any joy", ["joy"]),
    ],
)
def test_a_feeling_that_is_said_not_to_be_there_is_denied(text: str, words: list[str]) -> None:
    assert denied_in(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "I am sad",
        "",
        "I have never been so happy",
        "I couldn't be more proud of her",
        "I try not to be sad",
        "I'm not sure, I am scared",
        "I was sad today",
        "I was angry and I am still angry now",
        "I should be proud of that",
        "I never stopped loving her",
        "Not a day goes by that I am not sad",
        "No one knows how sad I am",
        "我不难过",
    ],
)
def test_a_feeling_that_may_be_there_stands(text: str) -> None:
    assert denied_in(text) == []


def test_what_is_left_out_is_the_word_alone_in_code_points() -> None:
    text = "🎈🎈 I'm not sad, I'm glad"
    assert remove_words(text, find_denied(text)) == "🎈🎈 I'm not , I'm glad"
    assert remove_words(text, ()) == text


def test_every_label_that_a_word_stands_for_is_one_of_the_model(reader: EmotionReader) -> None:
    assert {label for labels in NAMES for label in labels.split()} <= set(reader.labels)


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        ("I was angry, now I'm just sad", "sadness", "anger"),
        ("I am not angry with her, I am furious with him", "anger", "joy"),
        ("I used to be scared of dogs as a child, today I love them", "love", "fear"),
        ("She is happy and I am not, I am lonely", "sadness", "joy"),
    ],
)
def test_a_denied_feeling_is_not_read_and_the_others_are(
    reader: EmotionReader, text: str, present: str, absent: str
) -> None:
    labels = select_labels(reader, reader.score([text])[0].tolist())
    assert absent not in labels
    assert present in labels


def test_the_feelings_of_other_texts_are_read_as_before(reader: EmotionReader) -> None:
    """A denial beside it in the same batch changes nothing of a text."""
    texts = ["I'm not sad at all", "I am sad", "I am not angry, I am sad"]
    assert reader.score(texts)[1].tolist() == pytest.approx(reader.score(["I am sad"])[0].tolist(), abs=1e-4)


def test_few_denied_feelings_are_read_and_few_others_are_lost(reader: EmotionReader) -> None:
    """The card names them. Without `encoders/emotions/denial.py` 66 are misread and 1 is lost."""
    assert len(read_probes("negation_time.tsv")) == 82
    assert len(find_misread(reader)) <= 7
    assert len(find_unread(reader)) <= 1
