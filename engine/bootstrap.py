"""Opens what a command needs, in the order of the main path: gate, model, server, graph. Heavy doors open last."""

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
from engine.reasoning.reading import Meaning, Reader, meaning_of
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, ROOT, SEED_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.reasoning.planner import Planner
    from engine.reasoning.text_query import Wishes
    from engine.store.version import Version

Progress = Callable[[str], None]
EMOTIONS = SEED_DIR / "models" / "emotions"
CATALOGUE = [SEED_DIR / name for name in ("catalogue.csv", "catalogue.json", "catalogue_embeddings.npy")]
COMPILERS = [ROOT / "engine" / "gate", ROOT / "engine" / "reasoning" / "reading.py"]
"""What makes the compiled file: another release may read it otherwise."""


class Compiled(NamedTuple):
    """What is made of the ontology before any model is opened."""

    gate: Gate
    meaning: Meaning

    @property
    def fault(self) -> IsopathError | None:
        """What keeps the ontology from being used. The gate stands all the same; the meaning raises the fault."""
        return self.meaning.fault if isinstance(self.meaning, Unread) else None


class Unread(Mapping[str, Any]):
    """A meaning that could not be made: it raises why, when it is first looked at and not before."""

    def __init__(self, fault: IsopathError) -> None:
        self.fault = fault

    def __getitem__(self, _: str) -> Any:
        raise self.fault

    def __iter__(self) -> Iterator[str]:
        raise self.fault

    def __len__(self) -> int:
        raise self.fault


