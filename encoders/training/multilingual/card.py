"""The part of the model card about other languages and about danger: what was measured, on whose words."""

import json
import lzma
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from encoders.base import Matrix
from encoders.emotions.groups import GROUPS, build_membership
from encoders.training.emotions.corpus import Corpus
from encoders.training.multilingual.evaluation import Sets, find_interval, find_top_right
from encoders.training.multilingual.examples import SPEAKS_OF_DANGER

PLEASANT = ("joy",)
UNPLEASANT = ("anger", "disgust", "fear", "sadness")
ASKED, HELD = 0.008, 0.002
"""Shares of people's ordinary texts that may be asked about, and held back, at the values the card recommends."""
ORDINARY = 5000


def write_languages(
    crossed: Mapping[str, tuple[Matrix, Matrix]],
    clear: Mapping[str, Matrix],
    dev: Mapping[str, int],
    labels: Sequence[str],
) -> str:
    """Top label and clear readings by language. `crossed`: cross-fitted scores and the groups that people gave, first
    those of the development split, `dev` of them; `clear`: whether each reading was called clear, cross-fitted too."""
    lines = [
        "## By language, on people's words",
        "",
        "BRIGHTER's development splits: the group of the highest emotion, neutral aside, is among those that speakers",
        "of the language gave (texts with a group). Then readings called clear, on these and on rows held out of",
        "training, texts without a group among them, for which a clear reading counts as wrong. All cross-fitted.",
        "",
        "| Language | texts | top label's group (95 %) | texts | clear | of these right (95 %) | wrong valence |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (scores, groups) in crossed.items():
        right, first = find_top_right(scores, groups, labels), dev[name]
        some = np.flatnonzero(groups[:first].max(1) > 0)
        shown = np.flatnonzero(clear[name])
        turned = find_turned(scores, groups, labels)[shown]
        lines.append(
            f"| {name} | {len(some)} | {_tell(right[some])} | {len(groups)} | {np.mean(clear[name]):.2f} "
            f"| {_tell(right[shown])} | {turned.mean() if len(shown) else 0:.3f} |"
        )
    return "\n".join(lines)


def find_turned(scores: Matrix, groups: Matrix, labels: Sequence[str]) -> Matrix:
    """[texts]: 1 where the highest emotion is pleasant and people gave unpleasant groups alone, or the reverse."""
    names = list(GROUPS)
    shown = scores.copy()
    shown[:, list(labels).index("neutral")] = -np.inf
    read = build_membership(labels)[shown.argmax(1)]
    good, bad = [names.index(name) for name in PLEASANT], [names.index(name) for name in UNPLEASANT]
    wrong = read[:, good].max(1) * groups[:, bad].max(1) * (1 - groups[:, good].max(1))
    wrong += read[:, bad].max(1) * groups[:, good].max(1) * (1 - groups[:, bad].max(1))
    found: Matrix = wrong
    return found


def write_danger(
    ordinary: Mapping[str, Matrix], fresh: Mapping[str, tuple[Matrix, Matrix]], kinds: Sequence[tuple[str, str, float]]
) -> str:
    """Danger caught and false alarms. `ordinary`: scores of people's texts by set; `fresh`: scores of the fresh set and
    whether each text is danger, by language; `kinds`: (kind, yes or no, score) of the fresh set."""
    asks, supports = recommend(ordinary)
    lines = [
        "## Danger",
        "",
        f"Recommended: a careful question from {asks:.2f} on, help from {supports:.2f} on. Chosen on people's ordinary",
        "texts below, before the fresh set was looked at.",
        "",
        "The fresh set (`tests/data/danger_fresh.jsonl.xz`) was made for measuring, by other invented authors than",
        "those learnt from; half of it uses the same words without any danger. Texts made so are easier than life.",
        "",
        "| Language | danger | caught, asked or held (95 %) | held | harmless | falsely held | falsely asked |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (scores, yes) in fresh.items():
        bad, fine = scores[yes > 0], scores[yes == 0]
        caught = _tell((bad >= asks).astype(np.float32))
        lines.append(
            f"| {name} | {len(bad)} | {caught} | {np.mean(bad >= supports):.3f} | {len(fine)} "
            f"| {np.mean(fine >= supports):.3f} | {np.mean((fine >= asks) & (fine < supports)):.3f} |"
        )
    lines += ["", "People's ordinary texts; rows that name suicide, rape or the like are set aside:", ""]
    lines += ["| Texts | number | falsely held | falsely asked |", "|---|---|---|---|"]
    for which, scores in ordinary.items():
        asked = (scores >= asks) & (scores < supports)
        lines.append(f"| {which} | {len(scores)} | {np.mean(scores >= supports):.4f} | {np.mean(asked):.4f} |")
    lines += ["", "By kind, in the fresh set:", "", "| Kind | texts | asked or held | held |", "|---|---|---|---|"]
    counted = Counter((kind, answer) for kind, answer, _ in kinds)
    for (kind, said), count in sorted(counted.items(), key=lambda one: one[0][::-1]):
        rated = np.array([score for one, answer, score in kinds if (one, answer) == (kind, said)])
        name = kind if said == "yes" else f"harmless: {kind}"
        lines.append(f"| {name} | {count} | {np.mean(rated >= asks):.2f} | {np.mean(rated >= supports):.2f} |")
    return "\n".join(lines)


def recommend(ordinary: Mapping[str, Matrix]) -> tuple[float, float]:
    """Probabilities from which to ask and to hold back, so that people's ordinary texts are seldom disturbed."""
    every = np.concatenate(list(ordinary.values()))
    asks, supports = np.quantile(every, [1 - ASKED - HELD, 1 - HELD])
    return round(float(asks), 2), max(round(float(supports), 2), round(float(asks), 2))


def read_ordinary(corpus: Corpus, sets: Sets) -> dict[str, list[str]]:
    """People's texts that the model did not learn from, by set, those aside that name what danger is made of."""
    found = {"GoEmotions, development": list(corpus.dev.texts[:ORDINARY])}
    for name, split in sets.dev.items():
        found[f"BRIGHTER, {name}"] = [*split.texts, *sets.held[name].texts]
    return {name: [text for text in texts if not SPEAKS_OF_DANGER.search(text)] for name, texts in found.items()}


def read_fresh(path: Path) -> list[dict[str, str]]:
    """The texts of the fresh set."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [row for line in file if "text" in (row := json.loads(line))]


def _tell(right: Matrix) -> str:
    if not len(right):
        return "none"
    low, high = find_interval(right)
    return f"{np.mean(right):.3f} ({low:.2f} to {high:.2f})"
