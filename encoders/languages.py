"""The languages that Isopath answers in, and the names of properties that hold a text in one of them."""

from __future__ import annotations

from typing import Final

ENGLISH: Final = "en"
CHINESE: Final = "zh"
LANGUAGES: Final = ("en", "zh", "es", "de", "fr", "pt", "it", "ru", "ja", "hi")
"""Every question, choice and message of the gate stands in each. Sentences about tracks: English and Chinese."""
SPOKEN: Final = (ENGLISH, CHINESE)
"""The languages of whole journeys."""


def name_property(name: str, language: str) -> str:
    """The property that holds a text in this language: `text`, `text_zh`, `label_de`."""
    return name if language == ENGLISH else f"{name}_{language}"
