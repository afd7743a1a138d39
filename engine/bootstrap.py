"""The composition root: creates gate, models, server and graph for a use case, each lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import IsopathError, OntologyError
from engine.files import fingerprint, read_json, read_sealed, write_json
from engine.gate import COMPILED, Gate, compile_gate, is_sound, load_fallback_gate, save_gate
from engine.reasoning.reading import FeelingReader, Meaning, extract_meaning
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, ROOT, SEED_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.reasoning.planner import Planner
    from engine.reasoning.text_query import QueryEncoder
    from engine.store.version import Version

Progress = Callable[[str], None]
EMOTIONS = SEED_DIR / "models" / "emotions"
CATALOGUE = [SEED_DIR / name for name in ("catalogue.csv", "catalogue.json", "catalogue_embeddings.npy")]
COMPILERS = [ROOT / "engine" / "gate", ROOT / "engine" / "reasoning" / "reading.py"]
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
def open_planner(settings: Settings, opened: CompiledOntology, progress: Progress) -> Iterator[Planner]:
    """A planner whose models and graph are opened lazily, and whose graph is closed at the end."""
    from engine.reasoning.planner import Planner
    from engine.reasoning.text_query import QueryEncoder

    graphs: list[Graph] = []

    @cache
    def reader() -> FeelingReader:
        return open_reader(settings, opened)

    def graph() -> Graph:
        if not graphs:
            graphs.append(open_graph(settings, progress))
        return graphs[0]

    try:
        query_encoder = QueryEncoder(settings.embedding_model)
        yield Planner(opened.gate, reader, graph, query_encoder, settings.region, settings.keep)
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
    """Connects to the graph. Starts a local server, loads changed files, and erases expired journeys."""
    from engine.graph import Graph
    from engine.server import Server
    from engine.server.storage import hold_lock, translate_disk_faults
    from engine.store.journeys import erase_expired

    graph = Graph.connect(Server(settings).ensure_up(progress))
    files = fingerprint(
        [ONTOLOGY_DIR, *CATALOGUE, *list_embedding_files(settings), CYPHER_DIR / "load", CYPHER_DIR / "schema"]
    )
    mark, lock = settings.home / "loaded.json", settings.home / "load.lock"

    def serves_them() -> bool:
        known = read_json(mark)
        return known.get("files") == files and known.get("version") == read_served_version(graph)

    try:
        if not serves_them():
            with ExitStack() as held:
                with translate_disk_faults(settings.home, "ISOPATH_HOME"):
                    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
                    held.enter_context(hold_lock(lock, "Another command is loading the graph", progress))
                if not serves_them():
                    version = load_sources(graph, progress, settings.embedding_model)
                    write_json(mark, {"files": files, "version": version.id})
        if erased := erase_expired(graph, settings.keep_days):
            progress(f"{erased} journeys of more than {settings.keep_days} days ago are erased (ISOPATH_KEEP_DAYS)")
    except BaseException:
        graph.close()
        raise
    return graph


def read_served_version(graph: Graph) -> str | None:
    """Id of the version that the graph serves; None before the first load."""
    return next((str(row["id"]) for row in graph.rows("load/version")), None)


def list_embedding_files(settings: Settings) -> list[Path]:
    """Files that change with the embedding model; the description of an exported model has checksums of the others."""
    from encoders.embedding.embedder import BUNDLED

    place = Path(settings.embedding_model or BUNDLED)
    return [place / "model.json" if (place / "model.json").is_file() else place]


def load_sources(graph: Graph, progress: Progress, embedding_model: str | None = None) -> Version:
    """Loads ontology and catalogue into the graph; returns the version that it serves from then on."""
    from encoders.embedding.embedder import open_embedder
    from engine.rules import Ontology
    from engine.rules.checks.checking import check
    from engine.store.catalogue import Catalogue
    from engine.store.load import load

    progress("reading the ontology and the catalogue")
    embedder = open_embedder(embedding_model)
    ontology, catalogue = Ontology.read(ONTOLOGY_DIR), Catalogue.read(SEED_DIR)
    return load(graph, ontology, catalogue, embedder, progress, lambda: check(ontology))


def load_compiled(settings: Settings, progress: Progress) -> CompiledOntology:
    """The gate and the meaning of labels, from a file that is made again when the ontology changes.

    Never raises. On any fault the gate is the one just compiled, else the last good one of the home, else the bundled
    one; the meaning then raises the fault at its first access.
    """
    gate: Gate | None = None
    try:
        files = fingerprint([ONTOLOGY_DIR, *COMPILERS])
        known = read_sealed(settings.home / COMPILED)
        if known.get("files") == files:
            return CompiledOntology(Gate.from_json(known["gate"], settings.home), known["meaning"])
        from engine.rules import Ontology

        progress("reading the ontology for the crisis gate")
        ontology = Ontology.read(ONTOLOGY_DIR)
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
    return bool(read_sealed(settings.home / COMPILED).get("files") == fingerprint([folder, *COMPILERS]))


def _to_isopath_error(error: Exception) -> IsopathError:
    """The error itself if it is an IsopathError, else an OntologyError caused by it."""
    if isinstance(error, IsopathError):
        return error
    translated = OntologyError("ontology/", f"cannot be read ({type(error).__name__})", "Restore its files")
    translated.__cause__ = error
    return translated
