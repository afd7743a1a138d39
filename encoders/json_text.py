"""JSON as this program writes it, everywhere."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any


def json_text(value: object, indent: int | None = None, default: Callable[[Any], object] | None = None) -> str:
    """The value as JSON that every parser accepts.

    Infinities and NaN, which JSON lacks, become null: the open side of a bound, the mean of nothing. `default` converts
    values of other types, such as dates; without it they raise TypeError.
    """
    return json.dumps(_replace_nonfinite(value), ensure_ascii=False, indent=indent, allow_nan=False, default=default)


def _replace_nonfinite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_write_key(key): _replace_nonfinite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replace_nonfinite(inner) for inner in value]
    return value


def _write_key(key: Any) -> Any:
    """A key; one that is a number JSON lacks is its text, since a name cannot be null."""
    return str(key) if isinstance(key, float) and not math.isfinite(key) else key
