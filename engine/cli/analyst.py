"""`isopath query`, `questions`, `schema`: read-only commands for analysts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, note, read_stdin
from engine.errors import UsageError
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.queries import Query

FORMS = ("json", "csv", "parquet", "arrow", "arrows")
"""The names of `engine.export.tables.FORMATS`, copied so that help texts need not import it; a test compares both."""


def add_commands(command: AddCommand) -> None:
    query = command("query", run_query, "Run a query of cypher/, a file, or one from standard input (-), reading only.")
    query.add_argument("query", metavar="NAME|FILE|-", nargs="?")
    query.add_argument("--saved", metavar="NAME", help="a saved question instead: `isopath questions` lists them")
    query.add_argument("--param", action="append", default=[], metavar="NAME=JSON")
    query.add_argument("--format", choices=FORMS, help="arrow is a file of Arrow IPC, arrows a stream of it")
    query.add_argument("--json", action="store_true", help="the same as --format json: an object a line")
    questions = command("questions", run_questions, "List the saved questions, with an example of each.")
    questions.add_argument("--json", action="store_true", help="print a JSON object a question")
    schema = command("schema", run_schema, "Say what the graph's labels, properties and relationships mean.")
    schema.add_argument("--json", action="store_true", help="print one JSON object")


def run_query(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import print_rows
    from engine.use_cases.query import find_query, find_question, read_query_table

    if (arguments.query is None) == (arguments.saved is None):
        raise UsageError("isopath query", "takes one statement", "Give NAME, FILE or -, or --saved NAME")
    query = find_question(arguments.saved).query if arguments.saved else find_query(arguments.query)
    params = dict(_parse_param(given, query) for given in arguments.param)
    form = "json" if arguments.json else arguments.format
    statement = read_stdin("Ask in several statements") if arguments.query == "-" else None
    _refuse_bytes_on_a_terminal(form)
    table = read_query_table(settings, query.name if query else arguments.query, params, note, statement)
    if form is None:
        print_rows(table)
        return 0
    from engine.export.tables import encode_table

    promised = query.columns if query else ()
    sys.stdout.flush()
    sys.stdout.buffer.write(encode_table(form, table.columns, table.rows, table.more, promised))
    sys.stdout.buffer.flush()
    if table.more:
        note("There are more rows.")
    return 0


def run_questions(arguments: argparse.Namespace, _: Settings) -> int:
    from engine.cli.render import print_questions
    from engine.use_cases.query import load_questions

    questions = load_questions()
    if arguments.json:
        for question in questions.values():
            print(json_text(question.as_json()))
    else:
        print_questions(questions)
    return 0


def run_schema(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import print_dictionary
    from engine.use_cases.read_schema import read_schema

    found = read_schema(settings, note)
    if arguments.json:
        print(json_text(found.as_json(), default=str))
    else:
        print_dictionary(found)
    return 0


def _parse_param(given: str, query: Query | None) -> tuple[str, object]:
    """Name and value of a param: JSON, or plain text where the query promises a STRING."""
    name, _, value = given.partition("=")
    promised: Sequence[str] = [one.type for one in query.params if one.name == name] if query else []
    try:
        read = json.loads(value)
    except ValueError as exc:
        if promised and promised[0].startswith("STRING"):
            return name, value
        raise UsageError("--param", "a value is not JSON", "Write NAME=JSON, for example goal='\"calm\"'") from exc
    is_text = bool(promised) and promised[0].startswith("STRING") and read is not None and not isinstance(read, str)
    return name, value if is_text else read


def _refuse_bytes_on_a_terminal(form: str | None) -> None:
    if form in ("parquet", "arrow", "arrows") and sys.stdout.isatty():
        raise UsageError("--format", f"{form} is no text for a terminal", "Send it to a file: > FILE")
