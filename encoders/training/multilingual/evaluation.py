"""Texts that measure the multilingual model, none of them learnt from, and what is measured on them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from encoders.base import Matrix
from encoders.emotions.groups import GROUPS, build_membership
from encoders.seed_data import SEED_DATA
from encoders.training.emotions.corpus import Corpus
from encoders.training.multilingual.examples import DANGER, LANGUAGES, is_held_out, read_lines, read_rows
from encoders.training.multilingual.languages import CODES

RESAMPLES = 1000
_SEED = 20
ORDINARY_SHARE = 0.997
"""Share of people's ordinary texts that must score below what counts as danger, in the figures told while training."""


@dataclass(frozen=True, slots=True)
class GroupSplit:
    """Posts of one language, and the groups that people gave them."""

    texts: tuple[str, ...]
    groups: Matrix
    """[texts, groups]"""
    known: Matrix
    """[groups]: 0 for a group that nobody was asked about."""

    @classmethod
    def make(cls, rows: Sequence[tuple[frozenset[str], str]], language: str) -> Self:
        """The split of these rows."""
        groups = np.array([[group in some for group in GROUPS] for some, _ in rows], dtype=np.float32)
        known = np.array([group != "disgust" or language != "eng" for group in GROUPS], dtype=np.float32)
        return cls(tuple(text for _, text in rows), groups.reshape(len(rows), len(GROUPS)), known)

    def join(self, other: "GroupSplit") -> "GroupSplit":
        """Both, one after the other."""
        return GroupSplit(self.texts + other.texts, np.concatenate([self.groups, other.groups]), self.known)


@dataclass(frozen=True, slots=True)
class Sets:
    """Development splits and what was held out; `train` lists what pieces are counted on besides."""

    labels: tuple[str, ...]
    dev: Mapping[str, GroupSplit]
    """ISO 639-1 code -> BRIGHTER's development split."""
    held: Mapping[str, GroupSplit]
    """ISO 639-1 code -> rows held out of BRIGHTER's training split."""
    danger: tuple[tuple[str, float], ...]
    """Texts of held-out authors, and how much danger they speak of: 1, .5 or 0."""
    feelings: tuple[tuple[str, frozenset[str]], ...]
    """Texts of held-out authors, and the labels that a reader would accept."""
    train: tuple[str, ...]

    @classmethod
    def read(cls, corpus: Corpus, brighter: Path, xed: Path) -> Self:
        """All sets, from their folders and from seed_data."""
        train = {name: read_rows(brighter / f"{name}.train.tsv") for name in LANGUAGES}
        dev = {name: read_rows(brighter / f"{name}.dev.tsv") for name in LANGUAGES}
        held = {name: [row for row in rows if is_held_out(row[1])] for name, rows in train.items()}
        danger = read_lines(SEED_DATA / "texts" / "danger.jsonl.xz")
        feelings = read_lines(SEED_DATA / "texts" / "feelings.jsonl.xz")
        texts = [text for rows in (*train.values(), *dev.values()) for _, text in rows]
        texts += [text for name in ("en", "fr", "it") for _, text in read_rows(xed / f"{name}.tsv")]
        texts += [str(row["text"]) for row in (*danger, *feelings)]
        return cls(
            corpus.labels,
            {CODES[name]: GroupSplit.make(rows, name) for name, rows in dev.items()},
            {CODES[name]: GroupSplit.make(rows, name) for name, rows in held.items()},
            tuple((row["text"], DANGER[row["danger"]]) for row in danger if is_held_out(row["author"])),
            tuple((row["text"], frozenset(row["labels"])) for row in feelings if is_held_out(row["author"])),
            (*corpus.train.texts, *corpus.dev.texts, *texts),
        )

    def list_texts(self) -> tuple[str, ...]:
        """Every text at hand, for counting pieces."""
        return self.train


def find_top_right(scores: Matrix, groups: Matrix, labels: Sequence[str]) -> Matrix:
    """[texts]: 1 where the group of the highest emotion, neutral aside, is among those given."""
    shown = scores.copy()
    shown[:, list(labels).index("neutral")] = -np.inf
    found: Matrix = (build_membership(labels)[shown.argmax(1)] * groups).max(1)
    return found


def find_interval(right: Matrix) -> tuple[float, float]:
    """The 95 % interval of a mean, by resampling texts."""
    if not len(right):
        return 0.0, 1.0
    draws = np.random.default_rng(_SEED).integers(0, len(right), (RESAMPLES, len(right)))
    low, high = np.quantile(np.asarray(right)[draws].mean(1), [0.025, 0.975])
    return float(low), float(high)


def measure_held_out(predict: Callable[[Sequence[str]], Matrix], sets: Sets) -> str:
    """A line on what was held out: top label by language, danger, made texts. `predict` gives logits, danger last."""
    told, ordinary = [], []
    for language, split in sets.held.items():
        logits = predict(split.texts)
        some = split.groups.max(1) > 0
        told.append(f"{language} {find_top_right(logits[some, :-1], split.groups[some], sets.labels).mean():.3f}")
        ordinary.append(logits[:, -1])
    limit = np.quantile(np.concatenate(ordinary), ORDINARY_SHARE)
    danger = predict([text for text, _ in sets.danger])[:, -1]
    yes = np.array([share for _, share in sets.danger]) == 1.0
    read = predict([text for text, _ in sets.feelings])[:, :-1].copy()
    read[:, sets.labels.index("neutral")] = -np.inf
    fine = np.mean([sets.labels[at] in some for at, (_, some) in zip(read.argmax(1), sets.feelings, strict=True)])
    return f"held out: {' '.join(told)}; danger caught {(danger[yes] > limit).mean():.3f}; made texts {fine:.3f}"
