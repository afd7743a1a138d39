"""Whether the files that everything is made of have changed, told by a look that costs no reading."""

from __future__ import annotations

import time
from typing import Final

from engine.publishing.serving import PUBLISHED
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, Settings
from engine.store.serving import CATALOGUE, embedding_files

_LOOKED: Final = 1.0
"""Seconds between two looks."""


class Watch:
    """Looks after the ontology, the catalogue, the models' files and the queries that make a graph of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files = _state(settings)
        self._at = time.monotonic()

    def changed(self) -> bool:
        """Whether any of them changed since this was last asked."""
        now = time.monotonic()
        if now - self._at <= _LOOKED:
            return False
        self._at = now
        before, self._files = self._files, _state(self._settings)
        return self._files != before


def _state(settings: Settings) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the files that everything is made of: a look that costs no reading."""
    places = [ONTOLOGY_DIR, *CATALOGUE, *embedding_files(settings), CYPHER_DIR / "load", CYPHER_DIR / "schema"]
    places.append(settings.home / PUBLISHED)
    found = []
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(found)
