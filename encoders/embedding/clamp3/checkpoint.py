"""Checkpoints of the published layout (`{model, epoch, min_eval_loss}`), run by torch; tensors give the sizes."""

import hashlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix, ModelCard, hash_file
from encoders.embedding.clamp3.model import AUDIO, FETCH, KINDS, SYMBOLIC, TEXT, TextTokenizer
from encoders.embedding.clamp3.patches import HEAD_WIDTH, VOCABULARY

TEXT_TOKENS: Final = 128
"""Tokens of a segment of text, as in training, even where the text tower has more positions."""
_UNUSED: Final = ("pooler.", "embeddings.position_ids")
"""Tensors of some checkpoints that no vector depends on."""
_TEXT_MODEL: Final = (
    "Give text_model: a folder with the config.json and the tokenizer of the text tower (for the published checkpoints "
    "those of FacebookAI/xlm-roberta-base), or put it beside the checkpoint as text_model"
)


@dataclass(frozen=True, slots=True)
class TowerSizes:
    """Sizes of the towers of a checkpoint, read off its tensors; None where it lacks a tower."""

    dimensions: int
    symbolic: Mapping[str, int] | None
    """width, layers, inner, positions, patch_length"""
    audio: Mapping[str, int] | None
    """width, layers, inner, positions"""


@dataclass(frozen=True, slots=True)
class TorchTower:
    """One tower as torch runs it."""

    run: Any
    longest: int
    width: int

    def embed(self, inputs: NDArray[Any], mask: NDArray[np.int64]) -> Matrix:
        """Float32 [segments, dimensions]"""
        import torch

        with torch.inference_mode():
            vectors: Matrix = self.run(torch.from_numpy(inputs), torch.from_numpy(mask)).numpy()
        return vectors


@dataclass(frozen=True, slots=True)
class TorchTowers:
    """A loaded checkpoint."""

    card: ModelCard
    modules: Any
    """`encoders.embedding.clamp3.towers.Clamp3Module`, in evaluation mode."""
    kinds: tuple[str, ...]
    """The towers that the checkpoint has tensors of."""
    sizes: TowerSizes
    tokenizer: Any
    """Of transformers; None when no text model was given."""

    @classmethod
    def load(cls, path: Path, text_model: Path | str | None = None) -> Self:
        """Loads a checkpoint; EncoderUnavailable when it is none, lacks tensors, or its text model does not fit."""
        _check_sha256(path)
        state = _load_state(path)
        present = [kind for kind in KINDS if any(name.startswith(_list_prefixes(kind)) for name in state)]
        if not present:
            raise EncoderUnavailable(str(path), "it holds none of CLaMP 3's towers", FETCH)
        beside = path.parent / "text_model"
        named = text_model if text_model is not None else beside if beside.is_dir() else None
        sizes = _read_sizes(path, state, present)
        modules = _build_modules(path, state, present, sizes, named)
        files = [path, *(sorted(Path(named).glob("*.json")) if named is not None and Path(named).is_dir() else ())]
        card = ModelCard(
            name=path.stem,
            sha256=hashlib.sha256("".join(f"{one.name} {hash_file(one)}\n" for one in files).encode()).hexdigest(),
            licence="as its maker states; the published CLaMP 3 checkpoints are MIT",
            source=str(path),
            dimensions=sizes.dimensions,
        )
        return cls(
            card,
            modules,
            tuple(present),
            sizes,
            _open_tokenizer(named) if named is not None and TEXT in present else None,
        )

    @property
    def dimensions(self) -> int:
        return self.sizes.dimensions

    def get_tower(self, kind: str) -> TorchTower:
        """One of `KINDS`; EncoderUnavailable when the checkpoint has none of it."""
        if kind == SYMBOLIC and self.sizes.symbolic:
            size = self.sizes.symbolic
            return TorchTower(self.modules.embed_patches, size["positions"], size["patch_length"])
        if kind == AUDIO and self.sizes.audio:
            return TorchTower(self.modules.embed_frames, self.sizes.audio["positions"], self.sizes.audio["width"])
        if kind == TEXT and self.modules.text_model is not None:
            return TorchTower(self.modules.embed_tokens, count_text_positions(self.modules.text_model.config), 1)
        if kind == TEXT and TEXT in self.kinds:
            raise EncoderUnavailable(self.card.name, "it was opened without its text model", _TEXT_MODEL)
        raise EncoderUnavailable(self.card.name, f"it has no {kind} tower", FETCH)

    def get_tokenizer(self) -> TextTokenizer:
        """The tokenizer of the text model; EncoderUnavailable without one."""
        self.get_tower(TEXT)

        def encode(text: str) -> list[int]:
            ids: list[int] = self.tokenizer(text, padding=False, truncation=False, verbose=False)["input_ids"]
            return ids

        return TextTokenizer(encode, self.tokenizer.sep_token, self.tokenizer.pad_token_id)


def count_text_positions(config: Any) -> int:
    """Tokens that a text tower reads at once. RoBERTa's positions begin after its padding id."""
    offset = config.pad_token_id + 1 if "roberta" in config.model_type else 0
    return min(TEXT_TOKENS, int(config.max_position_embeddings) - offset)


def _list_prefixes(kind: str) -> tuple[str, str]:
    return f"{kind}_model.", f"{kind}_proj."


def _check_sha256(path: Path) -> None:
    """Checks a `.sha256` file beside the checkpoint, as `sha256sum` writes it, where there is one."""
    promised = path.with_name(f"{path.name}.sha256")
    if promised.is_file() and promised.read_text("utf-8").split()[:1] != [hash_file(path)]:
        raise EncoderUnavailable(str(path), f"its sha256 is not the one in {promised.name}", FETCH)


