"""CLaMP 3 against a literal transcription of what it computes, on checkpoints of the published layout made small."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertTokenizerFast

from encoders.base import EncoderUnavailable, Matrix, ScoreUnreadable
from encoders.clamp3 import Clamp3
from encoders.clamp3.checkpoint import TorchTowers
from encoders.clamp3.export import About, cost, export, main
from encoders.clamp3.patches import patches_of
from encoders.clamp3.segments import batches, cut
from encoders.clamp3.towers import SymbolicTower, Towers, save
from tests.clamp3_literal import Literal, patches
from tests.test_emotion_checkpoints import xlm_roberta

SYMBOLIC, AUDIO = (128, 2, 24), (64, 2, 16)
"""Width, layers, positions."""
ABOUT = About("small", "MIT", "random numbers")
WORDS = "ok calm slow soft strings harp rain warm bright loud fast dark minor major".split()


@dataclass(frozen=True, slots=True)
class Kit:
    """One checkpoint in every form it can have."""

    literal: Literal
    checkpoint: Path
    text_model: Path
    torch: Clamp3
    onnx: Clamp3
    rounded: Clamp3
    folder: Path


def roberta(folder: Path) -> Path:
    """The configuration and tokenizer of a small XLM-RoBERTa; the tokenizer's file asks for 3 tokens, filled up to 64."""
    xlm_roberta(folder, whole=False)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.sep_token = "</s>"
    tokenizer.save_pretrained(folder)
    (folder / "model.safetensors").unlink()
    return folder


def bert(folder: Path) -> Path:
    """The configuration and tokenizer of a small BERT that reads words."""
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"abcdefghijklmnopqrstuvwxyz"]
    BertTokenizerFast(vocab={word: number for number, word in enumerate(vocabulary)}).save_pretrained(folder)
    BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=12,
        intermediate_size=96,
        max_position_embeddings=160,
        initializer_range=0.1,
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=[roberta, bert], ids=["xlm-roberta", "bert"])
def kit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    place = tmp_path_factory.mktemp("clamp3")
    make: Callable[[Path], Path] = request.param
    text_model = make(place / "words")
    torch.manual_seed(3)
    literal = Literal(text_model, 32, SYMBOLIC, AUDIO)
    checkpoint = place / "clamp3.pth"
    save(literal, checkpoint)
    export(checkpoint, text_model, place / "exact", ABOUT, exact=True)
    export(checkpoint, text_model, place / "rounded", ABOUT)
    return Kit(
        literal,
        checkpoint,
        text_model,
        Clamp3.load(checkpoint, text_model),
        Clamp3.load(place / "exact"),
        Clamp3.load(place / "rounded"),
        place / "rounded",
    )


def text_of(tokens: int, kit: Kit) -> str:
    """A text of exactly so many tokens, marks included, without a line break."""

    def count(text: str) -> int:
        return len(kit.literal.tokenizer(text)["input_ids"])

    text = "ok"
    while (have := count(text)) < tokens:
        # Any word while there is room, then the shortest ones, a letter after a letter.
        longer = [f"{text} {word}" for word in (WORDS[have % len(WORDS)], "ok", "e")] + [text + "e"]
        text = next(one for one in longer if have < count(one) <= tokens)
    return text


def mtf_of(count: int) -> str:
    """MTF that makes exactly so many patches, marks included: a message is too long to share its patch."""
    rng = np.random.default_rng(count)
    lines = ["ticks_per_beat 480"]
    while len(lines) < count - 2:
        kind = ("note_on", "control_change", "program_change")[len(lines) % 3]
        lines.append(f"{kind} {rng.integers(9)} {rng.integers(127)} {rng.integers(127)}")
    return "\n".join(lines)


def abc_of(count: int) -> str:
    rng = np.random.default_rng(count)
    head = ["X:1", "L:1/8", "M:3/4", "K:Dm"]
    bars = ["".join("ABcdefg"[rng.integers(7)] for _ in range(6)) for _ in range(count - 5)]
    lines = ["|".join(bars[row : row + 4]) + ("|" if row % 8 else "") for row in range(0, len(bars), 4)]
    return "\n".join(head + lines)


def all_of(model: Clamp3, kind: str, inputs: list[object]) -> Matrix:
    embed: Callable[[list[object]], Matrix] = getattr(model, f"embed_{kind}")
    return embed(inputs)


LENGTHS = {
    "text": (9, 127, 128, 129, 256, 300),
    "symbolic": (5, 23, 24, 25, 48, 49, 200),
    "audio": (1, 13, 14, 15, 30, 77),
}


def inputs_of(kit: Kit, kind: str) -> tuple[list[object], Matrix]:
    """Inputs shorter than a segment, as long as one or two exactly, and longer; and what the literal one makes of them."""
    with torch.no_grad():
        if kind == "text":
            texts = [text_of(length, kit) for length in LENGTHS["text"]]
            return list(texts), torch.stack([kit.literal.text(one) for one in texts]).numpy()
        if kind == "symbolic":
            scores = [make(length) for length in LENGTHS["symbolic"] for make in (mtf_of, abc_of) if length > 5]
            return list(scores), torch.stack([kit.literal.symbolic(one) for one in scores]).numpy()
        rng = np.random.default_rng(5)
        frames = [rng.standard_normal((length, AUDIO[0])).astype(np.float32) for length in LENGTHS["audio"]]
        return list(frames), torch.stack([kit.literal.audio(torch.from_numpy(one)) for one in frames]).numpy()


@pytest.mark.parametrize("kind", ["text", "symbolic", "audio"])
def test_every_vector_is_the_literal_one_and_none_depends_on_its_batch(kit: Kit, kind: str) -> None:
    inputs, expected = inputs_of(kit, kind)
    for model in (kit.torch, kit.onnx):
        found = all_of(model, kind, inputs)
        np.testing.assert_allclose(found, expected, atol=1e-4)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
        alone = np.concatenate([all_of(model, kind, [one]) for one in inputs])
        np.testing.assert_allclose(found, alone, atol=1e-5)
    # Else the literal one agrees with anything.
    assert float((expected @ expected.T).min()) < 0.98


@pytest.mark.parametrize("kind", ["text", "symbolic", "audio"])
def test_rounded_weights_change_a_vector_little_and_no_vector_depends_on_its_batch(kit: Kit, kind: str) -> None:
    inputs, expected = inputs_of(kit, kind)
    found = all_of(kit.rounded, kind, inputs)
    alone = np.concatenate([all_of(kit.rounded, kind, [one]) for one in inputs])
    np.testing.assert_allclose(found, alone, atol=1e-4)
    cosines = (found * expected).sum(axis=1)
    assert float(cosines.min()) >= 0.99
    assert float(cosines.max()) < 1 - 1e-7, "nothing was rounded"
