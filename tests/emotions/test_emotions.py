"""What an emotion model must do: honest probabilities, no guess in a language it does not read, honest errors."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from encoders.base import EmotionReader, EncoderUnavailable
from encoders.emotions.checkpoint import open_checkpoint
from encoders.emotions.language import detect_script
from encoders.emotions.model import BlendedEmotions, open_emotion_model
from encoders.emotions.passages import LONGEST_PASSAGE, label_sentences, split_passages, split_sentences
from encoders.training.emotions.model_card import find_misread, find_unread, measure_accepted_share, read_first_person
from engine.settings import SEED_DIR

BUNDLED = SEED_DIR / "models" / "emotions"
PLAIN = {
    "admiration": "She is amazing and I admire her so much, well done",
    "amusement": "That joke was hilarious, haha, I can't stop laughing",
    "anger": "I am furious, how dare they, I hate them",
    "annoyance": "This is so annoying, I'm irritated and fed up",
    "approval": "I agree, that is right, I think it is good",
    "caring": "Please take care of yourself, I worry about you and hope you are safe",
    "confusion": "I am so confused, I don't understand what is going on",
    "curiosity": "I'm curious, I wonder how that works?",
    "desire": "I want it so badly, I wish I had one",
    "disappointment": "I'm so disappointed, I feel let down",
    "disapproval": "I don't agree with this, it is wrong",
    "disgust": "That is disgusting, gross, it makes me sick",
    "embarrassment": "I am so embarrassed, it was awkward",
    "excitement": "I'm so excited, I can't wait!",
    "fear": "I am scared and terrified",
    "gratitude": "Thank you so much, I am really grateful",
    "grief": "My father died and I am grieving, rest in peace",
    "joy": "I am so happy today, what a joy",
    "love": "I love you with all my heart",
    "nervousness": "I'm so nervous and anxious about tomorrow",
    "optimism": "I hope it gets better soon, I believe it will",
    "pride": "I am so proud of myself",
    "realization": "I just realized that I was wrong all along",
    "relief": "What a relief, I'm so relieved that it is over",
    "remorse": "I am so sorry, I regret it and feel guilty",
    "sadness": "I feel sad and I have been crying",
    "surprise": "Wow, I am so surprised, I did not expect that",
    "neutral": "The bus leaves from the station at seven",
}


@pytest.fixture(scope="module")
def reader() -> EmotionReader:
    return open_emotion_model(BUNDLED)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The bundled model, to be damaged."""
    return Path(shutil.copytree(BUNDLED, tmp_path / "model"))


def scores_of(reader: EmotionReader, text: str) -> dict[str, float]:
    return dict(zip(reader.labels, reader.score([text])[0].tolist(), strict=True))


@pytest.mark.parametrize("label", PLAIN)
def test_every_label_can_be_reached(reader: EmotionReader, label: str) -> None:
    assert scores_of(reader, PLAIN[label])[label] >= reader.thresholds[label].present


def test_labels_are_the_28_of_the_corpus(reader: EmotionReader) -> None:
    assert set(reader.labels) == set(PLAIN)
    assert set(reader.thresholds) == set(reader.labels)


def test_scores_are_probabilities_in_rows(reader: EmotionReader) -> None:
    scores = reader.score(list(PLAIN.values()))
    assert scores.shape == (28, 28)
    assert scores.dtype == np.float32
    assert float(scores.min()) >= 0.0
    assert float(scores.max()) <= 1.0
    assert reader.score([]).shape == (0, 28)


