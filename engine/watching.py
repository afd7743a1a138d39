"""Notices changes of source files by their sizes and times, without reading them."""

from __future__ import annotations

import time
from typing import Final

from engine.publishing.serving import PUBLISHED
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, Settings
from engine.store.serving import CATALOGUE, list_embedding_files

_LOOKED: Final = 1.0
"""Seconds between two checks."""


class FileWatch:
    """Watches the ontology, the catalogue, the files of models, and the queries that load them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files = _read_state(settings)
        self._at = time.monotonic()

    def has_changed(self) -> bool:
        """Whether any file changed since the last call; checked at most once a second."""
        now = time.monotonic()
        if now - self._at <= _LOOKED:
            return False
        self._at = now
        before, self._files = self._files, _read_state(self._settings)
        return self._files != before


def _read_state(settings: Settings) -> tuple[tuple[str, int, int], ...]:
    """(name, size, modification time) of every file."""
    places = [ONTOLOGY_DIR, *CATALOGUE, *list_embedding_files(settings), CYPHER_DIR / "load", CYPHER_DIR / "schema"]
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
