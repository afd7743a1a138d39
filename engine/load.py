"""Makes a graph of the ontology and the catalogue: all of it or nothing, and nothing twice.

One rule for everything in the ontology: an individual becomes a node, its classes become labels, its data properties
become properties, its object properties become relationships (`callsFor` -> `CALLS_FOR`). A new class needs no Python.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import numpy as np

from encoders.base import TextEmbedder
from engine.catalogue import Catalogue
from engine.errors import CatalogueError, EncoderUnavailable, GraphUnavailable, OntologyError
from engine.graph import Graph, Row, Transaction, as_vector
from engine.queries import Queries
from engine.search_index import SearchIndex
from engine.version import Version, held, mapping_sha256

if TYPE_CHECKING:
    from engine.ontology import Individual
    from engine.ontology.findings import Finding

Progress = Callable[[str], None]
_Item = TypeVar("_Item")

_BATCH: Final = 2_000
"""Rows a statement: a statement's parameters are held in memory on both sides."""


class Knowledge(Protocol):
    """What a load needs of an ontology."""

    @property
    def individuals(self) -> tuple[Individual, ...]: ...
    @property
    def version_info(self) -> str: ...
    @property
    def sha256(self) -> str: ...

    def check(self, today: date | None = None) -> list[Finding]:
        """What is wrong with it, and what is worth a look."""
        ...


def load(
    graph: Graph,
    ontology: Knowledge,
    catalogue: Catalogue,
    embedder: TextEmbedder,
    progress: Progress,
    queries: Queries,
) -> Version:
    """The version that the graph serves from now on. What it held before is replaced; journeys stay.

    Everything is checked before anything is written, and written in one transaction: a load that fails, or is killed,
    leaves what was there. OntologyError, CatalogueError, EncoderUnavailable and GraphUnavailable say why. A graph that
    holds just this is left alone. Two loads at once take turns.
    """
    began = time.monotonic()
    wanted = Version(
        ontology.sha256,
        ontology.version_info,
        catalogue.sha256,
        embedder.card.name,
        embedder.card.sha256,
        catalogue.dimensions,
        mapping_sha256(queries),
    )
    index = SearchIndex(graph, queries)
    before = held(graph, queries)
    if before and before.id == wanted.id and index.fits(wanted.dimensions):
        progress(f"the graph holds version {wanted.id} already: nothing to do")
        return before
    _check(ontology, catalogue, embedder)
    content = _Content.of(ontology, catalogue, embedder, progress)
    graph.write(lambda transaction: [transaction.rows(query) for query in queries.folder("schema")])
    progress(f"writing {len(content.individuals)} individuals and {len(content.tracks)} tracks")
    graph.write(lambda transaction: _write(transaction, queries, content, wanted))
    serves = held(graph, queries)
    if serves is None:
        raise GraphUnavailable(
            graph.place, "lost what was just written", "See the server's log, then run `isopath load`"
        )
    # Of two loads at once the later one serves; the index follows what serves, whoever comes last.
    index.ensure(serves.dimensions, progress)
    progress(f"version {serves.id} serves, after {time.monotonic() - began:.1f} s")
    return serves


@dataclass(frozen=True, slots=True)
class _Content:
    """The rows to write, made before the transaction so that it is short."""

    individuals: list[Row]
    links: list[Row]
    descriptors: list[Row]
    works: list[Row]
    tracks: list[Row]

    @classmethod
    def of(cls, ontology: Knowledge, catalogue: Catalogue, embedder: TextEmbedder, progress: Progress) -> _Content:
        return cls(
            individuals=[
                {"id": i.id, "labels": list(i.classes), "properties": dict(i.properties)} for i in ontology.individuals
            ],
            links=[
                {"source": i.id, "type": relationship_type(name), "target": target}
                for i in ontology.individuals
                for name, target in i.links
            ],
            descriptors=_embedded(ontology, embedder, progress),
            works=_works(catalogue),
            tracks=[
                {
                    "id": track["track_id"],
                    "work_id": track["work_id"],
                    "properties": {name: fact for name, fact in track.items() if name not in _ELSEWHERE},
                    "embedding": as_vector(vector),
                }
                for track, vector in zip(catalogue.tracks, catalogue.vectors, strict=True)
            ],
        )


_ELSEWHERE: Final = frozenset({"track_id", "work_id", "artist_id", "artist"})
"""Columns that are not properties of a track: its id, and what its work and artist hold."""