class Models:
    """What reads words, and what makes vectors of them: each is opened once, when it is first needed.

    Several applications of a process may share them.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wishes: Wishes | None = None
        self._reader: tuple[Compiled, Reader] | None = None
        self._opening = Lock()

    def reader(self, opened: Compiled) -> Reader:
        """What reads words into the terms of this ontology. Its model stays the same, whatever becomes of those."""
        if self._reader is not None and self._reader[0] is opened:
            return self._reader[1]
        with self._opening:
            if self._reader is None:
                self._reader = opened, open_reader(self._settings, opened)
            elif self._reader[0] is not opened:
                self._reader = opened, Reader(self._reader[1].model, opened.meaning)
            return self._reader[1]

    @property
    def wishes(self) -> Wishes:
        """What makes vectors of words; its model is opened at the first of them."""
        if self._wishes is None:
            from engine.reasoning.text_query import Wishes

            self._wishes = Wishes(self._settings.embedding_model)
        return self._wishes


@contextmanager
def planner(settings: Settings, opened: Compiled, progress: Progress) -> Iterator[Planner]:
    """A planner whose models and graph are opened only after the gate let a text pass."""
    from engine.reasoning.planner import Planner
    from engine.reasoning.text_query import Wishes

    graphs: list[Graph] = []

    @cache
    def reader() -> Reader:
        return open_reader(settings, opened)

    def graph() -> Graph:
        if not graphs:
            graphs.append(open_graph(settings, progress))
        return graphs[0]

    try:
        wishes = Wishes(settings.embedding_model)
        yield Planner(opened.gate, reader, graph, wishes, settings.region, settings.keep)
    finally:
        for one in graphs:
            one.close()


def open_reader(settings: Settings, opened: Compiled) -> Reader:
    """What reads words, with the emotion model of the settings."""
    from encoders.emotions.model import open_emotion_model as load_emotions

    return Reader(load_emotions(settings.emotion_model or EMOTIONS), opened.meaning)


@contextmanager
def loaded_graph(settings: Settings, progress: Progress) -> Iterator[Graph]:
    """A graph that serves what the files say now."""
    graph = open_graph(settings, progress)
    try:
        yield graph
    finally:
        graph.close()


def open_graph(settings: Settings, progress: Progress) -> Graph:
    """The server started if it is ours, loaded if it serves anything but what the files say now, and without journeys
    that are kept too long."""
    from engine.graph import Graph
    from engine.server import Server
    from engine.server.storage import hold_lock, translate_disk_faults
    from engine.store.journeys import expire

    graph = Graph.connect(Server(settings).ensure_up(progress))
    files = fingerprint(
        [ONTOLOGY_DIR, *CATALOGUE, *embedding_files(settings), CYPHER_DIR / "load", CYPHER_DIR / "schema"]
    )
    mark, lock = settings.home / "loaded.json", settings.home / "load.lock"

    def serves_them() -> bool:
        known = read_json(mark)
        return known.get("files") == files and known.get("version") == served(graph)

    try:
        if not serves_them():
            with ExitStack() as held:
                with translate_disk_faults(settings.home, "ISOPATH_HOME"):
                    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
                    held.enter_context(hold_lock(lock, "Another command is loading the graph", progress))
                if not serves_them():
                    version = load_all(graph, progress, settings.embedding_model)
                    write_json(mark, {"files": files, "version": version.id})
        if erased := expire(graph, settings.keep_days):
            progress(f"{erased} journeys of more than {settings.keep_days} days ago are erased (ISOPATH_KEEP_DAYS)")
    except BaseException:
        graph.close()
        raise
    return graph


def served(graph: Graph) -> str | None:
    """Id of the version that the graph serves; None before its first load."""
    return next((str(row["id"]) for row in graph.rows("load/version")), None)


def embedding_files(settings: Settings) -> list[Path]:
    """What changes when the embedding model does: the description of an exported model names its other files."""
    from encoders.embedding.embedder import BUNDLED

    place = Path(settings.embedding_model or BUNDLED)
    return [place / "model.json" if (place / "model.json").is_file() else place]


def load_all(graph: Graph, progress: Progress, embedding_model: str | None = None) -> Version:
    """Brings ontology and catalogue into the graph; the version that serves from then on."""
    from encoders.embedding.embedder import open_embedder
    from engine.rules import Ontology
    from engine.rules.checks.checking import check
    from engine.store.catalogue import Catalogue
    from engine.store.load import load

    progress("reading the ontology and the catalogue")
    embedder = open_embedder(embedding_model)
    ontology, catalogue = Ontology.read(ONTOLOGY_DIR), Catalogue.read(SEED_DIR)
    return load(graph, ontology, catalogue, embedder, progress, lambda: check(ontology))


def compiled(settings: Settings, progress: Progress) -> Compiled:
    """The gate and the meaning of labels, from a small file that is made anew whenever the ontology changed.

    Never an error. When they cannot be made or kept, whatever the reason, the gate is the one just made, else the last
    good one of the home, else the one that ships; the meaning then raises the fault, for whoever the gate lets pass.
    """
    gate: Gate | None = None
    try:
        files = fingerprint([ONTOLOGY_DIR, *COMPILERS])
        known = read_sealed(settings.home / COMPILED)
        if known.get("files") == files:
            return Compiled(Gate.from_json(known["gate"], settings.home), known["meaning"])
        from engine.rules import Ontology

        progress("reading the ontology for the crisis gate")
        ontology = Ontology.read(ONTOLOGY_DIR)
        known = {"files": files, "gate": compile_gate(ontology), "meaning": meaning_of(ontology)}
        made = Gate.from_json(known["gate"], settings.home)
        if not is_sound(made):
            fault = "its phrases miss sentences that every gate must catch, or catch ordinary ones"
            raise OntologyError("ontology/gate.owl", fault, "Take back the last change of its phrases or thresholds")
        gate = made
        save_gate(settings.home, known)
        return Compiled(gate, known["meaning"])
    except Exception as error:
        return Compiled(gate or load_fallback_gate(settings.home), Unread(_told(error)))


def has_compiled(settings: Settings, folder: Path) -> bool:
    """Whether the home holds a gate made from the very files of this folder, whose phrases then kept their examples."""
    return bool(read_sealed(settings.home / COMPILED).get("files") == fingerprint([folder, *COMPILERS]))


def _told(error: Exception) -> IsopathError:
    """The error as it is told; one that no reader of the ontology foresaw is a fault of its files."""
    if isinstance(error, IsopathError):
        return error
    told = OntologyError("ontology/", f"cannot be read ({type(error).__name__})", "Restore its files")
    told.__cause__ = error
    return told
