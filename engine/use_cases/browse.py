"""Shows what there is: rules with their evidence, goals, contexts, tracks. A page begins after an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.graph import Row
from engine.journey import OWN

if TYPE_CHECKING:
    from engine.graph import Graph

MOST = 500
"""Rows of one page."""


def rules(graph: Graph, after: str, count: int) -> list[Row]:
    """A page of `browse/rules`."""
    return list(graph.rows("browse/rules", after=after, count=count))


def rule(graph: Graph, id_: str) -> Row | None:
    """A rule with its conditions, effects and claims; None where there is none of this id."""
    return next(iter(graph.rows("browse/rule", id=id_)), None)


def goals(graph: Graph) -> list[Row]:
    """A row of `browse/goals` for each."""
    return list(graph.rows("browse/goals"))


def contexts(graph: Graph) -> list[Row]:
    """A row of `browse/contexts` for each."""
    return list(graph.rows("browse/contexts"))


def tracks(graph: Graph, after: str, count: int, own: bool) -> list[dict[str, Any]]:
    """A page of the tracks that journeys choose from."""
    rows = graph.rows("library/tracks", after=after, count=count, prefix=OWN if own else "")
    return [_shown(row) for row in rows]


def track(graph: Graph, id_: str) -> dict[str, Any] | None:
    """A track; None where there never was one of this id."""
    rows = graph.rows("browse/tracks", ids=[id_])
    return _shown(rows[0]) if rows else None


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A track without the place of a listener's own file, which is nobody else's affair."""
    hidden = {"level", "traits"} | ({"source"} if row["id"].startswith(OWN) else set())
    return {name: value for name, value in row.items() if name not in hidden}


def version(graph: Graph) -> str:
    """Id of the version that the graph serves: rules, goals and contexts change with it alone."""
    return next((str(row["id"]) for row in graph.rows("load/version")), "")
