"""Removes a listener's own tracks from the graph without breaking the stored journeys that play them."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import UsageError
from engine.graph import Graph, Row, Transaction
from engine.ingest.naming import compose_accents, decode_path, encode_path, resolve_place
from engine.journey import OWN
from engine.store.search_index import SearchIndex


@dataclass(frozen=True, slots=True)
class ForgetResult:
    """The result of forgetting."""

    removed: tuple[str, ...]
    """Ids of deleted tracks."""
    retired: tuple[str, ...]
    """Ids of tracks that a stored journey plays: it keeps their titles, and no search finds them."""
    files: int
    """Number of forgotten files."""


def forget(graph: Graph, names: Sequence[str]) -> ForgetResult:
    """Forgets tracks by id, files by path, and whole folders. UsageError with every name that is none of these; then
    nothing is forgotten.

    A track that another file contains as well stays, with that file as its source, unless it was named by its id.
    """
    files = OwnFiles.from_paths(row["path"] for row in graph.rows("library/paths"))
    asked = [{"name": encode_path(Path(name)), "paths": files.find(name)} for name in names]
    return _run_forget(graph, names, asked)


def forget_all(graph: Graph) -> ForgetResult:
    """Forgets all of a listener's own tracks."""
    asked = [{"name": "--all", "paths": [row["path"] for row in graph.rows("library/paths")]}]
    return _run_forget(graph, (), asked)


def _run_forget(graph: Graph, names: Sequence[str], asked: Sequence[Row]) -> ForgetResult:
    gone = graph.write(lambda transaction: _forget_tracks(transaction, names, asked))
    SearchIndex(graph).repair()  # Deletions may make the vector index unusable.
    return gone


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """A listener's files, found by their own path and by all folders above them."""

    exact: Mapping[Path, list[str]]
    """By the stored path and by the resolved one."""
    alike: Mapping[str, list[str]]
    """By the resolved path in Unicode normal form C."""

    @classmethod
    def from_paths(cls, paths: Iterable[str]) -> OwnFiles:
        exact: dict[Path, list[str]] = defaultdict(list)
        composed: dict[str, list[str]] = defaultdict(list)
        folder = cache(resolve_place)
        for path in paths:
            stored = decode_path(path)
            # The folder of missing files is searched for other spellings once, not once for each file.
            real = resolve_place(stored) if os.path.lexists(stored) else folder(stored.parent) / stored.name
            for place in {stored, *stored.parents, real, *real.parents}:
                exact[place].append(path)
            for name in {compose_accents(place) for place in (real, *real.parents)}:
                composed[name].append(path)
        return cls(exact, composed)

    def find(self, name: str) -> list[str]:
        """The files at a path or below it, as typed or resolved.

        Without a match the Unicode normal forms are compared, since a missing file cannot be looked up on the disk.
        """
        typed, place = Path(os.path.abspath(name)), resolve_place(name)  # noqa: PTH100  links as they are typed
        exact = dict.fromkeys([*self.exact.get(typed, ()), *self.exact.get(place, ())])
        return list(exact) or self.alike.get(compose_accents(place), [])


def _forget_tracks(transaction: Transaction, names: Sequence[str], asked: Sequence[Row]) -> ForgetResult:
    def ask(name: str, **params: object) -> list[Row]:
        return transaction.rows(f"library/{name}", **params)

    transaction.rows("load/lock")
    meant = ask("asked_for", names=asked)
    faults = list(_find_faults(names, [row["name"] for row in asked], meant))
    if faults:
        raise UsageError.of(faults)
    ids = sorted({row["track_id"] for row in meant})
    held = [{"track_id": row["track_id"], "paths": row["paths"]} for row in meant]
    files = ask("let_go", held=held)[0]["forgotten"]
    ask("settle_sources", ids=ids)
    retired = tuple(row["id"] for row in ask("retire_tracks", ids=ids))
    removed = {row["id"] for row in ask("remove_tracks", ids=ids)}
    transaction.rows("load/remove_works")
    transaction.rows("load/catalogue")
    return ForgetResult(tuple(id_ for id_ in ids if id_ in removed), retired, files)


def _make_safe_name(name: str, place: int) -> str:
    """A name that may be shown in an error; any other may be a person's words by mistake."""
    return name if re.fullmatch(f"{OWN}[0-9a-f]+", name) or os.path.lexists(decode_path(name)) else f"name {place}"


def _find_faults(given: Sequence[str], names: Sequence[str], meant: Sequence[Row]) -> list[tuple[str, str, str]]:
    found = {row["name"] for row in meant}
    faults = [
        (
            _make_safe_name(name, place),
            "is no track of your own, and no file or folder that holds one",
            "`isopath tracks --own` lists them",
        )
        for place, name in enumerate(names[: len(given)], 1)
        if name not in found
    ]
    faults += [
        (row["name"], "is a track of the catalogue, which is not yours to forget", "Name a track of your own")
        for row in meant
        if not row["own"]
    ]
    return faults
