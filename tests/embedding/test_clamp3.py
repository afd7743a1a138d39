"""CLaMP 3 against a literal transcription of what it computes, on checkpoints of the published layout made small."""

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertTokenizer

from encoders.base import EncoderUnavailable, Matrix, ScoreUnreadable, hash_file
from encoders.embedding.clamp3 import Clamp3
from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.towers import Clamp3Module, SymbolicTower, save_checkpoint
from encoders.training.clamp3.export import ModelInfo, export, main, measure_rounding
from engine.settings import ROOT
from tests.bench.embedding import most_apart, one_at_a_time
from tests.helpers.clamp3_literal import Literal
from tests.helpers.tiny import xlm_roberta

pytestmark = pytest.mark.torch

SYMBOLIC, AUDIO = (128, 2, 24), (64, 2, 16)
"""Width, layers, positions."""
ABOUT = ModelInfo("small", "MIT", "random numbers")
WORDS = [
    "ok",
    "calm",
    "slow",
    "soft",
    "strings",
    "harp",
    "rain",
    "warm",
    "bright",
    "loud",
    "fast",
    "dark",
    "minor",
    "major",
]


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
    """Configuration and tokenizer of a small XLM-RoBERTa; the tokenizer's file asks for 3 tokens, filled up to 64."""
    xlm_roberta(folder, whole=False)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.sep_token = "</s>"
    tokenizer.save_pretrained(folder)
    (folder / "model.safetensors").unlink()
    return folder


def bert(folder: Path) -> Path:
    """The configuration and tokenizer of a small BERT that reads words."""
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"abcdefghijklmnopqrstuvwxyz"]
    BertTokenizer(vocab={word: number for number, word in enumerate(vocabulary)}).save_pretrained(folder)
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


@pytest.fixture(scope="module")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Kit]:
    """Made when first asked for, and once."""
    return cache(lambda name: made(TEXT_MODELS[name], tmp_path_factory.mktemp(name)))


TEXT_MODELS: dict[str, Callable[[Path], Path]] = {"xlm-roberta": roberta, "bert": bert}


@pytest.fixture(params=TEXT_MODELS)
def kit(request: pytest.FixtureRequest, kits: Callable[[str], Kit]) -> Kit:
    return kits(request.param)


@pytest.fixture
def one(kits: Callable[[str], Kit]) -> Kit:
    """For what does not depend on the kind of text tower."""
    return kits("bert")


