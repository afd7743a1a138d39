"""Places of texts in the server's files: whether what was deleted there has been written over."""

from pathlib import Path
from typing import Final

import numpy as np

FILLING: Final = "-"
"""What free places are filled with."""
LENGTH: Final = 120
"""Bytes of text in one place; a longer text takes several."""

_FILE: Final = "neostore.propertystore.db.strings"
_RECORD: Final = LENGTH + 8
_IN_USE: Final = 0x10
"""Bit of a place's first byte (Neo4j's record formats `standard` and `aligned`)."""


def count_free_places(files: Path) -> tuple[int, int]:
    """How many places are free in the files of a database as they stand on the disk, and how many of these still hold
    text that is not filling."""
    held = np.fromfile(files / _FILE, dtype=np.uint8)
    places = held[: len(held) // _RECORD * _RECORD].reshape(-1, _RECORD)[1:]
    free = places[(places[:, 0] & _IN_USE) == 0, _RECORD - LENGTH :]
    return len(free), int(((free != ord(FILLING)) & (free != 0)).any(axis=1).sum())
