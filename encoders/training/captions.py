"""Trains the caption encoder: `python -m encoders.training.captions`.

The training set is captions of artificial profiles that fill the space of the cues evenly. It does not use the
catalogue, so a growing catalogue changes neither the model nor any vector, and all its works are held out.
Plain numpy, under a minute on one core; the same lexicon gives the same model to 1e-3.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix
from encoders.embedding.captions import (
    CARD_FILE,
    LEXICON_FILE,
    MODEL_FILE,
    WORDINGS,
    CaptionEncoder,
    Lexicon,
    split_ngrams,
    split_tokens,
)
from encoders.seed_data import SEED_DATA

PROFILES = 6000
CAPTIONS_EACH = 4
"""Captions joined as one document, so that words for the same grade occur together."""
DIMENSIONS = 128
GRAM_WEIGHT = 0.25
"""Weight of a word's n-grams against the word itself: enough for unlisted forms, too little to blur listed ones."""
IDF_CAP = 1.5
"""Limit of a feature's idf; without it instruments, which are rare, would outweigh tempo, level and mode together."""
SPREAD_POWER = 0.5
"""Exponent of the singular values: with 0 only spelling counts, with 1 fast-slow dominates everything else."""
SEED = 20080801
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """Artificial cues for a training caption."""

    cues: Mapping[str, float]
    instrument: str
    title: str


