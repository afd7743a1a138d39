"""Opens what a command needs, in the order of the main path: gate, model, server, graph. Heavy doors open last."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.asking import put
from engine.errors import GraphUnavailable, OntologyError, UsageError
from engine.gate import Gate, compile_gate
from engine.journey import SOUND, text_faults
from engine.queries import Queries
from engine.reading import Meaning, Reader, meaning_of, which_feeling
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, ROOT, SEED_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Graph, Table
    from engine.planner import Planner
    from engine.version import Version

Progress = Callable[[str], None]
EMOTIONS = SEED_DIR / "models" / "emotions"
CATALOGUE = [SEED_DIR / name for name in ("catalogue.csv", "catalogue.json", "catalogue_embeddings.npy")]
COMPILERS = [ROOT / "engine" / "gate", ROOT / "engine" / "reading.py"]
"""What makes the compiled file: another release may read it otherwise."""
MOST_FOUND = 200
"""Tracks that one search shows at most: more is no answer but a listing, which `isopath tracks` gives."""
LOOKED_AT = 2 * MOST_FOUND
"""Tracks that a search looks at: asked for as many as are shown, the index misses a tenth of the likest."""


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
        yield Planner(gate, reader, graph, Queries.load(CYPHER_DIR), wishes, settings.region)
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
    """The server started if it is ours, and loaded if it serves anything but what the files say now."""
    from engine.graph import Graph
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


def read_emotions(
    settings: Settings, texts: Sequence[str], gated: bool, one: bool, progress: Progress
) -> list[dict[str, Any]]:
    """The reading of each text as the contract shows it. A single text that cannot be read is a UsageError."""
    from encoders.emotions import load as load_emotions
    from encoders.passages import label_sentences

    gate, meaning = compiled(settings, progress)
    if one and (faults := text_faults("TEXT", texts[0])):
        raise UsageError.of(faults)
    results = [gate.check(text) if gated else None for text in texts]
    if one and (hit := results[0]) is not None and hit.hit:
        return [{"outcome": "support", "reading": None, "support": gate.support(hit, settings.region)}]
    reader = Reader(load_emotions(settings.emotion_model or EMOTIONS), meaning)
    answers: list[dict[str, Any]] = []
    for text, gone in zip(texts, results, strict=True):
        if gone is not None and gone.hit:
            answers.append({"outcome": "support", "reading": None, "support": gate.support(gone, settings.region)})
            continue
        reading = reader.read(text, "passed" if gone else "not_run", gone.markers if gone else ())
        found = [
            {"start": s.span.start, "end": s.span.end, "labels": list(s.labels)}
            for s in label_sentences(reader.model, text)
        ]
        asked = (
            {}
            if reading.status == "clear"
            else {"question": put(which_feeling(reader, reading), gone.language if gone else "en")}
        )
        outcome = "question" if asked else "reading"
        answers.append({"outcome": outcome, "reading": {**reading.as_json(), "sentences": found}, **asked})
    return answers


def search_tracks(settings: Settings, text: str, limit: int, progress: Progress) -> dict[str, Any]:
    """{"outcome": "tracks", "tracks": [...]}, likest first, or support. The gate reads the words before any model does.

    UsageError for words that cannot be read or have no vector, and for a limit out of range.
    """
    from engine.wish import Wishes

    faults = text_faults("TEXT", text, SOUND)
    if not 1 <= limit <= MOST_FOUND:
        faults.append(("--limit", f"{limit} tracks cannot be shown", f"Ask for 1 to {MOST_FOUND}"))
    if faults:
        raise UsageError.of(faults)
    gate, _ = compiled(settings, progress)
    gated = gate.check(text)
    if gated.hit:
        return {"outcome": "support", "reading": None, "support": gate.support(gated, settings.region)}
    wish = Wishes(settings.embedding_model).of(text, "TEXT")
    queries = Queries.load(CYPHER_DIR)
    with loaded_graph(settings, progress) as graph:
        [version] = graph.rows(queries["load/version"])
        found = graph.rows(queries["search/tracks"], wish=wish.among(version), looked=LOOKED_AT, limit=limit)
    return {"outcome": "tracks", "tracks": found}


def check_ontology(progress: Progress) -> list[dict[str, Any]]:
    """Every finding of the closed-world checks, of the gate's phrases and of HermiT, errors first."""
    from engine.ontology import Ontology

    def errors(check: str, error: OntologyError) -> list[dict[str, Any]]:
        told = [(e.place, e.fault, e.repair) for e in (error, *error.others)]
        return [{"level": "error", "check": check, "place": p, "fault": f, "repair": r} for p, f, r in told]

    try:
        ontology = Ontology.read(ONTOLOGY_DIR)
    except OntologyError as error:
        return errors("reading", error)
    found: list[dict[str, Any]] = []
    try:
        compile_gate(ontology)
    except OntologyError as error:
        found = errors("phrases", error)
    progress(f"{len(ontology.individuals)} individuals read; reasoning with HermiT")
    names = ("level", "check", "place", "fault", "repair")
    return found + [
        {name: getattr(f, name) for name in names} for f in sorted([*ontology.check(), *ontology.consistent()])
    ]


def analyst_table(settings: Settings, asked: str, params: Mapping[str, object], progress: Progress) -> Table:
    """The rows of an analyst's query, by name, file or text; reading only."""
    import sys

    from engine.analyst import analyst_rows

    queries = Queries.load(CYPHER_DIR)
    if asked == "-":
        asked = sys.stdin.read()
    elif asked not in queries and Path(asked).is_file():
        asked = Path(asked).read_text("utf-8")
    with loaded_graph(settings, progress) as graph:
        return analyst_rows(graph, queries, asked, params)


def fingerprint(places: Sequence[Path]) -> str:
    """sha256 over names and bytes of the files, and of every file below the folders; changes when any of them does."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(p for p in (place, *place.rglob("*")) if p.is_file() and p.suffix != ".pyc"):
            digest.update(f"{path.relative_to(place.parent)}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """What a file of ours holds; nothing when it is not there or was cut off, since it can be made again."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a file of ours whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        beside.replace(path)
    except OSError as exc:
        raise GraphUnavailable(
            str(path),
            f"cannot be written ({exc.strerror})",
            "Free some space, or set ISOPATH_HOME to a folder you can write to",
        ) from exc
