"""`isopath emotions`: shows the reading of a text."""

from __future__ import annotations

import argparse
from pathlib import Path

from encoders.json_text import json_text
from engine.cli.crisis_help import show_support
from engine.cli.terminal import EXIT, AddCommand, add_text_argument, note, read_words
from engine.errors import UsageError
from engine.settings import Settings


def add_commands(command: AddCommand) -> None:
    emotions = command("emotions", run_emotions, "Show what is read from words.")
    add_text_argument(emotions, "how you feel; - reads it from standard input; without it you are asked")
    emotions.add_argument("--file", type=Path, metavar="FILE", help="one text a line; needs --json")
    emotions.add_argument("--ungated", action="store_true", help="skip the crisis gate, for measuring")
    emotions.add_argument("--json", action="store_true")


def run_emotions(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import load_compiled
    from engine.use_cases.read_emotions import read_emotions, read_emotions_of_all

    texts = read_lines(arguments.file, arguments.json) if arguments.file is not None else []
    text = (read_words(arguments, needed=True) or "") if arguments.file is None else ""
    gated = not arguments.ungated
    if arguments.ungated:
        note("The crisis gate is off: for measuring only.")
    opened = load_compiled(settings, note)
    if arguments.file is not None:
        for answer in read_emotions_of_all(settings, opened, texts, gated):
            print(json_text(answer))
        return 0
    answer = read_emotions(settings, opened, text, gated)
    if answer["outcome"] == "support":
        return show_support(answer, arguments.json, opened.fault)
    if arguments.json:
        print(json_text(answer))
    else:
        from engine.cli.render import print_reading

        print_reading(answer)
    return EXIT[answer["outcome"]]


def read_lines(file: Path, as_json: bool) -> list[str]:
    """The texts of a batch file, one a line."""
    if not as_json:
        raise UsageError("--file", "a batch is printed as JSON only", "Add --json")
    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise UsageError("--file", "cannot be read as UTF-8 text", "Check the path and its encoding") from None
    return lines[:-1] if lines and lines[-1] == "" else lines
