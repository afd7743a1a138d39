"""Checkpoints of the real architectures and tokenizers, made small: what a real one would do at a thousandth of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from encoders.base import EncoderUnavailable
from encoders.emotions.model import open_emotion_model
from tests.helpers.tiny import LABELS, TEXTS, xlm_roberta

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return xlm_roberta(tmp_path_factory.mktemp("xlm-roberta"))


def test_scores_are_those_of_the_checkpoint_in_its_own_label_order(checkpoint: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint).eval()
    with torch.inference_mode():
        # One text alone and nothing padded: the plainest way to ask the library itself.
        asked = tokenizer(TEXTS[0], padding=False, truncation=True, max_length=128, return_tensors="pt")
        expected = torch.sigmoid(model(**asked).logits)[0].numpy()
    reader = open_emotion_model(checkpoint)
    assert reader.labels == LABELS
    np.testing.assert_allclose(reader.score(TEXTS)[0], expected, atol=1e-4)


def test_scores_differ_between_texts_and_not_between_batches(checkpoint: Path) -> None:
    reader = open_emotion_model(checkpoint)
    together = reader.score(TEXTS)
    np.testing.assert_allclose(together, np.concatenate([reader.score([text]) for text in TEXTS]), atol=1e-4)
    assert float(np.abs(together[0] - together[1]).max()) > 1e-3


def test_an_xlm_roberta_covers_every_language(checkpoint: Path) -> None:
    reader = open_emotion_model(checkpoint)
    assert all(reader.covers(text) for text in TEXTS)


@pytest.mark.filterwarnings("ignore")  # Tracing warns of every size that Python looks at; the scores below decide.
def test_an_exported_checkpoint_gives_what_it_gave_before(checkpoint: Path, tmp_path: Path) -> None:
    from encoders.training.emotions import export_onnx

    export_onnx.main([str(checkpoint), str(tmp_path)])
    before, after = open_emotion_model(checkpoint), open_emotion_model(tmp_path)
    assert after.labels == before.labels
    assert after.covers(TEXTS[2])
    np.testing.assert_allclose(before.score(TEXTS), after.score(TEXTS), atol=0.05)


def test_a_base_without_a_classifier_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="the weights lack classifier"):
        open_emotion_model(xlm_roberta(tmp_path, whole=False))


@pytest.mark.parametrize(("text", "fault"), [("{", "cannot be read"), ("[1]", "is not an object")])
def test_a_configuration_that_is_no_object_of_json_is_refused(text: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text, "utf-8")
    with pytest.raises(EncoderUnavailable, match=f"config.json: {fault}"):
        open_emotion_model(tmp_path)


def test_a_folder_without_weights_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((checkpoint / "config.json").read_bytes())
    with pytest.raises(EncoderUnavailable, match="transformers cannot load it"):
        open_emotion_model(tmp_path)


def test_a_fine_tuned_encoder_learns_stops_and_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    from encoders.training.emotions.classifier import predict_logits, restore_classifier
    from encoders.training.emotions.corpus import Split
    from encoders.training.emotions.encoder import EncoderRecipe, fine_tune

    texts = tuple(f"{word} {number}" for number in range(40) for word in ("afraid", "heureux", "ok"))
    gold = np.array([[word == 2, word == 0, word == 1] for _ in range(40) for word in range(3)], dtype=np.float32)
    split, labels = Split(texts, gold), ("neutral", "fear", "joy")
    base = str(xlm_roberta(tmp_path / "base", whole=False))
    meanings = {"neutral": "ok", "fear": "afraid", "joy": "heureux"}
    lines: list[str] = []
    few = EncoderRecipe(epochs=2, batch=8, frozen=0, plain=1.0, rate=1e-3, head_rate=1e-2, held_out=0.1)
    fine_tune(base, split, labels, meanings, tmp_path / "run", few, lines.append)
    more = replace(few, epochs=10, patience=10)
    best = fine_tune(base, split, labels, meanings, tmp_path / "run", more, lines.append)
    model, tokenizer, named = restore_classifier(best)
    assert any(line.startswith("going on from step") for line in lines)
    assert sum(line.startswith("epoch 1:") for line in lines) == 1
    assert named == labels
    found = predict_logits(model, tokenizer, ["afraid", "heureux", "ok"], 16).argmax(1).tolist()
    assert found == [1, 2, 0]
