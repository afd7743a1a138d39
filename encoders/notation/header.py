"""The header of a file: title, artist, work, licence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """Cleaned header texts; empty where the file states none."""

    title: str
    """Never empty: the file's name where it states none."""
    artist: str = ""
    work: str = ""
    licence: str = ""
    words: bool = False
    """Whether words are sung to it."""
