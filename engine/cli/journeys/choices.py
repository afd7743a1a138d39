"""`isopath goals`, `contexts`, `feelings`: what can be asked for, in both languages. Needs no server."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, note
from engine.settings import Settings

LISTED = {
    "goals": "List where a journey can lead.",
    "contexts": "List what a journey can take account of.",
    "feelings": "List the feelings that can be named with --feel.",
}


def add_commands(command: AddCommand) -> None:
    for name, help_ in LISTED.items():
        listing = command(name, run_choices, help_)
        listing.add_argument("--json", action="store_true", help="print a JSON object each")


def run_choices(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import load_compiled
    from engine.cli.journeys.rendering import print_choices

    rows = load_compiled(settings, note).meaning["words"]["choices"][arguments.command]
    if arguments.json:
        for row in rows:
            print(json_text(row))
    else:
        print_choices(rows)
    return 0
