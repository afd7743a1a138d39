"""What a process that answers many requests keeps open: gate, models, and one graph that comes back by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

from engine.bootstrap import Compiled, Models, Progress, compiled, open_graph, served
from engine.errors import GraphUnavailable, IsopathError
from engine.gate import Gate
from engine.settings import CYPHER_DIR, SEED_DIR, Settings
from engine.watching import Watch

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.questions import SavedQuestions
    from engine.reasoning.planner import Planner
    from engine.reasoning.reading import Reader
    from engine.reasoning.text_query import Wishes

type_ = TypeVar("type_")
_LOG = logging.getLogger(__name__)
_MENDING: Final = 10.0
"""Seconds between tries where a file or a model is at fault: reading them takes a second of a core."""
_PATIENCE: Final = 3.0
"""Seconds that a graph may take for the simplest question."""
_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between tries to reach a server that went away; the last is kept to."""


class Away(GraphUnavailable):
    """The graph is away and is being reached; the request may be sent again."""


@dataclass(frozen=True, slots=True)
class Serving:
    """All that was made of one state of the files, and the graph that serves it."""

    opened: Compiled
    reader: Reader
    graph: Graph
    version: str
    """Id of the version that the graph served when it was opened."""


class Application:
    """Opens everything once. A server that goes away is reached again in the background; meanwhile `Away` is raised."""

    def __init__(self, settings: Settings, progress: Progress, models: Models | None = None) -> None:
        """With models of its own, unless some are open already."""
        self.settings = settings
        self._progress = progress
        self._models = models or Models(settings)
        self._opened = compiled(settings, progress)
        self._serving: Serving | None = None
        self._fault: IsopathError | None = None
        self._opening, self._search = Lock(), Lock()
        """Guard what serves, and the thread that looks for the graph."""
        self._music: Mapping[str, Mapping[str, Any]] | None = None
        self._ended = Event()
        self._reaching: Thread | None = None
        self._watch = Watch(settings)

    @property
    def opened(self) -> Compiled:
        """The gate and the meaning of labels, as the files said when they were last looked at."""
        return self._opened

    @property
    def gate(self) -> Gate:
        return self._opened.gate

    @property
    def wishes(self) -> Wishes:
        """What makes vectors of words; its model is opened at the first of them."""
        return self._models.wishes

    @property
    def reader(self) -> Reader:
        """What reads words. Its model is opened once, whatever becomes of the ontology."""
        return self._models.reader(self._opened)

    @cached_property
    def questions(self) -> SavedQuestions:
        """The saved questions of analysts."""
        from engine.queries import Queries
        from engine.questions import SavedQuestions

        return SavedQuestions.from_queries(Queries.load(CYPHER_DIR))

    @property
    def music(self) -> Mapping[str, Mapping[str, Any]]:
        """The shipped tracks by id, as their table describes them."""
        if self._music is None:
            from engine.store.catalogue import Catalogue

            self._music = {str(row["track_id"]): row for row in Catalogue.read(SEED_DIR).tracks}
        return self._music

    @property
    def fault(self) -> IsopathError | None:
        """Why no journey can be planned now; None when one can."""
        if self._opened.fault is not None:
            return self._opened.fault
        return None if self._serving is not None else self._unready()

    def warm(self) -> None:
        """Opens all of it now rather than at the first request. Never an error: `fault` has it; it is tried again."""
        for open_ in (lambda: self.reader, lambda: self.wishes.open(), self._open):
            if self._serving is not None:
                break
            try:
                open_()
            except IsopathError as error:
                self._fault = error
                _LOG.warning("not ready: %s", error.code)
        if self._serving is None:
            self._reach()

    def _rehearse(self, serving: Serving) -> None:
        """Plans a journey that nobody gets: a server that has just started takes seconds for its first.

        A crowd that came at once would wait for many of them, each of which would ask without the vector index too.
        """
        from engine.journey import Request

        try:
            replace(self.planner(serving), keeps=False).plan(Request(feel=("joy",)))
        except IsopathError as error:
            _LOG.warning("a first journey could not be planned: %s", error.code)

    def close(self) -> None:
        """Hangs up. The server stays."""
        self._ended.set()
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.graph.close()

    def planner(self, serving: Serving, progress: Progress = lambda _: None) -> Planner:
        """A planner over what is open; `progress` is told where a plan stands."""
        from engine.reasoning.planner import Planner

        settings = self.settings
        return Planner(
            serving.opened.gate,
            lambda: serving.reader,
            lambda: serving.graph,
            self.wishes,
            settings.region,
            settings.keep,
            serving.version,
            progress,
        )

    def ask(self, work: Callable[[Graph], type_], /) -> type_:
        """What `work` makes of the graph; `Away` at once while there is none (see `use_cases.ask_again.Asking`)."""
        return self.serve(lambda serving: work(serving.graph))

    def serve(self, work: Callable[[Serving], type_]) -> type_:
        """What `work` makes of all that is open. Where the graph was loaded anew meanwhile, it is asked once more."""
        from engine.graph import Gone
        from engine.reasoning.planner import Reloaded

        serving = self._current()
        try:
            return work(serving)
        except Reloaded:
            return work(self._renewed(serving))
        except Gone as error:
            if self.settings.names_a_cluster:
                with suppress(Gone):
                    return work(serving)  # Another of its servers may answer.
            self.lost(serving.graph)
            raise self._unready() from error

    def lost(self, graph: Graph) -> None:
        """Gives this graph up, which does not answer, and begins to look for it again."""
        if (serving := self._serving) is not None and serving.graph is graph:
            self._serving = None
            _LOG.warning("the graph went away")
            Thread(target=graph.close, name="isopath-closing", daemon=True).start()
        self._reach()

    def doubt(self) -> None:
        """Gives the graph up unless it answers the simplest question within seconds; returns at once."""
        from engine.graph import asked

        if (serving := self._serving) is None:
            return
        answer = asked(lambda: served(serving.graph))

        def look() -> None:
            wait([answer], _PATIENCE)
            if not answer.done() or answer.exception() is not None:
                self.lost(serving.graph)

        Thread(target=look, name="isopath-doubting", daemon=True).start()

    def tidy(self) -> None:
        """Erases the journeys that are kept too long, and ends an erasing that broke off; once in a while is enough."""
        from engine.store.journeys import expire

        self.ask(lambda graph: expire(graph, self.settings.keep_days))

    def _current(self) -> Serving:
        """What is open. Where a file changed, it is made anew meanwhile; what cannot be used leaves what was."""
        serving = self._serving
        if self._watch.changed() and serving is not None:
            Thread(target=self._open_again, args=(serving,), name="isopath-opening", daemon=True).start()
        if serving is None:
            self._reach()
            raise self._unready()
        return serving

    def _renewed(self, before: Serving) -> Serving:
        """What is open once the graph serves another version than `before`."""
        self._open_again(before)
        return self._current()

    def _open_again(self, before: Serving) -> None:
        try:
            self._open(before)
        except IsopathError as error:
            # What serves goes on: half a saved file is no reason to stop.
            _LOG.warning("the files changed and cannot be used: %s", error.code)

    def _open(self, instead_of: Serving | None = None) -> None:
        """Reads the files and opens the graph that serves them, unless somebody did so meanwhile.

        The old one is closed once nobody asks it any more.
        """
        with self._opening:
            if self._serving is not instead_of:
                return
            opened = compiled(self.settings, self._progress)
            if opened.fault is not None:
                raise opened.fault
            graph = open_graph(self.settings, self._progress)
            # The graph may have told of another publication, and its files were good when it was published.
            opened = compiled(self.settings, self._progress)
            reader = self._models.reader(opened)
            version = served(graph) or ""
            serving = Serving(opened, reader, graph, version)
            if instead_of is None:
                self._rehearse(serving)
            before, self._serving = self._serving, serving
            self._opened, self._fault, self._music = opened, None, None
        if before is not None:
            Thread(target=_close_later, args=(before.graph, self._ended), name="isopath-closing", daemon=True).start()

    def _reach(self) -> None:
        """Looks for the graph in the background until it is there; one look at a time."""
        with self._search:
            if self._ended.is_set() or (self._reaching is not None and self._reaching.is_alive()):
                return
            self._reaching = Thread(target=self._reach_until_there, name="isopath-reaching", daemon=True)
            self._reaching.start()

    def _reach_until_there(self) -> None:
        from engine.graph import Graph
        from engine.queries import Queries
        from engine.server import Server

        tried, silent = 0, Queries({})
        while not self._ended.is_set() and self._serving is None:
            try:
                # Most often nobody is there: nothing else is read before somebody is.
                with Graph.connect(Server(self.settings).ensure_up(self._progress), silent) as graph:
                    _ = graph.version
                self._open()
                _LOG.info("the graph is there")
                return
            except Exception as error:  # Whatever it is, the next look may find it mended.
                self._fault = error if isinstance(error, IsopathError) else None
                _LOG.debug("the graph is not there: %s", type(error).__name__)
            away = self._fault is None or isinstance(self._fault, GraphUnavailable)
            self._ended.wait(_PAUSES[min(tried, len(_PAUSES) - 1)] if away else _MENDING)
            tried += 1

    def _unready(self) -> IsopathError:
        """Why nothing serves: a fault of files or models, else that the graph is away."""
        if self._fault is not None and not isinstance(self._fault, GraphUnavailable):
            return self._fault
        return Away("the graph", "is away, and is being reached", "Wait a few seconds and send the request again")


def _close_later(graph: Graph, ended: Event) -> None:
    """Closes a graph that another took the place of, once what it was asked before is answered."""
    ended.wait(120.0)
    graph.close()
