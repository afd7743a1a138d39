"""The state of a process that answers many requests: gate, models, and a graph, reconnected in the background."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

from engine.bootstrap import CompiledOntology, Models, Progress, load_compiled, open_graph, read_served_version
from engine.errors import GraphUnavailable, IsopathError
from engine.gate import Gate
from engine.settings import CYPHER_DIR, SEED_DIR, Settings
from engine.watching import FileWatch

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.questions import SavedQuestions
    from engine.reasoning.planner import Planner
    from engine.reasoning.reading import FeelingReader
    from engine.reasoning.text_query import QueryEncoder

type_ = TypeVar("type_")
_LOG = logging.getLogger(__name__)
_RETRY_SECONDS: Final = 10.0
"""Seconds between attempts after a fault of a file or a model: reading them takes a second of CPU time."""
_PATIENCE: Final = 3.0
"""Timeout of the simplest query, s."""
_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts to reach a server; the last repeats."""


class GraphUnreachable(GraphUnavailable):
    """The graph is not reachable now and is being reconnected; the request can be repeated."""


@dataclass(frozen=True, slots=True)
class ServingState:
    """Everything that was opened for one state of the files, and the graph that serves it."""

    opened: CompiledOntology
    reader: FeelingReader
    graph: Graph
    version: str
    """Id of the version that the graph served when it was opened."""


