"""The composition root: creates gate, models, server and graph for a use case, each lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import IsopathError, OntologyError
from engine.files import fingerprint, read_sealed
from engine.gate import COMPILED, Gate, compile_gate, is_sound, load_fallback_gate, save_gate
from engine.publishing.serving import has_waiting_draft, locate_served, read_mark
from engine.publishing.sources import Sources
from engine.reasoning.reading import FeelingReader, Meaning, extract_meaning
from engine.settings import ONTOLOGY_DIR, ROOT, SEED_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.reasoning.planner import Planner
    from engine.reasoning.text_query import QueryEncoder

Progress = Callable[[str], None]
EMOTIONS = SEED_DIR / "models" / "emotions"
COMPILERS = [ROOT / "engine" / name for name in ("gate", "reasoning/reading.py", "explaining/words.py")]
"""Sources that make the compiled ontology: a change of them makes it again."""


class CompiledOntology(NamedTuple):
    """The parts of the ontology that are needed before a model or a graph: the gate, and the meaning of labels."""

    gate: Gate
    meaning: Meaning

    @property
    def fault(self) -> IsopathError | None:
        """Why the ontology cannot be used; None when it can. The gate works in either case."""
        return self.meaning.fault if isinstance(self.meaning, UnreadableMeaning) else None


class UnreadableMeaning(Mapping[str, Any]):
    """Stands for a meaning that could not be made; raises the fault at the first access."""

    def __init__(self, fault: IsopathError) -> None:
        self.fault = fault

    def __getitem__(self, _: str) -> Any:
        raise self.fault

    def __iter__(self) -> Iterator[str]:
        raise self.fault

    def __len__(self) -> int:
        raise self.fault


class Models:
    """The emotion model and the embedding model, each opened once and lazily; several applications can share them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._query_encoder: QueryEncoder | None = None
        self._reader: tuple[CompiledOntology, FeelingReader] | None = None
        self._opening = Lock()

    def get_reader(self, opened: CompiledOntology) -> FeelingReader:
        """The reader for this ontology; its emotion model is opened once."""
        if self._reader is not None and self._reader[0] is opened:
            return self._reader[1]
        with self._opening:
            if self._reader is None:
                self._reader = opened, open_reader(self._settings, opened)
            elif self._reader[0] is not opened:
                self._reader = opened, FeelingReader(self._reader[1].model, opened.meaning)
            return self._reader[1]

    @property
    def query_encoder(self) -> QueryEncoder:
        """The encoder of text queries."""
        if self._query_encoder is None:
            from engine.reasoning.text_query import QueryEncoder

            self._query_encoder = QueryEncoder(self._settings.embedding_model)
        return self._query_encoder


@contextmanager
def open_planner(
    settings: Settings, opened: CompiledOntology, progress: Progress, reader: Callable[[], FeelingReader] | None = None
) -> Iterator[Planner]:
    """A planner whose models and graph are opened lazily, and whose graph is closed at the end.

    `reader` returns the caller's reader; without it one is opened.
    """
    from engine.reasoning.planner import Planner
    from engine.reasoning.text_query import QueryEncoder

    graphs: list[Graph] = []

    def graph() -> Graph:
        if not graphs:
            graphs.append(open_graph(settings, progress))
        return graphs[0]

    try:
        query_encoder = QueryEncoder(settings.embedding_model)
        get_reader = reader or cache(lambda: open_reader(settings, opened))
        yield Planner(opened.gate, get_reader, graph, query_encoder, settings.region, settings.keep)
    finally:
        for one in graphs:
            one.close()


def open_reader(settings: Settings, opened: CompiledOntology) -> FeelingReader:
    """A reader with the emotion model of the settings."""
    from encoders.emotions.model import open_emotion_model as load_emotions

    return FeelingReader(load_emotions(settings.emotion_model or EMOTIONS), opened.meaning)


