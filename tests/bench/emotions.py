"""The emotion model and the crisis gate, on texts they were not made from."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import EmotionReader
from encoders.corpus import Corpus
from encoders.emotion_metrics import figures
from encoders.model_card import accepted_share, first_person
from engine.gate import Gate
from tests.bench.machine import reference, times
from tests.gate_rates import sentences

FORTY_WORDS = (
    "I have been awake since four going over the same thing again and again, and although everybody at work was kind "
    "about it today I still feel that I have let them all down and cannot rest"
)


def one_text(reader: EmotionReader, runs: int) -> dict[str, float]:
    """Milliseconds for one text of about forty words, warm."""
    reader.score([FORTY_WORDS])
    each, beside = [], []
    for _ in range(runs):
        beside.append(reference())
        began = time.perf_counter()
        reader.score([FORTY_WORDS])
        each.append(1000 * (time.perf_counter() - began))
    return times(each, beside)


def people(reader: EmotionReader) -> dict[str, Any]:
    """Share of first-person sentences whose top label, neutral aside, a person would accept."""
    sentences = first_person()
    return {"accepted": round(float(accepted_share(reader)), 4), "sentences": len(sentences)}


def development(reader: EmotionReader, folder: Path) -> dict[str, Any]:
    """Figures on GoEmotions' development split.

    The model's thresholds were chosen there; its card has the cross-fitted figures.
    """
    corpus = Corpus.read(folder)
    order = [corpus.labels.index(label) for label in reader.labels]
    gold = corpus.dev.gold[:, order]
    probabilities = reader.score(list(corpus.dev.texts))
    present = probabilities >= np.array([reader.thresholds[label].present for label in reader.labels], dtype=np.float32)
    found = figures(probabilities, present, gold)
    top = {share: right for share, _, right in found.coverage}
    common = [label for label in found.labels if label.support >= 50]
    return {
        "macro_f1": round(found.macro_f1, 4),
        "interval": [round(found.low, 4), round(found.high, 4)],
        "calibration_error": round(found.calibration_error, 4),
        "log_loss": round(found.log_loss, 4),
        "least_brier_skill": round(min(label.brier_skill for label in common), 4),
        "top_label_right": {"all": round(top[1.0], 4), "clearest 60 %": round(top[0.6], 4)},
        "texts": len(corpus.dev.texts),
    }


def gate_rates(gate: Gate, ordinary: list[str] | None) -> dict[str, Any]:
    """Shares of crises caught and of other sentences held back; `ordinary` comments where the data are there."""
    asked, hits = Counter[str](), Counter[str]()
    for sentence in sentences():
        asked[sentence.expected] += 1
        hits[sentence.expected] += gate.check(sentence.text).hit
    found: dict[str, Any] = {
        "caught": round(hits["hit"] / asked["hit"], 4), "crises": asked["hit"],
        "false_alarms": round(hits["pass"] / asked["pass"], 4), "hard_negatives": asked["pass"],
    }  # fmt: skip
    if ordinary:
        found |= {
            "ordinary_false_alarms": round(sum(gate.check(t).hit for t in ordinary) / len(ordinary), 4),
            "ordinary": len(ordinary),
        }
    return found
