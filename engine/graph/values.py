"""Converts values for Neo4j and from Neo4j."""

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
    """A vector param as float32 bytes, ten times as fast as a list of numbers."""
    return Vector.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def to_params(params: Mapping[str, object]) -> dict[str, object]:
    """Params without numpy types."""
    return {name: _to_plain(value) for name, value in params.items()}


def _to_plain(value: object) -> object:
    """A param without numpy types; vectors stay as they are."""
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
    """A value of a result without types of the driver.

    The candidates of a journey have a hundred thousand values, so exact types are tested first; `Record.data()` of the
    driver would take most of a journey's time.
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
        # Python's durations have no months.
        return value.iso_format()
    if isinstance(value, neo4j.spatial.Point):
        return {"srid": value.srid} | dict(zip("xyz", value, strict=False))
    if isinstance(value, neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path):
        return _entity_to_native(value)
    return value


def _entity_to_native(value: neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path) -> Any:
    """A node as its properties, a relationship as (start, type, end), a path as a list of both."""
    converted = neo4j.Record({"value": value}).data()["value"]  # type: ignore[no-untyped-call]
    return tuple(map(_to_native, converted)) if isinstance(converted, tuple) else _to_native(converted)


def to_row(record: neo4j.Record) -> Row:
    """A record without types of the driver."""
    return {key: _to_native(value) for key, value in zip(record.keys(), record.values(), strict=True)}


def measure_size(value: Any) -> int:
    """Size of a value: characters of texts and elements of lists and maps, recursively."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, list | tuple):
        return len(value) + sum(map(measure_size, value))
    if isinstance(value, dict | neo4j.graph.Entity):
        return sum(len(key) + measure_size(inner) for key, inner in value.items())
    if isinstance(value, neo4j.graph.Path):
        return sum(map(measure_size, (*value.nodes, *value.relationships)))
    return 1
