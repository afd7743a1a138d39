"""Readings that people asked to keep, as what is supposed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.authoring.scenario import Given

if TYPE_CHECKING:
    from engine.graph import QueryRunner
    from engine.rules import Ontology


@dataclass(frozen=True, slots=True)
class KeptReading:
    """What somebody's journey was planned from; nothing says whose it is, and what was felt is not told."""

    title: str
    given: Given


def read_kept_readings(graph: QueryRunner, ontology: Ontology, most: int) -> Iterator[KeptReading]:
    """The latest readings that people asked to keep, of goals that the ontology still has."""
    for number, row in enumerate(graph.rows("authoring/kept_readings", most=most), 1):
        if row["goal"] in ontology.by_id:
            yield KeptReading(f"Kept reading {number}, to {row['goal']}", make_given(ontology, row))


def make_given(ontology: Ontology, kept: Any) -> Given:
    """What a kept journey was planned from, as far as it is kept: minutes that were asked for are not."""
    scores = {sign["id"]: sign["score"] for sign in kept["signs"] if sign["id"] in ontology.by_id}

    def of(kind: str) -> tuple[str, ...]:
        return tuple(id_ for id_ in scores if kind in ontology[id_].classes)

    emotions = {id_: scores[id_] for id_ in of("Emotion")}
    chosen = tuple(id_ for id_ in emotions) if set(emotions.values()) == {1.0} else ()
    return Given(
        kept["goal"],
        present=of("Marker"),
        scores={} if chosen else emotions,
        feel=chosen,
        contexts=of("Context"),
        signals=of("Signal"),
        seed=kept["seed"],
    )
