"""Takes a listener's own tracks out of the graph, and never breaks a journey that plays them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UsageError
from engine.graph import Graph, Row, Transaction
from engine.graph.queries import Queries
from engine.ingest.naming import alike, path_of, path_text, place_of
from engine.journey import OWN
from engine.store.search_index import SearchIndex


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went."""

    removed: tuple[str, ...]
    """Ids of tracks that are gone."""
    retired: tuple[str, ...]
    """Ids of tracks that a journey plays: the journey keeps their titles, and no search finds them."""
    files: int
    """Files that are forgotten."""


def forget(graph: Graph, queries: Queries, names: Sequence[str]) -> Forgotten:
    """Forgets tracks by id, files by path, and whole folders; UsageError with every name that means none of a
    listener's own, and then nothing is forgotten.

    A track that another file holds as well stays, with that file as its source, unless it was named by its id.
    """
    paths = [row["path"] for row in graph.rows(queries["library/paths"])]
    asked = [{"name": path_text(Path(name)), "paths": _meant(name, paths)} for name in names]
    return _forgotten(graph, queries, names, asked)


def forget_all(graph: Graph, queries: Queries) -> Forgotten:
    """Forgets all of a listener's own tracks."""
    asked = [{"name": "--all", "paths": [row["path"] for row in graph.rows(queries["library/paths"])]}]
    return _forgotten(graph, queries, (), asked)


def _forgotten(graph: Graph, queries: Queries, names: Sequence[str], asked: Sequence[Row]) -> Forgotten:
    gone = graph.write(lambda transaction: _forget(transaction, queries, names, asked))
    SearchIndex(graph, queries).mend()  # Deletions may leave the vector index unable to answer.
    return gone


def _meant(name: str, paths: Sequence[str]) -> list[str]:
    """The files that a name means: itself, or all below it, as it was typed or by the real place of either.

    Where that means none, how accents are composed does not count: a file that is gone cannot be looked up.
    """
    typed, place = Path(os.path.abspath(name)), place_of(name)  # noqa: PTH100  links as they are typed
    told = {path: place_of(path_of(path)) for path in paths}
    exact = [p for p, real in told.items() if _within(p, (path_text(typed), path_text(place)))
             or _within(path_text(real), (path_text(place),))]  # fmt: skip
    return exact or [p for p, real in told.items() if _within(alike(real), (alike(place),))]


def _within(path: str, tops: Iterable[str]) -> bool:
    return any(path == top or path.startswith(top.rstrip("/") + "/") for top in tops)


def _forget(transaction: Transaction, queries: Queries, names: Sequence[str], asked: Sequence[Row]) -> Forgotten:
    def ask(name: str, **params: object) -> list[Row]:
        return transaction.rows(queries[f"library/{name}"], **params)

    transaction.rows(queries["load/lock"])
    meant = ask("asked_for", names=asked)
    faults = list(_faults(names, [row["name"] for row in asked], meant))
    if faults:
        raise UsageError.of(faults)
    ids = sorted({row["track_id"] for row in meant})
    held = [{"track_id": row["track_id"], "paths": row["paths"]} for row in meant]
    files = ask("let_go", held=held)[0]["forgotten"]
    ask("settle_sources", ids=ids)
    retired = tuple(row["id"] for row in ask("retire_tracks", ids=ids))
    removed = {row["id"] for row in ask("remove_tracks", ids=ids)}
    transaction.rows(queries["load/remove_works"])
    transaction.rows(queries["load/catalogue"])
    return Forgotten(tuple(id_ for id_ in ids if id_ in removed), retired, files)


def _said(name: str, place: int) -> str:
    """A name that may be told: others may be words that a person wrote in the wrong place."""
    return name if name.startswith(OWN) or "/" in name or os.path.lexists(path_of(name)) else f"name {place}"


def _faults(given: Sequence[str], names: Sequence[str], meant: Sequence[Row]) -> list[tuple[str, str, str]]:
    found = {row["name"] for row in meant}
    faults = [
        (
            _said(name, place),
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
