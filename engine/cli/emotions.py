"""`isopath emotions`: what is read from words."""

from __future__ import annotations

import argparse
from pathlib import Path

from encoders.json_text import json_text
from engine.cli.helping import asked_first, show
from engine.cli.speaking import EXIT, Adding, add_words, note, words
from engine.errors import UsageError
from engine.journey import text_faults
from engine.settings import Settings


def add(command: Adding) -> None:
    emotions = command("emotions", run_emotions, "Show what is read from words.")
    add_words(emotions, "how you feel; - reads it from standard input; without it you are asked")
    emotions.add_argument("--file", type=Path, metavar="FILE", help="one text a line; needs --json")
    emotions.add_argument("--ungated", action="store_true", help="skip the crisis gate, for measuring")
    emotions.add_argument("--json", action="store_true")


def run_emotions(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.answers import read_emotions

    if arguments.file is not None:
        if not arguments.json:
            raise UsageError("--file", "a batch is printed as JSON only", "Add --json")
        try:
            lines = arguments.file.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            raise UsageError("--file", "cannot be read as UTF-8 text", "Check the path and its encoding") from None
        texts: list[str] = lines[:-1] if lines and lines[-1] == "" else lines
    else:
        texts = [words(arguments, needed=True) or ""]
    if arguments.ungated:
        note("The crisis gate is off: for measuring only.")
    one, gated = arguments.file is None, not arguments.ungated
    opened, support = asked_first(settings, texts if one and gated else [])
    if support:
        return show(support, arguments.json, opened.fault)
    if one and (faults := text_faults("TEXT", texts[0])):
        raise UsageError.of(faults)
    code = 0
    for answer in read_emotions(settings, opened, texts, gated):
        if arguments.json:
            print(json_text(answer))
        else:
            from engine.cli.render import reading_bars

            reading_bars(answer)
        code = EXIT[answer["outcome"]] if one else 0
    return code
