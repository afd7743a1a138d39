"""What a file says about its music: title, artist, work, licence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about its music, cleaned; empty where it says nothing."""

    title: str
    """Never empty: the file's name where it says none."""
    artist: str = ""
    work: str = ""
    licence: str = ""
    words: bool = False
    """Whether words are sung to it."""
