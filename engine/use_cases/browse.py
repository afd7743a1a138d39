"""Lists rules with their evidence, goals, contexts and tracks, in pages that begin after an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.graph import Row
from engine.journey import OWN

if TYPE_CHECKING:
    from engine.graph import Graph

MOST = 500
"""Limit on the rows of a page."""


def list_rules(graph: Graph, after: str, count: int) -> list[Row]:
    """A page of `browse/rules`."""
    return list(graph.rows("browse/rules", after=after, count=count))


def read_rule(graph: Graph, id_: str) -> Row | None:
    """A rule with its conditions, effects and claims; None for an unknown id."""
    return next(iter(graph.rows("browse/rule", id=id_)), None)


def list_goals(graph: Graph) -> list[Row]:
    """The rows of `browse/goals`."""
    return list(graph.rows("browse/goals"))


def list_contexts(graph: Graph) -> list[Row]:
    """The rows of `browse/contexts`."""
    return list(graph.rows("browse/contexts"))


def list_track_page(graph: Graph, after: str, count: int, own: bool) -> list[dict[str, Any]]:
    """A page of the tracks, or of a listener's own."""
    rows = graph.rows("library/tracks", after=after, count=count, prefix=OWN if own else "")
    return [_hide_source(row) for row in rows]


def read_track(graph: Graph, id_: str) -> dict[str, Any] | None:
    """A track; None for an unknown id."""
    rows = graph.rows("browse/tracks", ids=[id_])
    return _hide_source(rows[0]) if rows else None


def _hide_source(row: Mapping[str, Any]) -> dict[str, Any]:
    """A track without the path of a listener's own file, which is private."""
    hidden = {"level", "traits"} | ({"source"} if row["id"].startswith(OWN) else set())
    return {name: value for name, value in row.items() if name not in hidden}


def read_version_id(graph: Graph) -> str:
    """Id of the version that the graph serves; rules, goals and contexts only change with it."""
    return next((str(row["id"]) for row in graph.rows("load/version")), "")
