"""An XLM-RoBERTa-base of the real sizes with random weights: what the size alone costs, beside the bundled model.

Its time is that of any checkpoint of this architecture; what it says means nothing and is looked at by nobody. Made
anew for every measurement, through the export that a real checkpoint takes, and thrown away after it.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from encoders.emotions.onnx_classifier import OnnxModel
from engine.settings import ROOT

VOCABULARY = 250_002
LABELS = 28
LONGEST = 128
TOKENIZER = ROOT / "seed_data" / "models" / "emotions" / "tokenizer.json"
INSTALL = "make models"


def can_be_made() -> bool:
    """Whether torch and transformers are there; `INSTALL` brings them."""
    return all(find_spec(name) for name in ("torch", "transformers", "onnx"))


@contextmanager
def exported() -> Iterator[tuple[OnnxModel, int]]:
    """The model on the engine and in the 8 bits of the bundled one, and its size in bytes.

    It reads the tokens of the bundled tokenizer, so that both read as many.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        # In a process of its own: the export holds five gigabytes, and torch a pool of threads.
        subprocess.run([sys.executable, "-m", "tests.bench.xlm_roberta", str(path)], cwd=ROOT, check=True)
        yield OnnxModel.load(path, TOKENIZER, LONGEST), path.stat().st_size


def main(path: Path) -> None:
    """Draws the weights and writes the exported model."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    from encoders.training.emotions.export_onnx import LogitsGraph, export_logits

    torch.manual_seed(20)
    config = XLMRobertaConfig(
        vocab_size=VOCABULARY,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        max_position_embeddings=514,
        type_vocab_size=1,
        pad_token_id=1,
        id2label={number: f"label {number}" for number in range(LABELS)},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Tracing warns of every size that Python looks at.
        export_logits(LogitsGraph(XLMRobertaForSequenceClassification(config)), path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
