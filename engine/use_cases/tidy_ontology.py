"""Brings an ontology's files into their stable form, whatever tool saved them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UsageError
from engine.settings import ONTOLOGY_DIR


@dataclass(frozen=True, slots=True)
class Tidied:
    """One file, and whether it was written anew."""

    path: Path
    changed: bool


def tidy_ontology(places: Iterable[Path] = (ONTOLOGY_DIR,)) -> Iterator[Tidied]:
    """Tidies files, and every module of folders, the schema first; no statement and no comment is lost.

    UsageError where nothing is there; OntologyError for a file that cannot be read, which stays as it is.
    """
    from engine.rules import normalise
    from engine.rules.owl.modules import list_files

    for place in places:
        files = list_files(place) if place.is_dir() else [place]
        if not place.exists() or not files:
            raise UsageError("FILE", "is no file or folder of an ontology", "Name one that is there")
        for file in sorted(files, key=lambda file: file.name != "schema.owl"):  # the others are written by it
            yield Tidied(file, normalise(file))
