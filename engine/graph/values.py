"""Values on their way into Neo4j and out of it."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import neo4j
import neo4j.graph
import neo4j.spatial
import neo4j.time
import numpy as np
from neo4j.vector import Vector
from numpy.typing import NDArray

Row: TypeAlias = dict[str, Any]
"""Column -> value, in Python's own types."""


def to_vector(values: NDArray[np.floating[Any]]) -> Vector:
    """A vector as it travels fastest: float32 bytes instead of a list of numbers (ten times the tracks a second)."""
    return Vector.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def to_params(params: Mapping[str, object]) -> dict[str, object]:
    """Parameters without numpy in them."""
    return {name: _to_plain(value) for name, value in params.items()}


def _to_plain(value: object) -> object:
    """A parameter without numpy in it; vectors that travel as bytes stay as they are."""
    if isinstance(value, str | float | int | bool | None | Vector) and not isinstance(value, np.generic):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _to_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(inner) for inner in value]
    return value


_NATIVE_TYPES: Final = frozenset({str, float, int, bool, type(None)})


def _to_native(value: Any) -> Any:
    """An answer without the driver's own types in it.

    A journey's candidates are a hundred thousand values: they are walked once, and told apart by exact type first. The
    driver's own `Record.data()` takes most of a journey's time.
    """
    kind = type(value)
    if kind in _NATIVE_TYPES:
        return value
    if kind is list:
        return [inner if type(inner) in _NATIVE_TYPES else _to_native(inner) for inner in value]
    if kind is dict:
        return {key: inner if type(inner) in _NATIVE_TYPES else _to_native(inner) for key, inner in value.items()}
    if isinstance(value, neo4j.time.DateTime | neo4j.time.Date | neo4j.time.Time | Vector):
        return value.to_native()
    if isinstance(value, neo4j.time.Duration):
        # Python has no months; as the tuple that it is, nothing would say what its numbers are.
        return value.iso_format()
    if isinstance(value, neo4j.spatial.Point):
        return {"srid": value.srid} | dict(zip("xyz", value, strict=False))
    if isinstance(value, neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path):
        return _entity_to_native(value)
    return value


def _entity_to_native(value: neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path) -> Any:
    """A node as its properties, a relationship as (start, type, end), a path as all of it in turn."""
    told = neo4j.Record({"value": value}).data()["value"]  # type: ignore[no-untyped-call]
    return tuple(map(_to_native, told)) if isinstance(told, tuple) else _to_native(told)


def to_row(record: neo4j.Record) -> Row:
    """A record without the driver's own types in it."""
    return {key: _to_native(value) for key, value in zip(record.keys(), record.values(), strict=True)}


def measure_size(value: Any) -> int:
    """How much an answer holds: characters of its texts, elements of its lists and maps, all the way down."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, list | tuple):
        return len(value) + sum(map(measure_size, value))
    if isinstance(value, dict | neo4j.graph.Entity):
        return sum(len(key) + measure_size(inner) for key, inner in value.items())
    if isinstance(value, neo4j.graph.Path):
        return sum(map(measure_size, (*value.nodes, *value.relationships)))
    return 1
