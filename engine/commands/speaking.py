"""What the commands share: how they are declared, hear a person's words, and say how far they are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from engine.errors import UsageError
from engine.settings import Settings

EXIT = {"journey": 0, "reading": 0, "tracks": 0, "support": 3, "question": 4, "withheld": 7}
"""Exit code of each outcome; errors bring their own (`engine/errors.py`)."""
TYPED = 100_000
"""Bytes read from standard input at most."""
FEELING = "How do you feel? (a sentence or two; it is not stored)"
OTHERWISE = "Give them as an argument, through standard input with -, or name feelings with --feel"

Run = Callable[[argparse.Namespace, Settings], int]
"""Runs a command with its arguments; returns its exit code."""


class Adding(Protocol):
    """Adds a command to the parser; its arguments are declared on what comes back."""

    def __call__(self, name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        """The parser of a command of this name, which `run` carries out."""
        ...


def add_words(parser: argparse.ArgumentParser, help_: str) -> None:
    """A person's words as the command's own argument. Several arguments are one text: quotes are easily forgotten."""
    parser.add_argument("text", nargs="*", metavar="TEXT|-", help=help_)


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def note(line: str) -> None:
    """Progress goes to standard error, so that standard output holds the answer alone."""
    print(line, file=sys.stderr, flush=True)


def words(given: Sequence[str], needed: bool, question: str = FEELING, otherwise: str = OTHERWISE) -> str | None:
    """The person's words: the argument, standard input, or what is typed at a prompt. Never kept anywhere.

    `question` is the prompt; `otherwise` the repair where nobody can be asked.
    """
    if list(given) == ["-"]:
        return typed("Say it in a few sentences")
    if given or not needed:
        return " ".join(given) if given else None
    if not sys.stdin.isatty():
        raise UsageError("TEXT", "there are no words", otherwise)
    note(question)
    return input("> ")


def typed(repair: str) -> str:
    """What standard input holds, without the line's end; UsageError when it is no text, or too much (`repair`)."""
    read = sys.stdin.buffer.read(TYPED + 1)
    if len(read) > TYPED:
        raise UsageError("standard input", f"more than {TYPED:,} bytes are too many", repair)
    try:
        return read.decode("utf-8").strip("\n")
    except UnicodeDecodeError:
        raise UsageError("standard input", "is not UTF-8", "Save the text as UTF-8") from None
