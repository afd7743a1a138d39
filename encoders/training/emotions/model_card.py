"""Writes the model card of the emotion model: data, licence, metrics of every label, and weaknesses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoders.base import EmotionReader, Matrix, Thresholds
from encoders.seed_data import SEED_DATA
from encoders.training.emotions.metrics import Figures, compute_calibration_error, compute_log_loss

PROBES = SEED_DATA / "texts"
FEW = 50
"""Texts below which a metric is unreliable."""


@dataclass(frozen=True, slots=True)
class CardHead:
    """The head of a model card."""

    name: str
    licence: str
    source: str
    train: int
    """Texts in the training split."""
    dev: int


def write_card(
    path: Path,
    about: CardHead,
    labels: Sequence[str],
    measured: Figures,
    alone: Mapping[str, Figures],
    raw: tuple[Matrix, Matrix],
    limits: Sequence[Thresholds],
    reader: EmotionReader,
) -> None:
    """Writes the card in Markdown; `raw` holds the parts' mean scores without calibration, and the gold labels."""
    sections = [
        _write_head(about, alone),
        _write_overall(measured, alone, raw),
        _write_labels(labels, measured, limits),
        _write_coverage(measured),
        _write_first_person(reader),
        _write_negation(reader),
        _write_weaknesses(labels, measured),
    ]
    path.write_text("\n\n".join(sections) + "\n", "utf-8")


def read_first_person() -> list[tuple[str, frozenset[str]]]:
    """Our own first-person sentences, each with the labels a person would accept."""
    rows = [line.split("\t") for line in (PROBES / "first_person.tsv").read_text("utf-8").split("\n") if line]
    return [(text, frozenset(accepted.split(","))) for text, accepted in rows]


def measure_accepted_share(reader: EmotionReader) -> float:
    """Share of the first-person sentences whose top label, neutral aside, a person would accept."""
    rows = read_first_person()
    scores = reader.score([text for text, _ in rows]).copy()
    scores[:, reader.labels.index("neutral")] = -1.0
    return float(np.mean([reader.labels[row.argmax()] in fine for row, (_, fine) in zip(scores, rows, strict=True)]))


def find_misread(reader: EmotionReader) -> list[tuple[str, str]]:
    """(sentence, label) of negated and past feelings that the model reads as present."""
    return [row for row, present in _score_probes("negation_time.tsv", reader) if present]


def find_unread(reader: EmotionReader) -> list[tuple[str, str]]:
    """(sentence, label) of present feelings near a negation or a past tense that the model does not read."""
    return [row for row, present in _score_probes("feelings_that_stay.tsv", reader) if not present]


def _score_probes(name: str, reader: EmotionReader) -> list[tuple[tuple[str, str], bool]]:
    rows = read_probes(name)
    scores = reader.score([text for text, _ in rows])
    columns = [reader.labels.index(label) for _, label in rows]
    limits = [reader.thresholds[label].present for _, label in rows]
    present = scores[np.arange(len(rows)), columns] >= np.array(limits)
    return list(zip(rows, present.tolist(), strict=True))


def read_probes(name: str) -> list[tuple[str, str]]:
    """Sentences of our own, each with one label."""
    lines = (PROBES / name).read_text("utf-8").split("\n")
    return [(text, label) for text, label in (line.split("\t") for line in lines if line)]


def _write_head(about: CardHead, parts: Iterable[str]) -> str:
    languages = "sentences in thirteen languages" if "multilingual" in parts else "English sentences"
    return f"""# {about.name}

Written by `python -m encoders.training.emotions.train`; not edited by hand.

Reads {languages} and gives a calibrated probability for each of 27 emotions and neutral. Licence of the
weights: {about.licence}. Made from: {about.source}.
Trained on {about.train:,} texts; blended, calibrated and given thresholds on {about.dev:,} others. The official test
split was not read. All figures on the development split are cross-fitted in five folds: blend, calibration and
thresholds of a text were fitted without it.

Made to open a conversation about music, not to judge a person: it diagnoses nothing. The texts it learned from are
comments on Reddit, mostly by young men, labelled by readers in India; it reads what words suggest to such readers."""


