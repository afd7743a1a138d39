"""Detects the language of a text: by its script, and where several share one, by its words and runs of letters.

A naive Bayes model over hashed words and runs of up to four letters, a table of whole numbers beside the other models.
Languages that no model of ours reads are in it as well, so that Dutch is not taken for German.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable, Matrix, hash_file, read_json
from encoders.emotions.language import SCRIPTS, count_scripts, split_words
from encoders.seed_data import SEED_DATA

UNKNOWN = "und"
"""As BCP 47 writes a language that is not known."""
FOLDER = SEED_DATA / "models" / "languages"
DESCRIPTION, TABLE = "model.json", "table.npy"
BITS = 15
LONGEST_RUN = 4
LEAST = 0.6
"""Probability below which a language counts as unknown."""
_AGAIN = "Fetch the file again, or make it anew with `make train-languages`"
ROMAN = "-Latn"
"""Ends the name of a language in Latin letters where these are not its own script."""
READ_IN_LATIN = "hi-Latn"
"""Of these, the one that the multilingual model has learnt to read: people write Hindi so."""


@dataclass(frozen=True, slots=True)
class LanguageDetector:
    """Gives the ISO 639-1 code of a text's language."""

    languages: tuple[str, ...]
    table: NDArray[np.int8]
    """[buckets, languages]: log-ratio of a hashed run in a language and in all, times `scale`."""
    scale: float
    weight: float
    """Share of the sum of log-ratios that counts: runs of one word overlap, so they are not independent."""
    prior: Matrix
    """Float32 [languages]: log-odds before anything is read."""

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """The detector in `folder`; EncoderUnavailable when its table is not the one that was made."""
        described = read_json(folder / DESCRIPTION, _AGAIN)
        path = folder / TABLE
        if not path.is_file() or hash_file(path) != described["sha256"]:
            raise EncoderUnavailable(str(path), "is missing or not the table that was made", _AGAIN)
        table = np.load(path, allow_pickle=False)
        prior = np.array(described["prior"], dtype=np.float32)
        return cls(tuple(described["languages"]), table, described["scale"], described["weight"], prior)

    def detect(self, text: str) -> str:
        """ISO 639-1 code, or "und"."""
        found = self.rank(text)
        best = int(found.argmax()) if len(found) else -1
        name = self.languages[best] if best >= 0 and found[best] >= LEAST else UNKNOWN
        if name == UNKNOWN:
            # A script of one language alone says which it is, though no model reads it.
            possible = SCRIPTS.get(self.find_script(text), ())
            return possible[0] if len(possible) == 1 else UNKNOWN
        if name == READ_IN_LATIN:
            return name.removesuffix(ROMAN)
        return UNKNOWN if name.endswith(ROMAN) else name

    def rank(self, text: str) -> Matrix:
        """Float32 [languages]: probabilities among the languages of the text's script; empty without one."""
        possible = SCRIPTS.get(self.find_script(text), ())
        mask = np.array([name in possible for name in self.languages])
        if not mask.any():
            return np.zeros(0, np.float32)
        buckets = sorted(set(hash_runs(text)))
        sums = self.weight * self.table[buckets].astype(np.float32).sum(0) / self.scale + self.prior
        sums = np.where(mask, sums, -np.inf)
        shares = np.exp(sums - sums.max())
        return np.asarray(shares / shares.sum(), dtype=np.float32)

    def find_script(self, text: str) -> str:
        """The script that most of the text stands in; "" without a letter."""
        weights = count_scripts(text)
        return max(weights, key=lambda name: weights[name]) if weights else ""


@cache
def open_detector() -> LanguageDetector:
    """The bundled detector, read once."""
    return LanguageDetector.load()


def hash_runs(text: str) -> Iterator[int]:
    """Buckets of the words of a text, and of their runs of letters with the edges of words."""
    for word in split_words(text):
        edged = f" {word} "
        yield _hash(f"w{word}")
        for size in range(1, LONGEST_RUN + 1):
            for start in range(len(edged) - size + 1):
                yield _hash(edged[start : start + size])


def _hash(run: str) -> int:
    return crc32(run.encode("utf-8", "replace")) >> (32 - BITS)
