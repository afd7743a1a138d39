"""The baseline encoder: captions of measured cues, and vectors of captions, without a neural network.

A caption describes measured cues in musical words ("A slow, hushed piece for harp: legato, major key …").
`CaptionEncoder` is a latent semantic analysis (Deerwester et al. 1990, JASIS 41(6), 391-407) of many captions: words
that describe the same music get similar vectors, so "serene" finds music whose captions say "calm".
Tracks and queries use the same projection. `encoders/training/captions.py` trains it.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix, ModelCard
from encoders.errors import InputError

LEXICON_FILE, MODEL_FILE, CARD_FILE = "lexicon.json", "model.npz", "card.json"
WORDINGS = 32
"""Captions a track: enough for the proportions of neighbouring grades to follow the cues smoothly."""
GRAM_SHARE = 0.35
"""An unlisted word counts when this share of its character n-grams is known and its first three letters begin a listed
word: "slowly" and "calmness" do, "xylophone" does not."""
MOOD_WIDTH = 0.2
"""Distance from a mood's place, on scales of -1..1, within which its words are used (standard deviation)."""

_NO_INSTRUMENT = ("music",)
_CLAUSE = re.compile(r"[^\w\s'’\-]+|[\n\r]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NEGATIONS = frozenset({"no", "not", "never", "without", "nor", "less"})


class WordsUnknown(InputError):
    """A text has no word in the encoder's vocabulary: its author can act. The error never contains the words."""

    code = "usage"


@dataclass(frozen=True, slots=True)
class WordToken:
    """One word of a text, with its clause and its sign."""

    word: str
    clause: int
    sign: int
    """-1 after "not", "no", "without", "never", "less" in the same clause, else 1."""


def split_tokens(text: str) -> Iterator[WordToken]:
    """Yields the words of a text in lower case, NFKC-normalised; a negation applies to the end of its clause or to a
    "but"."""
    for clause, part in enumerate(_CLAUSE.split(unicodedata.normalize("NFKC", text).casefold())):
        sign = 1
        for word in _WORD.findall(part):
            if word in _NEGATIONS or word.endswith(("n't", "n’t")):
                sign = -1
            elif word == "but":
                sign = 1
            else:
                yield WordToken(word, clause, sign)


def split_ngrams(word: str) -> list[str]:
    """Character n-grams of 3 to 5 signs with the word's edges marked; two words with one stem share most of them."""
    edged = f"<{word}>"
    return [edged[i : i + n] for n in (3, 4, 5) for i in range(len(edged) - n + 1)]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words for measured values, read from `lexicon.json`, which describes its own format."""

    cues: Mapping[str, Mapping[str, Any]]
    moods: tuple[Mapping[str, Any], ...]
    mood_weights: Mapping[str, float]
    instruments: Mapping[str, Sequence[str]]
    forms: Mapping[str, Mapping[str, Sequence[str]]]
    wordings: tuple[str, ...]
    silent: tuple[str, ...]
    """Stop words, beside those that frame the wordings."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """The lexicon in this file; EncoderUnavailable when it is missing or not a lexicon."""
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            texts = (tuple(read["wordings"]), tuple(read["silent"]))
            moods = (tuple(read["moods"]), read["mood_weights"])
            return cls(read["cues"], *moods, read["instruments"], read["forms"], *texts)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise EncoderUnavailable(
                str(path), f"no lexicon can be read ({type(exc).__name__})", "Take the file from the repository again"
            ) from exc

    def grade_value(self, cue: str, value: float) -> float:
        """Position of a value among its cue's grades: 0 at the first, 1 at the second …, clamped to the last."""
        spec = self.cues[cue]
        fold = np.log2 if spec["scale"] == "log" else float
        at = [float(fold(grade["at"])) for grade in spec["grades"]]
        return float(np.interp(fold(max(value, 1e-6)) if spec["scale"] == "log" else value, at, range(len(at))))

    def name_value(self, cue: str, value: float) -> str:
        """The first word of the grade nearest to a value of a cue."""
        grades = self.cues[cue]["grades"]
        return str(grades[round(self.grade_value(cue, value))]["words"][0])

    def scale_cues(self, cues: Mapping[str, float]) -> dict[str, float]:
        """Cue -> its value on a scale from -1, its lowest grade, to 1, its highest."""
        return {
            cue: 2 * self.grade_value(cue, cues[cue]) / (len(self.cues[cue]["grades"]) - 1) - 1 for cue in self.cues
        }

    def weigh_moods(self, cues: Mapping[str, float]) -> NDArray[np.float64]:
        """Float64 [moods]: how well each mood fits the cues; sums to 1."""
        places = self.scale_cues(cues)
        weight = {cue: self.mood_weights.get(cue, 1.0) for cue in self.cues}
        apart = np.array([
            sum(weight[cue] * (places[cue] - at) ** 2 for cue, at in mood["at"].items())
            / sum(weight[cue] for cue in mood["at"])
            for mood in self.moods
        ])  # fmt: skip
        shares = np.exp(-(apart - apart.min()) / (2 * MOOD_WIDTH**2))
        total: NDArray[np.float64] = shares / shares.sum()
        return total

    def find_instrument_words(self, instrument: str) -> Sequence[str]:
        """Words for the listed instruments in a name ("fiddle and guitar"); empty when none is listed."""
        name = f" {re.sub(r'[^a-z]+', ' ', instrument.casefold())} "
        listed = [key for key in self.instruments if f" {key} " in name]
        whole = [key for key in listed if not any(key != other and f" {key} " in f" {other} " for other in listed)]
        return list(dict.fromkeys(word for key in whole for word in self.instruments[key]))

    def find_form_words(self, title: str) -> Sequence[str]:
        """Words for the form or genre that a title names (waltz, hymn, reel …); empty when it names none."""
        named = {token.word for token in split_tokens(title)}
        return next((form["words"] for form in self.forms.values() if not named.isdisjoint(form["in_titles"])), ())

    def write_caption(self, cues: Mapping[str, float], instrument: str, title: str = "", wording: int = 0) -> str:
        """One caption of these cues. `wording` counts from 0: each number gives another choice of words.

        A value between two grades gets the words of both, over all wordings in proportion to its distance from each.
        """
        pick = _EvenPicker(wording)
        words: dict[str, str] = {}
        for cue, spec in self.cues.items():
            place = self.grade_value(cue, cues[cue])
            grade = int(place) + (pick.next_share() < place % 1)
            words[cue] = pick.pick(spec["grades"][grade]["words"])
        heights = np.cumsum(self.weigh_moods(cues))
        for name in ("mood_a", "mood_b"):
            mood = self.moods[min(int(np.searchsorted(heights, pick.next_share())), len(self.moods) - 1)]
            words[name] = pick.pick(mood["words"])
        # The instrument may be unknown, and a caption still needs a word for it.
        words["instrument"] = pick.pick(self.find_instrument_words(instrument) or _NO_INSTRUMENT)
        form = self.find_form_words(title)
        words["form"] = pick.pick(form) if form else "piece"
        text = self.wordings[wording % len(self.wordings)].format_map(words)
        return text[0].upper() + text[1:]

    def write_captions(self, cues: Mapping[str, float], instrument: str, title: str = "") -> list[str]:
        """All `WORDINGS` captions of one track."""
        return [self.write_caption(cues, instrument, title, wording) for wording in range(WORDINGS)]

    def write_track_captions(self, cues: Mapping[str, Any], instrument: str, title: str, artist: str) -> list[str]:
        """As `write_captions`, from the properties of a track. The form is searched in title and artist, since
        some artists are collections named after a form."""
        return self.write_captions({cue: float(cues[cue]) for cue in self.cues}, instrument, f"{title} {artist}")


class _EvenPicker:
    """Deterministic, evenly distributed choices: one Kronecker sequence for each choice in a caption."""

    _ROOTS = np.sqrt([p for p in range(2, 240) if all(p % q for q in range(2, int(p**0.5) + 1))])

    def __init__(self, wording: int) -> None:
        self.wording = wording
        self.asked = 0

    def next_share(self) -> float:
        """The next number in 0..1; over the wordings they fill the interval evenly."""
        root = float(self._ROOTS[self.asked])
        self.asked += 1
        return (0.5 + (self.wording + 1) * root) % 1

    def pick(self, words: Sequence[str]) -> str:
        return words[int(self.next_share() * len(words))]


@dataclass(frozen=True, slots=True)
class CaptionEncoder:
    """Turns texts into vectors; a `TextEmbedder`."""

    card: ModelCard
    features: Mapping[str, int]
    """Feature -> its row in `projection`: words, pairs of words ("very soft") and character n-grams ("#slow")."""
    projection: Matrix
    """[features, dimensions]: what one occurrence adds to a text. A word's row includes its own n-grams."""
    silent: frozenset[str]
    """Stop words ("music", "the")."""

    @property
    def dimensions(self) -> int:
        return int(self.projection.shape[1])

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The model in a folder of `model.npz` and `card.json`.

        EncoderUnavailable when a file is missing or damaged, or the model is not the one its card names.
        """
        repair = "Take the folder from the repository again, or run python -m encoders.training.captions"
        try:
            card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
            body = (folder / MODEL_FILE).read_bytes()
            sha256 = hashlib.sha256(body).hexdigest()
            if sha256 != card["sha256"]:
                raise EncoderUnavailable(str(folder / MODEL_FILE), "its sha256 is not the one in card.json", repair)
            with np.load(folder / MODEL_FILE, allow_pickle=False) as arrays:
                names = bytes(arrays["features"]).decode("utf-8").split("\n")
                silent = bytes(arrays["silent"]).decode("utf-8").split("\n")
                projection = arrays["projection"].astype(np.float32)
            known = ModelCard(card["name"], sha256, card["licence"], card["source"], int(projection.shape[1]))
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise EncoderUnavailable(
                str(folder), f"the caption model cannot be read ({type(exc).__name__})", repair
            ) from exc
        if len(names) != len(projection):
            raise EncoderUnavailable(
                str(folder / MODEL_FILE), f"{len(names)} features but {len(projection)} rows", repair
            )
        return cls(known, {name: row for row, name in enumerate(names)}, projection, frozenset(silent))

    def embed_text(self, texts: Sequence[str]) -> Matrix:
        """Float32 [texts, dimensions], each row of unit length; WordsUnknown when a text has no known word."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            found = list(self._list_features(text))
            if found:
                rows, times = zip(*found, strict=True)
                vectors[row] = np.array(times, dtype=np.float32) @ self.projection[list(rows)]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if empty := [str(row + 1) for row in np.flatnonzero(lengths[:, 0] < 1e-6)]:
            raise WordsUnknown(
                f"text {', '.join(empty)} of {len(texts)}",
                "it holds no word that describes music in the caption model",
                'Describe the sound in English words such as "slow, soft, legato strings, calm"',
            )
        unit: Matrix = vectors / lengths
        return unit

    def embed_captions(self, captions: Sequence[str]) -> Matrix:
        """Float32 [dimensions], unit length: one vector for a track from all its captions."""
        total: Matrix = self.embed_text(captions).sum(axis=0)
        return total / np.float32(np.linalg.norm(total))

    def _list_features(self, text: str) -> Iterator[tuple[int, int]]:
        """Row and sign (-1 after a negation) of every feature of a text."""
        before: WordToken | None = None
        for token in split_tokens(text):
            if token.word in self.silent:
                continue
            if before and before.clause == token.clause:
                pair = self.features.get(f"{before.word} {token.word}")
                if pair is not None:
                    yield pair, token.sign
            for row in self._find_rows(token.word):
                yield row, token.sign
            before = token

    def _find_rows(self, word: str) -> list[int]:
        """The row of a listed word; for another one those of the n-grams that it shares with words of its stem."""
        listed = self.features.get(word)
        if listed is not None:
            return [listed]
        own = split_ngrams(word)
        known = [self.features[f"#{gram}"] for gram in own if f"#{gram}" in self.features]
        return known if f"#<{word[:3]}" in self.features and len(known) >= GRAM_SHARE * len(own) else []