class Application:
    """Opens gate, models and graph once. A lost server is reconnected in the background.

    Until then requests raise GraphUnreachable.
    """

    def __init__(self, settings: Settings, progress: Progress, models: Models | None = None) -> None:
        """Opens its own models unless some are given."""
        self.settings = settings
        self._progress = progress
        self._models = models or Models(settings)
        self._opened = load_compiled(settings, progress)
        self._serving: ServingState | None = None
        self._fault: IsopathError | None = None
        self._opening, self._search = Lock(), Lock()
        """Guard the serving state, and the thread that reconnects."""
        self._music: Mapping[str, Mapping[str, Any]] | None = None
        self._ended = Event()
        self._reaching: Thread | None = None
        self._watch = FileWatch(settings)

    @property
    def opened(self) -> CompiledOntology:
        """The gate and the meaning of labels of the last valid state of the files."""
        return self._opened

    @property
    def gate(self) -> Gate:
        return self._opened.gate

    @property
    def query_encoder(self) -> QueryEncoder:
        """The encoder of text queries; its model is opened lazily."""
        return self._models.query_encoder

    @property
    def reader(self) -> FeelingReader:
        """The reader of texts; its model is opened once."""
        return self._models.get_reader(self._opened)

    @cached_property
    def questions(self) -> SavedQuestions:
        """The saved questions of analysts."""
        from engine.queries import Queries
        from engine.questions import SavedQuestions

        return SavedQuestions.from_queries(Queries.load(CYPHER_DIR))

    @property
    def music(self) -> Mapping[str, Mapping[str, Any]]:
        """The rows of the catalogue, by track id."""
        if self._music is None:
            from engine.store.catalogue import Catalogue

            self._music = {str(row["track_id"]): row for row in Catalogue.read(SEED_DIR).tracks}
        return self._music

    @property
    def fault(self) -> IsopathError | None:
        """Why no journey can be planned now; None when it can."""
        if self._opened.fault is not None:
            return self._opened.fault
        return None if self._serving is not None else self._make_unready_error()

    def warm_up(self) -> None:
        """Opens everything now rather than at the first request. Never raises: `fault` holds the error, and attempts
        continue in the background."""
        for open_ in (lambda: self.reader, lambda: self.query_encoder.open_model(), self._open):
            if self._serving is not None:
                break
            try:
                open_()
            except IsopathError as error:
                self._fault = error
                _LOG.warning("not ready: %s", error.code)
        if self._serving is None:
            self._start_reaching()

    def _rehearse(self, serving: ServingState) -> None:
        """Plans a journey to warm up the caches of the server: its first journey takes seconds.

        Without it, many requests at once would each take as long, and give up the vector index.
        """
        from engine.journey import Request

        try:
            replace(self.make_planner(serving), persists=False).plan(Request(feel=("joy",)))
        except IsopathError as error:
            _LOG.warning("a first journey could not be planned: %s", error.code)

    def close(self) -> None:
        """Closes the graph's connections. The server keeps running."""
        self._ended.set()
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.graph.close()

    def make_planner(self, serving: ServingState, progress: Progress = lambda _: None) -> Planner:
        """A planner for the serving state; `progress` is called with each phase of a plan."""
        from engine.reasoning.planner import Planner

        settings = self.settings
        return Planner(
            serving.opened.gate,
            lambda: serving.reader,
            lambda: serving.graph,
            self.query_encoder,
            settings.region,
            settings.keep,
            serving.version,
            progress,
        )

    def ask(self, work: Callable[[Graph], type_], /) -> type_:
        """The result of `work` on the graph; GraphUnreachable while there is none (a `GraphReader`)."""
        return self.serve(lambda serving: work(serving.graph))

    def serve(self, work: Callable[[ServingState], type_]) -> type_:
        """The result of `work` on the serving state; repeated once where the graph was reloaded meanwhile."""
        from engine.graph import ServerGone
        from engine.store.version import GraphReloaded

        serving = self._get_current()
        try:
            return work(serving)
        except GraphReloaded:
            return work(self._renew(serving))
        except ServerGone as error:
            if self.settings.names_a_cluster:
                with suppress(ServerGone):
                    return work(serving)  # Another member may answer.
            self.report_lost(serving.graph)
            raise self._make_unready_error() from error

    def report_lost(self, graph: Graph) -> None:
        """Closes a graph that does not answer, and starts to reconnect."""
        if (serving := self._serving) is not None and serving.graph is graph:
            self._serving = None
            _LOG.warning("the graph went away")
            Thread(target=graph.close, name="isopath-closing", daemon=True).start()
        self._start_reaching()

    def check_graph(self) -> None:
        """Checks in the background whether the graph answers a simple query in time; closes it otherwise."""
        from engine.graph import submit_query

        if (serving := self._serving) is None:
            return
        answer = submit_query(lambda: read_served_version(serving.graph))

        def look() -> None:
            wait([answer], _PATIENCE)
            if not answer.done() or answer.exception() is not None:
                self.report_lost(serving.graph)

        Thread(target=look, name="isopath-doubting", daemon=True).start()

    def erase_expired(self) -> None:
        """Erases expired journeys and completes an interrupted erasure; to be called now and then."""
        from engine.store.journeys import erase_expired

        self.ask(lambda graph: erase_expired(graph, self.settings.keep_days))

    def _get_current(self) -> ServingState:
        """The serving state. After a change of files a new one is opened in the background, if the files are valid."""
        serving = self._serving
        if self._watch.has_changed() and serving is not None:
            Thread(target=self._open_again, args=(serving,), name="isopath-opening", daemon=True).start()
        if serving is None:
            self._start_reaching()
            raise self._make_unready_error()
        return serving

    def _renew(self, before: ServingState) -> ServingState:
        """The serving state after the graph was reloaded."""
        self._open_again(before)
        return self._get_current()

    def _open_again(self, before: ServingState) -> None:
        try:
            self._open(before)
        except IsopathError as error:
            # The old state keeps serving: a file may be half saved.
            _LOG.warning("the files changed and cannot be used: %s", error.code)

    def _open(self, instead_of: ServingState | None = None) -> None:
        """Reads the files and opens their graph, unless another thread has done so meanwhile.

        The old graph is closed later, when its requests have ended.
        """
        with self._opening:
            if self._serving is not instead_of:
                return
            opened = load_compiled(self.settings, self._progress)
            if opened.fault is not None:
                raise opened.fault
            graph = open_graph(self.settings, self._progress)
            # The graph may name another publication, whose files were sound when it was published.
            opened = load_compiled(self.settings, self._progress)
            serving = ServingState(opened, self._models.get_reader(opened), graph, read_served_version(graph) or "")
            if instead_of is None:
                self._rehearse(serving)
            before, self._serving = self._serving, serving
            self._opened, self._fault, self._music = opened, None, None
        if before is not None:
            Thread(target=_close_later, args=(before.graph, self._ended), name="isopath-closing", daemon=True).start()

    def _start_reaching(self) -> None:
        """Starts to reconnect in the background, unless a thread does so already."""
        with self._search:
            if self._ended.is_set() or (self._reaching is not None and self._reaching.is_alive()):
                return
            self._reaching = Thread(target=self._reach, name="isopath-reaching", daemon=True)
            self._reaching.start()

    def _reach(self) -> None:
        from engine.graph import Graph
        from engine.queries import Queries
        from engine.server import Server

        tried, silent = 0, Queries({})
        while not self._ended.is_set() and self._serving is None:
            try:
                # Files are read only once a server answers.
                with Graph.connect(Server(self.settings).ensure_up(self._progress), silent) as graph:
                    _ = graph.version
                self._open()
                _LOG.info("the graph is there")
                return
            except Exception as error:  # Any fault may be repaired before the next attempt.
                self._fault = error if isinstance(error, IsopathError) else None
                _LOG.debug("the graph is not there: %s", type(error).__name__)
            away = self._fault is None or isinstance(self._fault, GraphUnavailable)
            self._ended.wait(_PAUSES[min(tried, len(_PAUSES) - 1)] if away else _RETRY_SECONDS)
            tried += 1

    def _make_unready_error(self) -> IsopathError:
        """Why nothing serves: a fault of files or models, else GraphUnreachable."""
        if self._fault is not None and not isinstance(self._fault, GraphUnavailable):
            return self._fault
        return GraphUnreachable(
            "the graph", "is away, and is being reached", "Wait a few seconds and send the request again"
        )


def _close_later(graph: Graph, ended: Event) -> None:
    """Closes a graph that was replaced, after its requests had two minutes to end."""
    ended.wait(120.0)
    graph.close()
