"""MERT (Li et al. 2024, arXiv 2306.00107): features for CLaMP 3's audio tower, one frame for five seconds of sound.

Its weights are CC BY-NC 4.0, not for commercial purposes, and do not ship: an operator names a folder that holds them.
MERT-v1 is a HuBERT at 24 kHz, so the class of transformers runs it and no code that comes with the weights is executed.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix, ModelCard, ScoreUnreadable, hash_file, read_json

RATE: Final = 24_000
"""Samples a second, one channel."""
WINDOW: Final = 5 * RATE
"""Samples of a frame. Windows do not overlap."""
SHORTEST: Final = RATE
"""Samples under which a last window is left out."""
_WEIGHTS: Final = ("model.safetensors", "pytorch_model.bin")
_UNLIKE: Final = {"feature_extractor_cqt": False, "deepnorm": False, "attention_relax": -1.0}
"""Options by which some versions of MERT extend a HuBERT -> the value that leaves each off."""
_FETCH: Final = (
    "Name a folder with config.json and the weights of MERT-v1-95M (huggingface.co/m-a-p/MERT-v1-95M, CC BY-NC 4.0), "
    "or unset ISOPATH_MERT"
)


@dataclass(frozen=True, slots=True)
class Mert:
    """A loaded MERT."""

    model: Any
    """`transformers.HubertModel`, in evaluation mode."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """EncoderUnavailable when the folder holds no MERT, one that is more than a HuBERT, or too few tensors."""
        config, weights = _find_files(folder)
        described = _read_config(config)
        try:
            import torch
            from transformers import HubertConfig, HubertModel
            from transformers.utils import logging
        except ImportError as exc:
            fault = "MERT needs torch and transformers, which are not installed"
            raise EncoderUnavailable(str(folder), fault, "Install the `models` extra, or unset ISOPATH_MERT") from exc
        quiet: Any = logging.disable_progress_bar
        quiet()  # An ingest has a bar of its own.
        load: Any = HubertModel.from_pretrained
        try:
            plain = HubertConfig.from_dict(dict(described))
            model, found = load(folder, config=plain, output_loading_info=True, dtype=torch.float32)
        except Exception as exc:  # whatever json, torch, safetensors and transformers raise for a file that is none
            fault = f"its weights cannot be read ({type(exc).__name__})"
            raise EncoderUnavailable(str(weights), fault, _FETCH) from exc
        # The mask embedding is for training: transformers initialises it at random, and inference never reads it.
        lacking = sorted(set(found["missing_keys"]) - {"masked_spec_embed"})
        if lacking:
            more = f" and {len(lacking) - 6} more" if lacking[6:] else ""
            raise EncoderUnavailable(str(weights), f"it lacks {', '.join(lacking[:6])}{more}", _FETCH)
        return cls(model.eval())

    def extract_frames(self, samples: NDArray[np.float32]) -> Matrix:
        """Float32 [frames, width]: for every 5 s of mono samples at `RATE` the mean over all layers and over time.

        The whole is brought to mean 0 and variance 1 first; a last window of less than a second is left out.
        ScoreUnreadable when that leaves none.
        """
        import torch

        if len(samples) < SHORTEST:
            raise ScoreUnreadable("sound", "it is shorter than a second", "Bring more of it")
        even = samples.astype(np.float64)
        even = ((even - even.mean()) / np.sqrt(even.var() + 1e-7)).astype(np.float32)
        with torch.inference_mode():
            return np.stack([self._extract_frame(torch.from_numpy(window)) for window in _split_windows(even)])

    def _extract_frame(self, window: Any) -> Matrix:
        import torch

        layers = self.model(window[None], output_hidden_states=True).hidden_states
        mean: Matrix = torch.stack(layers).mean(dim=(0, 1, 2)).numpy()
        return mean


def read_card(folder: Path) -> ModelCard:
    """The card of the MERT in a folder, without loading its weights; EncoderUnavailable when none there can be run."""
    config, weights = _find_files(folder)
    width = int(_read_config(config)["hidden_size"])
    sha256 = hashlib.sha256("".join(f"{one.name} {hash_file(one)}\n" for one in (config, weights)).encode())
    return ModelCard(folder.name, sha256.hexdigest(), "CC BY-NC 4.0", str(folder), width)


def _split_windows(samples: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for begin in range(0, len(samples), WINDOW):
        window = samples[begin : begin + WINDOW]
        if len(window) >= SHORTEST:
            yield window


def _find_files(folder: Path) -> tuple[Path, Path]:
    config = folder / "config.json"
    weights = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    missing = [] if config.is_file() else ["config.json"]
    missing += [] if weights else [f"neither {' nor '.join(_WEIGHTS)}"]
    if missing or weights is None:
        raise EncoderUnavailable(str(folder), f"this is no MERT: missing {' and '.join(missing)}", _FETCH)
    return config, weights


def _read_config(config: Path) -> Mapping[str, Any]:
    described = read_json(config, _FETCH)
    if not isinstance(described, dict) or not isinstance(described.get("hidden_size"), int):
        raise EncoderUnavailable(str(config), "describes no HuBERT", _FETCH)
    if unlike := [name for name, plain in _UNLIKE.items() if described.get(name, plain) != plain]:
        fault = f"is more than a HuBERT ({', '.join(unlike)}), and would be read wrongly"
        raise EncoderUnavailable(str(config), fault, _FETCH)
    if described.get("sample_rate", RATE) != RATE:
        raise EncoderUnavailable(str(config), f"hears {described['sample_rate']} samples a second, not {RATE}", _FETCH)
    return described
