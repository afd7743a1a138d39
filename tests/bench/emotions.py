"""The emotion model and the crisis gate, on texts they were not made from."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from encoders.base import EmotionReader
from encoders.emotions.model import BlendedEmotions, compute_log_odds
from encoders.training.emotions.calibration import cross_fit
from encoders.training.emotions.corpus import Corpus
from encoders.training.emotions.metrics import compute_figures, compute_log_loss
from encoders.training.emotions.model_card import FEW, measure_accepted_share, read_first_person
from engine.bootstrap import EMOTIONS
from engine.gate import Gate
from engine.settings import ROOT
from tests.bench import xlm_roberta
from tests.bench.machine import reference, times
from tests.helpers.gate_rates import sentences

FORTY_WORDS = (
    "I have been awake since four going over the same thing again and again, and although everybody at work was kind "
    "about it today I still feel that I have let them all down and cannot rest at all tonight"
)
ORDINARY = 5000
KILOBYTES = 1024 if sys.platform != "darwin" else 1
"""In what the system counts a process's memory."""
WATCH = """
import resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""A small process between: the system counts to a child the memory of the one that started it."""


def measure(
    reader: EmotionReader, gate: Gate, home: Path, data: Path | None, quick: bool, say: Callable[[str], None]
) -> dict[str, Any]:
    """All figures of the model and the gate; those on GoEmotions where `data` names its folder, else the card's."""
    found: dict[str, Any] = {
        "model": reader.card.name,
        "one_text": one_text(reader, 20 if quick else 200, say),
        "cold": cold(home, 3 if quick else 9),
        "people": people(reader),
        "files": files(EMOTIONS),
    }
    corpus = Corpus.read(data) if data else None
    found["development"] = development(reader, corpus) if corpus else from_card(EMOTIONS / "CARD.md")
    return found | {"gate": gate_rates(gate, list(corpus.dev.texts[:ORDINARY]) if corpus else None)}


