"""Reads the tags of a sound file: title, artist, work and rights, in any script."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from encoders.notation.texts import clean, decode_chinese, keep_human_written, make_title

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


def read_tags(path: Path) -> Tags:
    """The tags of a file. Damaged tags count as missing: only the sound decides whether a file can be read."""
    from tinytag import TinyTag, TinyTagException

    try:
        found = TinyTag.get(path, image=False, duration=False)
    except (TinyTagException, OSError):
        return Tags(make_title(path.stem))
    other = {str(name).casefold(): _take_first(value) for name, value in found.other.items()}
    artist = found.artist or found.albumartist or found.composer or ""
    return Tags(
        title=keep_human_written(repair_encoding(found.title)) or make_title(path.stem),
        artist=clean(repair_encoding(artist)),
        work=_find_any(other, _WORKS),
        licence=_find_any(other, _RIGHTS),
        instrument=_find_any(other, _PLAYERS).casefold(),
    )


def repair_encoding(text: str | None) -> str:
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
        return decode_chinese(data) or text


def _take_first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else str(value)


def _find_any(other: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((kept for name in names if (kept := clean(repair_encoding(other.get(name))))), "")
