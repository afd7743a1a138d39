"""MERT against a literal reading of what it gives CLaMP 3, and recordings heard through an audio tower."""

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import HubertConfig, HubertModel

from encoders.analysis.analyser import Analyser, analyse
from encoders.analysis.audio.mert import RATE, Mert, read_card
from encoders.analysis.piece import AnalysedPiece
from encoders.base import EncoderUnavailable, ScoreUnreadable
from encoders.embedding.captions import LEXICON_FILE, Lexicon
from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.towers import Clamp3Module, build_bert, save_checkpoint
from encoders.embedding.embedder import CAPTIONS, Clamp3Embedder, check_mert, open_embedder
from tests.analysis.test_analysing_audio import chords, written

pytestmark = pytest.mark.torch

WIDTH = 64


def made(folder: Path, published: bool = True, width: int = WIDTH, **changed: Any) -> Path:
    """A small MERT with random weights; `published`: named and kept as MERT-v1-95M is."""
    torch.manual_seed(5)
    config = HubertConfig(
        hidden_size=width,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        initializer_range=0.2,
    )
    model = HubertModel(config)
    model.save_pretrained(folder)
    described = json.loads((folder / "config.json").read_text("utf-8"))
    described |= {"sample_rate": RATE, "deepnorm": False, "feature_extractor_cqt": False, "attention_relax": -1.0}
    if published:
        described |= {"model_type": "mert_model", "auto_map": {"AutoModel": "modeling_MERT.MERTModel"}}
        (folder / "model.safetensors").unlink()
        begin = "encoder.pos_conv_embed.conv."
        older = {f"{begin}parametrizations.weight.original0": f"{begin}weight_g"}
        older |= {f"{begin}parametrizations.weight.original1": f"{begin}weight_v"}
        state = {older.get(name, name): value for name, value in model.state_dict().items()}
        torch.save(state, folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(described | changed), "utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("mert"))


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Clamp3Embedder:
    """A CLaMP 3 of nothing but an audio tower."""
    torch.manual_seed(6)
    path = tmp_path_factory.mktemp("audio") / "audio.pth"
    save_checkpoint(Clamp3Module(16, audio=build_bert(WIDTH, 1, 64, 16)), path)
    return Clamp3Embedder(load_clamp3(path), Lexicon.load(CAPTIONS / LEXICON_FILE), english_only=True)


def sound(seconds: float, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.1, 0.2, int(seconds * RATE)).astype(np.float32)


@pytest.mark.parametrize("published", [True, False])
@pytest.mark.parametrize(("seconds", "frames"), [(1, 1), (5, 1), (5.9, 1), (6, 2), (12, 3)])
def test_a_frame_is_the_mean_of_all_layers_over_five_seconds_of_the_evened_whole(
    tmp_path: Path, seconds: float, frames: int, published: bool
) -> None:
    place, samples = made(tmp_path, published), sound(seconds)
    found = Mert.load(place).extract_frames(samples)
    assert found.shape == (frames, WIDTH)
    assert found.dtype == np.float32
    torch.manual_seed(5)
    literal: Any = HubertModel(HubertConfig.from_dict(json.loads((place / "config.json").read_text("utf-8"))))
    literal.eval()
    even = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    for number, frame in enumerate(found):
        window = torch.from_numpy(even[5 * RATE * number : 5 * RATE * (number + 1)]).unsqueeze(0)
        with torch.no_grad():
            layers = literal(window, output_hidden_states=True).hidden_states
        assert len(layers) == 3
        np.testing.assert_allclose(frame, torch.cat(layers).mean(dim=1).mean(dim=0).numpy(), atol=1e-4)


def test_less_than_a_second_is_no_frame(folder: Path) -> None:
    with pytest.raises(ScoreUnreadable, match="shorter than a second"):
        Mert.load(folder).extract_frames(sound(0.9))


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "cqt": ({"feature_extractor_cqt": True}, r"more than a HuBERT \(feature_extractor_cqt\)"),
    "deepnorm": ({"deepnorm": True, "attention_relax": 8.0}, r"more than a HuBERT \(deepnorm, attention_relax\)"),
    "rate": ({"sample_rate": 16000}, "hears 16000 samples a second, not 24000"),
    "layers": ({"num_hidden_layers": 3}, "it lacks encoder.layers.2"),
    "other": ({"hidden_size": 96}, "its weights cannot be read|it lacks"),
    "no size": ({"hidden_size": None}, "describes no HuBERT"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_is_no_mert_that_we_can_run_is_refused(tmp_path: Path, name: str) -> None:
    changed, fault = UNFIT[name]
    with pytest.raises(EncoderUnavailable, match=fault) as refused:
        Mert.load(made(tmp_path, **changed))
    assert "unset ISOPATH_MERT" in refused.value.repair


def test_a_folder_without_weights_or_description_is_refused_with_both_faults(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match=r"missing config\.json and neither model\.safetensors nor"):
        Mert.load(tmp_path)
    (tmp_path / "config.json").write_text("{", "utf-8")
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK")
    with pytest.raises(EncoderUnavailable, match="cannot be read"):
        Mert.load(tmp_path)


def test_ears_are_made_in_one_process_and_hear_in_another_with_or_without_a_mert(folder: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", chords())
    ears = Analyser(folder)
    pickled = pickle.dumps(ears)
    assert len(pickled) < 1000
    [found] = pickle.loads(pickled)(path)  # noqa: S301
    assert isinstance(found, AnalysedPiece)
    assert found.frames is not None
    assert found.frames.shape == (int(found.seconds / 5 + 0.8), WIDTH)
    assert replace(found, frames=None) == analyse(path)
    [bare] = Analyser()(path)
    assert bare == analyse(path)
    [notes] = ears(written_notes(tmp_path))
    assert isinstance(notes, AnalysedPiece)
    assert notes.frames is None


def written_notes(folder: Path) -> Path:
    path = folder / "a.abc"
    path.write_text("X:1\nT:Air\nL:1/4\nK:D\n" + "DFAd|" * 8 + "\n", "utf-8")
    return path


def test_a_recording_gets_its_vector_from_the_audio_tower(
    folder: Path, embedder: Clamp3Embedder, tmp_path: Path
) -> None:
    [found] = Analyser(folder)(written(tmp_path / "a.wav", chords()))
    assert isinstance(found, AnalysedPiece)
    assert embedder.choose_input(found) == "audio"
    [vector] = embedder.embed_music([found])
    assert found.frames is not None
    np.testing.assert_allclose(vector, embedder.model.embed_audio([found.frames])[0])
    assert embedder.choose_input(replace(found, frames=None)) == "caption"
    # A model without an audio tower has no use for frames.
    assert open_embedder().choose_input(found) == "caption"


def test_a_mert_that_no_tower_reads_is_an_error_before_anything_is_heard(
    folder: Path, embedder: Clamp3Embedder, tmp_path: Path
) -> None:
    assert check_mert(embedder, folder) == read_card(folder)
    with pytest.raises(EncoderUnavailable, match=r"ISOPATH_MERT: .* has no audio tower"):
        check_mert(open_embedder(), folder)
    with pytest.raises(EncoderUnavailable, match=r"ISOPATH_MERT: .* has no audio tower"):
        check_mert(open_embedder(CAPTIONS), folder)
    with pytest.raises(EncoderUnavailable, match="gives 128 numbers a frame, and the audio tower reads 64"):
        check_mert(embedder, made(tmp_path / "wide", width=128))
    # What cannot be opened is told before anything is heard, not file by file.
    cut = made(tmp_path / "cut")
    (cut / "pytorch_model.bin").write_bytes((cut / "pytorch_model.bin").read_bytes()[:5000])
    with pytest.raises(EncoderUnavailable, match="its weights cannot be read"):
        check_mert(embedder, cut)


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    """Analyser take one thread for themselves."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
