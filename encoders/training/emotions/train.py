"""Trains the emotion model on GoEmotions: a linear model, a fine-tuned encoder, and their blend.

The parts are trained on the training split; blend, calibration and thresholds are fitted on the development split; the
official test split is never read. All metrics on the development split are cross-fitted.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import EncoderUnavailable, Matrix, hash_file
from encoders.emotions.model import DESCRIPTION, LogOddsModel, compute_log_odds, open_emotion_model
from encoders.emotions.onnx_classifier import OnnxModel
from encoders.seed_data import SEED_DATA
from encoders.training.emotions.calibration import Odds, choose_thresholds, cross_fit, fit_blend
from encoders.training.emotions.corpus import Corpus, read_own_sentences
from encoders.training.emotions.linear import LinearRecipe, save_linear, train_linear
from encoders.training.emotions.metrics import Figures, compute_figures
from encoders.training.emotions.model_card import CardHead, write_card

LICENCE = "Apache-2.0"
SOURCE = "GoEmotions (Demszky et al., ACL 2020, arXiv 2005.00547; Google LLC, data CC BY 4.0)"
MODEL, TOKENIZER = "encoder.onnx", "tokenizer.json"
MODELS = SEED_DATA / "models" / "emotions"
MEANINGS, OWN = "meanings.json", "own_sentences.tsv"
LAST_RATE = 5e-5
LONGEST = 128
"""Tokens the exported model reads of a passage."""


def main(arguments: list[str] | None = None) -> int:
    """Trains, measures and writes a model folder: weights, tokenizer, `model.json` and `CARD.md`."""
    try:
        _train(_parser().parse_args(arguments))
    except EncoderUnavailable as error:
        say(f"train-emotions: {error}")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="train-emotions", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with labels.txt, train.tsv and dev.tsv")
    parser.add_argument("--out", type=Path, required=True, help="folder the model is written to")
    parser.add_argument("--base", help="encoder to fine-tune: a folder, or a name; without it the linear model alone")
    parser.add_argument("--work", type=Path, help="folder for checkpoints; a run broken off goes on from there")
    parser.add_argument("--name", default="isopath-emotions", help="what the model is called")
    parser.add_argument("--base-note", default="", help="name and licence of the base, for the card")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--frozen", type=int, help="lowest layers that are not trained, instead of the recipe's")
    parser.add_argument("--rate", type=float, help="learning rate, instead of the recipe's (2e-5 for large bases)")
    return parser


def _train(given: argparse.Namespace) -> None:
    corpus = Corpus.read(given.data)
    if lacking := corpus.list_missing_labels():
        repair = "Use the splits whole: a label without an example can be neither learned nor given a threshold"
        raise EncoderUnavailable(str(given.data), f"has no text for {'; '.join(lacking)}", repair)
    given.out.mkdir(parents=True, exist_ok=True)
    parts: dict[str, LogOddsModel] = {}
    described: dict[str, Any] = {}
    if given.base:
        changed = {
            name: getattr(given, name) for name in ("epochs", "frozen", "rate") if getattr(given, name) is not None
        }
        described["encoder"] = _train_encoder(given.base, corpus, given.work or given.out / "work", given.out, changed)
        pad = described["encoder"]["pad"]
        parts["encoder"] = OnnxModel.load(given.out / MODEL, given.out / TOKENIZER, LONGEST, pad)
    linear = train_linear(corpus.train, LinearRecipe(), say)
    described["linear"] = save_linear(linear, given.out)
    parts["linear"] = linear
    write_description(corpus, parts, described, given.out, given.name, given.base_note)


def write_description(
    corpus: Corpus,
    parts: Mapping[str, LogOddsModel],
    described: Mapping[str, Any],
    out: Path,
    name: str,
    base_note: str,
) -> None:
    """Blends and calibrates the parts on the development split, and writes `model.json` and `CARD.md`."""
    say("reading the development split")
    dev = corpus.dev
    odds = compute_log_odds(list(parts.values()), corpus.labels, dev.texts).astype(np.float64)
    blend = fit_blend(odds, dev.gold)
    limits = choose_thresholds(blend.predict(odds), dev.gold)
    files = [file for file in (MODEL, TOKENIZER, "linear_weights.npy", "linear_rarity.npy") if (out / file).exists()]
    source = f"{SOURCE}; {base_note}" if base_note else SOURCE
    description = {
        "name": name,
        "licence": LICENCE,
        "source": source,
        "labels": list(corpus.labels),
        "parts": dict(described),
        "blend": {
            **{part: _round_weights(weights) for part, weights in zip(parts, blend.weights, strict=True)},
            "bias": _round_weights(blend.bias),
        },
        "thresholds": {
            label: [limit.present, limit.strong] for label, limit in zip(corpus.labels, limits, strict=True)
        },
        "files": {file: hash_file(out / file) for file in files},
    }
    (out / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", "utf-8")
    measured = measure_blend(odds, dev.gold)
    say(f"macro-F1, cross-fitted on the development split: {measured.macro_f1:.4f}")
    alone = {part: measure_blend(odds[number : number + 1], dev.gold) for number, part in enumerate(parts)}
    raw = 1.0 / (1.0 + np.exp(-odds.mean(0)))
    about = CardHead(name, LICENCE, source, len(corpus.train.texts), len(dev.texts))
    write_card(out / "CARD.md", about, corpus.labels, measured, alone, (raw, dev.gold), limits, open_emotion_model(out))


def measure_blend(odds: Odds, gold: Matrix) -> Figures:
    """The cross-fitted metrics of a blend of these parts."""
    crossed = cross_fit(odds, gold)
    return compute_figures(crossed.probabilities, crossed.present, gold)


def say(line: str) -> None:
    """Writes a line of progress to standard error."""
    print(line, file=sys.stderr, flush=True)


def _train_encoder(base: str, corpus: Corpus, work: Path, out: Path, changed: Mapping[str, Any]) -> dict[str, Any]:
    # Imported here because training the linear model alone needs no torch.
    from encoders.training.emotions.classifier import restore_classifier
    from encoders.training.emotions.encoder import EncoderRecipe, fine_tune
    from encoders.training.emotions.export_onnx import export_logits

    meanings = json.loads((MODELS / MEANINGS).read_text("utf-8"))
    first = fine_tune(base, corpus.train, corpus.labels, meanings, work / "first", EncoderRecipe(**changed), say)
    # Comments on Reddit are seldom in the first person, as the texts of users are: a last epoch adds such sentences.
    last = EncoderRecipe(**{**changed, "epochs": 1, "rate": LAST_RATE, "head_rate": 4 * LAST_RATE})
    own = read_own_sentences(MODELS / OWN, corpus.labels)
    best = fine_tune(str(first), corpus.train, corpus.labels, meanings, work / "last", last, say, own)
    model, tokenizer, _ = restore_classifier(best)
    export_logits(model, out / MODEL)
    shutil.copyfile(best / TOKENIZER, out / TOKENIZER)
    runs = [json.loads((folder / "training.json").read_text("utf-8")) for folder in (first, best)]
    recipes = [{**run["recipe"], "best_epoch": run["epoch"]} for run in runs]
    pad = str(tokenizer.pad_token)
    return {"model": MODEL, "tokenizer": TOKENIZER, "pad": pad, "longest": LONGEST, "recipes": recipes}


def _round_weights(values: Matrix) -> list[float]:
    return [round(float(value), 5) for value in values]


if __name__ == "__main__":
    sys.exit(main())
