"""Opens a CLaMP 3: an exported folder with onnxruntime, a checkpoint with torch."""

import logging
from pathlib import Path

from encoders.base import EncoderUnavailable
from encoders.embedding.clamp3.model import AUDIO, DESCRIPTION, FETCH, OF_AUDIO, Clamp3, TowerSet


def load_clamp3(place: Path | str, text_model: Path | str | None = None) -> Clamp3:
    """The model at `place`: a checkpoint of the published layout, or a folder that `encoders.training.clamp3.export`
    wrote.

    A checkpoint needs torch and transformers, and for words the configuration and tokenizer of its text tower:
    `text_model`, a folder or a name that transformers resolves; without one, the folder `text_model` beside the
    checkpoint. EncoderUnavailable, with how to get it, when anything is missing, damaged or of another size.
    """
    towers = _open_towers(Path(place), text_model)
    if AUDIO in towers.kinds:
        logging.getLogger(__name__).warning("%s: %s", towers.card.name, OF_AUDIO)
    return Clamp3(towers)


def _open_towers(place: Path, text_model: Path | str | None) -> TowerSet:
    if (place / DESCRIPTION).is_file():
        from encoders.embedding.clamp3.onnx_towers import OnnxTowers

        return OnnxTowers.load(place)
    if place.is_file():
        from encoders.embedding.clamp3.checkpoint import TorchTowers

        return TorchTowers.load(place, text_model)
    fault = f"this folder has no {DESCRIPTION}" if place.is_dir() else "no model is there"
    raise EncoderUnavailable(str(place), fault, FETCH)
