"""What the commands share: how they are declared, hear a person's words, and say how far they are."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from engine.decoding import decode_leniently
from engine.errors import UsageError
from engine.settings import Settings

EXIT = {"journey": 0, "reading": 0, "tracks": 0, "support": 3, "question": 4, "withheld": 7}
"""Exit code of each outcome; errors bring their own (`engine/errors.py`)."""
MAX_STDIN = 100_000
"""Bytes read from standard input at most."""
FEELING = "How do you feel? (a sentence or two; it is not stored)"
OTHERWISE = "Give them as an argument, through standard input with -, or name feelings with --feel"

Run = Callable[[argparse.Namespace, Settings], int]
"""Runs a command with its arguments; returns its exit code."""


class AddCommand(Protocol):
    """Adds a command to the parser; its arguments are declared on what comes back."""

    def __call__(self, name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        """The parser of a command of this name, which `run` carries out."""
        ...


def add_text_argument(parser: argparse.ArgumentParser, help_: str) -> None:
    """A person's words as the command's own argument. Several arguments are one text: quotes are easily forgotten."""
    parser.add_argument("text", nargs="*", metavar="TEXT|-", help=help_)


def split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def note(line: str) -> None:
    """Progress goes to standard error, so that standard output holds the answer alone."""
    print(line, file=sys.stderr, flush=True)


def read_words(
    arguments: argparse.Namespace, needed: bool, question: str = FEELING, otherwise: str = OTHERWISE
) -> str | None:
    """The person's words: the argument, standard input, or what is typed at a prompt. Never kept anywhere.

    `question` is the prompt; `otherwise` the repair where nobody can be asked. What was heard is in `arguments.heard`
    for as long as the command runs, so that no fault of it stands before help.
    """
    given = arguments.text
    if given == ["-"]:
        return read_stdin("Say it in a few sentences", arguments.heard)
    if given or not needed:
        return decode_argument(" ".join(given)) if given else None
    if not is_interactive():
        raise UsageError("TEXT", "there are no words", otherwise)
    note(question)
    return read_prompt(arguments.heard)


def is_interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def read_prompt(heard: list[str]) -> str:
    """A line typed at a prompt, which is in `heard` from then on. Who ends the input there stops the command."""
    try:
        answer = decode_argument(input("> "))
    except EOFError:
        raise KeyboardInterrupt from None
    heard.append(answer)
    return answer


def read_stdin(repair: str, heard: list[str] | None = None) -> str:
    """What standard input holds, without the line's end; UsageError when it is no text, or too much (`repair`).

    What could be read of it is put into `heard` before any fault of it is raised.
    """
    read = sys.stdin.buffer.read(MAX_STDIN + 1) if sys.stdin is not None else b""
    if heard is not None:
        heard.append(decode_leniently(read))
    if len(read) > MAX_STDIN:
        raise UsageError("standard input", f"more than {MAX_STDIN:,} bytes are too many", repair)
    try:
        return read.decode("utf-8").strip("\n")
    except UnicodeDecodeError:
        raise UsageError("standard input", "is not UTF-8", "Save the text as UTF-8") from None


def read_piped(given: Sequence[str]) -> str:
    """What standard input holds where the arguments name it and no command has read it; else nothing."""
    with suppress(OSError, ValueError):
        if "-" in given and sys.stdin is not None and not is_interactive():
            return decode_leniently(sys.stdin.buffer.read(MAX_STDIN))
    return ""


def decode_argument(text: str) -> str:
    """Words as they were typed, where the locale says that they were typed in another alphabet."""
    try:
        read = os.fsencode(text)
        return read.decode("utf-8")
    except UnicodeEncodeError:
        return text
    except UnicodeDecodeError:
        return text if text.isprintable() else decode_leniently(read)
