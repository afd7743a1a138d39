"""The folder that ships: a text tower that is kept, words learnt over it, and the map from captions to music."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertModel

from encoders.base import EncoderUnavailable
from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.onnx_towers import OnnxTowers
from encoders.embedding.embedder import open_clamp3
from encoders.training.clamp3.shipping import TrainedWords, add_gap_map, export_model, export_words
from tests.embedding.test_clamp3 import ABOUT, Kit, bert, made, small, text_of

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return made(bert, tmp_path_factory.mktemp("bert"))


def test_words_are_learnt_anew_over_a_text_tower_that_stays_as_it_is(one: Kit, tmp_path: Path) -> None:
    torch.manual_seed(4)
    checkpoint, folder = small(tmp_path / "music.pth"), tmp_path / "model"
    over, words = torch.nn.Linear(one.onnx.dimensions, 16), OnnxTowers.load(one.folder.parent / "exact")
    folder.mkdir()
    described = export_model(checkpoint, TrainedWords(words, over), folder, ABOUT)
    model = load_clamp3(folder)
    assert described["rounding"]["symbolic"]["worst"] > 0.99
    assert sorted(model.towers.kinds) == ["symbolic", "text"]
    texts = ["calm", "slow warm strings", text_of(300, one)]
    # A projection over a projection is one: the same tower, the same layout, with their product.
    state = torch.load(one.checkpoint, weights_only=True)["model"]
    state["text_proj.bias"] = over.weight.detach() @ state["text_proj.bias"] + over.bias.detach()
    state["text_proj.weight"] = over.weight.detach() @ state["text_proj.weight"]
    only = {name: value for name, value in state.items() if name.startswith("text_")}
    torch.save({"model": only, "epoch": 0, "min_eval_loss": 0.0}, tmp_path / "folded.pth")
    folded = load_clamp3(tmp_path / "folded.pth", one.text_model)
    np.testing.assert_allclose(model.embed_text(texts), folded.embed_text(texts), atol=1e-4)
    # Words learnt over these words again are learnt over the tower, not over what was learnt before.
    again = OnnxTowers.load(folder)
    inputs, mask = np.full((1, 3), 7, dtype=np.int64), np.ones((1, 3), dtype=np.int64)
    np.testing.assert_allclose(
        again.get_tower("text").embed_unprojected(inputs, mask), words.get_tower("text").embed(inputs, mask), atol=1e-6
    )
    (folder / "text_proj.npy").write_bytes(b"no matrix")
    with pytest.raises(EncoderUnavailable, match=r"text_proj.npy is not the file that was exported"):
        load_clamp3(folder)


def test_a_sentence_encoder_becomes_a_text_tower_whose_words_are_its_own(one: Kit, tmp_path: Path) -> None:
    torch.manual_seed(5)
    base = tmp_path / "base"
    shutil.copytree(one.text_model, base)
    encoder: Any = BertModel(BertConfig.from_pretrained(one.text_model), add_pooling_layer=False)
    encoder.eval()
    encoder.save_pretrained(base)
    model = load_clamp3(export_words(base, tmp_path / "words"))
    ids = torch.tensor([AutoTokenizer.from_pretrained(base)("slow warm strings")["input_ids"]])
    with torch.no_grad():
        mean = encoder(input_ids=ids).last_hidden_state.mean(dim=1).numpy()[0]
    found = model.embed_text(["slow warm strings"])[0]
    assert found @ mean / np.linalg.norm(mean) > 0.995


def test_captions_are_moved_by_the_map_that_a_model_brings_and_a_damaged_one_is_refused(
    one: Kit, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(one.folder, folder)
    described = json.loads((folder / "model.json").read_text("utf-8"))
    captions = one.rounded.embed_text(["slow harp", "calm rain"])
    size = one.rounded.dimensions
    turned = np.roll(np.eye(size, size + 1, dtype=np.float32), 1, axis=1)
    bare = open_clamp3(folder).map_captions(captions)
    whole = add_gap_map(folder, described, turned)
    moved = open_clamp3(folder).map_captions(captions)
    expected = turned[:, :-1] @ bare + turned[:, -1]
    np.testing.assert_allclose(moved, expected / np.linalg.norm(expected), atol=1e-6)
    assert abs(moved @ bare) < 0.99
    add_gap_map(folder, whole, turned[:5])
    with pytest.raises(EncoderUnavailable, match=r"bridge.npy: its shape is"):
        open_clamp3(folder)
    (folder / "bridge.npy").unlink()
    with pytest.raises(EncoderUnavailable, match=r"bridge.npy is missing"):
        open_clamp3(folder)
