"""Ids, titles and paths of a listener's own tracks. Ids never equal those of the catalogue; texts are valid UTF-8."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes, urlsplit

from encoders.notation.titles import slug
from engine.journey import OWN

if TYPE_CHECKING:
    from encoders.analysis.piece import AnalysedPiece

UNKNOWN: Final = "unknown"
"""The artist of a piece that states none."""

_LONGEST: Final = 300
"""Characters of a title or a name that are kept."""
_ID: Final = 60
"""Characters of a name in its id; a longer name, or one in another script, gets a checksum."""


def make_track_id(piece: AnalysedPiece) -> str:
    """The id of a piece's track: equal for the same music in whatever file and format."""
    return f"{OWN}{piece.content[:16]}"


def make_work(piece: AnalysedPiece) -> tuple[str, str]:
    """Id and title of the performed work; pieces with the same title and artist have the same work."""
    title = clean_name(piece.work) or choose_title(piece)
    return f"{OWN}{_make_id_part(choose_artist_name(piece))}--{_make_id_part(title)}", title


def make_artist(piece: AnalysedPiece) -> tuple[str, str]:
    """Id and name of the artist.

    A piece without an artist gets one for its work alone: two such pieces need not be by the same artist, and a journey
    limits the tracks of one artist.
    """
    name = choose_artist_name(piece)
    if name == UNKNOWN:
        return make_work(piece)[0], UNKNOWN
    return f"{OWN}{_make_id_part(name)}", name


def choose_title(piece: AnalysedPiece) -> str:
    return clean_name(piece.title) or "untitled"


def choose_artist_name(piece: AnalysedPiece) -> str:
    name = clean_name(piece.artist)
    return UNKNOWN if not name or name.casefold() == UNKNOWN else name


def clean_name(text: str) -> str:
    """The text on one line, without control and surrogate characters: file names may be bytes that are not UTF-8."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in sound).split())[:_LONGEST]


def encode_path(path: Path) -> str:
    """A path as valid text: itself, or a file URL where its bytes are not UTF-8."""
    text = str(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return path.as_uri()
    return text


def decode_path(text: str) -> Path:
    """The path that `encode_path` wrote."""
    if text.startswith("file://"):
        return Path(unquote_to_bytes(urlsplit(text).path).decode("utf-8", "surrogateescape"))
    return Path(text)


def resolve_place(name: str | Path) -> Path:
    """The resolved absolute path of a name; each part is spelt as on the disk, which may use another Unicode normal
    form (NFC or NFD)."""
    place = Path(os.path.abspath(name))  # noqa: PTH100  `..` after a link is taken as it is typed
    if not os.path.lexists(place):
        spelt = Path(place.anchor)
        for part in place.parts[1:]:
            spelt /= part if os.path.lexists(spelt / part) else _find_spelling(spelt, part)
        place = spelt
    return Path(os.path.realpath(place))


def compose_accents(place: Path) -> str:
    """The path in Unicode normal form C, for comparisons."""
    return unicodedata.normalize("NFC", encode_path(place))


def _find_spelling(folder: Path, part: str) -> str:
    wanted = unicodedata.normalize("NFC", part)
    try:
        names = (inner.name for inner in folder.iterdir())
        return next((name for name in names if unicodedata.normalize("NFC", name) == wanted), part)
    except OSError:
        return part


def _make_id_part(name: str) -> str:
    """A name as a part of an id: the same for equivalent spellings, never empty."""
    short = slug(name)
    letters = sum(c.isalpha() or c.isdigit() for c in unicodedata.normalize("NFKD", name))
    kept = len(short.replace("-", ""))
    if kept >= letters and 0 < len(short) <= _ID:
        return short
    normalised = unicodedata.normalize("NFKC", name).casefold()
    return f"{short[:_ID].strip('-')}-{hashlib.sha256(normalised.encode()).hexdigest()[:12]}".strip("-")
