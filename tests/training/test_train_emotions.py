"""What training must do from end to end: write every file, whatever the base; broken off, end where it would have.

The real script on a tiny XLM-RoBERTa and a tiny corpus of sentences of our own, in the layout of GoEmotions.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from encoders.base import hash_file
from encoders.emotions.model import open_emotion_model
from encoders.training.emotions import classifier
from encoders.training.emotions import train as train_emotions
from engine.settings import SEED_DIR
from tests.helpers.tiny import xlm_roberta

pytestmark = pytest.mark.torch

OWN = SEED_DIR / "models" / "emotions" / "own_sentences.tsv"
LABELS = (SEED_DIR / "models" / "emotions" / "meanings.json").read_text("utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own sentences as a corpus: labels.txt, train.tsv and dev.tsv."""
    folder = tmp_path_factory.mktemp("data")
    labels = [*(label for label in json.loads(LABELS) if label != "neutral"), "neutral"]
    rows = [line.split("\t") for line in OWN.read_text("utf-8").split("\n") if line]
    rows += [[f"The bus number {number} leaves from the station", "neutral"] for number in range(12)]
    lines = [
        f"{text}\t{','.join(str(labels.index(name)) for name in named.split(','))}\t{at}"
        for at, (text, named) in enumerate(rows)
    ]
    (folder / "labels.txt").write_text("\n".join(labels) + "\n", "utf-8")
    (folder / "train.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "dev.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return xlm_roberta(tmp_path_factory.mktemp("base"), whole=False)


class Stopped(Exception):
    """Somebody switched the machine off."""


def train(data: Path, out: Path, base: Path, stop_at: str | None = None) -> list[str]:
    """The lines the script said; with `stop_at` it is broken off after the line that begins so."""
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        if stop_at and line.startswith(stop_at):
            raise Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_emotions, "say", say)
        given = ["--data", str(data), "--out", str(out), "--base", str(base), "--epochs", "2", "--frozen", "0"]
        assert train_emotions.main(given) == 0
    return lines


@pytest.fixture(scope="module")
def trained(data: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    assert any(line.startswith("macro-F1, cross-fitted") for line in train(data, out, base))
    return out


def test_checkpoint_thresholds_calibration_onnx_and_card_are_written(trained: Path) -> None:
    described = json.loads((trained / "model.json").read_text("utf-8"))
    assert set(described["files"]) == {
        "encoder.onnx", "tokenizer.json", "linear_weights.npy", "linear_rarity.npy",
    }  # fmt: skip
    assert all(hash_file(trained / name) == expected for name, expected in described["files"].items())
    assert set(described["thresholds"]) == set(described["labels"])
    assert {len(weights) for weights in described["blend"].values()} == {28}
    assert set(described["blend"]) == {"encoder", "linear", "bias"}
    best = trained / "work" / "last" / "best"
    assert {"config.json", "model.safetensors", "head.pt", "training.json"} <= {path.name for path in best.iterdir()}
    card = (trained / "CARD.md").read_text("utf-8")
    assert all(f"\n| {label} | " in card for label in described["labels"])
    assert all(f"## {title}" in card for title in ("As a whole", "What abstaining buys", "What it is bad at"))
    assert "GoEmotions" in card
    assert "Apache-2.0" in card


def test_what_was_trained_reads_as_its_checkpoint_does(trained: Path) -> None:
    """The pieces, padding and 8-bit weights of the exported XLM-RoBERTa give what torch gives."""
    reader = open_emotion_model(trained)
    texts = ["I am so happy", "I was scared of the dark and cried", "ok"]
    model, tokenizer, labels = classifier.restore_classifier(trained / "work" / "last" / "best")
    assert reader.labels == labels
    encoder = reader.parts[0]  # type: ignore[attr-defined]
    expected = classifier.predict_logits(model, tokenizer, texts, 128)
    # Weights drawn this wide let rounding show; real ones keep to .05.
    assert float(np.corrcoef(encoder.predict_logits(texts).ravel(), expected.ravel())[0, 1]) > 0.995
    assert float(np.abs(expected[0] - expected[1]).max()) > 0.5


@pytest.mark.long
def test_a_run_broken_off_ends_as_an_unbroken_one(trained: Path, data: Path, base: Path, tmp_path: Path) -> None:
    for moment in ("epoch 1:", "linear model: label 3"):
        with pytest.raises(Stopped):
            train(data, tmp_path, base, stop_at=moment)
    assert not (tmp_path / "model.json").exists()
    train(data, tmp_path, base)
    assert hash_file(tmp_path / "encoder.onnx") == hash_file(trained / "encoder.onnx")
    assert (tmp_path / "model.json").read_text("utf-8") == (trained / "model.json").read_text("utf-8")


def test_another_run_is_not_taken_for_this_one(
    trained: Path, data: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work, moved = trained / "work", tmp_path / "base"
    moved.symlink_to(base)
    given = ["--data", str(data), "--out", str(tmp_path / "out"), "--base", str(moved), "--work", str(work)]
    assert train_emotions.main([*given, "--epochs", "2", "--frozen", "0"]) == 2
    assert "holds another run" in capsys.readouterr().err


def test_labels_without_an_example_are_named_before_anything_is_trained(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("labels.txt", "train.tsv"):
        (tmp_path / name).write_text((data / name).read_text("utf-8"), "utf-8")
    (tmp_path / "dev.tsv").write_text("I am sad\t25\t0\n", "utf-8")
    assert train_emotions.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "has no text for admiration" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_the_splits_says_where_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train_emotions.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "google-research/goemotions" in capsys.readouterr().err
