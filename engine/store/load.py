"""Makes a graph of the ontology and the catalogue: all of it or nothing, and nothing twice."""

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
from engine.store.content import Content, works
from engine.store.journeys import fill_free_places
from engine.store.search_index import SearchIndex
from engine.store.version import Version, mapping_sha256, serving

if TYPE_CHECKING:
    from engine.rules import Individual
    from engine.rules.checks.findings import Finding

Progress = Callable[[str], None]

_PART: Final = 2_000
"""Rows a query: what it is given is held in memory on both sides."""

_JOURNEYS_AT_ONCE: Final = 300
"""Journeys of an older release that one transaction brings along."""
_AT_ONCE: Final = 5_000
"""Tracks that one transaction may write into an empty graph: each takes 15 to 30 kB of the server's heap until it ends,
and a transaction may have 70 % of it (512 MB and more)."""


class Knowledge(Protocol):
    """What a load needs of an ontology."""

    @property
    def individuals(self) -> tuple[Individual, ...]: ...
    @property
    def version_info(self) -> str: ...
    @property
    def sha256(self) -> str: ...


def load(
    graph: Graph,
    ontology: Knowledge,
    catalogue: Catalogue,
    embedder: TextEmbedder,
    progress: Progress,
    findings: Callable[[], Sequence[Finding]] = tuple,
    published: int | None = None,
    record: Callable[[Transaction], object] | None = None,
) -> Version:
    """The version that the graph serves from now on. What it held before is replaced; journeys stay.

    Everything is checked before anything is written, and written in one transaction: a load that fails, or is killed,
    leaves what was there. OntologyError, CatalogueError, EncoderUnavailable and GraphUnavailable say why. A graph that
    holds just this is left alone. Two loads at once take turns. `findings` are those of a check of the ontology
    (`engine.rules.checks.checking.check`), asked for when there is something to load: one error refuses it.

    `published` is the number of the version that the ontology was published as; `record` writes what makes it so, in
    the same transaction.
    """
    began = time.monotonic()
    wanted = replace(_wanted(ontology, catalogue, embedder, graph.queries), published=published)
    index = SearchIndex(graph)
    before = _before(graph)
    if before and record is None and _same(before, wanted) and index.fits(wanted.dimensions):
        progress(f"the graph holds version {wanted.id} already: nothing to do")
        return before
    _check(ontology, catalogue, embedder, findings())
    progress(f"loading {len(ontology.individuals)} individuals and {len(catalogue.tracks)} tracks")
    content = Content.of(ontology.individuals, catalogue, embedder)
    # Schema and data cannot share a transaction. A constraint that came too early harms no older version.
    graph.write(lambda transaction: [transaction.rows(query.name) for query in graph.queries.folder("schema")])
    index.rehearse(wanted.dimensions)
    if before is None and len(content.tracks) > _AT_ONCE:
        _write_ahead(graph, content, _stamp(wanted), progress)
    _reduce_journeys(graph, progress)
    waiting = graph.write(lambda transaction: _write(_Asking(transaction), content, wanted, record))
    # Of two loads at once the later one serves: the index follows what serves now, which may not be what we wrote.
    version = serving(graph)
    index.ensure(version.dimensions, progress)
    if waiting:
        progress(f"{waiting} of your own tracks have vectors of another model: `isopath ingest` makes them anew")
    progress(f"version {version.id} serves, after {time.monotonic() - began:.1f} s")
    return version


def _same(one: Version, other: Version) -> bool:
    """Whether both hold the same content under the same number."""
    return (one.id, one.published) == (other.id, other.published)


def _wanted(ontology: Knowledge, catalogue: Catalogue, embedder: TextEmbedder, queries: Queries) -> Version:
    return Version(
        ontology_sha256=ontology.sha256,
        version_info=ontology.version_info,
        catalogue_sha256=catalogue.sha256,
        embedding_model=embedder.card.name,
        embedding_sha256=embedder.card.sha256,
        dimensions=catalogue.dimensions,
        mapping_sha256=mapping_sha256(queries),
    )