def test_a_text_scores_the_same_alone_and_among_others(reader: EmotionReader) -> None:
    texts = [text for text, _ in read_first_person()]
    together = reader.score(texts)
    alone = np.concatenate([reader.score([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-4)


@pytest.mark.parametrize("text", ["", " ", "?!", "🙂", "x" * 5000, "\u0000", "sad " * 5000])
def test_odd_texts_give_finite_scores(reader: EmotionReader, text: str) -> None:
    assert np.isfinite(reader.score([text])).all()


def test_people_would_accept_what_is_read_from_first_person_sentences(reader: EmotionReader) -> None:
    assert len(read_first_person()) == 100
    assert measure_accepted_share(reader) >= 0.85


def test_the_card_names_every_negated_or_past_feeling_that_is_misread(reader: EmotionReader) -> None:
    card = (BUNDLED / "CARD.md").read_text("utf-8")
    unnamed = [label for text, label in find_misread(reader) if f"*{text}*: reads {label}" not in card]
    lost = [label for text, label in find_unread(reader) if f"*{text}*: does not read {label}" not in card]
    assert not unnamed
    assert not lost


def test_a_negated_feeling_is_read_as_less_of_it(reader: EmotionReader) -> None:
    assert scores_of(reader, "I am not afraid any more")["fear"] < scores_of(reader, "I am afraid")["fear"]


def test_a_feeling_in_the_last_sentence_of_a_long_text_is_found(reader: EmotionReader) -> None:
    text = "I went to the office and had lunch with a colleague. " * 60 + PLAIN["sadness"] + "."
    assert len(text.split()) > 5 * LONGEST_PASSAGE
    assert scores_of(reader, text)["sadness"] >= reader.thresholds["sadness"].present


def test_sentences_say_which_of_them_carried_what_in_code_points(reader: EmotionReader) -> None:
    text = "🎈🎈 I am so happy today! Dr. Lee said hello.\nThen I was scared and terrified…"
    found = label_sentences(reader, text)
    parts = [text[one.span.start : one.span.end] for one in found]
    assert parts == ["🎈🎈 I am so happy today!", "Dr. Lee said hello.", "Then I was scared and terrified…"]
    assert "joy" in found[0].labels
    assert "fear" not in found[0].labels
    assert "fear" in found[2].labels


def test_a_sentence_in_another_language_carries_no_label(reader: EmotionReader) -> None:
    found = label_sentences(reader, "I am so happy today! Jestem dzisiaj bardzo smutny.")
    assert [bool(one.labels) for one in found] == [True, False]


def test_the_sentence_that_spoke_is_marked(reader: EmotionReader) -> None:
    found = label_sentences(reader, "We had lunch with a colleague. I am scared and terrified. Then the bus came.")
    assert [one.speaks for one in found] == [False, True, False]


def test_chinese_and_japanese_without_spaces_are_cut_into_passages() -> None:
    text = "我今天很难过" * 40
    spans = split_passages(text)
    assert len(spans) > 1
    assert "".join(text[span.start : span.end] for span in spans) == text
    assert len(split_sentences("आज मैं दुखी हूँ। नींद नहीं आती।")) == 2


def test_a_plain_feeling_is_clear_and_a_timetable_is_not(reader: EmotionReader) -> None:
    clear = {text: reader.is_clear(text, reader.score([text])[0]) for text in (PLAIN["fear"], PLAIN["neutral"])}
    assert list(clear.values()) == [True, False]


def test_a_text_without_a_word_has_no_sentence() -> None:
    assert split_sentences("... ?! …\n\n") == ()
    assert [span.end for span in split_passages("...")] == [3]


def test_no_passage_is_longer_than_the_model_reads_and_no_word_is_lost() -> None:
    text = "word " * 150 + "end. Short one. " + "again " * 70
    spans = split_passages(text)
    assert max(len(text[span.start : span.end].split()) for span in spans) <= LONGEST_PASSAGE
    assert " ".join(text[span.start : span.end] for span in spans).split() == text.split()


@pytest.mark.parametrize("text", ["أشعر بالحزن", "jestem bardzo smutny", "Ik ben zo moe", "기분이 안 좋아", "12345!"])
def test_a_language_that_it_has_not_learnt_is_not_guessed_at(reader: EmotionReader, text: str) -> None:
    assert not reader.covers(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("我很害怕，晚上不敢一个人待着", "fear"),
        ("Estoy muy agradecida por todo lo que hicisteis", "gratitude"),
        ("Ich bin so wütend auf meinen Chef", "anger"),
        ("Je suis tellement triste depuis qu'elle est partie", "sadness"),
        ("Que alegria, passei no vestibular!", "joy"),
        ("sono furioso con mio fratello", "anger"),
        ("Мне очень страшно", "fear"),
        ("今日はとても悲しいです", "sadness"),
        ("मुझे बहुत डर लग रहा है", "fear"),
    ],
)
def test_other_languages_are_read(reader: EmotionReader, text: str, label: str) -> None:
    assert reader.covers(text)
    assert scores_of(reader, text)[label] >= reader.thresholds[label].present


@pytest.mark.parametrize(
    "text",
    ["sad", "anxious", "so tired of it all", "im soooo stressed rn", "homesick", "knackered", "I’m über happy", "ugh"],
)
def test_short_and_sloppy_english_is_covered(reader: EmotionReader, text: str) -> None:
    assert reader.covers(text)


def test_every_first_person_sentence_is_covered(reader: EmotionReader) -> None:
    assert [text for text, _ in read_first_person() if not reader.covers(text)] == []


def test_scripts_are_told_apart() -> None:
    assert [detect_script(text) for text in ("sad", "难过", "悲しい", "грустно", "")] == [
        "latin",
        "han",
        "other",
        "other",
        "latin",
    ]


def test_all_damaged_files_are_named_at_once(copy: Path) -> None:
    (copy / "linear_rarity.npy").unlink()
    with (copy / "linear_weights.npy").open("r+b") as file:
        file.seek(500)
        file.write(b"\x01\x02\x03")
    with pytest.raises(EncoderUnavailable) as error:
        open_emotion_model(copy)
    assert "linear_rarity.npy is missing" in str(error.value)
    assert "linear_weights.npy is not the file that was trained" in str(error.value)


@pytest.mark.parametrize(("content", "fault"), [("{", "is not JSON"), ("{}", "lacks blend"), ("[]", "lacks blend")])
def test_a_broken_description_is_an_error(copy: Path, content: str, fault: str) -> None:
    (copy / "model.json").write_text(content, "utf-8")
    with pytest.raises(EncoderUnavailable, match=fault):
        open_emotion_model(copy)


def test_a_part_of_unknown_kind_is_an_error(copy: Path) -> None:
    described = json.loads((copy / "model.json").read_text("utf-8"))
    described["parts"]["oracle"] = {}
    (copy / "model.json").write_text(json.dumps(described), "utf-8")
    with pytest.raises(EncoderUnavailable, match="unknown kind: oracle"):
        open_emotion_model(copy)


def test_an_empty_folder_and_a_missing_one_are_errors(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(EncoderUnavailable, match="no emotion model is there"):
            open_emotion_model(place)


def test_the_card_of_a_model_changes_with_its_thresholds(copy: Path, reader: EmotionReader) -> None:
    described = json.loads((copy / "model.json").read_text("utf-8"))
    described["thresholds"]["fear"][0] += 0.01
    (copy / "model.json").write_text(json.dumps(described), "utf-8")
    assert open_emotion_model(copy).card.sha256 != reader.card.sha256


@pytest.fixture
def exported(tmp_path: Path, reader: EmotionReader) -> Path:
    """The bundled encoder as somebody's exported checkpoint: an ONNX file, a tokenizer and a configuration."""
    for name in ("encoder.onnx", "tokenizer.json"):
        shutil.copyfile(BUNDLED / name, tmp_path / name)
    config = {"model_type": "bert", "id2label": {str(at): label for at, label in enumerate(reader.labels)}}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    return tmp_path


def configured(folder: Path, **changes: object) -> Path:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | changes), "utf-8")
    return folder


def test_an_exported_checkpoint_reads_in_the_order_of_its_configuration(exported: Path, reader: EmotionReader) -> None:
    before = open_emotion_model(exported)
    turned = list(reversed(reader.labels))
    after = open_emotion_model(
        configured(exported, id2label={str(at): label.upper() for at, label in enumerate(turned)})
    )
    assert after.labels == tuple(turned)
    assert np.array_equal(before.score([PLAIN["fear"]]), after.score([PLAIN["fear"]]))
    assert scores_of(before, PLAIN["fear"])["fear"] > 0.5
    assert "not calibrated" in after.card.name


def test_a_checkpoint_of_one_label_in_many_gives_shares_that_add_to_one(exported: Path) -> None:
    read = open_emotion_model(configured(exported, problem_type="single_label_classification"))
    assert float(read.score([PLAIN["joy"]]).sum()) == pytest.approx(1.0, abs=1e-3)


def test_a_multilingual_checkpoint_covers_every_language(exported: Path) -> None:
    assert not open_emotion_model(exported).covers("我今天很难过")
    assert open_emotion_model(configured(exported, model_type="xlm-roberta")).covers("我今天很难过")


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        ({}, "does not name every label"),
        ({"0": "LABEL_0", "1": "LABEL_1"}, "does not name every label"),
        ({"0": "joy", "1": "joy"}, "does not name every label"),
        ({"0": "joy", "1": "fear"}, "28 outputs and config.json names 2 labels"),
    ],
)
def test_a_checkpoint_without_its_labels_is_an_error(exported: Path, labels: dict[str, str], fault: str) -> None:
    with pytest.raises(EncoderUnavailable, match=fault):
        open_emotion_model(configured(exported, id2label=labels))


