"""Rows as JSON, CSV, Parquet and Arrow: every value comes back as it was, and no type is guessed."""

import csv
import io
import json
import math
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from engine.cli.analyst import FORMS
from engine.errors import UsageError
from engine.export.tables import FORMATS, encode_table
from engine.queries import Promise

TYPED = tuple(form for form in FORMATS if form not in ("json", "csv"))
BINARY = {"parquet", "arrow", "arrows"}
ROW = {
    "whole": 2**62, "part": 0.1, "is_so": True, "text": 'He said "no",\nand left', "words": ["a", "", None],
    "day": date(2026, 11, 28), "moment": datetime(2026, 11, 28, 1, 2, 3, 4, tzinfo=UTC), "hour": time(3, 4),
    "step": {"position": 1, "stage": "match", "rules": ["a"]}, "steps": [{"p": 1, "x": 0.5}, {"p": 2, "x": None}],
    "points": [[1.0, 2.0], []],
}  # fmt: skip


def read(form: str, written: bytes) -> pa.Table:
    if form == "parquet":
        return parquet.read_table(io.BytesIO(written))
    return (pa.ipc.open_file if form == "arrow" else pa.ipc.open_stream)(io.BytesIO(written)).read_all()


def lines(written: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode(), newline="")))


@pytest.mark.parametrize("form", TYPED)
def test_values_and_their_types_come_back(form: str) -> None:
    rows: list[dict[str, Any]] = [ROW, dict.fromkeys(ROW)]
    table = read(form, encode_table(form, tuple(ROW), rows))
    assert table.to_pylist() == rows
    types = {field.name: str(field.type) for field in table.schema}
    assert types == {
        "whole": "int64", "part": "double", "is_so": "bool", "text": "string", "words": types["words"],
        "day": "date32[day]", "moment": "timestamp[us, tz=UTC]", "hour": "time64[us]", "step": types["step"],
        "steps": types["steps"], "points": types["points"],
    }  # fmt: skip
    assert "string" in types["words"]
    assert "int64" in types["steps"]


def test_csv_tells_nothing_from_an_empty_text_and_lists_are_json() -> None:
    rows: list[dict[str, Any]] = [ROW, {**dict.fromkeys(ROW), "text": ""}]
    written = encode_table("csv", tuple(ROW), rows)
    head, first, second = lines(written)
    assert head == list(ROW)
    told = dict(zip(head, first, strict=True))
    assert (told["whole"], told["part"], told["is_so"], told["text"]) == (str(2**62), "0.1", "true", ROW["text"])
    assert (told["day"], told["moment"]) == ("2026-11-28", "2026-11-28 01:02:03.000004Z")
    assert json.loads(told["words"]) == ["a", "", None]
    assert json.loads(told["steps"]) == ROW["steps"]
    assert set(second) == {""}
    assert written.splitlines()[-1].count(b'""') == 1


def test_json_is_an_object_a_line_with_dates_in_isos_form() -> None:
    rows: list[dict[str, Any]] = [ROW, {**ROW, "part": math.inf}]
    first, second = map(json.loads, encode_table("json", tuple(ROW), rows).decode().splitlines())
    assert (first["day"], first["moment"]) == ("2026-11-28", "2026-11-28T01:02:03.000004+00:00")
    assert second["part"] is None


@pytest.mark.parametrize("form", [*TYPED, "csv"])
@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ([1, "a"], "holds INTEGER and STRING"),
        ([1, 2.5], "holds FLOAT and INTEGER"),
        ([True, 1], "holds BOOLEAN and INTEGER"),
        ([[1, "a"]], "holds INTEGER and STRING"),
        ([[1], ["a"]], "holds INTEGER and STRING"),
        ([{"a": 1}, {"a": "b"}], "holds INTEGER and STRING"),
        ([{"a": 1}, [1]], "holds LIST and MAP"),
        ([date(2026, 1, 1), datetime(2026, 1, 1)], "holds DATE and DATETIME"),
        ([datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)], "with a time zone and without"),
        ([time(1, tzinfo=UTC)], "holds TIME with a time zone"),
        ([{}], "maps with nothing in them"),
        ([3j], r"has no place in a table \(complex\)"),
    ],
)
def test_a_column_that_mixes_types_is_told_and_not_guessed(form: str, values: list[Any], fault: str) -> None:
    rows = [{"id": "a", "odd": value, "other": value} for value in values]
    with pytest.raises(UsageError, match=fault) as caught:
        encode_table(form, ("id", "odd", "other"), rows)
    assert "column 'odd'" in str(caught.value)
    assert "column 'other'" in str(caught.value), "all of them at once"
    assert "ask for json" in caught.value.repair