def _write_overall(measured: Figures, alone: Mapping[str, Figures], raw: tuple[Matrix, Matrix]) -> str:
    scores, gold = raw
    uncalibrated = f"{compute_calibration_error(scores, gold):.3f} | {compute_log_loss(scores, gold):.4f}"
    models = {"whole": measured, **{f"{part} alone": one for part, one in alone.items()}}
    rows = [
        f"| {name} | {one.macro_f1:.3f} ({one.low:.3f} to {one.high:.3f}) | {one.calibration_error:.3f} "
        f"| {one.log_loss:.4f} |"
        for name, one in models.items()
    ]
    rows.append(f"| parts' mean, not calibrated | | {uncalibrated} |")
    return "\n".join(
        [
            "## As a whole",
            "",
            "| Model | macro-F1 over 28 labels (95 % interval) | calibration error, scores from .1 | log-loss |",
            "|---|---|---|---|",
            *rows,
        ]
    )


def _write_labels(labels: Sequence[str], measured: Figures, limits: Sequence[Thresholds]) -> str:
    rows = [
        f"| {label} | {one.support} | {one.precision:.2f} | {one.recall:.2f} | {one.f1:.2f} ({one.low:.2f} to "
        f"{one.high:.2f}) | {one.brier_skill:.2f} | {limit.present:.2f} | {limit.strong:.2f} |"
        for label, one, limit in zip(labels, measured.labels, limits, strict=True)
    ]
    head = "| Label | texts | precision | recall | F1 (95 % interval) | Brier skill | present from | strong from |"
    return "\n".join(["## Label by label", "", head, "|---|---|---|---|---|---|---|---|", *rows])


def _write_coverage(measured: Figures) -> str:
    rows = [f"| {share:.0%} | {score:.2f} | {right:.3f} |" for share, score, right in measured.coverage]
    head = "| texts answered, clearest first | top score's share of all, at least | top label among the gold ones |"
    return "\n".join(["## What abstaining buys", "", head, "|---|---|---|", *rows])


def _write_first_person(reader: EmotionReader) -> str:
    return (
        "## First-person feelings\n\n"
        f"Of {len(read_first_person())} sentences of our own over all labels (`seed_data/texts/first_person.tsv`), the "
        f"top label, neutral aside, is one a person would accept in {measure_accepted_share(reader):.0%}.\n"
        "They share an author with the sentences of our own that closed the training; none stands in both."
    )


def _write_negation(reader: EmotionReader) -> str:
    wrong, lost = find_misread(reader), find_unread(reader)
    denials, others = len(read_probes("negation_time.tsv")), len(read_probes("feelings_that_stay.tsv"))
    lines = [f"- *{text}*: reads {label}" for text, label in wrong]
    lines += [f"- *{text}*: does not read {label}" for text, label in lost]
    return "\n".join(
        [
            "## Negated and past feelings",
            "",
            f"Of {denials} sentences of our own that deny a feeling (negated, over, wished for), {len(wrong)} are read",
            f"as if it were there; of {others} that have it beside a negation or a past, {len(lost)} lose it.",
            "`encoders/emotions/denial.py` was written with these at hand: sentences new to it fare worse, as said",
            "there.",
            "",
            *lines,
        ]
    )


def _write_weaknesses(labels: Sequence[str], measured: Figures) -> str:
    few = [label for label, one in zip(labels, measured.labels, strict=True) if one.support < FEW]
    worst = sorted(zip(labels, measured.labels, strict=True), key=lambda row: row[1].f1)[:6]
    return (
        "## What it is bad at\n\n"
        f"Worst F1: {', '.join(f'{label} {one.f1:.2f}' for label, one in worst)}. "
        f"Figures on fewer than {FEW} texts say little: {', '.join(few)}.\n"
        "It weighs words more than grammar: some negations and pasts (above), other people's feelings and irony "
        "mislead it.\n"
        "Other languages than it was trained on are turned away by `encoders/emotions/language.py`, not by the model."
    )
