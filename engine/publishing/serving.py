"""Which files the ontology of a home is read from: those of the version that serves, or the draft in ontology/.

The graph says what is published; a home keeps the files of what serves, so that the gate needs no graph.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from engine.errors import GraphUnavailable, OntologyError
from engine.files import read_json, write_json
from engine.publishing.shipping import read_shipped, read_shipped_sha256
from engine.publishing.sources import Sources
from engine.settings import Settings

PUBLISHED: Final = "published.json"
"""In a home: {number, kind, sha256} of the version that serves."""
VERSIONS: Final = "versions"
"""In a home: a folder for the files of each version that it served."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a home knows of the version that serves."""

    sha256: str
    number: int
    kind: str

    @property
    def is_outdated(self) -> bool:
        """Whether a newer release ships another ontology, and nobody has published one of their own."""
        return self.kind == "shipped" and self.sha256 != read_shipped_sha256()


def read_mark(settings: Settings) -> Mark:
    """What serves as far as the home knows: what ships where it knows nothing."""
    known = read_json(settings.home / PUBLISHED)
    if known.keys() >= {"sha256", "number", "kind"}:
        mark = Mark(str(known["sha256"]), int(known["number"]), str(known["kind"]))
        if not mark.is_outdated:
            return mark
    return Mark(read_shipped_sha256(), 1, "shipped")


def locate_served(settings: Settings, draft: Path) -> Path:
    """The folder that the ontology is read from; OntologyError where its files are not in the home.

    GraphUnavailable where the home cannot take them.
    """
    if settings.serve_draft:
        return draft
    mark = read_mark(settings)
    return keep_files(settings, draft, mark.sha256, lambda: _read_shipped_files(mark))


def keep_files(settings: Settings, draft: Path, sha256: str, files: Callable[[], Sources]) -> Path:
    """The folder with the files of a version, which are fetched where the home lacks them.

    What ships is read from where it stands, as long as it stands there: it can be unpacked at any time.
    """
    if sha256 == read_shipped_sha256() and Sources.read(draft).sha256 == sha256:
        return draft
    folder = _locate_version(settings, sha256)
    if not folder.is_dir():
        _write_folder(folder, files())
    return folder


def note_served(settings: Settings, mark: Mark) -> None:
    """Notes what serves; its files must be in the home, or be the draft."""
    if read_json(settings.home / PUBLISHED) != asdict(mark):
        write_json(settings.home / PUBLISHED, asdict(mark))


def has_waiting_draft(settings: Settings, draft: Path) -> bool:
    """Whether the draft is other than what serves."""
    return not settings.serve_draft and Sources.read(draft).sha256 != read_mark(settings).sha256


def _read_shipped_files(mark: Mark) -> Sources:
    if mark.sha256 != read_shipped_sha256():
        fault = f"the files of version {mark.number}, which serves, are not in this home"
        raise OntologyError("ontology/", fault, "Run `isopath load`: it brings them from the graph")
    return read_shipped()


def _locate_version(settings: Settings, sha256: str) -> Path:
    return settings.home / VERSIONS / sha256[:16] / "ontology"


def _write_folder(folder: Path, sources: Sources) -> None:
    """Writes the files beside, then moves them into place: nobody reads half of them."""
    beside = folder.parent.with_name(f".{folder.parent.name}.{os.getpid()}")
    try:
        beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        sources.write(beside / folder.name)
        beside.replace(folder.parent)
    except OSError as exc:
        shutil.rmtree(beside, ignore_errors=True)
        if not folder.is_dir():  # else somebody else was faster
            repair = "Free some space, or set ISOPATH_HOME to a folder you can write to"
            raise GraphUnavailable(str(folder), f"cannot be written ({exc.strerror})", repair) from exc
