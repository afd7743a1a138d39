"""Trains the multilingual part of the emotion model and puts it beside the linear and the English part.

Needs a model folder with those two, which `encoders.training.emotions.train` writes; what the English model says is a
part of what the multilingual one learns from. GoEmotions' development split fits the blend; BRIGHTER's development
splits, and rows held out of its training splits, fit what differs by language. An interrupted run resumes.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from encoders.base import EncoderUnavailable, Matrix
from encoders.emotions.model import open_emotion_model
from encoders.seed_data import SEED_DATA
from encoders.training.emotions.classifier import (
    PooledClassifier,
    predict_logits,
    restore_classifier,
    save_classifier,
)
from encoders.training.emotions.corpus import Corpus
from encoders.training.emotions.export_onnx import export_packed
from encoders.training.emotions.train import MODELS, OWN, say
from encoders.training.multilingual import examples
from encoders.training.multilingual.assemble import MODEL, TOKENIZER, assemble
from encoders.training.multilingual.batches import MultilingualRecipe
from encoders.training.multilingual.danger_head import refit_danger_head
from encoders.training.multilingual.evaluation import Sets, measure_held_out
from encoders.training.multilingual.examples import Source, Teacher
from encoders.training.multilingual.learning import fine_tune_multilingual
from encoders.training.multilingual.pieces import choose_pieces, prune_encoder, prune_tokenizer, save_tokenizer

BRIGHTER_SHARES = {
    "eng": 0.062,
    "chn": 0.031,
    "esp": 0.031,
    "deu": 0.0434,
    "ptbr": 0.0465,
    "rus": 0.0279,
    "hin": 0.0217,
    "ukr": 0.0217,
    "ron": 0.0186,
    "swe": 0.0217,
}
"""Weights of the languages among all that is read: more of those that were read worst."""
SHARES = {
    "goemotions": 0.42,
    "xed-en": 0.025,
    "xed-fr": 0.015,
    "xed-it": 0.015,
    "feelings": 0.09,
    "danger": 0.1,
    "own": 0.01,
}
TEXTS = SEED_DATA / "texts"
KEPT_NOTES = ("recipe", "base", "steps", "minutes", "sources")
_TOGETHER = 256
ORDINARY = 500
"""Texts of each of people's sets that the danger head is fitted beside."""


def main(arguments: list[str] | None = None) -> int:
    """Trains, exports, calibrates, measures, and writes the model folder anew."""
    try:
        _train(_parser().parse_args(arguments))
    except EncoderUnavailable as error:
        say(f"train-multilingual: {error}")
        return 2
    return 0


def read_sources(corpus: Corpus, brighter: Path, xed: Path, teacher: Teacher) -> list[Source]:
    """Everything that the model learns from, each with its share."""
    labels = corpus.labels
    return [
        examples.read_goemotions(corpus, teacher, SHARES["goemotions"]),
        *(
            examples.read_brighter(brighter, language, labels, share, teacher if language == "eng" else None)
            for language, share in BRIGHTER_SHARES.items()
        ),
        *(
            examples.read_xed(xed, language, labels, SHARES[f"xed-{language}"], teacher if language == "en" else None)
            for language in ("en", "fr", "it")
        ),
        examples.read_feelings(TEXTS / "feelings.jsonl.xz", labels, SHARES["feelings"]),
        examples.read_danger(TEXTS / "danger.jsonl.xz", labels, SHARES["danger"]),
        examples.read_own(MODELS / OWN, labels, SHARES["own"]),
    ]


def make_teacher(model: Path, work: Path) -> Teacher:
    """Asks the English model once for each set and keeps what it said in `work`."""

    def teach(name: str, texts: Sequence[str]) -> Matrix:
        kept = work / f"teacher-{name}.npy"
        if not kept.is_file():
            say(f"asking the English model about {name}")
            reader = open_emotion_model(model)
            parts = [reader.score(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)]
            work.mkdir(parents=True, exist_ok=True)
            np.save(kept, np.concatenate(parts).astype(np.float16), allow_pickle=False)
        found: Matrix = np.load(kept, allow_pickle=False).astype(np.float32)
        if len(found) != len(texts):
            raise EncoderUnavailable(str(kept), f"is of {len(found)} texts, and {name} has {len(texts)}", "Delete it")
        return found

    return teach


