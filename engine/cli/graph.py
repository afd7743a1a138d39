"""`isopath up`, `down`, `status`, `load`, `query`: the graph, as an operator and an analyst need it."""

from __future__ import annotations

import argparse
import json

from encoders.json_text import json_text
from engine.cli.speaking import Adding, note, typed
from engine.errors import UsageError
from engine.settings import Settings


def add(command: Adding) -> None:
    for name, help_ in (
        ("up", "Start the local Neo4j."),
        ("down", "Stop the local Neo4j."),
        ("status", "Say what runs."),
    ):
        command(name, run_server, help_)
    command("load", run_load, "Bring ontology and catalogue into the graph.")
    query = command("query", run_query, "Run a query of cypher/, a file, or one from standard input (-), reading only.")
    query.add_argument("query", metavar="NAME|FILE|-")
    query.add_argument("--param", action="append", default=[], metavar="NAME=JSON")
    query.add_argument("--json", action="store_true")


def run_server(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import status_lines
    from engine.use_cases.run_server import read_status, start_server, stop_server

    if arguments.command == "down":
        print("stopped" if stop_server(settings, note) else "nothing was running")
        return 0
    if arguments.command == "up":
        start_server(settings, note)
    found = read_status(settings, note)
    status_lines(found.server, found.counts.told() if found.counts else None, found.search)
    return 0


def run_load(_: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.load import load_graph

    loaded = load_graph(settings, note)
    if loaded.index_renewed:
        note("the vector index did not answer and is made anew; until it is built every track is compared instead")
    note(f"the graph at {loaded.place} serves what is in ontology/ and seed_data/")
    note(loaded.counts.told())
    return 0


def run_query(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import rows_table
    from engine.use_cases.query import analyst_table

    try:
        params = {name: json.loads(value) for name, _, value in (given.partition("=") for given in arguments.param)}
    except ValueError as exc:
        raise UsageError("--param", "a value is not JSON", "Write NAME=JSON, for example goal='\"calm\"'") from exc
    statement = typed("Ask in several statements") if arguments.query == "-" else None
    table = analyst_table(settings, arguments.query, params, note, statement)
    if arguments.json:
        for row in table.rows:
            print(json_text(row, default=str))
    else:
        rows_table(table)
    return 0
