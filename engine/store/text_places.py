"""Records of texts in the server's files: whether deleted ones were overwritten."""

from pathlib import Path
from typing import Final

import numpy as np

FILLING: Final = "-"
"""Content of filled records."""
LENGTH: Final = 120
"""Bytes of text in one record; a longer text takes several."""

_FILE: Final = "neostore.propertystore.db.strings"
_RECORD: Final = LENGTH + 8
_IN_USE: Final = 0x10
"""Bit of a record's first byte (Neo4j's record formats `standard` and `aligned`)."""


def count_free_places(files: Path) -> tuple[int, int]:
    """Number of free records in the files of a database on disk, and of those that still hold deleted text."""
    held = np.fromfile(files / _FILE, dtype=np.uint8)
    places = held[: len(held) // _RECORD * _RECORD].reshape(-1, _RECORD)[1:]
    free = places[(places[:, 0] & _IN_USE) == 0, _RECORD - LENGTH :]
    return len(free), int(((free != ord(FILLING)) & (free != 0)).any(axis=1).sum())
