"""Examples in many languages for one model: people's comments, posts and subtitles, and the texts written for us.

The sets are labelled differently: GoEmotions and our own texts with 28 labels, BRIGHTER and XED with six groups, the
danger set with yes, maybe or no. Each example says what is known of it; the loss leaves out the rest. A part of
BRIGHTER's training rows and of our own authors is held out, by a hash, so that it is the same part in every run.
"""

import json
import lzma
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix
from encoders.emotions.groups import GROUPS, build_membership
from encoders.training.emotions.corpus import Corpus, read_own_sentences

LANGUAGES = ("eng", "chn", "esp", "deu", "ptbr", "rus", "hin", "ukr", "ron", "swe")
"""BRIGHTER's languages, as its files name them."""
HELD_OUT = 20
"""One row, or one author, of so many is held out."""
XED_STEP = 4
"""One subtitle of so many is read: they are noisy, and nothing measured became better with more."""
FURTHER_LABEL = 0.7
"""Target of the labels that a reader would accept besides the first."""
TEACHER_SHARE = 0.5
"""Share of the English model's probability in the target of a comment; the rest is what its raters said."""
DANGER = {"yes": 1.0, "maybe": 0.5, "no": 0.0}
SPEAKS_OF_DANGER = re.compile(
    r"suicid|kill(?:ing|ed)? (?:my|him|her)self|\bkms\b|end(?:ing)? (?:my|it) (?:life|all)|want(?:ed)? to die|wanna die"
    r"|self.?harm|cut(?:ting)? myself|overdos|wish i (?:was|were) dead|\brap(?:e|ed|ist)\b|molest"
    r"|自杀|自殺|想死|不想活|轻生|割腕|跳楼|活不下去|死にたい|消えたい"
    r"|quier[oe] morir|matarme|quitarme la vida|suizid|selbstmord|umbringen|sterben w[io]ll|envie de mourir|me tuer"
    r"|uccidermi|voglio morire|suicíd|me matar|quero morrer|суицид|самоубий|покончить с собой|хочу умереть"
    r"|не хочу жить|суїцид|самогуб|आत्महत्या|खुदकुशी|मरना चाहत|sinucid|sinucig|självmord",
    re.IGNORECASE,
)
"""People's words that may be a cry for help: they teach nothing about danger, because nobody labelled them for it."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What is known of some texts. A weight of 0 means that it is not known."""

    labels: Matrix
    """[texts, labels]"""
    label_weights: Matrix
    """[texts, labels]"""
    groups: Matrix
    """[texts, groups]"""
    group_weights: Matrix
    """[texts, groups]"""
    accepted: Matrix
    """[texts, labels]: labels of which one should score highest; none where a row is empty."""
    danger: Matrix
    """[texts]"""
    danger_weights: Matrix
    """[texts]"""

    def select(self, rows: NDArray[np.intp]) -> "Targets":
        """These rows alone, in this order."""
        return Targets(*(getattr(self, name)[rows] for name in Targets.__slots__))


@dataclass(frozen=True, slots=True)
class Source:
    """One set of texts and what part of all that is read it is."""

    name: str
    texts: tuple[str, ...]
    targets: Targets
    share: float
    languages: tuple[str, ...] = ()
    """The language of each text, where it is used."""
    halved: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """Texts of which each pass reads half only."""


Teacher = Callable[[str, Sequence[str]], Matrix]
"""Probabilities [texts, labels] of the English model; the first argument names the set."""


def read_goemotions(corpus: Corpus, teacher: Teacher, share: float) -> Source:
    """Comments labelled by raters; half of what counts is what the English model gives them."""
    gold, neutral = corpus.train.gold, corpus.labels.index("neutral")
    soft = teacher("goemotions", corpus.train.texts)
    targets = _empty(corpus.train.texts, corpus.labels)
    targets.labels[:] = (1 - TEACHER_SHARE) * gold + TEACHER_SHARE * soft
    targets.label_weights[:] = 1.0
    targets.accepted[:] = gold
    targets.accepted[:, neutral] = 0.0
    _mark_ordinary(targets, corpus.train.texts)
    alone = (gold[:, neutral] == 1) & (gold.sum(1) == 1)
    return Source("goemotions", corpus.train.texts, targets, share, halved=alone)


def read_brighter(folder: Path, language: str, labels: Sequence[str], share: float, soft: Teacher | None) -> Source:
    """Posts labelled with groups by speakers of the language; a post without a group is neutral."""
    rows = read_rows(folder / f"{language}.train.tsv")
    texts = tuple(text for _, text in rows)
    unknown = ("disgust",) if language == "eng" else ()
    targets = _group_targets(rows, labels, unknown)
    if soft:
        probabilities = soft(f"brighter-{language}", texts)
        emotions = [column for column, label in enumerate(labels) if label != "neutral"]
        targets.labels[:, emotions] = probabilities[:, emotions]
        targets.label_weights[:, emotions] = 0.3
    _mark_ordinary(targets, texts)
    return _keep(f"brighter-{language}", texts, targets, share, lambda row: not is_held_out(texts[row]))


