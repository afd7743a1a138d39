"""Opens what a command needs, in the order of the main path: gate, model, server, graph. Heavy doors open last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.files import fingerprint, read_json, write_json
from engine.gate import Gate, compile_gate
from engine.queries import Queries
from engine.reading import Meaning, Reader, meaning_of
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, ROOT, SEED_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.planner import Planner
    from engine.version import Version

Progress = Callable[[str], None]
EMOTIONS = SEED_DIR / "models" / "emotions"
CATALOGUE = [SEED_DIR / name for name in ("catalogue.csv", "catalogue.json", "catalogue_embeddings.npy")]
COMPILERS = [ROOT / "engine" / "gate", ROOT / "engine" / "reading.py"]
"""What makes the compiled file: another release may read it otherwise."""


@contextmanager
def planner(settings: Settings, progress: Progress) -> Iterator[Planner]:
    """A planner whose models and graph are opened only after the gate let a text pass."""
    from encoders.emotions import load as load_emotions
    from engine.planner import Planner
    from engine.wish import Wishes

    gate, meaning = compiled(settings, progress)
    opened: list[Graph] = []

    @cache
    def reader() -> Reader:
        return Reader(load_emotions(settings.emotion_model or EMOTIONS), meaning)

    def graph() -> Graph:
        if not opened:
            opened.append(open_graph(settings, progress))
        return opened[0]

    try:
        wishes = Wishes(settings.embedding_model)
        yield Planner(gate, reader, graph, Queries.load(CYPHER_DIR), wishes, settings.region, settings.keep)
    finally:
        for one in opened:
            one.close()


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
    from engine.keeping import expire
    from engine.server import Server

    graph = Graph.connect(Server(settings).ensure_up(progress))
    queries = Queries.load(CYPHER_DIR)
    files = fingerprint(
        [ONTOLOGY_DIR, *CATALOGUE, *embedding_files(settings), CYPHER_DIR / "load", CYPHER_DIR / "schema"]
    )
    mark = settings.home / "loaded.json"
    known = read_json(mark)
    try:
        if known.get("files") != files or known.get("version") != served(graph, queries):
            version = load_all(graph, queries, progress, settings.embedding_model)
            write_json(mark, {"files": files, "version": version.id})
        if erased := expire(graph, queries, settings.keep_days):
            progress(f"{erased} journeys of more than {settings.keep_days} days ago are erased (ISOPATH_KEEP_DAYS)")
    except BaseException:
        graph.close()
        raise
    return graph


def served(graph: Graph, queries: Queries) -> str | None:
    """Id of the version that the graph serves; None before its first load."""
    return next((str(row["id"]) for row in graph.rows(queries["load/version"])), None)


def embedding_files(settings: Settings) -> list[Path]:
    """What changes when the embedding model does: the description of an exported model names its other files."""
    from encoders.embedder import BUNDLED

    place = Path(settings.embedding_model or BUNDLED)
    return [place / "model.json" if (place / "model.json").is_file() else place]


def load_all(graph: Graph, queries: Queries, progress: Progress, embedding_model: str | None = None) -> Version:
    """Brings ontology and catalogue into the graph; the version that serves from then on."""
    from encoders.embedder import open_embedder
    from engine.catalogue import Catalogue
    from engine.load import load
    from engine.ontology import Ontology

    progress("reading the ontology and the catalogue")
    embedder = open_embedder(embedding_model)
    return load(graph, Ontology.read(ONTOLOGY_DIR), Catalogue.read(SEED_DIR), embedder, progress, queries)


def compiled(settings: Settings, progress: Progress) -> tuple[Gate, Meaning]:
    """The gate and the meaning of labels, from a small file that is made anew whenever the ontology changed."""
    path, files = settings.home / "compiled.json", fingerprint([ONTOLOGY_DIR, *COMPILERS])
    known = read_json(path)
    if known.get("files") != files:
        from engine.ontology import Ontology

        progress("reading the ontology for the crisis gate")
        ontology = Ontology.read(ONTOLOGY_DIR)
        known = {"files": files, "gate": compile_gate(ontology), "meaning": meaning_of(ontology)}
        write_json(path, known)
    return Gate.from_json(known["gate"], settings.home), known["meaning"]
