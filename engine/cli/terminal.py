"""Shared by the commands: the declaration of a command, input of a person's text, notes on standard error."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from encoders.languages import LANGUAGES
from engine.decoding import decode_leniently
from engine.errors import UsageError
from engine.settings import Settings

EXIT = {"journey": 0, "reading": 0, "tracks": 0, "support": 3, "question": 4, "withheld": 7}
"""Exit code of each outcome; errors bring their own (`engine/errors.py`)."""
MAX_STDIN = 100_000
"""Limit on bytes from standard input."""
FEELING = "How do you feel? (a sentence or two; it is not stored)"
OTHERWISE = "Give them as an argument, through standard input with -, or name feelings with --feel"

Run = Callable[[argparse.Namespace, Settings], int]
"""Runs a command with its arguments; returns its exit code."""


class AddCommand(Protocol):
    """Adds a command to the parser."""

    def __call__(self, name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        """Adds a command that `run` executes; returns its parser, for its arguments."""
        ...


def add_text_argument(parser: argparse.ArgumentParser, help_: str) -> None:
    """Adds the argument for a person's text. Several arguments are joined, since quotes are easily forgotten."""
    parser.add_argument("text", nargs="*", metavar="TEXT|-", help=help_)


def add_language_argument(parser: argparse._ActionsContainer) -> None:
    """Adds the argument for the language of an answer, where it is not to be that of the words."""
    parser.add_argument(
        "--language", choices=LANGUAGES, help="answer in this language where it is spoken, whatever was written"
    )


def split_list(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def note(line: str) -> None:
    """Prints a line on standard error; standard output only holds the answer."""
    print(line, file=sys.stderr, flush=True)


def read_words(
    arguments: argparse.Namespace, needed: bool, question: str = FEELING, otherwise: str = OTHERWISE
) -> str | None:
    """The person's text, from the argument, from standard input, or typed at a prompt. It is stored nowhere.

    `question` is the prompt, `otherwise` the repair when there is no terminal. Text that was read is added to
    `arguments.input_texts`, so that the gate can check it after any error.
    """
    given = arguments.text
    if given == ["-"]:
        return read_stdin("Say it in a few sentences", arguments.input_texts)
    if given or not needed:
        return decode_argument(" ".join(given)) if given else None
    if not is_interactive():
        raise UsageError("TEXT", "there are no words", otherwise)
    note(question)
    return read_prompt(arguments.input_texts)


def is_interactive() -> bool:
    """Whether standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def read_prompt(input_texts: list[str]) -> str:
    """A line typed at a prompt, also added to `input_texts`. End of input stops the command."""
    try:
        answer = decode_argument(input("> "))
    except EOFError:
        raise KeyboardInterrupt from None
    input_texts.append(answer)
    return answer


def read_stdin(repair: str, input_texts: list[str] | None = None) -> str:
    """The text of standard input, without line ends around it; UsageError when it is no UTF-8 or too long (`repair`).

    What could be decoded is added to `input_texts` before an error is raised.
    """
    content = sys.stdin.buffer.read(MAX_STDIN + 1) if sys.stdin is not None else b""
    if input_texts is not None:
        input_texts.append(decode_leniently(content))
    if len(content) > MAX_STDIN:
        raise UsageError("standard input", f"more than {MAX_STDIN:,} bytes are too many", repair)
    try:
        return content.decode("utf-8").strip("\n")
    except UnicodeDecodeError:
        raise UsageError("standard input", "is not UTF-8", "Save the text as UTF-8") from None


def read_piped(given: Sequence[str]) -> str:
    """The text of standard input if the arguments name it (`-`) and nothing has read it; else empty."""
    with suppress(OSError, ValueError):
        if "-" in given and sys.stdin is not None and not is_interactive():
            return decode_leniently(sys.stdin.buffer.read(MAX_STDIN))
    return ""


def decode_argument(text: str) -> str:
    """An argument decoded as UTF-8 or GB 18030 where the locale implies another encoding."""
    try:
        content = os.fsencode(text)
        return content.decode("utf-8")
    except UnicodeEncodeError:
        return text
    except UnicodeDecodeError:
        return text if text.isprintable() else decode_leniently(content)
