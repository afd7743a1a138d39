"""JSON as this program writes it, everywhere."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any


def json_text(value: object, indent: int | None = None, default: Callable[[Any], object] | None = None) -> str:
    """The value as JSON that every reader takes.

    JSON has no infinite number and none that is not a number: each becomes null. A bound with one side has null on the
    other, a mean of nothing is null. `default` gives a form to what JSON has
    none for, such as a date; without it that is a TypeError.
    """
    return json.dumps(_finite(value), ensure_ascii=False, indent=indent, allow_nan=False, default=default)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_name(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value


def _name(key: Any) -> Any:
    """A key; one that is a number JSON lacks is its text, since a name cannot be null."""
    return str(key) if isinstance(key, float) and not math.isfinite(key) else key
