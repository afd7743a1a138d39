"""Forgets a listener's own tracks, and erases kept journeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.bootstrap import Progress, use_graph
from engine.errors import GraphUnavailable, UsageError
from engine.graph import Graph
from engine.ingest.forgetting import ForgetResult, forget, forget_all
from engine.server.transaction_logs import wait_for_pruning
from engine.settings import Settings
from engine.store.journeys import erase_from_graph, find_journeys, find_older, mark_unfinished, read_journeys


@dataclass(frozen=True, slots=True)
class TrackSelection:
    """The tracks to forget: by id, file or folder, or all."""

    names: Sequence[str] = ()
    everything: bool = False

    def __post_init__(self) -> None:
        if bool(self.names) == self.everything:
            raise UsageError("forget", "it is not clear what to forget", "Name tracks, files or folders, or give --all")


@dataclass(frozen=True, slots=True)
class JourneySelection:
    """The journeys to erase: by id, by age, or all."""

    ids: Sequence[str] = ()
    older_than: int | None = None
    """Minimum age, days."""
    everything: bool = False

    def __post_init__(self) -> None:
        given = [bool(self.ids), self.everything, self.older_than is not None].count(True)
        if given != 1 or (self.older_than is not None and self.older_than < 0):
            repair = "Name journeys by id, or give --older-than DAYS, or --all"
            raise UsageError("forget --journeys", "it is not clear which journeys", repair)

    def find_ids(self, graph: Graph) -> list[str]:
        """Ids of the selected journeys; UsageError for an unknown id."""
        if self.everything:
            return [row["id"] for row in read_journeys(graph)]
        return find_journeys(graph, self.ids) if self.older_than is None else find_older(graph, self.older_than)


@dataclass(frozen=True, slots=True)
class ErasedJourneys:
    """The journeys that were erased."""

    ids: Sequence[str]
    promise: str | None
    """What is guaranteed for the server's files, in a sentence; None where nothing was erased."""


def forget_tracks(settings: Settings, selection: TrackSelection, progress: Progress) -> ForgetResult:
    """Forgets the tracks; UsageError, with every unknown name, and nothing is forgotten."""
    with use_graph(settings, progress) as graph:
        return forget_all(graph) if selection.everything else forget(graph, selection.names)


def forget_journeys(settings: Settings, selection: JourneySelection, progress: Progress) -> ErasedJourneys:
    """Erases the journeys permanently; GraphUnavailable while a log of the local server still holds them."""
    with use_graph(settings, progress) as graph:
        if not (ids := selection.find_ids(graph)):
            return ErasedJourneys((), None)
        progress(f"erasing from the graph, then from the server's transaction logs (journeys: {len(ids):,})")
        return ErasedJourneys(ids, erase_journeys(settings, graph, ids))


def erase_journeys(settings: Settings, graph: Graph, ids: Sequence[str]) -> str | None:
    """Erases those journeys that are kept; returns what is guaranteed for the server's files, or None where none was.

    GraphUnavailable while a log of the local server still holds them.
    """
    if not (kept := [row["id"] for row in graph.rows("kept/known", ids=list(ids))]):
        return None
    erase_from_graph(graph, kept)
    return confirm_erasure(graph, settings)


def confirm_erasure(graph: Graph, settings: Settings) -> str:
    """Waits for the pruning of logs; returns what is guaranteed for the server's files.

    GraphUnavailable while a log of the local server still holds erased journeys.
    """
    if settings.neo4j_uri is not None:
        return (
            f"the graph at {graph.place} holds them no more; its transaction logs and backups are its operator's to"
            " prune, and Isopath cannot look into them"
        )
    if not wait_for_pruning(settings):
        mark_unfinished(graph)
        raise GraphUnavailable(
            str(settings.home),
            "the journeys are erased, and the server still holds its transaction log of that",
            "Run `isopath down`, then any command: it goes on with the erasing",
        )
    return f"no file in {settings.home} holds them any more; copies and backups of that folder, and saved journeys, may"
