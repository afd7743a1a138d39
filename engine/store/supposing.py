"""Another ontology than the one that a graph serves, for as long as one transaction lasts and for nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from encoders.base import TextEmbedder
from engine.graph import Graph, Row, Transaction
from engine.held_rules import OwnRules
from engine.store.content import embed_descriptors, to_relationship_type
from engine.store.version import GraphReloaded

if TYPE_CHECKING:
    from engine.rules import Individual

_DERIVED_FROM: Final = frozenset({"Scale", "Cue", "Setting"})
"""Classes that targets of valence and arousal follow from."""
_HEARD_BY: Final = frozenset({"Cue", "CueWeight"})
"""Classes that valence, arousal and profiles of tracks follow from."""


@dataclass(frozen=True, slots=True)
class SupposedGraph:
    """A graph that holds a draft."""

    transaction: Transaction
    changed: frozenset[str]
    """Ids of the individuals that are not as the graph serves them, those that are gone included."""
    tracks_changed: bool
    """Whether tracks are, too: then the vector index does not know them, and every track must be compared."""


@contextmanager
def suppose(
    graph: Graph, individuals: Sequence[Individual], embedder: Callable[[], TextEmbedder]
) -> Iterator[SupposedGraph]:
    """The graph with these individuals instead of those that it serves; the end takes everything back.

    Only what differs is written, so that whoever keeps a journey meanwhile waits for nothing else. `embedder` is opened
    where words of descriptors differ.
    """
    with graph.begin_discarded() as transaction:
        held = {row["id"]: row for row in transaction.rows("authoring/individuals")}
        wanted = {individual.id: to_row(individual) for individual in individuals}
        changed = {id_ for id_, row in wanted.items() if sort_row(held.get(id_)) != row}
        gone = held.keys() - wanted.keys()
        kinds = {label for id_ in changed for label in wanted[id_]["labels"]}
        kinds |= {label for id_ in gone | changed & held.keys() for label in held[id_]["labels"]}
        _write_changes(transaction, [i for i in individuals if i.id in changed], sorted(gone), embedder)
        if kinds & _DERIVED_FROM:
            transaction.rows("authoring/underive")
            transaction.rows("load/affect_targets")
        if heard := bool(kinds & _HEARD_BY):
            transaction.rows("load/affect", ids=None)
            transaction.rows("load/track_profiles", ids=None)
        yield SupposedGraph(transaction, frozenset(changed | gone), heard)


@contextmanager
def lay_over(graph: Graph, own: OwnRules) -> Iterator[Transaction]:
    """The graph with these rules beside those that it serves; the end takes them back, and nobody else sees them.

    GraphReloaded where the graph serves another ontology than the one that they were checked with.
    """
    with graph.begin_discarded() as transaction:
        [now] = transaction.rows("load/version")
        if now["ontology_sha256"] != own.ontology_sha256:
            raise GraphReloaded(
                graph.place, "serves other rules than those that a plan was checked with", "Plan it again"
            )
        transaction.rows("load/individuals", individuals=list(own.individuals))
        [linked] = transaction.rows("load/links", links=list(own.links))
        if linked["written"] != len(own.links):
            raise GraphReloaded(graph.place, "lacks what a plan's rules name", "Run `isopath load`, then plan it again")
        yield transaction


def to_row(individual: Individual) -> Row:
    """An individual as `authoring/individuals` would show it."""
    return {
        "id": individual.id,
        "labels": sorted(individual.classes),
        "properties": dict(individual.properties),
        "links": sorted([to_relationship_type(name), target] for name, target in individual.links),
    }


def sort_row(row: Row | None) -> Row | None:
    """A row of `authoring/individuals` in the same order, without what is empty."""
    if row is None:
        return None
    properties = {name: value for name, value in row["properties"].items() if value is not None}
    return {**row, "labels": sorted(row["labels"]), "properties": properties, "links": sorted(row["links"])}


def _write_changes(
    transaction: Transaction,
    changed: Sequence[Individual],
    gone: Sequence[str],
    embedder: Callable[[], TextEmbedder],
) -> None:
    rows: list[dict[str, Any]] = [to_row(individual) for individual in changed]
    transaction.rows("authoring/hide", ids=gone)
    transaction.rows("authoring/unlink", ids=[row["id"] for row in rows])
    transaction.rows(
        "load/individuals", individuals=[{k: row[k] for k in ("id", "labels", "properties")} for row in rows]
    )
    links = [{"source": row["id"], "type": type_, "target": target} for row in rows for type_, target in row["links"]]
    transaction.rows("load/links", links=links)
    if words := [individual for individual in changed if "Descriptor" in individual.classes]:
        transaction.rows("load/descriptors", descriptors=embed_descriptors(words, embedder()))
