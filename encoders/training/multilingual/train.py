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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from encoders.base import EncoderUnavailable, Matrix
from encoders.emotions.model import open_emotion_model
from encoders.seed_data import SEED_DATA
from encoders.training.emotions.classifier import PooledClassifier, predict_logits, restore_classifier
from encoders.training.emotions.corpus import Corpus
from encoders.training.emotions.export_onnx import export_packed
from encoders.training.emotions.train import MODELS, OWN, say
from encoders.training.multilingual import examples
from encoders.training.multilingual.assemble import MODEL, TOKENIZER, assemble
from encoders.training.multilingual.batches import MultilingualRecipe
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
FIRST = MultilingualRecipe()
LAST_SHARES = {"goemotions": 0.2, "feelings": 0.22, "danger": 0.33, "own": 0.01}
LAST_PEOPLE = 0.65
"""Shares of the last phase; of BRIGHTER and XED, as a part of their shares before."""
LAST = MultilingualRecipe(minutes=9.0, rate=6e-5, head_rate=4e-4, danger=6.0, average=0.995)
"""Without the last phase whatever was written for us reads as danger: no other such text was known to be free of it."""
TEXTS = SEED_DATA / "texts"
_TOGETHER = 256


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


def reweigh_sources(sources: Sequence[Source]) -> list[Source]:
    """The sources of the last phase: mostly texts written for us, those about feelings as free of danger."""
    calm = [examples.mark_free_of_danger(one) if one.name in ("feelings", "own") else one for one in sources]
    return [replace(one, share=LAST_SHARES.get(one.name, one.share * LAST_PEOPLE)) for one in calm]


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
    sources = read_sources(corpus, given.brighter, given.xed, make_teacher(given.model, given.work))
    meanings = json.loads((MODELS / "meanings.json").read_text("utf-8"))

    def measure(model: PooledClassifier, tokenizer: Any) -> str:
        return measure_held_out(lambda texts: predict_logits(model, tokenizer, texts, FIRST.longest), sets)

    best = given.base
    first, last = (replace(one, minutes=one.minutes * given.hurry) for one in (FIRST, LAST))
    for name, some, recipe in (("first", sources, first), ("last", reweigh_sources(sources), last)):
        work = given.work / name
        if not (work / "best" / "training.json").is_file():
            fine_tune_multilingual(str(best), some, corpus.labels, meanings, work, recipe, say, measure)
        best = work / "best"
    if given.out != given.model:
        shutil.copytree(given.model, given.out, dirs_exist_ok=True)
    if not (given.out / MODEL).is_file() or given.export:
        export(best, sets.list_texts(), given.out)
    runs = [given.work / name / "best" / "training.json" for name in ("first", "last")]
    assemble(given.out, runs, given.work, corpus, sets, given.fresh, say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="train-multilingual", description=__doc__)
    parser.add_argument("--goemotions", type=Path, required=True, help="folder with labels.txt, train.tsv and dev.tsv")
    parser.add_argument("--brighter", type=Path, required=True, help="folder with LANGUAGE.train.tsv and .dev.tsv")
    parser.add_argument("--xed", type=Path, required=True, help="folder with en.tsv, fr.tsv and it.tsv")
    parser.add_argument("--base", type=Path, required=True, help="encoder to fine-tune, as e5_base.py writes it")
    parser.add_argument("--model", type=Path, required=True, help="folder with the linear and the English part")
    parser.add_argument("--out", type=Path, required=True, help="folder the whole model is written to")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints; a run broken off goes on")
    parser.add_argument("--hurry", type=float, default=1.0, help="share of the recipe's minutes, to try things out")
    parser.add_argument("--fresh", type=Path, required=True, help="texts to measure danger on, never learnt from")
    parser.add_argument("--export", action="store_true", help="export the network again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