def make_profiles(lexicon: Lexicon, count: int, seed: int) -> list[Profile]:
    """Artificial profiles, half of them uniform over the grades, half around a mood's place, so that rare moods occur
    too."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        places = {cue: rng.uniform(-1.05, 1.05) for cue in lexicon.cues}
        # A piece that is soft as a whole seldom starts or ends loud.
        places |= {end: places["level"] + rng.normal(0, 0.4) for end in ("level_in", "level_out")}
        if number % 2:
            mood = lexicon.moods[number // 2 % len(lexicon.moods)]
            places |= {cue: at + rng.normal(0, 0.25) for cue, at in mood["at"].items()}
        cues = {}
        for cue, spec in lexicon.cues.items():
            at = [grade["at"] for grade in spec["grades"]]
            fold, unfold = (np.log2, np.exp2) if spec["scale"] == "log" else (np.asarray, float)
            cues[cue] = float(unfold(np.interp((places[cue] + 1) / 2 * (len(at) - 1), range(len(at)), fold(at))))
        instrument = str(rng.choice(list(lexicon.instruments)))
        title = str(rng.choice(list(lexicon.forms))) if rng.random() < 0.6 else ""
        made.append(Profile(cues, instrument, title))
    return made


def build_vocabulary(lexicon: Lexicon) -> tuple[list[str], frozenset[str]]:
    """The words and pairs of words that get a vector of their own, and the stop words."""
    phrases = [phrase for spec in lexicon.cues.values() for grade in spec["grades"] for phrase in grade["words"]]
    phrases += [phrase for mood in lexicon.moods for phrase in mood["words"]]
    phrases += [phrase for words in lexicon.instruments.values() for phrase in words]
    phrases += [phrase for form in lexicon.forms.values() for phrase in form["words"]]
    frames = " ".join(lexicon.wordings)
    for name in (*lexicon.cues, "mood_a", "mood_b", "instrument", "form"):
        frames = frames.replace(f"{{{name}}}", ",")
    silent = frozenset(token.word for token in split_tokens(frames)) | frozenset(lexicon.silent)
    listed = dict.fromkeys(t.word for phrase in phrases for t in split_tokens(phrase) if t.word not in silent)
    for phrase in phrases:
        words = [token.word for token in split_tokens(phrase) if token.word not in silent]
        listed |= dict.fromkeys(f"{a} {b}" for a, b in pairwise(words))
    return list(listed), silent


def learn_projection(lexicon: Lexicon) -> tuple[list[str], frozenset[str], Matrix]:
    """The features, the stop words, and the projection with one row for each feature."""
    words, silent = build_vocabulary(lexicon)
    row = {word: number for number, word in enumerate(words)}
    counts = np.zeros((PROFILES, len(words)))
    for number, profile in enumerate(make_profiles(lexicon, PROFILES, SEED)):
        for k in range(CAPTIONS_EACH):
            text = lexicon.write_caption(
                profile.cues, profile.instrument, profile.title, (CAPTIONS_EACH * number + k) % WORDINGS
            )
            before, clause = "", -1
            for token in split_tokens(text):
                if token.word in silent:
                    continue
                pair = f"{before} {token.word}"
                for feature in (token.word, pair) if token.clause == clause else (token.word,):
                    if feature in row:
                        counts[number, row[feature]] += 1
                before, clause = token.word, token.clause
    # Counts of n-grams are counts of words times a fixed table, so they need no document matrix of their own.
    names = list(dict.fromkeys(gram for word in words if " " not in word for gram in split_ngrams(word)))
    place = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(words), len(names)))
    for word in words:
        for gram in split_ngrams(word) if " " not in word else ():
            table[row[word], place[gram]] = 1
    word_idf = _compute_idf(counts)
    gram_idf = _compute_idf(counts @ table)
    weighted = np.log1p(counts)
    loadings = np.hstack([np.diag(word_idf), GRAM_WEIGHT * table * gram_idf])
    kernel = loadings @ loadings.T
    lengths = np.sqrt(np.einsum("ij,jk,ik->i", weighted, kernel, weighted, optimize=True))
    weighted /= lengths[:, None]
    return [*words, *(f"#{name}" for name in names)], silent, _project_features(weighted, loadings, gram_idf)


def _compute_idf(counts: Floats) -> Floats:
    idf: Floats = np.minimum(np.log((1 + len(counts)) / (1 + np.count_nonzero(counts, axis=0))) + 0.1, IDF_CAP)
    return idf


def _project_features(weighted: Floats, loadings: Floats, gram_idf: Floats) -> Matrix:
    """For every word, then every n-gram, its row on the right singular vectors of `weighted @ loadings`.

    The first singular vector is left out: it is what all captions share, and would make all texts similar.
    """
    # The R of a QR decomposition has the same right singular vectors and few rows, so this is fast.
    small = np.linalg.qr(weighted, mode="r") @ loadings
    squares, left = np.linalg.eigh(small @ small.T)
    chosen = slice(-2, -DIMENSIONS - 2, -1)
    spread = np.sqrt(squares[chosen])
    kept = (small.T @ left[:, chosen]) / spread * (spread / spread[0]) ** SPREAD_POWER
    # A singular vector may point either way; its largest component is made positive.
    kept = kept * np.sign(kept[np.abs(kept).argmax(axis=0), range(DIMENSIONS)])
    only_grams = GRAM_WEIGHT * gram_idf[:, None] * kept[len(loadings) :]
    projection: Matrix = np.vstack([loadings @ kept, only_grams]).astype(np.float32)
    return projection


def train(folder: Path) -> CaptionEncoder:
    """Trains on `lexicon.json` in the folder, writes `model.npz` and `card.json` beside it, and loads them."""
    lexicon = Lexicon.load(folder / LEXICON_FILE)
    names, silent, projection = learn_projection(lexicon)
    arrays: dict[str, Any] = {
        "features": np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        "silent": np.frombuffer("\n".join(sorted(silent)).encode(), dtype=np.uint8),
        "projection": projection.astype(np.float16),
    }
    with NamedTemporaryFile(dir=folder, suffix=".npz", delete=False) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    _move_into_place(Path(file.name), folder / MODEL_FILE)
    card = {
        "name": "isopath-captions-1",
        "sha256": hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest(),
        "lexicon_sha256": hashlib.sha256((folder / LEXICON_FILE).read_bytes()).hexdigest(),
        "licence": "the project's own",
        "source": f"latent semantic analysis of {PROFILES * CAPTIONS_EACH} captions of {PROFILES} made-up cue profiles",
        "dimensions": DIMENSIONS,
        "features": len(names),
        "made_by": "python -m encoders.training.captions",
    }
    with NamedTemporaryFile("w", dir=folder, suffix=".json", delete=False, encoding="utf-8", newline="\n") as text:
        text.write(json.dumps(card, indent=1) + "\n")
    _move_into_place(Path(text.name), folder / CARD_FILE)
    return CaptionEncoder.load(folder)


def embed_catalogue(encoder: CaptionEncoder, lexicon: Lexicon, rows: Sequence[Mapping[str, str]]) -> Matrix:
    """Float32 [rows, dimensions], unit rows: the vector of each row of the catalogue, in its order.

    EncoderUnavailable names every instrument that the lexicon has no words for.
    """
    missing = sorted({row["instrument"] for row in rows if not lexicon.find_instrument_words(row["instrument"])})
    if missing:
        raise EncoderUnavailable(
            LEXICON_FILE, f"no words for the instruments {', '.join(missing)}", "Add them under 'instruments'"
        )
    vectors = np.zeros((len(rows), encoder.dimensions), dtype=np.float32)
    for number, row in enumerate(rows):
        vectors[number] = encoder.embed_captions(
            lexicon.write_track_captions(row, row["instrument"], row["title"], row["artist"])
        )
    return vectors


def _move_into_place(made: Path, final: Path) -> None:
    """Moves a finished file into place atomically, with the permissions of other new files."""
    made.chmod(0o644)
    made.replace(final)


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains the model from the lexicon in its folder."""
    parser = argparse.ArgumentParser(prog="python -m encoders.training.captions", description=main.__doc__)
    default = SEED_DATA / "models" / "captions"
    parser.add_argument("--model", type=Path, default=default, metavar="FOLDER")
    given = parser.parse_args(arguments)
    encoder = train(given.model)
    print(f"{given.model}: {len(encoder.features)} features, {encoder.dimensions} dimensions", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
