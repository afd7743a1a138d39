"""Reads the tags of a sound file: title, artist, work and rights, in any script."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from encoders.notation.texts import chinese, clean, human_written, name_of

_RIGHTS: Final = ("license", "licence", "copyright", "rights", "wcop", "copyright_url", "license_url")
"""Tag names of rights; a licence says more than a copyright line, so it comes first."""
_WORKS: Final = ("work", "tit1", "©wrk", "musicbrainz_work")
"""Tag names of the work. An album is no work: two pieces of one album may follow each other in a journey."""
_PLAYERS: Final = ("instrument", "instruments", "instrumentation")


@dataclass(frozen=True, slots=True)
class Tags:
    """Cleaned texts; empty where the file states none."""

    title: str
    """Never empty: the file's name where it states none."""
    artist: str = ""
    work: str = ""
    licence: str = ""
    instrument: str = ""


def tags_of(path: Path) -> Tags:
    """The tags of a file. Damaged tags count as missing: only the sound decides whether a file can be read."""
    from tinytag import TinyTag, TinyTagException

    try:
        found = TinyTag.get(path, image=False, duration=False)
    except (TinyTagException, OSError):
        return Tags(name_of(path.stem))
    other = {str(name).casefold(): _first(value) for name, value in found.other.items()}
    artist = found.artist or found.albumartist or found.composer or ""
    return Tags(
        title=human_written(mended(found.title)) or name_of(path.stem),
        artist=clean(mended(artist)),
        work=_any(other, _WORKS),
        licence=_any(other, _RIGHTS),
        instrument=_any(other, _PLAYERS).casefold(),
    )


def mended(text: str | None) -> str:
    """Text in UTF-8 or Chinese that was decoded as Western, decoded again; any other text unchanged.

    Old MP3 tags do not state their encoding.
    """
    text = text or ""
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return chinese(data) or text


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else str(value)


def _any(other: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((kept for name in names if (kept := clean(mended(other.get(name))))), "")
