"""Brings a graph to what should serve: the version that was published last, or a draft.

What ships is published where nothing was yet, or where an older release's serves and nobody has published their own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.errors import OntologyError
from engine.files import fingerprint, read_json, write_json
from engine.graph import Graph, Transaction
from engine.publishing.serving import Mark, keep_files, locate_served, note_served, read_mark
from engine.publishing.shipping import read_shipped
from engine.publishing.sources import Sources
from engine.settings import CYPHER_DIR, SEED_DIR, Settings
from engine.store.publications import (
    Publication,
    make_publication,
    read_publications,
    read_published_sources,
    record_publication,
)
from engine.store.version import Version, select_served

Progress = Callable[[str], None]
CATALOGUE: Final = [SEED_DIR / name for name in ("catalogue.csv", "catalogue.json", "catalogue_embeddings.npy")]
LOADED: Final = "loaded.json"
"""In a home: what its graph was loaded from."""


def serves(graph: Graph, settings: Settings, draft: Path) -> bool:
    """Whether the graph holds what should serve, and the home knows of it."""
    known = read_json(settings.home / LOADED)
    folder, number = draft, None
    if not settings.serve_draft:
        entries = read_publications(graph)
        mark = read_mark(settings)
        if not entries or mark != _make_mark(entries[-1]) or mark.is_outdated:
            return False
        try:
            folder, number = locate_served(settings, draft), mark.number
        except OntologyError:
            return False  # The graph has the files that the home lost.
    held = select_served(graph.rows("load/version"))
    now = {"files": _hash_files(settings, folder), "version": held and held["id"], "published": number}
    return held is not None and held["published"] == number and known == now


def serve(graph: Graph, settings: Settings, draft: Path, progress: Progress) -> None:
    """Loads what should serve. What ships is published where nothing was, or an older release's was."""
    entries = () if settings.serve_draft else read_publications(graph)
    if settings.serve_draft:
        note_loaded(settings, draft, load_sources(graph, progress, settings.embedding_model, draft))
    elif not entries or _make_mark(entries[-1]).is_outdated:
        sources = read_shipped()
        shipped = make_publication(entries, "shipped", sources.sha256, "Isopath", "ships with this release", ())
        publish_files(graph, settings, draft, progress, shipped, sources)
    else:
        last = entries[-1]
        folder = keep_files(settings, draft, last.ontology_sha256, lambda: read_published_sources(graph, last.number))
        version = load_sources(graph, progress, settings.embedding_model, folder, last.number)
        note_served(settings, _make_mark(last))
        note_loaded(settings, folder, version)


def publish_files(
    graph: Graph, settings: Settings, draft: Path, progress: Progress, publication: Publication, sources: Sources
) -> Version:
    """Lets the files of a version serve: in the graph at once with the entry that says so, then in the home."""
    folder = keep_files(settings, draft, publication.ontology_sha256, lambda: sources)
    version = load_sources(
        graph,
        progress,
        settings.embedding_model,
        folder,
        publication.number,
        lambda transaction: record_publication(transaction, publication, sources),
    )
    note_served(settings, _make_mark(publication))
    note_loaded(settings, folder, version)
    return version


def note_loaded(settings: Settings, folder: Path, version: Version) -> None:
    """Notes what the graph was loaded from, so that the next command need not look into it."""
    said = {"files": _hash_files(settings, folder), "version": version.id, "published": version.published}
    write_json(settings.home / LOADED, said)


def _make_mark(publication: Publication) -> Mark:
    return Mark(publication.ontology_sha256, publication.number, publication.kind)


def _hash_files(settings: Settings, folder: Path) -> str:
    rest = fingerprint([*CATALOGUE, *list_embedding_files(settings), CYPHER_DIR / "load", CYPHER_DIR / "schema"])
    return f"{Sources.read(folder).sha256} {rest}"


def list_embedding_files(settings: Settings) -> list[Path]:
    """What changes when the embedding model does: the description of an exported model names its other files."""
    from encoders.embedding.embedder import BUNDLED

    place = Path(settings.embedding_model or BUNDLED)
    return [place / "model.json" if (place / "model.json").is_file() else place]


def load_sources(
    graph: Graph,
    progress: Progress,
    embedding_model: str | None,
    folder: Path,
    published: int | None = None,
    record: Callable[[Transaction], object] | None = None,
) -> Version:
    """Brings the ontology of a folder and the catalogue into the graph.

    The version that serves from then on; what was published before was checked then.
    """
    from encoders.embedding.embedder import open_embedder
    from engine.rules import Ontology
    from engine.rules.checks.checking import check
    from engine.store.catalogue import Catalogue
    from engine.store.load import load

    progress("reading the ontology and the catalogue")
    embedder = open_embedder(embedding_model)
    ontology, catalogue = Ontology.read(folder), Catalogue.read(SEED_DIR)
    known = published is not None and record is None
    findings = tuple if known else lambda: check(ontology)
    return load(graph, ontology, catalogue, embedder, progress, findings, published, record)