@contextmanager
def use_graph(settings: Settings, progress: Progress) -> Iterator[Graph]:
    """A graph that serves the current files, as `open_graph`; closed at the end."""
    graph = open_graph(settings, progress)
    try:
        yield graph
    finally:
        graph.close()


def open_graph(settings: Settings, progress: Progress) -> Graph:
    """Connects to the graph. Starts a local server, loads what should serve, and erases expired journeys.

    The version that was published last should serve, or the draft in ontology/ with ISOPATH_SERVE_DRAFT=1.
    """
    from engine.graph import Graph
    from engine.server import Server
    from engine.server.storage import hold_lock, translate_disk_faults
    from engine.store.journeys import erase_expired
    from engine.store.serving import serve, serves

    graph = Graph.connect(Server(settings).ensure_up(progress))
    try:
        if not serves(graph, settings, ONTOLOGY_DIR):
            with ExitStack() as held:
                with translate_disk_faults(settings.home, "ISOPATH_HOME"):
                    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
                    lock = settings.home / "load.lock"
                    held.enter_context(hold_lock(lock, "Another command is loading the graph", progress))
                if not serves(graph, settings, ONTOLOGY_DIR):
                    serve(graph, settings, ONTOLOGY_DIR, progress)
        if has_waiting_draft(settings, ONTOLOGY_DIR):
            progress(
                f"ontology/ is a draft that waits; version {read_mark(settings).number} serves. "
                "`isopath ontology test` tries it, `isopath ontology publish` lets it serve"
            )
        if erased := erase_expired(graph, settings.keep_days):
            progress(f"{erased} journeys of more than {settings.keep_days} days ago are erased (ISOPATH_KEEP_DAYS)")
    except BaseException:
        graph.close()
        raise
    return graph


def read_served_version(graph: Graph) -> str | None:
    """Id of the version that the graph serves; None where `select_served` finds none."""
    from engine.store.version import select_served

    served = select_served(graph.rows("load/version"))
    return str(served["id"]) if served else None


def load_compiled(settings: Settings, progress: Progress) -> CompiledOntology:
    """The gate and the meaning of labels, from a file that is made again when another ontology serves.

    Never raises. On any fault the gate is the one just compiled, else the last good one of the home, else the bundled
    one; the meaning then raises the fault at its first access.
    """
    gate: Gate | None = None
    try:
        folder = locate_served(settings, ONTOLOGY_DIR)
        files = _fingerprint_compiled(folder)
        known = read_sealed(settings.home / COMPILED)
        if known.get("files") == files:
            return CompiledOntology(Gate.from_json(known["gate"], settings.home), known["meaning"])
        from engine.rules import Ontology

        progress("reading the ontology for the crisis gate")
        ontology = Ontology.read(folder)
        known = {"files": files, "gate": compile_gate(ontology), "meaning": extract_meaning(ontology)}
        made = Gate.from_json(known["gate"], settings.home)
        if not is_sound(made):
            fault = "its phrases miss sentences that every gate must catch, or catch ordinary ones"
            raise OntologyError("ontology/gate.owl", fault, "Take back the last change of its phrases or thresholds")
        gate = made
        save_gate(settings.home, known)
        return CompiledOntology(gate, known["meaning"])
    except Exception as error:
        return CompiledOntology(gate or load_fallback_gate(settings.home), UnreadableMeaning(_to_isopath_error(error)))


def has_compiled(settings: Settings, folder: Path) -> bool:
    """Whether the home holds a gate made from the very files of this folder, whose phrases then kept their examples."""
    return bool(read_sealed(settings.home / COMPILED).get("files") == _fingerprint_compiled(folder))


def _fingerprint_compiled(folder: Path) -> str:
    return f"{Sources.read(folder).sha256} {fingerprint(COMPILERS)}"


def _to_isopath_error(error: Exception) -> IsopathError:
    """The error itself if it is an IsopathError, else an OntologyError caused by it."""
    if isinstance(error, IsopathError):
        return error
    translated = OntologyError("ontology/", f"cannot be read ({type(error).__name__})", "Restore its files")
    translated.__cause__ = error
    return translated
