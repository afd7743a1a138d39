"""`isopath up`, `down`, `status`, `load`, `backup`, `restore`: commands for operators of the graph."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.terminal import AddCommand, note
from engine.settings import Settings


def add_commands(command: AddCommand) -> None:
    for name, help_ in (
        ("up", "Start the local Neo4j."),
        ("down", "Stop the local Neo4j."),
        ("status", "Say what runs."),
    ):
        command(name, run_server, help_)
    command("load", run_load, "Bring ontology and catalogue into the graph.")
    backup = command("backup", run_backup, "Put aside all that the graph holds, kept journeys included, as one file.")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file; only you can read it")
    restore = command("restore", run_restore, "Bring a backup into a graph that holds nothing of its own.")
    restore.add_argument("file", type=Path, metavar="FILE", help="what `isopath backup` wrote")


def run_server(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import print_status
    from engine.use_cases.operating.run_server import read_status, start_server, stop_server

    if arguments.command == "down":
        print("stopped" if stop_server(settings, note) else "nothing was running")
        return 0
    if arguments.command == "up":
        start_server(settings, note)
    found = read_status(settings, note)
    print_status(found.server, found.counts.describe() if found.counts else None, found.search, found.access)
    return 0


def run_load(_: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.operating.load import load_graph

    loaded = load_graph(settings, note)
    if loaded.index_renewed:
        note("the vector index did not answer and is made anew; until it is built every track is compared instead")
    note(f"the graph at {loaded.place} serves the ontology, version {loaded.ontology}, and the catalogue of seed_data/")
    note(loaded.counts.describe())
    return 0


def run_backup(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.operating.backup import back_up

    done = back_up(settings, arguments.file, note)
    print(f"put aside: {done.nodes} nodes, {done.journeys} journeys")
    note("`isopath forget` does not reach into it: delete it when it is not needed any more")
    return 0


def run_restore(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.operating.backup import restore

    done = restore(settings, arguments.file, note)
    print(f"restored: {done.nodes} nodes, {done.journeys} journeys")
    return 0
