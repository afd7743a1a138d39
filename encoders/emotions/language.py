"""Scripts and words of texts, by which languages are told apart without a model."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

Script = Literal["latin", "han", "other"]
HAN_WEIGHT = 3
"""A Chinese character says about as much as three Latin letters."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]")
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff]")
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff\uff21-\uff5a]")
_WORD = re.compile(r"[\u0900-\u0dff]+|[^\W\d_]+(?:'[^\W\d_]+)*")
"""Vowel signs of Indian scripts are marks and no letters, so these stand apart."""

_IN_LATIN = "en es fr de pt it ro sv nl da no fi pl cs sk hu tr id vi tl sw ca sr la zh-Latn ja-Latn hi-Latn"
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "latin": tuple(_IN_LATIN.split()),
    "han": ("zh",),
    "kana": ("ja",),
    "cyrillic": ("ru", "uk", "bg", "sr"),
    "devanagari": ("hi", "mr", "ne"),
    "hangul": ("ko",),
    "arabic": ("ar", "fa", "ur"),
    "hebrew": ("he",),
    "greek": ("el",),
    "thai": ("th",),
    "georgian": ("ka",),
    "armenian": ("hy",),
    "bengali": ("bn",),
    "tamil": ("ta",),
    "telugu": ("te",),
}
"""Script -> the languages that are told apart in it, as the detector names them."""
_RANGES = {
    "latin": (_LATIN, 1),
    "han": (_HAN, 3),
    "kana": (_KANA, 3),
    "cyrillic": (re.compile(r"[\u0400-\u052f]"), 1),
    "devanagari": (re.compile(r"[\u0900-\u097f]"), 1),
    "hangul": (re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"), 3),
    "arabic": (re.compile(r"[\u0600-\u06ff\u0750-\u077f]"), 1),
    "hebrew": (re.compile(r"[\u0590-\u05ff]"), 1),
    "greek": (re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"), 1),
    "thai": (re.compile(r"[\u0e00-\u0e7f]"), 1),
    "georgian": (re.compile(r"[\u10a0-\u10ff]"), 1),
    "armenian": (re.compile(r"[\u0530-\u058f]"), 1),
    "bengali": (re.compile(r"[\u0980-\u09ff]"), 1),
    "tamil": (re.compile(r"[\u0b80-\u0bff]"), 1),
    "telugu": (re.compile(r"[\u0c00-\u0c7f]"), 1),
}
"""Script -> its letters, and how many Latin letters one of them counts for."""


def detect_script(text: str) -> Script:
    """The script most letters stand in; "other" also for Japanese, whose kana show that its Han is not Chinese."""
    han, kana, latin = len(_HAN.findall(text)), len(_KANA.findall(text)), len(_LATIN.findall(text))
    other = sum(sign.isalpha() for sign in text) - han - latin
    weights: dict[Script, int] = {"latin": latin, "han": HAN_WEIGHT * han, "other": other}
    if kana:
        weights |= {"han": 0, "other": HAN_WEIGHT * (other + han)}
    return max(weights, key=lambda name: weights[name])


def count_scripts(text: str) -> dict[str, int]:
    """Script -> how much of the text stands in it; Han beside kana counts as Japanese."""
    found = {name: weight * len(letters.findall(text)) for name, (letters, weight) in _RANGES.items()}
    # A Japanese particle alone in a Chinese text is a decoration; a Japanese sentence has one kana in five at least.
    if found["kana"] * 5 >= found["han"]:
        found |= {"kana": found["kana"] and found["kana"] + found["han"], "han": 0 if found["kana"] else found["han"]}
    return {name: weight for name, weight in found.items() if weight}


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation and digits."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
