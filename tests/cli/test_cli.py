"""The commands as another program runs them: answers, exit codes and errors, and never the person's words.

One of each kind is a process of its own; the others are run in this one.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main
from engine.server import ServerConnection
from engine.settings import ROOT
from tests.helpers.commands import COMMAND, isopath, isopath_process

SECRET = "zanzibar"


def error(out: str) -> dict[str, Any]:
    """The one object that an error is with --json."""
    found: dict[str, Any] = json.loads(out)
    assert set(found) == {"outcome", "code", "message", "repair"}
    assert found["outcome"] == "error"
    return found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (" \n\t ", "no words"),
        ("a" * 99_000, "characters are too many"),
        ("so \x07 sad", "control characters"),
        ("\U0001f622\U0001f622", "no word"),
        ("!!! ??? ...", "no word"),
    ],
)
def test_text_that_cannot_be_read_is_told_with_its_repair(quiet: Path, text: str, fault: str) -> None:
    code, out, _ = isopath("journey", "-", "--json", text=text, home=quiet)
    assert code == 2
    assert fault in error(out)["message"]
    assert error(out)["repair"]


@pytest.mark.parametrize("arguments", [["journey"], ["journey", "-"], ["search"]], ids=" ".join)
def test_a_closed_standard_input_holds_no_words(quiet: Path, arguments: list[str]) -> None:
    command = ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"ISOPATH_HOME": str(quiet)})
    assert done.returncode == 2, done.stderr
    assert "isopath: TEXT: there are no words" in done.stderr


def test_who_ends_the_input_at_the_prompt_stops_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["journey"]) == 130
    assert "Stopped" in capsys.readouterr().err


def test_more_than_100_kilobytes_are_not_read_at_all(quiet: Path) -> None:
    code, out, _ = isopath_process("journey", "-", "--json", text=f"{SECRET} " * 20_000, home=quiet)
    assert code == 2
    assert "100,000 bytes" in error(out)["message"]
    assert SECRET not in out


def test_bytes_that_are_no_text_are_told(quiet: Path) -> None:
    code, out, _ = isopath_process("journey", "-", "--json", text=b"\xff\xfe sad", home=quiet)
    assert code == 2
    assert "UTF-8" in error(out)["message"]


@pytest.mark.parametrize("minutes", ["0", "10000", "-5", "nan"])
def test_minutes_that_cannot_be_filled_are_told(quiet: Path, minutes: str) -> None:
    code, out, _ = isopath("journey", "-", "--minutes", minutes, "--json", text="I am sad", home=quiet)
    assert code == 2
    assert "5 to 120" in error(out)["repair"]


def test_all_faults_of_a_request_are_told_at_once(quiet: Path) -> None:
    code, out, _ = isopath("journey", " ", "--minutes", "1", "--seed", "-1", "--json", home=quiet)
    assert code == 2
    assert len(error(out)["message"].splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((f"I am sad, {SECRET}",), "invalid choice (choose from"),
        (("journey", "--moods", SECRET), "unrecognized arguments"),
        (("journey", f"--lik={SECRET}"), "unrecognized arguments"),
        (("journey", "--minutes", f"ten {SECRET}"), "--minutes: invalid float value"),
        (("search", "--like"), "unrecognized arguments"),
        (("journey", "--like"), "expected one argument"),
    ],
)
def test_arguments_that_fit_nothing_are_told_without_their_values(
    quiet: Path, arguments: tuple[str, ...], fault: str
) -> None:
    code, out, told = isopath(*arguments, "--json", home=quiet)
    assert code == 2
    assert fault in error(out)["message"]
    assert "--help" in error(out)["repair"]
    assert SECRET not in out + told


MISTAKEN = [
    ("journey", f"--json={SECRET}"),
    ("journey", f"--explain={SECRET}, isn't it"),
    ("journey", f"--minutes=it's {SECRET} (choose from none)"),
    ("journey", "--feel", SECRET),
    ("query", SECRET),
    ("query", f"{SECRET}.txt"),
    ("query", "RETURN 1 AS n", "--param", SECRET),
    ("ingest", SECRET),
    ("ingest", f"I am so sad about {SECRET}"),
    ("emotions", "--json", "--file", SECRET),
    ("status", SECRET),
]
"""Words where something else was meant, without a server."""

MISTAKEN_TO_THE_GRAPH = [
    ("journey", "--goal", SECRET, "I am sad"),
    ("journey", "--feel", "sadness", "--context", f"driving,{SECRET}"),
    ("journey", "--feel", "sadness", "--answer", SECRET),
    ("query", f"show me {SECRET}"),
    ("query", f"RETURN {SECRET}"),
    ("forget", SECRET),
    ("forget", f"I am so sad about {SECRET}"),
]


def tells_without_words(*arguments: str, home: Path | None = None) -> None:
    code, out, told = isopath(*arguments, home=home)
    assert code == 2
    assert out + told
    assert SECRET not in out + told


@pytest.mark.parametrize("arguments", MISTAKEN, ids=" ".join)
def test_words_given_by_mistake_are_not_repeated(quiet: Path, arguments: tuple[str, ...]) -> None:
    tells_without_words(*arguments, home=quiet)


@pytest.mark.graph
@pytest.mark.parametrize("arguments", MISTAKEN_TO_THE_GRAPH, ids=" ".join)
def test_words_given_by_mistake_are_not_repeated_by_the_graph(
    served: ServerConnection, arguments: tuple[str, ...]
) -> None:
    tells_without_words(*arguments)


def test_a_path_that_is_there_may_be_named(quiet: Path, tmp_path: Path) -> None:
    (locked := tmp_path / "notes.cypher").mkdir()
    code, _, told = isopath("query", str(locked), home=quiet)
    assert code == 2
    assert "neither" in told


@pytest.mark.graph
def test_standard_input_is_a_statement_and_never_a_path_or_a_name(served: ServerConnection, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(SECRET)
    for words in (str(kept), "/etc/passwd", "analytics/artists"):
        code, out, told = isopath("query", "-", text=words)
        assert code == 2
        assert SECRET not in out + told
        assert "root" not in out + told
        assert "the statement: was refused" in told


@pytest.mark.graph
def test_a_file_is_read_for_its_statement_and_shown_to_nobody(served: ServerConnection, tmp_path: Path) -> None:
    (mine := tmp_path / "mine.cypher").write_text("RETURN 1 AS one")
    assert json.loads(isopath("query", str(mine), "--json")[1]) == {"one": 1}
    (wrong := tmp_path / "wrong.txt").write_text(f"{SECRET} was here")
    (other := tmp_path / "password").write_text(f"{SECRET} was here")
    for path in (wrong, other):
        code, out, told = isopath("query", str(path))
        assert code == 2
        assert SECRET not in out + told


@pytest.mark.graph
def test_numbers_that_json_lacks_are_null(served: ServerConnection) -> None:
    text = "RETURN 0.0 / 0 AS none, [1.0 / 0, {a: -1.0 / 0}] AS endless, date('2026-11-27') AS day"
    code, out, _ = isopath("query", "-", "--json", text=text)
    assert code == 0
    assert json.loads(out, parse_constant=pytest.fail) == {
        "none": None,
        "endless": [None, {"a": None}],
        "day": "2026-11-27",
    }


def test_make_passes_words_on_where_no_other_user_can_read_them(tmp_path: Path) -> None:
    (tmp_path / "isopath").write_text(
        '#!/bin/sh\nprintf "%s|" "$@"\nprintf "\\n%s|%s" "$ISOPATH_TEXT" "$ISOPATH_LIKE"\n'
    )
    (tmp_path / "isopath").chmod(0o700)
    words = f"{SECRET} it's $5 $(shell date)"
    given = [f"TEXT={words}", f"LIKE=rain, {SECRET}", "GOAL=sleep", "ARGS=--json"]
    make = ["make", "--silent", "journey", "RUN=", f"ISOPATH={tmp_path / 'isopath'}", *given]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    arguments, passed = done.stdout.splitlines()
    assert arguments == "journey|--goal|sleep|--json|"
    assert passed == f"{words}|rain, {SECRET}"


@pytest.mark.graph
def test_words_of_the_environment_are_the_words(served: ServerConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISOPATH_TEXT", f"I am so worried about {SECRET}")
    monkeypatch.setenv("ISOPATH_LIKE", "solo piano")
    code, out, told = isopath_process("journey", "--seed", "7", "--json")
    assert code == 0
    assert json.loads(out)["provenance"]["like"] is True
    assert SECRET not in out + told


def test_a_crisis_shows_help_without_a_server_or_a_model(quiet: Path) -> None:
    code, out, _ = isopath_process("journey", "-", "--json", text=f"I want to kill myself, {SECRET}", home=quiet)
    answer = json.loads(out)
    assert code == 3
    assert answer["outcome"] == "support"
    assert answer["reading"] is None
    assert answer["support"]["lines"]
    assert not (quiet / "neo4j").exists()
    kept = [path.read_bytes() for path in quiet.rglob("*") if path.is_file()]
    assert kept
    assert not any(SECRET.encode() in content for content in kept)
    assert SECRET not in out


def test_emotions_need_no_server(quiet: Path) -> None:
    code, out, _ = isopath("emotions", "-", "--json", text="I am so grateful, thank you!", home=quiet)
    answer = json.loads(out)
    assert code == 0
    assert answer["outcome"] == "reading"
    assert "gratitude" in answer["reading"]["labels"]
    assert len(answer["reading"]["scores"]) == 28
    assert answer["reading"]["scales"]
    assert not (quiet / "neo4j").exists()


def test_a_batch_reads_a_text_a_line_and_goes_on_over_a_crisis(tmp_path: Path, quiet: Path) -> None:
    texts = tmp_path / "texts"
    texts.write_text("I love this so much!\nI want to kill myself\nThat is disgusting\u2028and vile\n", "utf-8")
    code, out, _ = isopath("emotions", "--file", str(texts), "--json", home=quiet)
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["outcome"] == "support" for answer in answers] == [False, True, False]
    code, out, told = isopath("emotions", "--file", str(texts), "--json", "--ungated", home=quiet)
    assert [json.loads(line)["outcome"] for line in out.splitlines()].count("support") == 0
    assert "gate is off" in told


@pytest.mark.graph
def test_a_journey_is_one_object_on_standard_output(served: ServerConnection) -> None:
    code, out, told = isopath_process("journey", "-", "--seed", "7", "--json", text=f"I am so worried about {SECRET}")
    answer = json.loads(out)
    assert code == 0
    assert answer["outcome"] == "journey"
    assert answer["seed"] == 7
    assert SECRET not in out + told


@pytest.mark.graph
def test_a_journey_reads_well_on_a_terminal(served: ServerConnection) -> None:
    code, out, _ = isopath("journey", "--feel", "sadness", "--goal", "comfort", "--seed", "1", "--explain")
    assert code == 0
    assert out.startswith("A journey to comfort")
    for word in ("Match", "Guide", "Target", "Asked: ", "The feeling is met", "Evidence: ", "Dose: ", "Not known: "):
        assert word in out


@pytest.mark.graph
def test_a_wish_colours_a_journey_and_stays_with_whoever_wrote_it(served: ServerConnection) -> None:
    code, out, told = isopath("journey", "--feel", "sadness", "--seed", "7", f"--like=solo piano, {SECRET}", "--json")
    assert code == 0
    assert json.loads(out)["provenance"]["like"] is True
    assert SECRET not in out + told
    code, out, told = isopath("journey", "--feel", "sadness", "--like=雨声", "--json")
    assert code == 2
    assert "--like" in error(out)["message"]
    assert "雨声" not in out + told


@pytest.mark.graph
def test_each_outcome_has_its_exit_code(served: ServerConnection) -> None:
    assert isopath("journey", "The bus leaves at nine.", "--json")[0] == 4
    assert isopath("journey", "--feel", "anger", "--goal", "sleep", "--context", "driving", "--json")[0] == 7
    assert isopath("journey", "--feel", "boredom", "--json")[0] == 2


@pytest.mark.graph
def test_an_analyst_reads_and_does_not_write(served: ServerConnection) -> None:
    code, out, _ = isopath("query", "-", "--json", text="MATCH (g:Goal) RETURN g.id AS goal ORDER BY goal")
    assert code == 0
    assert [json.loads(line)["goal"] for line in out.splitlines()] == ["calm", "comfort", "focus", "lift", "sleep"]
    code, _, told = isopath("query", "-", text="CREATE (n:Goal {id: 'bliss'})")
    assert code == 2
    assert "isopath:" in told


def test_status_of_an_empty_home_says_that_nothing_runs(quiet: Path) -> None:
    code, out, _ = isopath("status", home=quiet)
    assert code == 0
    assert "down" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("forget", "--journeys"),
        ("forget", "--journeys", "--all", "--older-than", "3"),
        ("forget", "--journeys", "--older-than=-1"),
        ("forget", "--older-than", "3"),
    ],
)
def test_what_is_erased_is_never_guessed(quiet: Path, arguments: tuple[str, ...]) -> None:
    code, out, _ = isopath(*arguments, "--json", home=quiet)
    assert code == 2
    assert "journeys" in error(out)["message"] + error(out)["repair"]


@pytest.mark.graph
def test_a_kept_journey_is_listed_and_erased(served: ServerConnection) -> None:
    answer = json.loads(isopath("journey", "--feel", "sadness", "--seed", "1", "--json")[1])
    [row] = [row for row in map(json.loads, isopath("journeys", "--json")[1].splitlines()) if row["id"] == answer["id"]]
    assert row.keys() == {"id", "day", "number", "goal", "minutes", "tracks", "reading", "language"}
    assert (row["goal"], row["tracks"]) == ("calm", sum(len(stage["steps"]) for stage in answer["stages"]))
    assert answer["id"] in isopath("journeys")[1]
    code, out, told = isopath("forget", "--journeys", answer["id"], "--json")
    assert (code, json.loads(out)) == (0, {"erased": [answer["id"]]})
    assert "journeys: 1" in told
    assert "no file in" in told or "its operator's" in told
    assert answer["id"] not in isopath("journeys", "--json")[1]
    assert isopath("forget", "--journeys", answer["id"])[0] == 2
