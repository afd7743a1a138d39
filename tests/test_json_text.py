"""JSON as this program writes it says what was meant, to every reader."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.json_text import json_text

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def finite(value: Any) -> Any:
    """The value with nothing in place of numbers that JSON lacks."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    return [finite(inner) for inner in value] if isinstance(value, list) else value


@given(values, st.sampled_from([None, 2]))
def test_what_is_written_is_read_again(value: object, indent: int | None) -> None:
    text = json_text(value, indent)
    assert json.loads(text, parse_constant=pytest.fail) == finite(value)
    assert json_text(json.loads(text), indent) == text


@given(st.dictionaries(st.text(max_size=4) | st.integers() | st.floats() | st.booleans() | st.none(), scalars))
def test_a_name_that_is_a_number_is_its_text(value: dict[object, object]) -> None:
    assert all(isinstance(name, str) for name in json.loads(json_text(value), parse_constant=pytest.fail))
