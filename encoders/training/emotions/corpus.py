"""GoEmotions as its authors publish it: rows of text with one or more of 28 labels.

Read in training only. The data is CC BY 4.0 and stays outside the repository; its folder is an argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix


@dataclass(frozen=True, slots=True)
class Split:
    """Texts with their gold labels."""

    texts: tuple[str, ...]
    gold: Matrix
    """Float32 [texts, labels]: 1 where a rater gave the label, else 0."""

    def select(self, rows: NDArray[np.intp]) -> "Split":
        """These rows alone, in this order."""
        return Split(tuple(self.texts[row] for row in rows), self.gold[rows])


@dataclass(frozen=True, slots=True)
class Corpus:
    """The training and development splits; the test split is never read here."""

    labels: tuple[str, ...]
    train: Split
    dev: Split

    @classmethod
    def read(cls, folder: Path) -> "Corpus":
        """The corpus in `folder`: labels.txt, train.tsv and dev.tsv, as the authors' repository has them."""
        try:
            labels = tuple((folder / "labels.txt").read_text("utf-8").split())
            return cls(
                labels, _read_rows(folder / "train.tsv", len(labels)), _read_rows(folder / "dev.tsv", len(labels))
            )
        except OSError as exc:
            repair = "Get labels.txt, train.tsv and dev.tsv from google-research/goemotions and name their folder"
            raise EncoderUnavailable(str(folder), "is not a folder with the GoEmotions splits", repair) from exc

    def list_missing_labels(self) -> list[str]:
        """A line for each split with labels that none of its texts has."""
        found = []
        for name, split in (("train.tsv", self.train), ("dev.tsv", self.dev)):
            none = [label for label, texts in zip(self.labels, split.gold.sum(0), strict=True) if not texts]
            found += [f"{', '.join(none)} in {name}"] * bool(none)
        return found


def read_own_sentences(path: Path, labels: Sequence[str]) -> Split:
    """Our own sentences, a line each: text, tab, label names with commas."""
    rows = [line.split("\t") for line in path.read_text("utf-8").split("\n") if line]
    gold = np.array([[label in named.split(",") for label in labels] for _, named in rows], dtype=np.float32)
    return Split(tuple(text for text, _ in rows), gold)


def _read_rows(path: Path, labels: int) -> Split:
    texts, ids = [], []
    # Not splitlines(): a comment may hold other line separators than "\n".
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        if not line:
            continue
        try:
            text, marks, _ = line.split("\t")
            found = [int(mark) for mark in marks.split(",")]
        except ValueError as exc:
            repair = "Every line is: text, tab, label numbers with commas, tab, comment id"
            raise EncoderUnavailable(f"{path}:{number}", "is not a row of GoEmotions", repair) from exc
        texts.append(text)
        ids.append(found)
    gold = np.zeros((len(texts), labels), dtype=np.float32)
    for row, found in enumerate(ids):
        gold[row, found] = 1.0
    return Split(tuple(texts), gold)
