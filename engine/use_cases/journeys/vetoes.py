"""Tracks that whoever works at this command line never wants to hear again, whatever a journey is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.bootstrap import Progress, use_graph
from engine.errors import UsageError
from engine.journey import MOST_EXCLUDED, Request
from engine.settings import Settings
from engine.use_cases.journeys.listeners import has_pseudonyms, make_pseudonym, read_known, veto

if TYPE_CHECKING:
    from engine.graph import Graph, Row

COMMAND_LINE: Final = "\N{NULL}command line"
"""Stands for whoever names no listener; nobody can type it as a name."""


def veto_tracks(settings: Settings, ids: Sequence[str], progress: Progress) -> list[Row]:
    """Keeps these tracks out of every journey from now on; all that are kept out, as rows of `browse/tracks`.

    UsageError when one of the ids is of no track, and nothing is kept out.
    """
    listener = make_pseudonym(settings.home, COMMAND_LINE)
    with use_graph(settings, progress) as graph:
        known = {row["id"] for row in graph.rows("browse/tracks", ids=list(ids))}
        if faults := [
            (f"TRACK {place}", "is the id of no track", "`isopath tracks` lists them")
            for place, id_ in enumerate(ids, 1)
            if id_ not in known
        ]:
            raise UsageError.of(faults)
        if ids:
            veto(graph, listener, ids)
        return _list_vetoed(graph, listener)


def lift_vetoes(settings: Settings, ids: Sequence[str], progress: Progress) -> int:
    """Lets these tracks be played again; how many had been kept out."""
    listener = make_pseudonym(settings.home, COMMAND_LINE)
    with use_graph(settings, progress) as graph:
        [row] = graph.write(lambda t: t.rows("listeners/lift_veto", listener=listener, tracks=list(ids)))
        return int(row["lifted"])


def exclude_vetoed(settings: Settings, graph: Graph, request: Request) -> Request:
    """The request without the tracks that are kept out of every journey of this command line."""
    known = read_known(graph, make_pseudonym(settings.home, COMMAND_LINE))
    vetoed = known["vetoed"] if known else []
    return replace(request, exclude=request.exclude | set(vetoed[: MOST_EXCLUDED - len(request.exclude)]))


def can_have_vetoes(settings: Settings) -> bool:
    """Whether any veto can be known: before the first listener there is none, and no key is made to look for one."""
    return has_pseudonyms(settings.home)


def _list_vetoed(graph: Graph, listener: str) -> list[Row]:
    known = read_known(graph, listener)
    return list(graph.rows("browse/tracks", ids=known["vetoed"])) if known else []
