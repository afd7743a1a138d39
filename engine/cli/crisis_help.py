"""Help before everything else, and despite everything else: what a command does when words speak of a crisis.

Nothing here or on the way here imports more than Python's own library, and no fault is told before help is shown.
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


def show_help_if_crisis(error: Exception | None, given: Sequence[str], heard: Sequence[str]) -> int | None:
    """The exit code after help was shown, with the error after it, if any.

    None where nothing that was said asks for help.

    Reads every argument, wherever it was put, and what was heard from standard input. Never an error of its own.
    """
    with suppress(Exception):
        home, region, words = read_for_help()
        texts = [*map(decode_argument, words), *_list_texts(given), *(heard or [read_piped(given)])]
        if not any(texts):
            return None
        gate = load_fallback_gate(home)
        found = gate.check_all(texts)
        if found is not None and found.hit:
            return show_support(gate.answer(found, region), "--json" in given, error)
    return None


def _list_texts(given: Sequence[str]) -> Iterator[str]:
    """What the arguments may say: each alone, and all together where quotes were forgotten. Names of options do not.

    A single word is read among the others even where it is also the name of a file here.
    """
    alone = [decode_argument(each.partition("=")[2] if each.startswith("-") else each) for each in given]
    alone = [each for each in alone if each and (each.isalpha() or not _is_path(each))]
    yield from (each for each in alone if not _is_path(each))
    yield " ".join(alone)


def _is_path(name: str) -> bool:
    """Whether it names a file or a folder: the title of a song is nobody's cry for help."""
    try:
        return Path(name).exists()
    except OSError:
        return False


def show_support(answer: Mapping[str, Any], as_json: bool, fault: Exception | None = None) -> int:
    """Shows help in plain words, or as one JSON object, then the fault that it came before, in a line; exit code 3."""
    support = answer["support"]
    lines = [f"  {line['name']}: {line['contact']}  {line['url']}" for line in support["lines"]]
    print_safely(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join([support["message"], *lines]))
    if fault is not None:
        with suppress(Exception):
            note(f"isopath: {_format_fault(fault)}")
    return EXIT["support"]


def print_safely(text: str) -> None:
    """On standard output; on standard error where that is closed or its disk is full."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            continue
        try:
            print(text, file=stream, flush=True)
            return
        except (OSError, ValueError):
            # Else Python would try once more to write it when it ends, and change the exit code.
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115


def _format_fault(fault: Exception) -> str:
    """An error of ours in a line; of any other its kind alone, since its message may hold anything."""
    if not isinstance(fault, IsopathError):
        return type(fault).__name__
    first, *others = str(fault).splitlines()
    return first + (f" And {len(others)} more." if others else "")
