"""Shows help in a crisis, before any output and despite any error of a command.

Only imports modules that need no third-party package, since a missing one must not prevent help.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from engine.cli.terminal import EXIT, decode_argument, note, read_piped
from engine.errors import IsopathError
from engine.gate import load_fallback_gate
from engine.settings import read_for_help


def show_help_if_crisis(error: Exception | None, given: Sequence[str], input_texts: Sequence[str]) -> int | None:
    """Shows help, then the error if any, and returns the exit code; None when no text asks for help.

    Checks every argument, and the texts `input_texts` from standard input. Never raises.
    """
    with suppress(Exception):
        home, region, words = read_for_help()
        texts = [*map(decode_argument, words), *_list_texts(given), *(input_texts or [read_piped(given)])]
        if not any(texts):
            return None
        gate = load_fallback_gate(home)
        found = gate.check_all(texts)
        if found is not None and found.hit:
            return show_support(gate.answer(found, region), "--json" in given, error)
    return None


def _list_texts(given: Sequence[str]) -> Iterator[str]:
    """The texts of arguments: each alone, and all joined, since quotes may be missing. Option names are left out.

    Names of existing files are left out, but a single word also counts in the joined text.
    """
    alone = [decode_argument(each.partition("=")[2] if each.startswith("-") else each) for each in given]
    alone = [each for each in alone if each and (each.isalpha() or not _is_path(each))]
    yield from (each for each in alone if not _is_path(each))
    yield " ".join(alone)


def _is_path(name: str) -> bool:
    """Whether it names a file or folder: titles of songs are no texts of a person."""
    try:
        return Path(name).exists()
    except OSError:
        return False


def show_support(answer: Mapping[str, Any], as_json: bool, fault: Exception | None = None) -> int:
    """Shows help as text or as one JSON object, then the fault in one line; returns exit code 3."""
    support = answer["support"]
    lines = [f"  {line['name']}: {line['contact']}  {line['url']}" for line in support["lines"]]
    print_safely(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join([support["message"], *lines]))
    if fault is not None:
        with suppress(Exception):
            note(f"isopath: {_format_fault(fault)}")
    return EXIT["support"]


def print_safely(text: str) -> None:
    """Prints on standard output, or on standard error where that is closed or its disk is full."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            continue
        try:
            print(text, file=stream, flush=True)
            return
        except (OSError, ValueError):
            # Otherwise Python would flush it again at exit, and change the exit code.
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115


def _format_fault(fault: Exception) -> str:
    """An IsopathError in one line; only the type of other errors, since their messages may hold a person's text."""
    if not isinstance(fault, IsopathError):
        return type(fault).__name__
    first, *others = str(fault).splitlines()
    return first + (f" And {len(others)} more." if others else "")
