"""`isopath search`: finds tracks by words for their sound."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.crisis_help import show_support
from engine.cli.terminal import EXIT, AddCommand, add_text_argument, note, read_words
from engine.settings import Settings

SHOWN = 10


def add_commands(command: AddCommand) -> None:
    search = command("search", run_search, "Find tracks that sound like some words.")
    help_ = 'the sound, such as "slow warm strings"; - reads it from standard input; without it you are asked'
    add_text_argument(search, help_)
    search.add_argument("--limit", type=int, default=SHOWN, metavar="N", help=f"tracks at most, {SHOWN} by default")
    search.add_argument("--json", action="store_true", help="print the answer as one JSON object")


def run_search(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import load_compiled
    from engine.use_cases.search import search_tracks

    question = "What should it sound like? (a few words; they are not stored)"
    text = read_words(arguments, True, question, "Give them as an argument, or through standard input with -") or ""
    opened = load_compiled(settings, note)
    answer = search_tracks(settings, opened, text, arguments.limit, note)
    if answer["outcome"] == "support":
        return show_support(answer, arguments.json, opened.fault)
    if arguments.json:
        print(json_text(answer))
    else:
        from engine.cli.render import print_found_tracks

        print_found_tracks(answer)
    return EXIT[answer["outcome"]]
