"""Prunes the pieces of a multilingual tokenizer to those of the languages that the model is meant for.

Word vectors are most of a multilingual model. Kept are the pieces that occur in the texts at hand, those of the scripts
in use among the most frequent, and single characters, so that every word of these scripts can still be spelt.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from encoders.training.multilingual.e5_base import build_tokenizer

SCRIPTS = frozenset({"LATIN", "CYRILLIC", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "DEVANAGARI"})
"""The first words of the Unicode names of letters in the languages that the model reads."""
FREQUENT = 100_000
"""Pieces stand in the order of their frequency; of the scripts above so many from the front are kept."""
_EDGE = "\u2581"
_BATCH = 1000


def choose_pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.intp]:
    """Numbers of the pieces to keep, ascending."""
    keep = {number for start in range(0, len(texts), _BATCH) for number in _find_used(tokenizer, texts, start)}
    for piece, number in tokenizer.get_vocab().items():
        if _is_special(piece) or (_is_in_use(piece) and (number < FREQUENT or len(piece.lstrip(_EDGE)) == 1)):
            keep.add(number)
    return np.array(sorted(keep), dtype=np.intp)


def prune_tokenizer(tokenizer: Tokenizer, keep: NDArray[np.intp]) -> Tokenizer:
    """The tokenizer with these pieces alone, numbered anew in their order."""
    model = json.loads(tokenizer.to_str())["model"]
    # Four decimals of a log-probability decide nothing and halve the file.
    pieces = [(str(model["vocab"][number][0]), round(float(model["vocab"][number][1]), 4)) for number in keep]
    numbers = {piece: at for at, (piece, _) in enumerate(pieces)}
    unknown = model["vocab"][model["unk_id"]][0]
    return build_tokenizer(pieces, numbers[unknown], numbers["<s>"], numbers["</s>"])


def prune_encoder(encoder: Any, keep: NDArray[np.intp]) -> None:
    """Leaves these rows of the encoder's word vectors."""
    old = encoder.get_input_embeddings()
    new = nn.Embedding(len(keep), old.embedding_dim)
    new.weight.data.copy_(old.weight.data[keep.tolist()])
    encoder.set_input_embeddings(new)
    encoder.config.vocab_size = len(keep)


def save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Writes the tokenizer without white space between its parts."""
    path.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")), "utf-8")


def _find_used(tokenizer: Tokenizer, texts: Sequence[str], start: int) -> Iterable[int]:
    return {number for found in tokenizer.encode_batch(list(texts[start : start + _BATCH])) for number in found.ids}


def _is_special(piece: str) -> bool:
    return piece in ("<s>", "</s>", "<pad>", "<unk>")


def _is_in_use(piece: str) -> bool:
    return all(unicodedata.name(sign, "?").split()[0] in SCRIPTS for sign in piece if sign.isalpha())