def refit_danger(trained: Path, sources: Sequence[Source], sets: Sets, out: Path) -> None:
    """Writes the trained model to `out` with its danger head fitted anew."""
    model, tokenizer, labels = restore_classifier(trained)
    [danger] = [source for source in sources if source.name == "danger"]
    plain: list[str] = []
    for source in sources:
        if source.name == "goemotions" or source.name.startswith("brighter"):
            rows = range(0, len(source.texts), len(source.texts) // ORDINARY)
            plain += [source.texts[row] for row in rows if source.targets.danger_weights[row]]
    held = [text for text, _ in sets.danger], np.array([share for _, share in sets.danger])
    refit_danger_head(model, tokenizer, (danger.texts, danger.targets.danger), plain, held, say)
    notes = json.loads((trained / "training.json").read_text("utf-8"))
    save_classifier(out, model, tokenizer, labels, {name: notes[name] for name in KEPT_NOTES})


def export(best: Path, texts: Sequence[str], out: Path) -> None:
    """Writes the network in 8 bits, its word vectors in 4, and the tokenizer, with the pieces in use alone."""
    model, _, _ = restore_classifier(best)
    whole = Tokenizer.from_file(str(best / "tokenizer.json"))
    whole.no_padding()
    whole.no_truncation()
    keep = choose_pieces(whole, texts)
    say(f"{len(keep):,} pieces are kept")
    save_tokenizer(prune_tokenizer(whole, keep), out / TOKENIZER)
    prune_encoder(model.encoder, keep)
    export_packed(model, out / MODEL)


def _train(given: argparse.Namespace) -> None:
    corpus = Corpus.read(given.goemotions)
    sets = Sets.read(corpus, given.brighter, given.xed)
    trained, best = given.work / "run" / "best", given.work / "final"
    sources = read_sources(corpus, given.brighter, given.xed, make_teacher(given.model, given.work))
    if not (trained / "training.json").is_file():
        meanings = json.loads((MODELS / "meanings.json").read_text("utf-8"))

        def measure(model: PooledClassifier, tokenizer: Any) -> str:
            return measure_held_out(lambda texts: predict_logits(model, tokenizer, texts, 48), sets)

        recipe = MultilingualRecipe(minutes=given.minutes)
        fine_tune_multilingual(
            str(given.base), sources, corpus.labels, meanings, given.work / "run", recipe, say, measure
        )
    if not (best / "training.json").is_file():
        refit_danger(trained, sources, sets, best)
    if given.out != given.model:
        shutil.copytree(given.model, given.out, dirs_exist_ok=True)
    if not (given.out / MODEL).is_file() or given.export:
        export(best, sets.list_texts(), given.out)
    assemble(given.out, best, given.work, corpus, sets, given.fresh, say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="train-multilingual", description=__doc__)
    parser.add_argument("--goemotions", type=Path, required=True, help="folder with labels.txt, train.tsv and dev.tsv")
    parser.add_argument("--brighter", type=Path, required=True, help="folder with LANGUAGE.train.tsv and .dev.tsv")
    parser.add_argument("--xed", type=Path, required=True, help="folder with en.tsv, fr.tsv and it.tsv")
    parser.add_argument("--base", type=Path, required=True, help="encoder to fine-tune, as e5_base.py writes it")
    parser.add_argument("--model", type=Path, default=MODELS, help="folder with the linear and the English part")
    parser.add_argument("--out", type=Path, required=True, help="folder the whole model is written to")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints; a run broken off goes on")
    parser.add_argument("--minutes", type=float, default=MultilingualRecipe().minutes)
    parser.add_argument("--fresh", type=Path, required=True, help="texts to measure danger on, never learnt from")
    parser.add_argument("--export", action="store_true", help="export the network again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
