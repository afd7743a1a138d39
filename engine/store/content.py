"""The content of a load, as rows for the queries in cypher/load.

The mapping is generic: an individual becomes a node, its classes become labels, its data properties become properties,
its object properties become relationships (`callsFor` -> `CALLS_FOR`). A new class needs no change in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from encoders.base import TextEmbedder
from engine.errors import EncoderUnavailable
from engine.graph import Row, to_vector
from engine.store.catalogue import TRAITS, Catalogue, list_traits

if TYPE_CHECKING:
    from engine.rules import Individual

_ELSEWHERE: Final = frozenset({"track_id", "work_id", "artist_id", "artist", "traits", *TRAITS})
"""Columns that are no properties of a track: ids, columns of its work or its artist, and traits."""


@dataclass(frozen=True, slots=True)
class LoadContent:
    """The rows of a load, made before its transaction, to keep that short."""

    individuals: list[Row]
    links: list[Row]
    descriptors: list[Row]
    tracks: list[Row]

    @classmethod
    def from_sources(
        cls, individuals: Sequence[Individual], catalogue: Catalogue, embedder: TextEmbedder
    ) -> LoadContent:
        """The rows of a checked ontology and catalogue; EncoderUnavailable when a descriptor gets no vector."""
        return cls(
            individuals=[
                {"id": i.id, "labels": list(i.classes), "properties": dict(i.properties)} for i in individuals
            ],
            links=[
                {"source": i.id, "type": to_relationship_type(name), "target": target}
                for i in individuals
                for name, target in i.links
            ],
            descriptors=embed_descriptors([i for i in individuals if "Descriptor" in i.classes], embedder),
            tracks=[
                {
                    "id": track["track_id"],
                    "work": {"id": track["work_id"], "title": track["title"]},
                    "artist": {"id": track["artist_id"], "name": track["artist"]},
                    "properties": {name: fact for name, fact in track.items() if name not in _ELSEWHERE},
                    "traits": list_traits(track),
                    "embedding": to_vector(vector),
                }
                for track, vector in zip(catalogue.tracks, catalogue.vectors, strict=True)
            ],
        )


def to_relationship_type(object_property: str) -> str:
    """`callsFor` -> `CALLS_FOR`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", object_property).upper()


def list_works(tracks: Iterable[Row]) -> list[Row]:
    """The works of tracks, each once, with its artist; its title is that of its first track."""
    found: dict[Any, Row] = {}
    for track in tracks:
        found.setdefault(track["work"]["id"], {**track["work"], "artist": track["artist"]})
    return list(found.values())


def embed_descriptors(descriptors: Sequence[Individual], embedder: TextEmbedder) -> list[Row]:
    """Embeds the text of each descriptor."""
    if not descriptors:
        return []
    name = embedder.card.name
    vectors = embedder.embed_text([str(descriptor.properties["text"]) for descriptor in descriptors])
    if vectors.shape != (len(descriptors), embedder.dimensions):
        raise EncoderUnavailable(
            name, f"made vectors of shape {vectors.shape}", "Use a model that makes what its card tells"
        )
    useless = np.flatnonzero(~np.isfinite(vectors).all(axis=1) | ~vectors.any(axis=1)).tolist()
    if useless:
        raise EncoderUnavailable.of(
            [
                (descriptors[row].place, f"{name} makes no vector of its text", "Reword the descriptor")
                for row in useless
            ]
        )
    return [{"id": d.id, "embedding": to_vector(vector)} for d, vector in zip(descriptors, vectors, strict=True)]
