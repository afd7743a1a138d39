"""The part of the model card about other languages and about danger: what was measured, on whose words."""

import json
import lzma
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from encoders.base import Matrix
from encoders.emotions.groups import GROUPS, build_membership
from encoders.training.multilingual.danger import HELD_DANGER, recommend
from encoders.training.multilingual.evaluation import find_interval, find_top_right

PLEASANT = ("joy",)
UNPLEASANT = ("anger", "disgust", "fear", "sadness")


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
        "training, texts without a group among them, for which a clear reading counts as wrong; in English also on",
        "GoEmotions' development split. All cross-fitted.",
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


def write_danger(held: Mapping[str, Matrix], target: Matrix, fresh: Sequence[Mapping[str, str]], scores: Matrix) -> str:
    """Danger caught and false alarms. `held`: scores of texts that were held out, by set, `target` of those about
    danger; `fresh`: the texts of the fresh set, and their `scores`."""
    asks, supports = recommend(held, target)
    ordinary = {name: some for name, some in held.items() if name != HELD_DANGER}
    by_language = {
        name: (scores[some], np.array([row["danger"] == "yes" for row in fresh])[some])
        for name in sorted({row["lang"] for row in fresh})
        for some in [np.array([row["lang"] == name for row in fresh])]
    }
    kinds = [(row["kind"], row["danger"], float(score)) for row, score in zip(fresh, scores, strict=True)]
    lines = [
        "## Danger",
        "",
        f"Recommended: a careful question from {asks:.2f} on, help from {supports:.2f} on. Chosen on people's ordinary",
        "texts below and on held-out authors, without the fresh set.",
        "",
        "The fresh set (`tests/data/danger_fresh.jsonl.xz`) was made for measuring, by other invented authors than",
        "those learnt from; half of it uses the same words without any danger. Texts made so are easier than life.",
        "",
        "| Language | danger | caught, asked or held (95 %) | held | harmless | falsely held | falsely asked |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (some, yes) in by_language.items():
        bad, fine = some[yes], some[~yes]
        caught = _tell((bad >= asks).astype(np.float32))
        lines.append(
            f"| {name} | {len(bad)} | {caught} | {np.mean(bad >= supports):.3f} | {len(fine)} "
            f"| {np.mean(fine >= supports):.3f} | {np.mean((fine >= asks) & (fine < supports)):.3f} |"
        )
    lines += ["", "People's ordinary texts; rows that name suicide, rape or the like are set aside:", ""]
    lines += ["| Texts | number | falsely held | falsely asked |", "|---|---|---|---|"]
    for name, some in ordinary.items():
        asked = (some >= asks) & (some < supports)
        lines.append(f"| {name} | {len(some)} | {np.mean(some >= supports):.4f} | {np.mean(asked):.4f} |")
    lines += ["", "By kind, in the fresh set:", "", "| Kind | texts | asked or held | held |", "|---|---|---|---|"]
    counts = Counter((kind, danger) for kind, danger, _ in kinds)
    for (kind, danger), count in sorted(counts.items(), key=lambda found: found[0][::-1]):
        of_kind = np.array([score for one, other, score in kinds if (one, other) == (kind, danger)])
        said = kind if danger == "yes" else f"harmless: {kind}"
        lines.append(f"| {said} | {count} | {np.mean(of_kind >= asks):.2f} | {np.mean(of_kind >= supports):.2f} |")
    return "\n".join(lines)


def read_fresh(path: Path) -> list[dict[str, str]]:
    """The texts of the fresh set."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [row for line in file if "text" in (row := json.loads(line))]


def _tell(right: Matrix) -> str:
    if not len(right):
        return "none"
    low, high = find_interval(right)
    return f"{np.mean(right):.3f} ({low:.2f} to {high:.2f})"
