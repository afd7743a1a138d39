"""Training texts with their demands on music: "soft, slow, sad" demands a level, a tempo and a mood.

A text matches music to the degree that the music meets its demands. So a batch needs no pairs: every text is compared
with every piece, and "slow" is no mismatch for a slow piece whose own caption happens to say "calm".
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix
from encoders.catalogue.rows import CUES
from encoders.embedding.captions import Lexicon
from encoders.training.clamp3.samples import Samples

NEAR: Final = 0.35
"""Tolerance of a demand (standard deviation), on scales of -1..1 from a cue's lowest grade to its highest: about one
grade."""
_PLACE_OF_END: Final = {"low": -0.85, "high": 0.85}
"""Value that words for an end of a cue demand, on a scale from its lowest grade (-1) to its highest."""
_MISSING: Final = 0.05
"""Factor for music without the instrument, the era or the genre that is demanded."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """The words for all cues, moods, instruments, eras and genres."""

    lexicon: Lexicon
    eras: tuple[tuple[int, tuple[str, ...]], ...]
    genres: dict[str, tuple[str, ...]]
    more: dict[str, dict[str, tuple[str, ...]]]
    """Cue -> more words for its `low` and its `high` end."""
    frames: tuple[str, ...]
    joints: tuple[str, ...]

    @classmethod
    def load(cls, path: Path, lexicon: Lexicon) -> Self:
        """`wordings.json`; EncoderUnavailable when it cannot be read."""
        try:
            read: dict[str, Any] = json.loads(path.read_text("utf-8"))
            eras = tuple((int(era["until"]), tuple(era["words"])) for era in read["eras"])
            genres = {kind: tuple(words) for kind, words in read["genres"].items()}
            more = {cue: {end: tuple(words[end]) for end in _PLACE_OF_END} for cue, words in read["more"].items()}
            return cls(lexicon, eras, genres, more, tuple(read["frames"]), tuple(read["joints"]))
        except (OSError, ValueError, KeyError, TypeError) as exc:
            fault = f"the wordings cannot be read ({type(exc).__name__})"
            raise EncoderUnavailable(str(path), fault, "Take the file from the repository again") from exc

    def list_tags(self) -> dict[str, tuple[str, ...]]:
        """Tag (instrument, era or genre) -> its words."""
        instruments = {f"instrument {name}": tuple(words) for name, words in self.lexicon.instruments.items()}
        eras = {f"era {until}": words for until, words in self.eras}
        return instruments | eras | {f"genre {kind}": words for kind, words in self.genres.items()}

    def find_tags(self, instrument: str, artist: str, kind: str) -> set[str]:
        """The tags of a piece: its instruments, the era of its author, its genre."""
        name = f" {re.sub(r'[^a-z]+', ' ', instrument.casefold())} "
        listed = [key for key in self.lexicon.instruments if f" {key} " in name]
        found = {f"instrument {key}" for key in listed if not any(key != o and f" {key} " in f" {o} " for o in listed)}
        if years := re.findall(r"\b1[0-9]{3}\b", artist):
            era = next((until for until, _ in self.eras if int(years[-1]) <= until), None)
            found |= {f"era {era}"} if era else set()
        return found | ({f"genre {kind}"} if kind in self.genres else set())


@dataclass(frozen=True, slots=True)
class Demands:
    """Demands of texts, row by row."""

    places: Matrix
    """Float32 [texts, cues]: demanded value of a cue, -1..1; NaN where the text does not mention it."""
    weights: Matrix
    """Float32 [texts, cues]: weight of a deviation."""
    tags: NDArray[np.bool_]
    """[texts, tags]: demanded tags."""

    def select(self, rows: NDArray[np.int64]) -> "Demands":
        """The demands of these texts alone."""
        return Demands(self.places[rows], self.weights[rows], self.tags[rows])

    def measure_fit(self, places: Matrix, tags: NDArray[np.bool_]) -> Matrix:
        """Float32 [texts, music]: 0..1, how well music meets the demands, given its cues `places` [music, cues] and its
        tags."""
        asked = np.nan_to_num(self.places)
        weight = self.weights * ~np.isnan(self.places)
        apart = weight @ (places.T**2) - 2 * (weight * asked) @ places.T + (weight * asked**2).sum(axis=1)[:, None]
        # A text with many demands is a description: no piece meets all of it, so its tolerance is larger.
        many = np.sqrt(np.maximum(1.0, weight.sum(axis=1)))[:, None]
        missing = self.tags.astype(np.float32) @ (~tags).T.astype(np.float32)
        met: Matrix = (np.exp(-apart / (2 * NEAR**2 * many)) * _MISSING ** np.minimum(missing, 2)).astype(np.float32)
        return met


def make_texts(wordings: Wordings, samples: Samples, count: int, seed: int) -> tuple[list[str], Demands]:
    """`count` texts with their demands: words for one to four demands, or whole captions of the samples."""
    rng = np.random.default_rng(seed)
    tags = wordings.list_tags()
    names = sorted(tags)
    index = {name: number for number, name in enumerate(names)}
    texts: list[str] = []
    places = np.full((count, len(CUES)), np.nan, dtype=np.float32)
    weights = np.ones((count, len(CUES)), dtype=np.float32)
    asked = np.zeros((count, len(names)), dtype=bool)
    cues = [cue for cue in CUES if cue in wordings.lexicon.cues]
    for row in range(count):
        if rng.random() < 0.2:
            number = int(rng.integers(len(samples.texts)))
            measured = dict(zip(CUES, samples.cues[number].tolist(), strict=True))
            wording = int(rng.integers(100_000))
            texts.append(
                wordings.lexicon.write_caption(
                    measured, samples.instruments[number] or "music", samples.titles[number], wording
                )
            )
            for cue, place in wordings.lexicon.scale_cues(measured).items():
                places[row, CUES.index(cue)] = place
            continue
        parts: list[str] = []
        for _ in range(int(rng.choice([1, 2, 3, 4], p=[0.4, 0.25, 0.2, 0.15]))):
            kind = rng.random()
            if kind < 0.6:
                parts.append(_choose_cue_words(wordings, str(rng.choice(cues)), places[row], rng))
            elif kind < 0.88:
                parts.append(_choose_mood_words(wordings, places[row], weights[row], rng))
            else:
                name = names[int(rng.integers(len(names)))]
                asked[row, index[name]] = True
                parts.append(str(rng.choice(tags[name])))
        texts.append(
            str(rng.choice(wordings.frames)).format(str(rng.choice(wordings.joints)).join(filter(None, parts)))
        )
    return texts, Demands(places, weights, asked)


def _choose_cue_words(wordings: Wordings, cue: str, places: Matrix, rng: np.random.Generator) -> str:
    """A word for a random grade of the cue, whose demand is set; empty for a cue that the text has a demand on."""
    at = CUES.index(cue)
    if not np.isnan(places[at]):
        return ""
    if cue in wordings.more and rng.random() < 0.4:
        end = str(rng.choice(tuple(_PLACE_OF_END)))
        places[at] = _PLACE_OF_END[end]
        return str(rng.choice(wordings.more[cue][end]))
    grades = wordings.lexicon.cues[cue]["grades"]
    # The ends more often than the middle, as in what people ask for.
    ends = np.abs(np.linspace(-1, 1, len(grades))) + 0.4
    grade = int(rng.choice(len(grades), p=ends / ends.sum()))
    places[at] = 2 * grade / (len(grades) - 1) - 1
    return str(rng.choice(grades[grade]["words"]))


def _choose_mood_words(wordings: Wordings, places: Matrix, weights: Matrix, rng: np.random.Generator) -> str:
    """A word for a random mood; its demands are set on the cues without one."""
    mood = wordings.lexicon.moods[int(rng.integers(len(wordings.lexicon.moods)))]
    total = sum(wordings.lexicon.mood_weights.get(cue, 1.0) for cue in mood["at"])
    for cue, place in mood["at"].items():
        at = CUES.index(cue)
        if np.isnan(places[at]):
            places[at] = place
            # All cues of a mood together have twice the weight of one named cue, since they seldom all agree.
            weights[at] = 2.0 * wordings.lexicon.mood_weights.get(cue, 1.0) / total
    return str(rng.choice(mood["words"]))


def place_music(wordings: Wordings, samples: Samples) -> tuple[Matrix, NDArray[np.bool_]]:
    """Cues [samples, cues] of the samples on scales of -1..1, and their tags [samples, tags]."""
    names = sorted(wordings.list_tags())
    places = np.zeros((len(samples.texts), len(CUES)), dtype=np.float32)
    for row, values in enumerate(samples.cues.tolist()):
        found = wordings.lexicon.scale_cues(dict(zip(CUES, values, strict=True)))
        places[row] = [found[cue] for cue in CUES]
    tags = np.zeros((len(samples.texts), len(names)), dtype=bool)
    for row, described in enumerate(zip(samples.instruments, samples.artists, samples.kinds, strict=True)):
        for tag in wordings.find_tags(*described):
            tags[row, names.index(tag)] = True
    return places, tags


def join_samples(samples: Sequence[Samples]) -> Samples:
    """Concatenates several sets of samples."""
    return Samples(
        texts=tuple(text for some in samples for text in some.texts),
        cues=np.concatenate([some.cues for some in samples]),
        held=np.concatenate([some.held for some in samples]),
        instruments=tuple(name for some in samples for name in some.instruments),
        titles=tuple(title for some in samples for title in some.titles),
        artists=tuple(artist for some in samples for artist in some.artists),
        kinds=tuple(kind for some in samples for kind in some.kinds),
    )
