"""`isopath up`, `down`, `status`, `load`, `query`: the graph, as an operator and an analyst need it."""

from __future__ import annotations

import argparse
import json

from encoders.json_text import json_text
from engine.cli.speaking import Adding, note, typed
from engine.errors import GraphUnavailable, UsageError
from engine.settings import CYPHER_DIR, Settings


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
    from engine.server import Server

    server = Server(settings)
    if arguments.command == "up":
        server.up(note)
    elif arguments.command == "down":
        print("stopped" if server.down(note) else "nothing was running")
        return 0
    status = server.status()
    status_lines(status, *held(settings, status.state))
    return 0


def held(settings: Settings, state: str) -> tuple[str, str] | tuple[()]:
    """How many tracks there are to play, and how they are found; nothing when no server answers. Starts none."""
    if state not in ("up", "elsewhere"):
        return ()
    from engine.graph import Graph
    from engine.ingest.listing import Counts
    from engine.queries import Queries
    from engine.server import Server
    from engine.store.search_index import SearchIndex

    queries = Queries.load(CYPHER_DIR)
    try:
        with Graph.connect(Server(settings).ensure_up(note)) as graph:
            return Counts.of(graph, queries).told(), SearchIndex(graph, queries).told()
    except GraphUnavailable as error:
        note(str(error))
        return ()


def run_load(_: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import loaded_graph
    from engine.ingest.listing import Counts
    from engine.queries import Queries
    from engine.store.search_index import SearchIndex

    queries = Queries.load(CYPHER_DIR)
    with loaded_graph(settings, note) as graph:
        if SearchIndex(graph, queries).mend():
            note("the vector index did not answer and is made anew; until it is built every track is compared instead")
        note(f"the graph at {graph.place} serves what is in ontology/ and seed_data/")
        note(Counts.of(graph, queries).told())
    return 0


def run_query(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import rows_table
    from engine.use_cases.answers import analyst_table

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
