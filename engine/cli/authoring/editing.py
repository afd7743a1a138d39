"""`isopath ontology table`, `apply` and `new-rule`: rules edited in a spreadsheet, or by answering questions."""

from __future__ import annotations

import argparse
from pathlib import Path

from encoders.json_text import json_text
from engine.cli.authoring.new_rule import run_new_rule
from engine.cli.terminal import AddCommand, note
from engine.settings import ONTOLOGY_DIR, Settings


def add_commands(command: AddCommand) -> None:
    table = command("table", run_table, "Write the rules as a spreadsheet, with help and drop-downs in it.")
    apply = command(
        "apply", run_apply, "Bring the edits of a spreadsheet into the draft; all that does not fit is told."
    )
    for one in (table, apply):
        one.add_argument("file", type=Path, metavar="FILE.xlsx", help="such as rules.xlsx")
    apply.add_argument("--json", action="store_true", help="a list of sentences")
    new_rule = command("new-rule", run_new_rule, "Ask for a rule in plain words, and write all its parts together.")
    for one in (table, apply, new_rule):
        one.add_argument("folder", nargs="?", metavar="FOLDER", help="an ontology's folder; else the one that ships")


def run_table(arguments: argparse.Namespace, _: Settings) -> int:
    from engine.use_cases.authoring.editing import save_table

    rules = save_table(arguments.file, _choose_folder(arguments))
    print(f"{arguments.file}: {rules} rules. Edit it, then run: isopath ontology apply {arguments.file}")
    return 0


def run_apply(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.editing import apply_table

    changes = apply_table(settings, arguments.file, _choose_folder(arguments))
    if arguments.json:
        print(json_text(list(changes)))
    else:
        print("\n".join(changes) or "nothing differs")
        if changes:
            note("Try it: isopath ontology check, test, what-if. To edit further, write a new table.")
    return 0


def _choose_folder(arguments: argparse.Namespace) -> Path:
    return Path(arguments.folder) if arguments.folder else ONTOLOGY_DIR