def read_xed(folder: Path, language: str, labels: Sequence[str], share: float, soft: Teacher | None) -> Source:
    """Every `XED_STEP`-th subtitle, labelled with groups; lines of anticipation or trust alone are left out."""
    rows = read_rows(folder / f"{language}.tsv")[::XED_STEP]
    texts = tuple(text for _, text in rows)
    targets = _group_targets(rows, labels, ())
    targets.group_weights[:] *= 0.5
    if soft:
        targets.labels[:] = soft(f"xed-{language}", texts)
        targets.label_weights[:] = 0.5
    _mark_ordinary(targets, texts)
    return _keep(f"xed-{language}", texts, targets, share, lambda row: targets.groups[row].any())


def read_feelings(path: Path, labels: Sequence[str], share: float) -> Source:
    """Texts written for us, with all labels that a reader would accept, the strongest first."""
    rows = read_lines(path)
    texts = tuple(row["text"] for row in rows)
    targets = _empty(texts, labels)
    targets.label_weights[:] = 1.0
    for line, row in enumerate(rows):
        for place, label in enumerate(row["labels"]):
            column = labels.index(label)
            targets.labels[line, column] = FURTHER_LABEL if place else 1.0
            targets.accepted[line, column] = 1.0
    targets.accepted[:, labels.index("neutral")] = 0.0
    return _keep("feelings", texts, targets, share, lambda row: not is_held_out(rows[row]["author"]))


def read_danger(path: Path, labels: Sequence[str], share: float) -> Source:
    """Texts written for us that speak of danger, or use the same words without any; nothing is known of feelings."""
    rows = read_lines(path)
    texts = tuple(row["text"] for row in rows)
    targets = _empty(texts, labels)
    targets.danger[:] = [DANGER[row["danger"]] for row in rows]
    targets.danger_weights[:] = 1.0
    return _keep("danger", texts, targets, share, lambda row: not is_held_out(rows[row]["author"]))


def read_own(path: Path, labels: Sequence[str], share: float) -> Source:
    """English sentences of our own in the first person."""
    split = read_own_sentences(path, labels)
    targets = _empty(split.texts, labels)
    targets.labels[:] = targets.accepted[:] = split.gold
    targets.label_weights[:] = 1.0
    targets.accepted[:, labels.index("neutral")] = 0.0
    return Source("own", split.texts, targets, share)


def read_rows(path: Path) -> list[tuple[frozenset[str], str]]:
    """The rows of a file whose lines are: group names with commas, tab, text."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except OSError as exc:
        repair = "Name the folder that holds the set, as its README describes"
        raise EncoderUnavailable(str(path), f"cannot be read ({type(exc).__name__})", repair) from exc
    found = [line.split("\t", 1) for line in lines if line]
    if faulty := next((number for number, row in enumerate(found, start=1) if len(row) != 2), None):
        raise EncoderUnavailable(f"{path}:{faulty}", "is not a row", "Every line is: groups with commas, tab, text")
    return [(frozenset(groups.split(",")) & set(GROUPS), text) for groups, text in found]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The texts of a compressed set of ours; its first lines, which describe the authors, are left out."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [row for line in file if "text" in (row := json.loads(line))]


def is_held_out(key: str) -> bool:
    """Whether the row with this text, or the author with this id, is kept for measuring."""
    return crc32(key.encode("utf-8", "replace")) % HELD_OUT == 0


def _empty(texts: Sequence[str], labels: Sequence[str]) -> Targets:
    def zeros(*width: int) -> Matrix:
        return np.zeros((len(texts), *width), np.float32)

    count, groups = len(labels), len(GROUPS)
    return Targets(zeros(count), zeros(count), zeros(groups), zeros(groups), zeros(count), zeros(), zeros())


def _group_targets(
    rows: Sequence[tuple[frozenset[str], str]], labels: Sequence[str], unknown: Sequence[str]
) -> Targets:
    targets = _empty([text for _, text in rows], labels)
    neutral = list(labels).index("neutral")
    for line, (groups, _) in enumerate(rows):
        targets.groups[line] = [group in groups for group in GROUPS]
        targets.group_weights[line] = [group not in unknown for group in GROUPS]
        targets.labels[line, neutral] = not groups
        targets.label_weights[line, neutral] = 1.0
    targets.accepted[:] = targets.groups @ build_membership(labels).T
    return targets


def _mark_ordinary(targets: Targets, texts: Iterable[str]) -> None:
    targets.danger_weights[:] = [not SPEAKS_OF_DANGER.search(text) for text in texts]


def _keep(name: str, texts: Sequence[str], targets: Targets, share: float, wanted: Callable[[int], bool]) -> Source:
    rows = np.array([row for row in range(len(texts)) if wanted(row)], dtype=np.intp)
    return Source(name, tuple(texts[row] for row in rows), targets.select(rows), share)
