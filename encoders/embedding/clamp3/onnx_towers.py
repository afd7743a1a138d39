"""Exported towers, run by onnxruntime: a folder of `model.json`, an ONNX file a tower, and a tokenizer. Needs no torch.

onnxruntime and tokenizers are imported, and each tower is loaded, when first used: a text query loads no music tower.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix, ModelCard, hash_file, read_json
from encoders.embedding.clamp3.model import DESCRIPTION, FETCH, KINDS, TEXT, TextTokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FILES: Final = ("model", "tokenizer", "projection")
"""Members that name a file in the description of a tower."""
INPUTS, MASK, VECTORS = "inputs", "mask", "vectors"
"""Names in every exported graph."""
_WANTED: Final = ("name", "licence", "source", "dimensions", "towers", "files")
_OF_A_TOWER: Final = ("model", "positions", "width")
_OF_WORDS: Final = ("tokenizer", "separator", "pad")


class OnnxTower:
    """One tower run by onnxruntime; its file is loaded at the first use."""

    def __init__(self, path: Path, described: Mapping[str, Any]) -> None:
        self.path = path
        self.longest = int(described["positions"])
        self.width = int(described["width"])
        self._learnt = path.with_name(described["projection"]) if "projection" in described else None

    @cached_property
    def session(self) -> "InferenceSession":
        try:
            import onnxruntime
        except ImportError as exc:
            fault = f"needs the package {exc.name}, which is not installed"
            raise EncoderUnavailable(str(self.path), fault, "Install what the lock file lists") from exc
        options = onnxruntime.SessionOptions()
        # One thread: ingest runs several processes, and a second thread that spins would take from them.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(str(self.path), options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # onnxruntime raises what its C++ side throws
            fault = f"is no model that onnxruntime can load ({type(exc).__name__})"
            raise EncoderUnavailable(str(self.path), fault, FETCH) from exc

    def embed(self, inputs: NDArray[Any], mask: NDArray[np.int64]) -> Matrix:
        """Float32 [segments, dimensions]"""
        vectors = self.embed_unprojected(inputs, mask)
        if self._learnt is None:
            return vectors
        projected: Matrix = vectors @ self._projection[:, :-1].T + self._projection[:, -1]
        return projected

    def embed_unprojected(self, inputs: NDArray[Any], mask: NDArray[np.int64]) -> Matrix:
        """Float32 [segments, …]: the output of the graph, before a projection that has a file of its own."""
        vectors: Matrix = self.session.run([VECTORS], {INPUTS: inputs, MASK: mask})[0]
        return vectors

    @cached_property
    def _projection(self) -> Matrix:
        """Float32 [dimensions, width + 1]: the projection that was trained over a frozen tower; the last column is the
        bias. In a file of its own, so that it can be trained again without another copy of the tower."""
        return _read_matrix(Path(str(self._learnt)), "projection")


class OnnxTowers:
    """An exported model, its files verified by their checksums."""

    def __init__(self, folder: Path, described: Mapping[str, Any], card: ModelCard) -> None:
        self.folder = folder
        self.described = described
        self.card = card
        self._towers = {kind: OnnxTower(folder / tower["model"], tower) for kind, tower in described["towers"].items()}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Opens a folder; EncoderUnavailable, with all its faults, when a file is missing or not the one exported."""
        described = _read_description(folder / DESCRIPTION)
        if faults := list(_find_faults(folder, described)):
            raise EncoderUnavailable(str(folder), "; ".join(faults), FETCH)
        # The description holds the sha256 of every other file, so its own stands for the whole model.
        sha256 = hash_file(folder / DESCRIPTION)
        card = ModelCard(
            described["name"], sha256, described["licence"], described["source"], int(described["dimensions"])
        )
        return cls(folder, described, card)

    @property
    def dimensions(self) -> int:
        return self.card.dimensions

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._towers)

    @property
    def english_only(self) -> bool:
        """Whether the text tower was trained on English only; False where the description states no languages."""
        return self.described.get("languages") == ["en"]

    def load_gap_map(self) -> Matrix | None:
        """The modality-gap map, float32 [dimensions, dimensions + 1], the last column a shift; None where the model has
        none. EncoderUnavailable when its shape is wrong."""
        if "bridge" not in self.described:
            return None
        path = self.folder / self.described["bridge"]
        read = _read_matrix(path, "map from captions to music")
        if read.shape != (self.dimensions, self.dimensions + 1):
            raise EncoderUnavailable(str(path), f"its shape is {list(read.shape)}", FETCH)
        return read

    def get_tower(self, kind: str) -> OnnxTower:
        """One of `KINDS`; EncoderUnavailable when it was not exported."""
        if kind not in self._towers:
            raise EncoderUnavailable(self.card.name, f"it has no {kind} tower", FETCH)
        return self._towers[kind]

    def get_tokenizer(self) -> TextTokenizer:
        """The tokenizer; EncoderUnavailable when there is no text tower."""
        self.get_tower(TEXT)
        described, tokenizer = self.described["towers"][TEXT], self._tokenizer
        return TextTokenizer(lambda text: tokenizer.encode(text).ids, described["separator"], described["pad"])

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        path = self.folder / self.described["towers"][TEXT]["tokenizer"]
        try:
            from tokenizers import Tokenizer
        except ImportError as exc:
            fault = f"needs the package {exc.name}, which is not installed"
            raise EncoderUnavailable(str(path), fault, "Install what the lock file lists") from exc
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as exc:  # tokenizers raises what its Rust side throws
            raise EncoderUnavailable(str(path), "is no tokenizer", FETCH) from exc
        # A tokenizer file can carry a length and a padding of its own, which would change what is read.
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer


def _read_matrix(path: Path, what: str) -> Matrix:
    try:
        read: Matrix = np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as exc:
        raise EncoderUnavailable(str(path), f"is no {what} ({type(exc).__name__})", FETCH) from exc
    return read


def _read_description(path: Path) -> dict[str, Any]:
    described = read_json(path, FETCH)
    held = described if isinstance(described, dict) else {}
    if missing := [name for name in _WANTED if not held.get(name)]:
        raise EncoderUnavailable(str(path), f"lacks {', '.join(missing)}", FETCH)
    return held


def _find_faults(folder: Path, described: Mapping[str, Any]) -> Iterator[str]:
    """Faults of the description, and differences between it and the files of the folder."""
    for kind, tower in described["towers"].items():
        if kind not in KINDS:
            yield f"there is no tower of the kind '{kind}'"
            continue
        wanted = _OF_A_TOWER + (_OF_WORDS if kind == TEXT else ())
        if missing := [name for name in wanted if name not in tower]:
            yield f"its {kind} tower lacks {', '.join(missing)}"
        used = [tower[name] for name in FILES if name in tower]
        yield from (f"{name} has no checksum" for name in used if name not in described["files"])
    if "bridge" in described and described["bridge"] not in described["files"]:
        yield f"{described['bridge']} has no checksum"
    for name, expected in described["files"].items():
        if not (folder / name).is_file():
            yield f"{name} is missing"
        elif hash_file(folder / name) != expected:
            yield f"{name} is not the file that was exported (its checksum differs)"