def _load_state(path: Path) -> dict[str, Any]:
    try:
        import torch
    except ImportError as exc:
        fault = "a checkpoint needs torch and transformers, which are not installed"
        repair = "Install the `models` extra, or export it where they are: python -m encoders.training.clamp3.export"
        raise EncoderUnavailable(str(path), fault, repair) from exc
    try:
        # Tensors only: any other pickle may execute code.
        read = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError) as exc:
        raise EncoderUnavailable(str(path), f"is no checkpoint ({type(exc).__name__})", FETCH) from exc
    state = read.get("model") if isinstance(read, dict) else None
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise EncoderUnavailable(str(path), "it has no tensors under the name 'model'", FETCH)
    return {name: value for name, value in state.items() if not any(unused in name for unused in _UNUSED)}


def _read_sizes(path: Path, state: Mapping[str, Any], present: list[str]) -> TowerSizes:
    wanted = [f"{kind}_proj.weight" for kind in present]
    wanted += [f"{root}{name}" for kind, root in _ROOTS.items() if kind in present for name in _SIZE_WEIGHTS]
    wanted += ["symbolic_model.patch_embedding.weight"] if SYMBOLIC in present else []
    if missing := [name for name in wanted if name not in state]:
        raise EncoderUnavailable(str(path), _list_names("it lacks", missing), FETCH)
    shapes = {kind: _read_tower_size(state, root) for kind, root in _ROOTS.items() if kind in present}
    if SYMBOLIC in shapes:
        columns = state["symbolic_model.patch_embedding.weight"].shape[1]
        shapes[SYMBOLIC]["patch_length"] = int(columns) // VOCABULARY
    if odd := [f"{kind} {size['width']}" for kind, size in shapes.items() if size["width"] % HEAD_WIDTH]:
        fault = f"widths must be multiples of {HEAD_WIDTH}, and are not: {', '.join(odd)}"
        raise EncoderUnavailable(str(path), fault, FETCH)
    dimensions = {int(state[f"{kind}_proj.weight"].shape[0]) for kind in present}
    if len(dimensions) > 1:
        fault = f"its towers are projected to different numbers of dimensions: {sorted(dimensions)}"
        raise EncoderUnavailable(str(path), fault, FETCH)
    return TowerSizes(dimensions.pop(), shapes.get(SYMBOLIC), shapes.get(AUDIO))


_ROOTS: Final = {SYMBOLIC: "symbolic_model.base.", AUDIO: "audio_model."}
_SIZE_WEIGHTS: Final = ("embeddings.position_embeddings.weight", "encoder.layer.0.intermediate.dense.weight")


def _read_tower_size(state: Mapping[str, Any], root: str) -> dict[str, int]:
    positions, width = state[f"{root}{_SIZE_WEIGHTS[0]}"].shape
    begin = f"{root}encoder.layer."
    layers = {int(name.removeprefix(begin).partition(".")[0]) for name in state if name.startswith(begin)}
    inner = state[f"{root}{_SIZE_WEIGHTS[1]}"].shape[0]
    return {"width": int(width), "layers": max(layers) + 1, "inner": int(inner), "positions": int(positions)}


def _build_modules(
    path: Path, state: Mapping[str, Any], present: list[str], sizes: TowerSizes, text_model: Path | str | None
) -> Any:
    from encoders.embedding.clamp3.towers import Clamp3Module, SymbolicTower, build_bert

    text = _build_text_tower(text_model) if TEXT in present and text_model is not None else None
    symbolic = SymbolicTower(**sizes.symbolic) if sizes.symbolic else None
    modules = Clamp3Module(sizes.dimensions, text, symbolic, build_bert(**sizes.audio) if sizes.audio else None)
    own = modules.state_dict()
    # The text tower is skipped when its configuration was not given; all other tensors must fit.
    read = {kind for kind in present if kind != TEXT or text is not None}
    given = {
        name: v for name, v in state.items() if name.startswith(tuple(p for kind in read for p in _list_prefixes(kind)))
    }
    missing, extra = sorted(set(own) - set(given)), sorted(set(given) - set(own))
    other = [name for name in sorted(set(own) & set(given)) if own[name].shape != given[name].shape]
    other = [f"{name} {list(given[name].shape)}, not {list(own[name].shape)}" for name in other]
    faults = [
        _list_names(said, names)
        for said, names in (("it lacks", missing), ("nothing reads", extra), ("of another size", other))
        if names
    ]
    if faults:
        repair = _TEXT_MODEL if all("text_" in one for one in (*missing, *extra, *other)) else FETCH
        raise EncoderUnavailable(str(path), "; ".join(faults), repair)
    modules.load_state_dict(given)
    return modules.eval().float()


def _build_text_tower(place: Path | str) -> Any:
    from transformers import AutoConfig, AutoModel

    make: Any = AutoModel.from_config
    try:
        # The random weights are overwritten by those of the checkpoint.
        return make(AutoConfig.from_pretrained(place), add_pooling_layer=False)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        fault = f"is no configuration of a text tower ({type(exc).__name__})"
        raise EncoderUnavailable(str(place), fault, _TEXT_MODEL) from exc


def _open_tokenizer(place: Path | str) -> Any:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(place)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise EncoderUnavailable(str(place), f"has no tokenizer ({type(exc).__name__})", _TEXT_MODEL) from exc
    if lacking := [name for name in ("sep_token", "pad_token") if getattr(tokenizer, name) is None]:
        raise EncoderUnavailable(str(place), f"its tokenizer has no {' and no '.join(lacking)}", _TEXT_MODEL)
    return tokenizer


def _list_names(said: str, names: list[str]) -> str:
    return f"{said} {', '.join(names[:6])}" + (f" and {len(names) - 6} more" if names[6:] else "")
