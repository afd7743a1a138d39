"""Which tracks a plan leaves out, by title, by words in it, and by composer. Case, accents and signs do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.plans.plan import Plan

_SPACELESS = re.compile(r"[\u3400-\u9fff]")
"""Letters of a script without spaces: a word may stand anywhere in a text."""


def find_left_out(plan: Plan, tracks: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Ids of the tracks that a plan leaves out; a track is {id, title, artist}."""
    titles = {fold(title) for title in plan.titles}
    words, composers = ([fold(one) for one in ones] for ones in (plan.words, plan.composers))
    found = set()
    for track in tracks:
        title, artist = fold(track["title"] or ""), fold(track["artist"] or "")
        if title in titles or _has_any(title, words) or _has_any(artist, composers):
            found.add(str(track["id"]))
    return frozenset(found)


def fold(text: str) -> str:
    """A text as it is compared: small letters and digits, single spaces between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", kept.replace("'", "").replace("’", "").replace("_", " ")))


def _has_any(text: str, words: Sequence[str]) -> bool:
    return any(f" {word} " in f" {text} " or (_SPACELESS.search(word) and word in text) for word in words if word)
