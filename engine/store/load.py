"""Loads ontology and catalogue into the graph; a load is atomic and idempotent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Protocol

from encoders.base import TextEmbedder
from engine.errors import CatalogueError, GraphUnavailable, OntologyError
from engine.graph import Graph, Row, Transaction
from engine.queries import Queries
from engine.store.catalogue import Catalogue
from engine.store.content import LoadContent, list_works
from engine.store.journeys import fill_free_places
from engine.store.search_index import SearchIndex
from engine.store.version import Version, hash_mapping, read_version, select_served

if TYPE_CHECKING:
    from engine.rules import Individual
    from engine.rules.checks.findings import Finding

Progress = Callable[[str], None]

_PART: Final = 2_000
"""Rows of one query: its params are held in memory by client and server."""

_JOURNEYS_AT_ONCE: Final = 300
"""Journeys of an older release that one transaction converts."""
_AT_ONCE: Final = 5_000
"""Limit on tracks of one transaction: each takes 15 to 30 kB of the server's heap, of which (512 MB and more) a
transaction may use 70 %."""


class LoadableOntology(Protocol):
    """The part of an ontology that a load needs."""

    @property
    def individuals(self) -> tuple[Individual, ...]: ...
    @property
    def version_info(self) -> str: ...
    @property
    def sha256(self) -> str: ...


def load(
    graph: Graph,
    ontology: LoadableOntology,
    catalogue: Catalogue,
    embedder: TextEmbedder,
    progress: Progress,
    findings: Callable[[], Sequence[Finding]] = tuple,
    published: int | None = None,
    record: Callable[[Transaction], object] | None = None,
) -> Version:
    """Replaces the graph's ontology and catalogue; returns the version that it serves from then on. Journeys stay.

    The load is atomic: everything is checked first and written in one transaction, so a failed load changes nothing
    (OntologyError, CatalogueError, EncoderUnavailable or GraphUnavailable). It is idempotent: a graph of this version
    stays as it is. Concurrent loads take turns. `findings` returns those of `engine.rules.checks.checking.check`; it is
    called only if there is something to load, and an error among them refuses the load.

    `published` is the number of the ontology's published version. `record` writes the publication in the same
    transaction.
    """
    began = time.monotonic()
    wanted = replace(_make_version(ontology, catalogue, embedder, graph.queries), published=published)
    index = SearchIndex(graph)
    before = _read_served(graph)
    if before and record is None and _is_same(before, wanted) and index.fits(wanted.dimensions):
        progress(f"the graph holds version {wanted.id} already: nothing to do")
        return before
    _check_sources(ontology, catalogue, embedder, findings())
    progress(f"loading {len(ontology.individuals)} individuals and {len(catalogue.tracks)} tracks")
    content = LoadContent.from_sources(ontology.individuals, catalogue, embedder)
    # Schema and data cannot share a transaction. Constraints made early do no harm to the version before.
    graph.write(lambda transaction: [transaction.rows(query.name) for query in graph.queries.list_folder("schema")])
    index.rehearse(wanted.dimensions)
    if before is None and len(content.tracks) > _AT_ONCE:
        _write_ahead(graph, content, _make_stamp(wanted), progress)
    _reduce_journeys(graph, progress)
    waiting = graph.write(lambda transaction: _write_version(_LoadQueries(transaction), content, wanted, record))
    # Of two concurrent loads the later one serves: the index must fit the version that serves now.
    version = read_version(graph)
    index.ensure(version.dimensions, progress)
    if waiting:
        progress(f"{waiting} of your own tracks have vectors of another model: `isopath ingest` makes them anew")
    progress(f"version {version.id} serves, after {time.monotonic() - began:.1f} s")
    return version


def _is_same(one: Version, other: Version) -> bool:
    """Whether both have the same content under the same number."""
    return (one.id, one.published) == (other.id, other.published)


def _make_version(
    ontology: LoadableOntology, catalogue: Catalogue, embedder: TextEmbedder, queries: Queries
) -> Version:
    return Version(
        ontology_sha256=ontology.sha256,
        version_info=ontology.version_info,
        catalogue_sha256=catalogue.sha256,
        embedding_model=embedder.card.name,
        embedding_sha256=embedder.card.sha256,
        dimensions=catalogue.dimensions,
        mapping_sha256=hash_mapping(queries),
    )


def _read_served(graph: Graph) -> Version | None:
    """The one version that the graph serves before the load; GraphUnavailable when it holds foreign nodes."""
    versions, [lone] = graph.read([("load/version", {}), ("load/strangers", {})])
    if lone["strangers"]:
        raise GraphUnavailable(
            graph.place,
            f"holds {lone['strangers']} nodes that Isopath did not write, under labels that a load would overwrite",
            "Name an empty database in NEO4J_DATABASE",
        )
    served = select_served(versions)
    return Version.from_row(served) if served else None


def _check_sources(
    ontology: LoadableOntology, catalogue: Catalogue, embedder: TextEmbedder, findings: Sequence[Finding]
) -> None:
    """Raises faults of ontology and catalogue."""
    known = {individual.id for individual in ontology.individuals}
    faults = [(found.place, found.fault, found.repair) for found in findings if found.level == "error"]
    faults += [
        (individual.place, f"{name} names '{target}', which no module defines", "Correct the id, or define it")
        for individual in ontology.individuals
        for name, target in individual.links
        if target not in known
    ]
    if faults:
        raise OntologyError.of(faults)
    ranges = {
        cue.id: (float(low), float(high))
        for cue in ontology.individuals
        if "Cue" in cue.classes
        and isinstance(low := cue.properties.get("minimum"), int | float)
        and isinstance(high := cue.properties.get("maximum"), int | float)
    }
    catalogue.check(ranges, embedder.card.sha256, embedder.dimensions)


@dataclass(frozen=True, slots=True)
class _LoadQueries:
    """The queries of cypher/load in one transaction."""

    transaction: Transaction

    def __call__(self, name: str, **params: object) -> list[Row]:
        return self.transaction.rows(f"load/{name}", **params)

    def write_rows(self, name: str, rows: Sequence[Row], **params: object) -> int:
        """Writes rows by several calls of a query, whose param has the query's name; returns their number."""
        return sum(self(name, **{name: part}, **params)[0]["written"] for part in _split_batches(rows))