def relationship_type(object_property: str) -> str:
    """`callsFor` -> `CALLS_FOR`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", object_property).upper()


def _check(ontology: Knowledge, catalogue: Catalogue, embedder: TextEmbedder) -> None:
    """Raises what is wrong with the files, before the graph is touched."""
    if errors := [finding for finding in ontology.check() if finding.level == "error"]:
        raise OntologyError.of([(finding.place, finding.fault, finding.repair) for finding in errors])
    known = {individual.id for individual in ontology.individuals}
    if dangling := [
        (individual.place, f"{name} names '{target}', which no module defines", "Correct the id, or define it")
        for individual in ontology.individuals
        for name, target in individual.links
        if target not in known
    ]:
        raise OntologyError.of(dangling)
    ranges = {
        cue.id: (float(low), float(high))
        for cue in ontology.individuals
        if "Cue" in cue.classes
        and isinstance(low := cue.properties.get("minimum"), int | float)
        and isinstance(high := cue.properties.get("maximum"), int | float)
    }
    catalogue.check(ranges, embedder.card.sha256, embedder.dimensions)


def _embedded(ontology: Knowledge, embedder: TextEmbedder, progress: Progress) -> list[Row]:
    """A vector for the words of each descriptor; EncoderUnavailable when the model makes one that no search can use."""
    descriptors = [individual for individual in ontology.individuals if "Descriptor" in individual.classes]
    if not descriptors:
        return []
    progress(f"embedding {len(descriptors)} descriptors")
    vectors = embedder.embed_text([str(descriptor.properties["text"]) for descriptor in descriptors])
    if vectors.shape != (len(descriptors), embedder.dimensions):
        raise EncoderUnavailable(
            embedder.card.name, f"made vectors of shape {vectors.shape}", "Use a model whose card tells its dimensions"
        )
    useless = np.flatnonzero(~np.isfinite(vectors).all(axis=1) | ~vectors.any(axis=1))
    if useless.size:
        raise EncoderUnavailable.of(
            [
                (descriptors[row].place, f"{embedder.card.name} makes no vector of its text", "Reword the descriptor")
                for row in useless
            ]
        )
    return [{"id": d.id, "embedding": as_vector(vector)} for d, vector in zip(descriptors, vectors, strict=True)]


def _works(catalogue: Catalogue) -> list[Row]:
    """Each work once; the first of its performances gives it its title."""
    works: dict[Any, Row] = {}
    for track in catalogue.tracks:
        works.setdefault(
            track["work_id"],
            {
                "id": track["work_id"],
                "title": track["title"],
                "artist_id": track["artist_id"],
                "artist": track["artist"],
            },
        )
    return list(works.values())


def _write(transaction: Transaction, queries: Queries, content: _Content, wanted: Version) -> None:
    """Everything in one transaction. Whoever loads at the same time waits at the first query until this is over."""

    def ask(name: str, **params: object) -> list[Row]:
        return transaction.rows(queries[f"load/{name}"], **params)

    def ask_in_parts(name: str, param: str, rows: Sequence[Row], **params: object) -> int:
        return sum(ask(name, **{param: part}, **params)[0]["written"] for part in _parts(rows))

    if strangers := ask("lock")[0]["strangers"]:
        raise GraphUnavailable(
            "the Neo4j database",
            f"holds {strangers} nodes that Isopath did not write, under labels that it uses",
            "Name another database in NEO4J_DATABASE: a load would overwrite them",
        )
    if (rows := ask("version")) and Version.of(rows[0]).id == wanted.id:
        return  # Somebody else loaded just this while we waited.
    ids = [row["id"] for row in content.individuals]
    ask_in_parts("individuals", "individuals", content.individuals)
    ask("unlink")
    ask("retire_individuals", ids=ids)
    ask("remove_individuals", ids=ids)
    if ask_in_parts("links", "links", content.links) != len(content.links):
        raise OntologyError("ontology", "has links that did not reach the graph", "Run `isopath ontology check`")
    ask_in_parts("descriptors", "descriptors", content.descriptors)
    if not rows or not _same_tracks(Version.of(rows[0]), wanted):
        ask("revive_tracks", ids=[row["id"] for row in content.tracks])
        ask_in_parts("works", "works", content.works)
        ask_in_parts("tracks", "tracks", content.tracks, catalogue=wanted.catalogue_sha256)
        ask("retire_tracks", catalogue=wanted.catalogue_sha256)
        ask("remove_tracks", catalogue=wanted.catalogue_sha256)
        ask("remove_works")
    ask("affect")
    if incomplete := ask("incomplete_tracks"):
        raise CatalogueError.of(
            [
                (f"track '{row['track_id']}'", f"has no {row['property']}", "A search would never find it: measure it")
                for row in incomplete
            ]
        )
    ask("catalogue")
    ask("serve", **_facts(wanted))


def _same_tracks(one: Version, other: Version) -> bool:
    """Whether the tracks need no writing: a therapist who changes a rule does not wait for the catalogue."""
    return (one.catalogue_sha256, one.mapping_sha256) == (other.catalogue_sha256, other.mapping_sha256)


def _facts(version: Version) -> Mapping[str, object]:
    facts = {name: getattr(version, name) for name in Version.__dataclass_fields__ if name != "loaded"}
    return {"id": version.id, **facts}


def _parts(rows: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