def test_a_checkpoint_without_tokenizer_or_with_broken_weights_is_an_error(exported: Path) -> None:
    (exported / "encoder.onnx").write_bytes(b"not a model")
    with pytest.raises(EncoderUnavailable, match="no model that onnxruntime"):
        open_emotion_model(exported)
    (exported / "tokenizer.json").unlink()
    with pytest.raises(EncoderUnavailable, match=r"tokenizer\.json"):
        open_emotion_model(exported)


def test_a_checkpoint_that_is_nowhere_is_an_error_and_never_random(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # Else a hub that is away is tried again.
    with pytest.raises(EncoderUnavailable):
        open_checkpoint("no-such/emotion-model")


def test_each_part_adds_to_the_english_reading(reader: EmotionReader) -> None:
    assert isinstance(reader, BlendedEmotions)
    assert len(reader.parts) == 3
    assert float(reader.weights.min()) > -0.5


def test_reading_a_text_loads_no_training_library() -> None:
    command = (
        "import sys; from pathlib import Path; from encoders.emotions.model import open_emotion_model;"
        f"open_emotion_model(Path({str(BUNDLED)!r})).score(['I am sad']);"
        "print(sorted({'sklearn', 'scipy', 'torch', 'transformers', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_bundled_model_is_the_one_that_was_measured(reader: EmotionReader) -> None:
    scores = reader.score(["I have an exam tomorrow and I can't stop worrying"])[0]
    assert reader.labels[:5] == ("admiration", "amusement", "anger", "annoyance", "approval")
    assert scores[:5].tolist() == pytest.approx([0.0012, 0.0008, 0.0029, 0.0078, 0.0126], abs=1e-3)
    assert scores[reader.labels.index("nervousness")] == pytest.approx(0.956, abs=5e-3)


def test_no_sentence_of_our_own_training_stands_in_a_test() -> None:
    lines = (BUNDLED / "own_sentences.tsv").read_text("utf-8").lower().split("\n")
    trained = {line.split("\t")[0] for line in lines if line}
    assert not trained & {text.lower() for text, _ in read_first_person()}
