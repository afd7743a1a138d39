"""`isopath query` and `questions`: an analyst's questions and answers, as a terminal and a pipe have them."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pytest
from pyarrow import parquet

from engine.server import ServerConnection
from tests.cli.test_cli import SECRET, error
from tests.helpers.commands import isopath, written_by


def test_the_saved_questions_are_listed_with_calls_that_run() -> None:
    code, out, _ = isopath("questions", "--json")
    listed = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(listed) >= 20
    for question in listed:
        assert set(question) == {"name", "title", "answers", "chart", "params", "columns", "example"}
    told = isopath("questions")[1]
    assert all(f"{question['title']}  {question['chart']['kind']}" in told for question in listed)
    assert all(question["example"] in told for question in listed), "an example is never broken into lines"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((), "takes one statement"),
        (("RETURN 1 AS n", "--saved", "coverage"), "takes one statement"),
        (("--saved", f"coverage {SECRET}"), "no saved question of this name"),
        (("--saved", "coverage", "--param", f"{SECRET}=1"), "a param that it does not take"),
        (("--saved", "coverage", "--param", f'reach="{SECRET}"'), "'reach' is not of type FLOAT"),
        (("--saved", "coverage", "--param", f"reach={SECRET}"), "a value is not JSON"),
        (("RETURN 1 AS n", "--format", SECRET), "invalid choice"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_before_a_server_starts(
    arguments: tuple[str, ...], fault: str, quiet: Path
) -> None:
    code, out, told = isopath("query", *arguments, "--json", home=quiet)
    assert code == 2
    assert fault in error(out)["message"]
    assert SECRET not in out + told
    assert not (quiet / "neo4j").exists()


@pytest.mark.graph
def test_an_answer_comes_in_every_form(served: ServerConnection) -> None:
    asked = ("query", "--saved", "distribution_of_a_cue", "--param", "cue=level", "--param", "bins=3")
    rows = [json.loads(line) for line in isopath(*asked, "--format", "json")[1].splitlines()]
    assert [row["cue"] for row in rows] == ["level"] * 3, "a text needs no quotes where a text is promised"
    assert [json.loads(line) for line in isopath(*asked, "--json")[1].splitlines()] == rows
    head, *lines = isopath(*asked, "--format", "csv")[1].splitlines()
    assert head.replace('"', "").split(",") == list(rows[0])
    assert len(lines) == 3
    for form in ("parquet", "arrow", "arrows"):
        written = written_by(*asked, "--format", form)
        table = (
            parquet.read_table(io.BytesIO(written))
            if form == "parquet"
            else (pa.ipc.open_file if form == "arrow" else pa.ipc.open_stream)(io.BytesIO(written)).read_all()
        )
        assert table.to_pylist() == rows
        assert table.schema.field("tracks").type == pa.int64()
        assert b"bin" in table.schema.field("low").metadata[b"meaning"]


@pytest.mark.graph
def test_a_mixed_column_is_told_and_more_rows_are_too(served: ServerConnection) -> None:
    text = "UNWIND [1, 'a'] AS x RETURN x"
    code, _, told = isopath("query", text, "--format", "parquet")
    assert code == 2
    assert "column 'x': holds INTEGER and STRING" in told
    code, out, told = isopath("query", "UNWIND range(1, 1001) AS n RETURN n", "--format", "csv")
    assert code == 0
    assert len(out.splitlines()) == 1_001, "a head and a thousand rows"
    assert "There are more rows" in told