def _before(graph: Graph) -> Version | None:
    """What the graph serves before the load; GraphUnavailable when it is not ours to write to."""
    versions, [lone] = graph.read([("load/version", {}), ("load/strangers", {})])
    if lone["strangers"]:
        raise GraphUnavailable(
            graph.place,
            f"holds {lone['strangers']} nodes that Isopath did not write, under labels that a load would overwrite",
            "Name an empty database in NEO4J_DATABASE",
        )
    return Version.of(versions[0]) if versions else None


def _check(ontology: Knowledge, catalogue: Catalogue, embedder: TextEmbedder, findings: Sequence[Finding]) -> None:
    """Raises what is wrong with the files, before the graph is touched."""
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
class _Asking:
    """The queries of cypher/load, inside one transaction."""

    transaction: Transaction

    def __call__(self, name: str, **params: object) -> list[Row]:
        return self.transaction.rows(f"load/{name}", **params)

    def written(self, name: str, rows: Sequence[Row], **params: object) -> int:
        """How many rows a query wrote; it is given them part by part, under its own name."""
        return sum(self(name, **{name: part}, **params)[0]["written"] for part in _parts(rows))


def _write(
    ask: _Asking, content: Content, wanted: Version, record: Callable[[Transaction], object] | None = None
) -> int:
    """Everything at once; how many of a listener's own tracks no search finds from then on.

    Whoever loads at the same time waits at the first query until this is over.
    """
    ask("lock")
    if record is not None:
        record(ask.transaction)
    elif any(_same(Version.of(row), wanted) for row in ask("version")):
        return 0  # Somebody else loaded just this while we waited.
    _write_ontology(ask, content)
    stamp = _stamp(wanted)
    ask("trait_lists")
    # A therapist who changed a rule does not wait for the catalogue, and what was written ahead is not written again.
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


def _write_ahead(graph: Graph, content: Content, stamp: str, progress: Progress) -> None:
    """Tracks that are too many for one transaction, part by part, into a graph that serves nothing yet.

    Nobody is served what stands there when this is killed, or when another load comes first: `_write` counts what is
    there of its own catalogue, and writes all of it when anything is missing.
    """

    def write(transaction: Transaction, part: Sequence[Row]) -> bool:
        ask = _Asking(transaction)
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
    for part in ([], *_parts(content.tracks)):
        if not graph.write(lambda transaction, part=part: write(transaction, part)):  # type: ignore[misc]
            return
        done += len(part)
        progress(f"{done} of {len(content.tracks)} tracks")


def _reduce_journeys(graph: Graph, progress: Progress) -> None:
    """Journeys of an older release lose what tells what was felt, and when; a load that broke off goes on here."""

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


def _write_ontology(ask: _Asking, content: Content) -> None:
    ids = [row["id"] for row in content.individuals]
    ask.written("individuals", content.individuals)
    ask("unlink")
    ask("retire_individuals", ids=ids)
    ask("remove_individuals", ids=ids)
    if ask.written("links", content.links) != len(content.links):
        raise OntologyError("ontology", "has links that did not reach the graph", "Run `isopath ontology check`")
    [targets] = ask("affect_targets")
    if targets["written"] != 2 * targets["scales"]:
        repair = "Define the Setting 'affect-reach' and the Cues 'valence' and 'arousal', each once"
        raise OntologyError(
            "ontology", "does not say how far around a scale's valence and arousal music may lie", repair
        )
    ask.written("descriptors", content.descriptors)


def _write_tracks(ask: _Asking, tracks: Sequence[Row], stamp: str) -> None:
    ask.written("works", works(tracks))
    ask.written("tracks", tracks, stamp=stamp)


def _stamp(version: Version) -> str:
    """What a track carries of the catalogue it came from, and of the queries that wrote it."""
    return sha256(f"{version.catalogue_sha256} {version.mapping_sha256}".encode()).hexdigest()[:16]


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _PART):
        yield rows[start : start + _PART]