@pytest.mark.parametrize("form", TYPED)
def test_a_promise_gives_a_column_without_values_its_type_and_meaning(form: str) -> None:
    promised = (
        Promise("share", "FLOAT", "of all tracks, 0..1"),
        Promise("ids", "LIST<STRING>", ""),
        Promise("facts", "MAP", ""),
    )
    given: list[list[dict[str, Any]]] = [[], [{"share": None, "ids": [], "facts": None}]]
    for rows in given:
        table = read(form, encode_table(form, ("share", "ids", "facts"), rows, promised=promised))
        assert table.schema.field("share").type == pa.float64()
        assert table.schema.field("ids").type.value_type == pa.string()
        assert table.schema.field("facts").type == pa.null()
        assert table.schema.field("share").metadata[b"meaning"] == b"of all tracks, 0..1"
        assert table.num_rows == len(rows)


@pytest.mark.parametrize("form", TYPED)
def test_a_table_says_whether_there_was_more(form: str) -> None:
    for more in (True, False):
        table = read(form, encode_table(form, ("n",), [{"n": 1}], more))
        assert table.schema.metadata[b"truncated"] == str(more).lower().encode()


@pytest.mark.parametrize("form", FORMATS)
def test_no_columns_and_no_rows_are_a_table_too(form: str) -> None:
    written = encode_table(form, (), [])
    assert form in ("json", "csv") or read(form, written).num_columns == 0


def test_a_moment_elsewhere_is_the_same_moment() -> None:
    moment = datetime(2026, 11, 28, 9, tzinfo=timezone(timedelta(hours=8)))
    [back] = read("parquet", encode_table("parquet", ("at",), [{"at": moment}])).to_pylist()
    assert back["at"] == moment


@pytest.mark.parametrize("form", [*TYPED, "csv"])
def test_without_pyarrow_the_repair_is_named_and_json_still_comes(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match="needs pyarrow") as caught:
        encode_table(form, ("n",), [{"n": 1}])
    assert "isopath[analyst]" in caught.value.repair
    assert encode_table("json", ("n",), [{"n": 1}]) == b'{"n": 1}\n'


CELLS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans(), st.text(), st.dates(), st.binary(),
)  # fmt: skip
COLUMNS = st.sampled_from(
    [
        st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans(), st.text(), st.dates(),
        st.lists(st.integers(0, 9)), st.lists(st.lists(st.text(max_size=3))),
        st.fixed_dictionaries({"a": st.integers(0, 9), "b": st.none() | st.text(max_size=3)}),
    ]
)  # fmt: skip


@given(st.data(), COLUMNS)
def test_any_column_of_one_type_comes_back(data: st.DataObject, cells: st.SearchStrategy[Any]) -> None:
    rows = [{"x": value} for value in data.draw(st.lists(st.none() | cells, max_size=6))]
    for form in TYPED:
        assert read(form, encode_table(form, ("x",), rows)).to_pylist() == rows


@given(st.lists(CELLS, min_size=2, max_size=4))
def test_a_column_has_one_type_or_is_refused(values: list[Any]) -> None:
    kinds = {type(value) for value in values}
    rows = [{"x": value} for value in values]
    if len(kinds) == 1:
        assert read("arrow", encode_table("arrow", ("x",), rows)).to_pylist() == rows
    else:
        with pytest.raises(UsageError, match="one type is needed"):
            encode_table("arrow", ("x",), rows)


def test_the_command_line_offers_every_form() -> None:
    assert tuple(FORMATS) == FORMS
    assert {form.name for form in FORMATS.values() if not form.is_text} == BINARY
    assert len({form.media_type for form in FORMATS.values()}) == len(FORMATS)
