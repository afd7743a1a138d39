"""`isopath up`, `down`, `status`, `load`: the graph, as an operator needs it."""

from __future__ import annotations

import argparse

from engine.cli.speaking import Adding, note
from engine.settings import Settings


def add(command: Adding) -> None:
    for name, help_ in (
        ("up", "Start the local Neo4j."),
        ("down", "Stop the local Neo4j."),
        ("status", "Say what runs."),
    ):
        command(name, run_server, help_)
    command("load", run_load, "Bring ontology and catalogue into the graph.")


def run_server(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import status_lines
    from engine.use_cases.run_server import read_status, start_server, stop_server

    if arguments.command == "down":
        print("stopped" if stop_server(settings, note) else "nothing was running")
        return 0
    if arguments.command == "up":
        start_server(settings, note)
    found = read_status(settings, note)
    status_lines(found.server, found.counts.describe() if found.counts else None, found.search, found.access)
    return 0


def run_load(_: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.load import load_graph

    loaded = load_graph(settings, note)
    if loaded.index_renewed:
        note("the vector index did not answer and is made anew; until it is built every track is compared instead")
    note(f"the graph at {loaded.place} serves what is in ontology/ and seed_data/")
    note(loaded.counts.describe())
    return 0
