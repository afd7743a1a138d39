"""Repeats a reading use case once after the server was restarted, or when another member of a cluster may answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.bootstrap import Progress, use_graph
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.graph import Graph

type_ = TypeVar("type_")
_LOG = logging.getLogger(__name__)


class GraphReader(Protocol):
    """Gives a use case a graph: a command opens its own, a service keeps one open."""

    def __call__(self, work: Callable[[Graph], type_], /) -> type_:
        """The result of `work`, which only reads and may be called twice."""
        ...


def make_graph_reader(settings: Settings, progress: Progress) -> GraphReader:
    """A GraphReader that opens the graph of the settings for each call, with `ask_again`."""

    def ask(work: Callable[[Graph], type_], /) -> type_:
        def once() -> type_:
            with use_graph(settings, progress) as graph:
                return work(graph)

        return ask_again(settings, progress, once)

    return ask


def ask_again(settings: Settings, progress: Progress, ask: Callable[[], type_]) -> type_:
    """The result of `ask`; called once more when the local server was restarted meanwhile, or a cluster member left.

    `isopath query` restarts the server after a runaway statement. Only for short reading work: a statement that crashed
    the server would do so again, and an ingest cannot be repeated from its middle. `ask` opens its own graph, since the
    connection was lost.
    """
    from engine.graph import ServerGone

    try:
        return ask()
    except ServerGone:
        if settings.neo4j_uri is not None and not settings.names_a_cluster:
            raise
    _LOG.warning("the server went away and is asked again")
    progress("the server went away; asking again")
    return ask()
