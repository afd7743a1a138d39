"""Trains the emotion model from GoEmotions: `python -m encoders.train_emotions --data FOLDER --out FOLDER`.

The training split trains the parts, the development split blends, calibrates and sets thresholds; the official test
split is never read. Every figure on the development split is cross-fitted: no text is judged by what it helped to fit.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.base import Matrix, sha256_of
from encoders.calibration import cross_fit, fit, thresholds
from encoders.corpus import Corpus, Split
from encoders.emotions import DESCRIPTION, Part, word_hash
from encoders.language import words_of
from encoders.train_linear import LinearRecipe, save_linear, train_linear

LICENCE = "Apache-2.0"
WORDS = "words.npy"
TOKENIZER = "tokenizer.json"
SOURCE = "GoEmotions (Demszky et al., ACL 2020, arXiv 2005.00547; Google LLC, data CC BY 4.0)"


def main(arguments: list[str] | None = None) -> None:
    """Trains, measures and writes a model folder."""
    parser = argparse.ArgumentParser(prog="train-emotions", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder with labels.txt, train.tsv and dev.tsv")
    parser.add_argument("--out", type=Path, required=True, help="folder the model is written to")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus.read(given.data)
    linear = train_linear(corpus.train, LinearRecipe(), say)
    describe(
        corpus, {"linear": linear}, {"linear": save_linear(linear, given.out)}, given.out, "goemotions-linear", say
    )


def describe(
    corpus: Corpus,
    parts: Mapping[str, Part],
    described: Mapping[str, Any],
    out: Path,
    name: str,
    say: Callable[[str], None],
) -> None:
    """Blends and calibrates the parts on the development split, and writes `model.json`."""
    odds = np.stack([part.logits(corpus.dev.texts) for part in parts.values()]).astype(np.float64)
    crossed = cross_fit(odds, corpus.dev.gold)
    say(f"macro-F1, cross-fitted on the development split: {macro_f1(corpus.dev.gold, crossed.present):.4f}")
    blend = fit(odds, corpus.dev.gold)
    limits = thresholds(blend.probabilities(odds), corpus.dev.gold)
    np.save(out / WORDS, known_words(corpus.train), allow_pickle=False)
    files = sorted(path.name for path in out.iterdir() if path.suffix in {".npy", ".onnx"} or path.name == TOKENIZER)
    description = {
        "name": name,
        "licence": LICENCE,
        "source": SOURCE,
        "labels": list(corpus.labels),
        "words": WORDS,
        "parts": dict(described),
        "blend": {
            **{part: _rounded(weights) for part, weights in zip(parts, blend.weights, strict=True)},
            "bias": _rounded(blend.bias),
        },
        "thresholds": {
            label: [limit.present, limit.strong] for label, limit in zip(corpus.labels, limits, strict=True)
        },
        "files": {file: sha256_of(out / file) for file in files},
    }
    (out / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", "utf-8")


def known_words(split: Split, least: int = 3) -> NDArray[np.uint32]:
    """Hashes, ascending, of the words that at least so many texts hold."""
    met = Counter(word for text in split.texts for word in set(words_of(text)))
    return np.array(sorted({word_hash(word) for word, texts in met.items() if texts >= least}), dtype=np.uint32)


def macro_f1(gold: Matrix, present: NDArray[np.bool_]) -> float:
    """Mean over all labels of F1, a label never found counting as 0."""
    hits = (gold * present).sum(0)
    return float((2 * hits / np.maximum(gold.sum(0) + present.sum(0), 1)).mean())


def say(line: str) -> None:
    """Progress goes to standard error."""
    print(line, file=sys.stderr, flush=True)


def _rounded(values: Matrix) -> list[float]:
    return [round(float(value), 5) for value in values]


if __name__ == "__main__":
    main()
