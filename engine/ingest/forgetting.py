"""Takes a listener's own tracks out of the graph, and never breaks a journey that plays them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UsageError
from engine.graph import Graph, Row, Transaction
from engine.ingest.naming import path_text
from engine.queries import Queries
from engine.search_index import SearchIndex


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
    return _forgotten(graph, queries, names, [_asked(name) for name in names])


def forget_all(graph: Graph, queries: Queries) -> Forgotten:
    """Forgets all of a listener's own tracks."""
    return _forgotten(graph, queries, (), [{"name": "--all", "path": "", "below": ""}])


def _forgotten(graph: Graph, queries: Queries, names: Sequence[str], asked: Sequence[Row]) -> Forgotten:
    gone = graph.write(lambda transaction: _forget(transaction, queries, names, asked))
    SearchIndex(graph, queries).mend()  # Deletions may leave the vector index unable to answer.
    return gone


def _asked(name: str) -> Row:
    path = path_text(Path(os.path.abspath(name)))  # noqa: PTH100  resolve() would replace a link by what it points to
    return {"name": path_text(Path(name)), "path": path, "below": path.rstrip("/") + "/"}


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


def _faults(given: Sequence[str], names: Sequence[str], meant: Sequence[Row]) -> list[tuple[str, str, str]]:
    found = {row["name"] for row in meant}
    faults = [
        # Somebody may have typed their words here: only what is there is named.
        (
            name if os.path.lexists(name) else f"ID|PATH {number}",
            "is no track of your own, and no file or folder that holds one",
            "`isopath tracks --own` lists them",
        )
        for number, name in enumerate(names[: len(given)], 1)
        if name not in found
    ]
    faults += [
        (row["name"], "is a track of the catalogue, which is not yours to forget", "Name a track of your own")
        for row in meant
        if not row["own"]
    ]
    return faults