def _write_version(
    ask: _LoadQueries, content: LoadContent, wanted: Version, record: Callable[[Transaction], object] | None = None
) -> int:
    """Writes all content in one transaction; returns how many of a listener's own tracks wait for new vectors.

    Concurrent loads wait for the lock of the first query.
    """
    ask("lock")
    if record is not None:
        record(ask.transaction)
    elif (served := select_served(ask("version"))) and _is_same(Version.from_row(served), wanted):
        return 0  # A concurrent load has written this version.
    _write_ontology(ask, content)
    stamp = _make_stamp(wanted)
    ask("trait_lists")
    # Tracks of an unchanged catalogue, or written ahead, are not written again.
    if ask("tracks_written", stamp=stamp)[0]["written"] != len(content.tracks):
        ask("revive_tracks", ids=[row["id"] for row in content.tracks])
        _write_tracks(ask, content.tracks, stamp)
    ask("retire_tracks", stamp=stamp)
    ask("remove_tracks", stamp=stamp)
    ask("remove_works")
    waiting = int(ask("silence_tracks", embedding_sha256=wanted.embedding_sha256)[0]["waiting"])
    ask("affect", ids=None)
    ask("track_profiles", ids=None)
    if incomplete := ask("incomplete_tracks"):
        repair = "Without it no search finds the track: measure it, or give the axis cue weights"
        faults = [(f"track '{row['track_id']}'", f"has no {row['property']}", repair) for row in incomplete]
        raise CatalogueError.of(faults)
    ask("catalogue")
    facts = {name: getattr(wanted, name) for name in Version.__dataclass_fields__ if name != "loaded"}
    ask("serve", id=wanted.id, **facts)
    return waiting


def _write_ahead(graph: Graph, content: LoadContent, stamp: str, progress: Progress) -> None:
    """Writes tracks that are too many for one transaction in several, into a graph that serves nothing yet.

    If this is killed or another load comes first, nothing serves them: `_write_version` counts the tracks of its own
    catalogue, and writes all of them if any is missing.
    """

    def write(transaction: Transaction, part: Sequence[Row]) -> bool:
        ask = _LoadQueries(transaction)
        ask("lock")
        free = not ask("version")
        if free and part:
            _write_tracks(ask, part, stamp)
            ids = [row["id"] for row in part]
            ask("affect", ids=ids)
            ask("track_profiles", ids=ids)
        elif free:
            _write_ontology(ask, content)  # First: valence and arousal come from its cue weights.
        return free

    done = 0
    for part in ([], *_split_batches(content.tracks)):
        if not graph.write(lambda transaction, part=part: write(transaction, part)):  # type: ignore[misc]
            return
        done += len(part)
        progress(f"{done} of {len(content.tracks)} tracks")


def _reduce_journeys(graph: Graph, progress: Progress) -> None:
    """Removes signs, times and texts from journeys of an older release; also those that an interrupted load left."""

    def date(transaction: Transaction) -> int:
        [row] = transaction.rows("load/date_journeys", most=_JOURNEYS_AT_ONCE)
        return int(row["dated"])

    def reduce(transaction: Transaction) -> int:
        [row] = transaction.rows("load/reduce_journeys", most=_JOURNEYS_AT_ONCE)
        if row["reduced"]:
            transaction.rows("kept/mark", journeys=row["reduced"], texts=True)
        return int(row["reduced"])

    reduced = 0
    while graph.write(date):
        pass
    while part := graph.write(reduce):
        reduced += part
    if reduced and not fill_free_places(graph):
        progress(
            f"{reduced} journeys of an earlier release are reduced; reasons that it kept of them may still stand in the"
            " server's files, in places that were freed"
        )


def _write_ontology(ask: _LoadQueries, content: LoadContent) -> None:
    ids = [row["id"] for row in content.individuals]
    ask.write_rows("individuals", content.individuals)
    ask("unlink")
    ask("retire_individuals", ids=ids)
    ask("remove_individuals", ids=ids)
    if ask.write_rows("links", content.links) != len(content.links):
        raise OntologyError("ontology", "has links that did not reach the graph", "Run `isopath ontology check`")
    [targets] = ask("affect_targets")
    if targets["written"] != 2 * targets["scales"]:
        repair = "Define the Setting 'affect-reach' and the Cues 'valence' and 'arousal', each once"
        raise OntologyError(
            "ontology", "does not say how far around a scale's valence and arousal music may lie", repair
        )
    ask.write_rows("descriptors", content.descriptors)


def _write_tracks(ask: _LoadQueries, tracks: Sequence[Row], stamp: str) -> None:
    ask.write_rows("works", list_works(tracks))
    ask.write_rows("tracks", tracks, stamp=stamp)


def _make_stamp(version: Version) -> str:
    """A mark on tracks that identifies their catalogue and the queries that wrote them."""
    return sha256(f"{version.catalogue_sha256} {version.mapping_sha256}".encode()).hexdigest()[:16]


def _split_batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _PART):
        yield rows[start : start + _PART]
