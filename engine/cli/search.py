"""`isopath search`: tracks that sound like some words."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.helping import show
from engine.cli.speaking import EXIT, Adding, add_words, note, words
from engine.settings import Settings

SHOWN = 10


def add(command: Adding) -> None:
    search = command("search", run_search, "Find tracks that sound like some words.")
    told = 'the sound, such as "slow warm strings"; - reads it from standard input; without it you are asked'
    add_words(search, told)
    search.add_argument("--limit", type=int, default=SHOWN, metavar="N", help=f"tracks at most, {SHOWN} by default")
    search.add_argument("--json", action="store_true", help="print the answer as one JSON object")


def run_search(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import compiled
    from engine.use_cases.search import search_tracks

    question = "What should it sound like? (a few words; they are not stored)"
    text = words(arguments, True, question, "Give them as an argument, or through standard input with -") or ""
    opened = compiled(settings, note)
    answer = search_tracks(settings, opened, text, arguments.limit, note)
    if answer["outcome"] == "support":
        return show(answer, arguments.json, opened.fault)
    if arguments.json:
        print(json_text(answer))
    else:
        from engine.cli.render import tracks_table

        tracks_table(answer)
    return EXIT[answer["outcome"]]
