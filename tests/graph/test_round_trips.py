"""Values come out of the driver as they went in, and what an answer holds is counted whole."""

import neo4j
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from encoders.json_text import json_text
from engine.graph.values import measure_size, to_params, to_row, to_vector

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
rows = st.dictionaries(st.text(max_size=4), values, max_size=3)
vectors = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=8)


def record(columns: dict[str, object]) -> neo4j.Record:
    return neo4j.Record(columns)  # type: ignore[no-untyped-call]


@given(rows)
def test_plain_values_go_to_the_driver_and_come_back_as_they_are(row: dict[str, object]) -> None:
    assert to_params(row) == row
    assert to_row(record(to_params(row))) == row


@given(vectors)
def test_numbers_of_numpy_come_back_as_numbers_of_python(numbers: list[float]) -> None:
    array = np.array(numbers, dtype=np.float32)
    params = to_params({"whole": array, "one": array[0], "among": [{"others": (array, 1)}]})
    assert params == {"whole": numbers, "one": numbers[0], "among": [{"others": [numbers, 1]}]}
    assert type(params["one"]) is float
    assert to_row(record({"vector": to_vector(array)})) == {"vector": numbers}


@given(values, values)
def test_what_holds_more_is_larger_by_what_it_holds(one: object, other: object) -> None:
    assert measure_size([one, other]) == measure_size((other, one)) == 2 + measure_size(one) + measure_size(other)
    assert measure_size({"one": one, "other": other}) == len("oneother") + measure_size(one) + measure_size(other)
    # Nothing is counted that a reader of the whole would not get.
    assert measure_size(one) <= len(json_text(one))
