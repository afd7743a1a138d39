"""`isopath ontology sign`, `publish`, `rollback` and `history`: who answers for what serves."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.cli.authoring.trying import report_failed
from engine.cli.terminal import AddCommand, note
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.store.publications import Publication


def add_commands(command: AddCommand) -> None:
    sign = command("sign", run_sign, "Sign a number or a change of safety; a later edit breaks the signature.")
    sign.add_argument("id", metavar="ID", help="of a claim, a rule, an effect, or of what was deleted")
    publish = command("publish", run_publish, "Let the draft in ontology/ serve, once checks and scenarios pass.")
    rollback = command("rollback", run_rollback, "Let an earlier version serve again.")
    rollback.add_argument("--to", type=int, metavar="N", help="its number; else that of the version before")
    for one in (sign, publish, rollback):
        one.add_argument("--by", required=True, metavar="NAME", help="who answers for it")
        one.add_argument("--why", required=True, metavar="TEXT", help="the reason, in a sentence")
    history = command("history", run_history, "Say what was published, by whom, when, why, and what it changed.")
    history.add_argument("--json", action="store_true", help="one object a line")


def run_sign(arguments: argparse.Namespace, _: Settings) -> int:
    from engine.use_cases.authoring.publishing import sign_individual

    signature = sign_individual(arguments.id, arguments.by, arguments.why, date.today())
    print(f"{signature.by} signed {signature.id} on {signature.on} ({signature.seal[:12]})")
    return 0


def run_publish(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.publishing import publish_draft

    print_entry(publish_draft(settings, arguments.by, arguments.why, note, report_failed))
    return 0


def run_rollback(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.publishing import roll_back

    print_entry(roll_back(settings, arguments.by, arguments.why, note, arguments.to))
    return 0


def run_history(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.publishing import read_history

    history = read_history(settings, note)
    for entry in history.entries:
        if arguments.json:
            said = asdict(entry) | {"at": entry.at.isoformat(), "changed_since": entry.position in history.broken}
            print(json_text(said))
        else:
            print_entry(entry)
            if entry.position in history.broken:
                print("    This entry was changed after it was written, or one before it was taken out.")
    return 0


def print_entry(entry: Publication) -> None:
    """An entry as it is read: version, how, who, when, why, and what it changed."""
    print(f"version {entry.number}, {entry.kind} by {entry.by} on {entry.at:%Y-%m-%d %H:%M} UTC: {entry.why}")
    for change in entry.changes:
        print(f"    {change}")
