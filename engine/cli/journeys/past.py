"""`isopath journeys`, `veto`: what was kept, and what is never to be played again."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, add_language_argument, note
from engine.settings import Settings

ENDS = ("first", "last")
"""Titles that only a person reads: programs have the tracks themselves."""


def add_commands(command: AddCommand) -> None:
    journeys = command("journeys", run_journeys, "List the journeys that are kept.")
    add_language_argument(journeys)
    journeys.add_argument("--json", action="store_true", help="print a JSON object a journey")
    veto = command(
        "veto", run_veto, "Keep tracks out of all your journeys for good; without TRACK list those kept out."
    )
    veto.add_argument("tracks", nargs="*", metavar="TRACK", help="ids, as `isopath tracks` and --json show them")
    veto.add_argument("--undo", action="store_true", help="let these tracks be played again")
    veto.add_argument("--json", action="store_true", help="print a JSON object for each track that is kept out")


def run_journeys(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import load_compiled
    from engine.cli.journeys.rendering import print_journeys
    from engine.explaining.words import Words
    from engine.use_cases.journeys.read import list_journeys

    rows = list_journeys(settings, note)
    if arguments.json:
        for row in rows:
            print(json_text({name: value for name, value in row.items() if name not in ENDS}))
    else:
        words = load_compiled(settings, note).meaning["words"]
        print_journeys([(row, Words.choose(words, arguments.language or row["language"])) for row in rows])
        note(f"{len(rows)} journeys; `isopath journey --again ID` plays one again, `isopath forget --journeys` erases")
    return 0


def run_veto(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.errors import UsageError
    from engine.use_cases.journeys.vetoes import lift_vetoes, veto_tracks

    if arguments.undo:
        if not arguments.tracks:
            raise UsageError("TRACK", "there is none to let in again", "`isopath veto` lists those that are kept out")
        print(f"let in again: {lift_vetoes(settings, arguments.tracks, note)} tracks")
        return 0
    rows = veto_tracks(settings, arguments.tracks, note)
    for row in rows:
        told = {"id": row["id"], "title": row["title"], "artist": row["artist"]}
        print(json_text(told) if arguments.json else f"{row['id']}  {row['title']}  {row['artist'] or ''}".rstrip())
    note(f"{len(rows)} tracks are kept out of every journey; `isopath veto --undo TRACK` lets one in again")
    return 0
