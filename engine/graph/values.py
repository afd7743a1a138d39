"""Values on their way into Neo4j and out of it."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import neo4j
import numpy as np
from neo4j.vector import Vector
from numpy.typing import NDArray

Row: TypeAlias = dict[str, Any]
"""Column -> value, in Python's own types."""


def as_vector(values: NDArray[np.floating[Any]]) -> Vector:
    """A vector as it travels fastest: float32 bytes instead of a list of numbers (ten times the tracks a second)."""
    return Vector.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def to_params(params: Mapping[str, object]) -> dict[str, object]:
    """Parameters without numpy in them."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: object) -> object:
    """A parameter without numpy in it; vectors that travel as bytes stay as they are."""
    if isinstance(value, str | float | int | bool | None | Vector) and not isinstance(value, np.generic):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _native(value: Any) -> Any:
    """An answer without the driver's own types in it."""
    if isinstance(value, str | float | int | bool | None):
        return value
    if isinstance(value, list):
        return [_native(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _native(inner) for key, inner in value.items()}
    if isinstance(value, neo4j.time.DateTime | neo4j.time.Date | neo4j.time.Time):
        return value.to_native()
    if isinstance(value, Vector):
        return value.to_native()
    return value


def to_row(record: neo4j.Record) -> Row:
    """A record without the driver's own types in it."""
    return {key: _native(value) for key, value in record.data().items()}
