"""Texts as counts of hashed word and character n-grams, the same in training and at run time.

Hashing needs no vocabulary file and no library beyond numpy and zlib.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[\w']+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Ngrams:
    """Which n-grams are counted and into how many buckets."""

    bits: int
    """Two to this power is the number of buckets."""
    words: int
    """Longest run of words."""
    letters: int
    """Longest run of characters, from 2, inside a word and its edges."""

    @property
    def buckets(self) -> int:
        return 1 << self.bits

    def count(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Buckets in ascending order, and 1 + ln(count) for each; empty for a text without words and signs."""
        found = Counter(crc32(gram.encode("utf-8", "replace")) >> (32 - self.bits) for gram in self._split_ngrams(text))
        buckets = np.fromiter(sorted(found), dtype=np.int64, count=len(found))
        heights = np.array([1.0 + math.log(found[bucket]) for bucket in sorted(found)], dtype=np.float32)
        return buckets, heights

    def _split_ngrams(self, text: str) -> Iterator[str]:
        words = WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
        for size in range(1, self.words + 1):
            for start in range(len(words) - size + 1):
                yield f"w{size} " + " ".join(words[start : start + size])
        for word in words:
            edged = f" {word} "
            for size in range(2, self.letters + 1):
                for start in range(len(edged) - size + 1):
                    yield "c" + edged[start : start + size]