def made(text_model_of: Callable[[Path], Path], place: Path) -> Kit:
    text_model = text_model_of(place / "words")
    torch.manual_seed(3)
    literal = Literal(text_model, 32, SYMBOLIC, AUDIO)
    checkpoint = place / "clamp3.pth"
    save_checkpoint(literal, checkpoint)
    export(checkpoint, text_model, place / "exact", ABOUT, exact=True)
    export(checkpoint, text_model, place / "rounded", ABOUT)
    return Kit(
        literal,
        checkpoint,
        text_model,
        load_clamp3(checkpoint, text_model),
        load_clamp3(place / "exact"),
        load_clamp3(place / "rounded"),
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
    """Inputs shorter than a segment, as long as one or two, and longer; and what the literal one makes of them."""
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
    alone = np.concatenate([all_of(kit.rounded, kind, [each]) for each in inputs])
    np.testing.assert_allclose(found, alone, atol=1e-4)
    cosines = (found * expected).sum(axis=1)
    assert float(cosines.min()) >= 0.99
    assert float(cosines.max()) < 1 - 1e-7, "nothing was rounded"


def test_a_repeated_line_is_read_once_and_an_empty_one_not_at_all(kit: Kit) -> None:
    texts = ["slow rain\nwarm harp", "slow rain\n\nwarm harp\nslow rain\n", "warm harp\nslow rain"]
    for model in (kit.torch, kit.onnx):
        first, same, other = model.embed_text(texts)
        np.testing.assert_allclose(first, same, atol=1e-6)
        assert np.abs(first - other).max() > 1e-3


def test_patches_are_embedded_as_one_hot_rows_would_be() -> None:
    tower = SymbolicTower(128, 1, 128, 8)
    found = np.random.default_rng(1).integers(0, 128, (2, 5, 64)).astype(np.uint8)
    rows = torch.nn.functional.one_hot(torch.from_numpy(found).long(), 128).reshape(2, 5, -1).float()
    given = tower.embed(torch.from_numpy(found))
    torch.testing.assert_close(given, tower.patch_embedding(rows), atol=1e-5, rtol=0)


def test_no_input_gives_no_vector(one: Kit) -> None:
    for model in (one.torch, one.onnx):
        assert [all_of(model, kind, []).shape for kind in LENGTHS] == [(0, 32)] * 3


def test_music_without_music_is_refused_by_its_number(one: Kit) -> None:
    with pytest.raises(ScoreUnreadable, match="music 2, 3 of 3: it holds neither a message nor a bar"):
        one.onnx.embed_symbolic([abc_of(9), "", "L:1/8\n"])


def test_frames_that_cannot_be_read_are_refused_all_at_once(one: Kit) -> None:
    right, holes = np.ones((3, 64)), np.full((3, 64), np.nan)
    with pytest.raises(ScoreUnreadable) as refused:
        one.torch.embed_audio([right, np.ones((3, 9)), np.ones((0, 64)), holes])
    assert str(refused.value).startswith(
        "audio, 4 in all: recording 2: its shape is [3, 9]; recording 3: it has no frame; recording 4: it holds values"
    )


def test_a_card_names_the_weights_and_what_splits_words(one: Kit, tmp_path: Path) -> None:
    shutil.copytree(one.text_model, tmp_path / "text_model")
    shutil.copy(one.checkpoint, tmp_path / "clamp3.pth")
    # Beside its checkpoint, a text model need not be named.
    beside = load_clamp3(tmp_path / "clamp3.pth")
    assert beside.card.sha256 == one.torch.card.sha256
    np.testing.assert_array_equal(beside.embed_text(["slow"]), one.torch.embed_text(["slow"]))
    assert (beside.card.name, beside.card.dimensions, beside.dimensions) == ("clamp3", 32, 32)
    state = torch.load(one.checkpoint, weights_only=True)
    state["model"]["text_proj.bias"] += 1
    torch.save(state, tmp_path / "clamp3.pth")
    assert load_clamp3(tmp_path / "clamp3.pth").card.sha256 != beside.card.sha256
    assert one.onnx.card.sha256 != one.rounded.card.sha256


def test_what_rounding_costs_is_measured_and_kept(one: Kit, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(one.checkpoint), str(tmp_path), "--text-model", str(one.text_model), "--probes", "2"])
    kept = json.loads((tmp_path / "model.json").read_text("utf-8"))["rounding"]
    assert json.loads(capsys.readouterr().out) == kept
    assert {kind: one["vectors"] for kind, one in kept.items()} == {"text": 2, "symbolic": 2}
    assert all(0.99 <= one["worst"] <= one["median"] < 1 for one in kept.values())
    same = measure_rounding(one.torch, one.onnx, ["slow rain"], [mtf_of(30)])
    assert all(one["worst"] > 1 - 1e-5 for one in same.values())
    assert len(load_clamp3(tmp_path).embed_text(["slow"])) == 1


def test_batches_give_what_the_bench_gets_from_padding_one_at_a_time(one: Kit) -> None:
    texts = [make(length) for length in (6, 24, 25, 60) for make in (mtf_of, abc_of)]
    found = one.rounded.embed_symbolic(texts)
    np.testing.assert_allclose(one_at_a_time(one.rounded, texts), found, atol=1e-4)
    assert most_apart(one.rounded.embed_symbolic, texts) <= 1e-4


def test_an_exported_model_needs_no_torch(one: Kit) -> None:
    script = (
        "import sys; from encoders.embedding.clamp3 import load_clamp3; model = load_clamp3(sys.argv[1]); "
        "model.embed_text(['slow']), model.embed_symbolic(['K:D\\nA|']); "
        "print(*{'torch', 'transformers'} & {*sys.modules})"
    )
    answer = subprocess.run([sys.executable, "-c", script, str(one.folder)], capture_output=True, text=True, cwd=ROOT)
    assert (answer.returncode, answer.stdout.strip()) == (0, ""), answer.stderr


