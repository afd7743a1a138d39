"""Runs the encoder part of the emotion model, and any exported classifier: one ONNX file, one tokenizer file.

onnxruntime and tokenizers are imported with the first model, not with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from encoders.base import EncoderUnavailable, Matrix

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

TOGETHER = 16
"""Texts per batch: few enough that padding short texts stays cheap."""


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """A tokenizer and a session that give log-odds."""

    session: "InferenceSession"
    tokenizer: "Tokenizer"
    pad: int
    outputs: int

    @classmethod
    def load(cls, model: Path, tokenizer: Path, longest: int, pad: str = "[PAD]", threads: int = 1) -> Self:
        """Reads both files; texts beyond `longest` tokens lose their end."""
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as exc:
            fault = f"needs the package {exc.name}, which is not installed"
            raise EncoderUnavailable(str(model), fault, "Install what the lock file lists") from exc
        options = onnxruntime.SessionOptions()
        # One thread: a text takes milliseconds, and a second thread that spins would cost more than it gives.
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 3
        # Matrices stored in 8 bits are unpacked here and now, not anew for every text.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        try:
            session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            split = Tokenizer.from_file(str(tokenizer))
        except Exception as exc:  # both libraries raise what their C++ and Rust sides throw
            fault = f"is no model that onnxruntime and tokenizers can load ({type(exc).__name__})"
            raise EncoderUnavailable(str(model), fault, "Fetch the model again, or export it anew") from exc
        known = split.token_to_id(pad)
        wanted = {"input_ids", "attention_mask"}
        if known is None or wanted - {given.name for given in session.get_inputs()}:
            fault = f"needs a padding token {pad} and inputs named {' and '.join(sorted(wanted))}"
            raise EncoderUnavailable(str(model), fault, "Export it with encoders/training/emotions/export_onnx.py")
        # A tokenizer file can carry a length and a padding of its own, which would change what is read.
        split.no_padding()
        split.enable_truncation(longest)
        outputs = session.get_outputs()[0].shape[-1]
        return cls(session, split, known, outputs if isinstance(outputs, int) else 0)

    def predict_logits(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, labels]: log-odds of each text, whatever else is in the list."""
        tokens = [encoded.ids for encoded in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
        found: dict[int, Matrix] = {}
        for start in range(0, len(order), TOGETHER):
            rows = order[start : start + TOGETHER]
            # Even: by `EVEN_BLOCK` in encoders/training/emotions/export_onnx.py a text read alone would else score
            # otherwise.
            width = (max(len(tokens[row]) for row in rows) + 1) // 2 * 2
            ids = np.full((len(rows), width), self.pad, dtype=np.int64)
            mask = np.zeros((len(rows), width), dtype=np.int64)
            for line, row in enumerate(rows):
                ids[line, : len(tokens[row])] = tokens[row]
                mask[line, : len(tokens[row])] = 1
            logits = self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            found.update(zip(rows, logits, strict=True))
        return (
            np.stack([found[row] for row in range(len(tokens))]) if tokens else np.zeros((0, self.outputs), np.float32)
        )