def one_text(reader: EmotionReader, runs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds for one text of forty words, warm, on one core: the bundled model, and by turns with it an
    XLM-RoBERTa-base with random weights, as long as `make models` has brought what it is made with."""
    if not xlm_roberta.can_be_made():
        say(f"  no XLM-RoBERTa beside it: `{xlm_roberta.INSTALL}` brings torch and transformers")
        return {"bundled": by_turns({"bundled": read_all(reader)}, runs)["bundled"]}
    say("  making an XLM-RoBERTa-base with random weights")
    with xlm_roberta.exported() as (large, size):
        found: dict[str, Any] = by_turns({"bundled": read_all(reader), "xlm_roberta_base": large.predict_logits}, runs)
    found["xlm_roberta_base"]["megabytes"] = round(size / 1e6, 1)
    return found


def read_all(reader: EmotionReader) -> Callable[[list[str]], Any]:
    """What is asked of one text: danger, as the gate does first, and feelings."""
    if not isinstance(reader, BlendedEmotions) or reader.multilingual is None:
        return reader.score
    danger = reader.score_danger
    return lambda texts: (danger(texts), reader.score(texts))


def by_turns(ways: dict[str, Callable[[list[str]], Any]], runs: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each way to read the same text, one after the other in every round."""
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
    for number in range(runs + 2):
        for name, read in ways.items():
            loop, began, cpu = reference(), time.perf_counter(), time.process_time()
            # Another text each round: what the model gave for the last ones is kept.
            read([f"{FORTY_WORDS} {number}"])
            took = 1000 * (time.perf_counter() - began), loop, 1000 * (time.process_time() - cpu)
            if number >= 2:  # warm
                taken[name].append(took)
    found = {}
    for name, some in taken.items():
        each, beside, processor = zip(*some, strict=True)
        found[name] = times(each, beside) | {"processor": round(statistics.median(processor), 1)}
    return found


def cold(home: Path, runs: int) -> dict[str, Any]:
    """A whole `isopath emotions` process: milliseconds, and the most memory it held; `first` in an empty home."""
    with TemporaryDirectory() as empty:
        first, *_ = process(Path(empty))
    process(home)  # may compile the gate anew
    measured = [process(home) for _ in range(runs)]
    wall, beside, processor, memory = zip(*measured, strict=True)
    spent = round(statistics.median(processor))
    return times(wall, beside) | {"processor": spent, "megabytes": round(max(memory)), "first": round(first)}


def process(home: Path) -> tuple[float, float, float, float]:
    """One process that reads a text: milliseconds, those of the reference loop before it, those of processor time, and
    megabytes at its height."""
    loop = reference()
    command = [sys.executable, "-m", "engine.cli.main", "emotions", FORTY_WORDS, "--json"]
    done = subprocess.run(
        [sys.executable, "-S", "-c", WATCH, *command],
        cwd=ROOT,
        env=os.environ | {"ISOPATH_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    status, seconds, processor, height = done.stdout.split()
    if status not in ("0", "4"):
        raise RuntimeError(f"isopath emotions ended with {status}: {done.stderr[-2000:]}")
    return 1000 * float(seconds), loop, 1000 * float(processor), float(height) * KILOBYTES / 1e6


def files(folder: Path) -> dict[str, float]:
    """Megabytes of the model's own files, and of all models in the repository."""

    def size(place: Path) -> float:
        return round(sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6, 1)

    return {"megabytes": size(folder), "all_models": size(folder.parent)}


def people(reader: EmotionReader) -> dict[str, Any]:
    """Share of first-person sentences whose top label, neutral aside, a person would accept."""
    sentences = read_first_person()
    return {"accepted": round(float(measure_accepted_share(reader)), 4), "sentences": len(sentences)}


def development(reader: EmotionReader, corpus: Corpus) -> dict[str, Any]:
    """Figures on GoEmotions' development split, cross-fitted: blend, calibration and thresholds of a text were fitted
    without it. Of a checkpoint that came uncalibrated they say what calibrating it would give."""
    assert isinstance(reader, BlendedEmotions)
    texts = list(corpus.dev.texts)
    gold = corpus.dev.gold[:, [corpus.labels.index(label) for label in reader.labels]]
    odds = compute_log_odds(reader.parts, reader.labels, texts).astype(np.float64)
    crossed = cross_fit(odds, gold)
    measured = compute_figures(crossed.probabilities, crossed.present, gold)
    raw = 1.0 / (1.0 + np.exp(-odds.mean(0)))
    top = {share: right for share, _, right in measured.coverage}
    return {
        "origin": f"measured on {len(texts)} texts",
        "log_loss_uncalibrated": round(compute_log_loss(raw, gold), 4),
        "macro_f1": round(measured.macro_f1, 4),
        "interval": [round(measured.low, 4), round(measured.high, 4)],
        "calibration_error": round(measured.calibration_error, 4),
        "log_loss": round(measured.log_loss, 4),
        "least_brier_skill": round(min(one.brier_skill for one in measured.labels if one.support >= FEW), 4),
        "least_f1": round(min(one.f1 for one in measured.labels), 4),
        "top_label_right": {"all": round(top[1.0], 4), "clearest 60 %": round(top[0.6], 4)},
    }


def from_card(card: Path) -> dict[str, Any]:
    """The same figures as the model's card has them."""
    text = card.read_text("utf-8")
    whole = re.search(r"\| whole \| ([\d.]+) \(([\d.]+) to ([\d.]+)\) \| ([\d.]+) \| ([\d.]+) \|", text)
    raw = re.search(r"\| parts' mean, not calibrated \| \| [\d.]+ \| ([\d.]+) \|", text)
    labels = re.findall(
        r"^\| [a-z]+ \| (\d+) \| [\d.]+ \| [\d.]+ \| ([\d.]+) \([^)]*\) \| (-?[\d.]+) \|", text, re.MULTILINE
    )
    top = dict(re.findall(r"^\| (\d+)% \| [\d.]+ \| ([\d.]+) \|", text, re.MULTILINE))
    if not (whole and raw and labels and {"100", "60"} <= set(top)):
        raise ValueError(f"{card} is not a card that train_emotions wrote")
    f1, low, high, error, loss = map(float, whole.groups())
    return {
        "origin": f"as {card.relative_to(ROOT)} has it",
        "log_loss_uncalibrated": float(raw[1]),
        "macro_f1": f1,
        "interval": [low, high],
        "calibration_error": error,
        "log_loss": loss,
        "least_brier_skill": min(float(skill) for support, _, skill in labels if int(support) >= FEW),
        "least_f1": min(float(one) for _, one, _ in labels),
        "top_label_right": {"all": float(top["100"]), "clearest 60 %": float(top["60"])},
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