def small(path: Path, **changed: torch.Tensor | None) -> Path:
    """A checkpoint of a symbolic tower alone, as training here makes it; some tensors changed, None for left out."""
    torch.manual_seed(1)
    save_checkpoint(Clamp3Module(16, symbolic=SymbolicTower(64, 2, 96, 8)), path)
    whole = torch.load(path, weights_only=True)
    whole["model"] |= changed
    whole["model"] = {name: value for name, value in whole["model"].items() if value is not None}
    torch.save(whole, path)
    return path


def test_a_model_of_fewer_towers_reads_with_those_and_says_what_it_lacks(tmp_path: Path) -> None:
    checkpoint = small(tmp_path / "small.pth")
    export(checkpoint, None, tmp_path / "folder", ABOUT)
    for place in (checkpoint, tmp_path / "folder"):
        model = load_clamp3(place)
        assert model.embed_symbolic([mtf_of(9)]).shape == (1, 16)
        with pytest.raises(EncoderUnavailable, match="it has no audio tower"):
            model.embed_audio([np.ones((1, 64))])
        with pytest.raises(EncoderUnavailable, match="it has no text tower"):
            model.embed_text(["slow"])


def test_that_audio_features_are_not_for_commerce_is_said_where_such_a_model_is_chosen(
    one: Kit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_clamp3(small(tmp_path / "small.pth"))
    assert not caplog.records
    for place in (one.checkpoint, one.folder):
        load_clamp3(place)
        assert [record.getMessage() for record in caplog.records if "CC BY-NC 4.0" in record.getMessage()]
        caplog.clear()


def test_a_checkpoint_without_its_text_model_reads_music_and_asks_for_it(one: Kit) -> None:
    model = load_clamp3(one.checkpoint)
    np.testing.assert_allclose(model.embed_symbolic([mtf_of(9)]), one.torch.embed_symbolic([mtf_of(9)]), atol=1e-6)
    with pytest.raises(EncoderUnavailable, match=r"without its text model. Give text_model: .* FacebookAI/xlm-roberta"):
        model.embed_text(["slow"])


LAYER = "symbolic_model.base.encoder.layer.0."
POSITIONS = "symbolic_model.base.embeddings.position_embeddings.weight"
PROJECTION = "symbolic_proj.weight"
DAMAGED: dict[str, tuple[dict[str, torch.Tensor | None], str]] = {
    "missing": (
        {f"{LAYER}output.dense.bias": None, "symbolic_proj.bias": None},
        f"lacks {LAYER}output.dense.bias, ",
    ),
    "no projection": ({PROJECTION: None}, f"it lacks {PROJECTION}"),
    "no positions": ({POSITIONS: None}, f"it lacks {POSITIONS}"),
    "unread": ({f"{LAYER}adapter.weight": torch.ones(1)}, f"nothing reads {LAYER}adapter.weight"),
    "other size": ({PROJECTION: torch.ones(16, 9)}, rf"of another size {PROJECTION} \[16, 9\], not \[16, 64\]"),
    "odd width": ({POSITIONS: torch.ones(8, 65)}, "multiples of 64, and are not: symbolic 65"),
    "two spaces": ({"text_proj.weight": torch.ones(9, 9), "text_proj.bias": torch.ones(9)}, r"dimensions: \[9, 16\]"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_checkpoint_that_lacks_or_changes_a_tensor_is_refused(damage: str, tmp_path: Path) -> None:
    changed, fault = DAMAGED[damage]
    with pytest.raises(EncoderUnavailable, match=fault) as refused:
        load_clamp3(small(tmp_path / "damaged.pth", **changed))
    assert refused.value.place.endswith("damaged.pth")
    assert "huggingface.co/sander-wood/clamp3" in refused.value.repair


def test_weights_that_are_no_numbers_give_no_vector(tmp_path: Path) -> None:
    model = load_clamp3(small(tmp_path / "holes.pth", **{"symbolic_proj.bias": torch.full((16,), torch.nan)}))
    with pytest.raises(EncoderUnavailable, match="its symbolic tower gives vectors that are no numbers"):
        model.embed_symbolic([mtf_of(9)])


def test_a_text_model_of_another_size_is_refused(one: Kit, tmp_path: Path) -> None:
    shutil.copytree(one.text_model, tmp_path / "other")
    config = json.loads((tmp_path / "other" / "config.json").read_text("utf-8"))
    (tmp_path / "other" / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 1}), "utf-8")
    with pytest.raises(EncoderUnavailable, match=r"nothing reads text_model.encoder.layer.1.* Give text_model"):
        load_clamp3(one.checkpoint, tmp_path / "other")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_text_model_that_is_not_whole_is_refused(one: Kit, tmp_path: Path, name: str) -> None:
    shutil.copytree(one.text_model, tmp_path / "part")
    (tmp_path / "part" / name).write_text("{", "utf-8")
    with pytest.raises(EncoderUnavailable, match=r"part: (is no configuration|has no tokenizer).* Give text_model"):
        load_clamp3(one.checkpoint, tmp_path / "part")


class Trap:
    """What a hostile pickle does when it is opened."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return print, ("run",)


def test_a_file_that_is_no_checkpoint_is_refused_and_never_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "no.pth"
    contents = [b"", b"PK\x03\x04 cut off", pickle.dumps(Trap(), protocol=2)]
    for content in contents:
        place.write_bytes(content)
        with pytest.raises(EncoderUnavailable, match=r"no\.pth: is no checkpoint"):
            load_clamp3(place)
    for held in (Trap(), {"model": Trap()}):
        torch.save(held, place)
        with pytest.raises(EncoderUnavailable, match="is no checkpoint"):
            load_clamp3(place)
    others: list[object] = [{"weights": {}}, [1], {"model": {"a": 1}}]
    for other in others:
        torch.save(other, place)
        with pytest.raises(EncoderUnavailable, match="it has no tensors under the name 'model'"):
            load_clamp3(place)
    torch.save({"model": {"logit_scale": torch.ones(1)}}, place)
    with pytest.raises(EncoderUnavailable, match="none of CLaMP 3's towers"):
        load_clamp3(place)
    assert capsys.readouterr().out == ""


def test_a_checkpoint_other_than_its_checksum_promises_is_refused(tmp_path: Path) -> None:
    checkpoint, promise = small(tmp_path / "small.pth"), tmp_path / "small.pth.sha256"
    promise.write_text(f"{hash_file(checkpoint)}  small.pth\n", "utf-8")
    load_clamp3(checkpoint)
    promise.write_text(f"{'0' * 64}  small.pth\n", "utf-8")
    with pytest.raises(EncoderUnavailable, match=r"its sha256 is not the one in small\.pth\.sha256"):
        load_clamp3(checkpoint)


@pytest.mark.parametrize("name", ["nowhere.pth", "."])
def test_a_place_without_a_model_is_refused_with_the_way_to_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(EncoderUnavailable, match=r"(no model is there|has no model.json)\. .*huggingface.co"):
        load_clamp3(tmp_path / name)


def test_every_fault_of_an_exported_folder_is_told(one: Kit, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(one.folder, folder)
    (folder / "audio.onnx").unlink()
    with (folder / "symbolic.onnx").open("ab") as file:
        file.write(b"!")
    fault = r"audio.onnx is missing; symbolic.onnx is not the file that was exported \(its checksum differs\)"
    with pytest.raises(EncoderUnavailable, match=fault):
        load_clamp3(folder)


DESCRIBED: dict[str, tuple[Callable[[dict[str, object]], object], str]] = {
    "no JSON": (lambda _: None, "cannot be read"),
    "no list": (lambda _: [1], "lacks name, licence, source, dimensions, towers, files"),
    "no name": (lambda known: {**known, "name": ""}, "lacks name"),
    "no checksum": (
        lambda known: {**known, "files": {"x": ""}},
        "text.onnx has no checksum; tokenizer.json has",
    ),
    "unknown tower": (lambda known: {**known, "towers": {"smell": {}}}, "no tower of the kind 'smell'"),
    "no size": (lambda known: {**known, "towers": {"text": {"model": "text.onnx"}}}, "lacks positions"),
}


@pytest.mark.parametrize("damage", DESCRIBED)
def test_a_description_that_cannot_be_believed_is_refused(one: Kit, tmp_path: Path, damage: str) -> None:
    change, fault = DESCRIBED[damage]
    folder = tmp_path / "model"
    shutil.copytree(one.folder, folder)
    changed = change(json.loads((folder / "model.json").read_text("utf-8")))
    (folder / "model.json").write_text("{" if changed is None else json.dumps(changed), "utf-8")
    with pytest.raises(EncoderUnavailable, match=fault):
        load_clamp3(folder)
