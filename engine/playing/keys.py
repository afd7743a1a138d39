"""Single keys from the terminal, which is as it was before when the keys are read no longer."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

ReadKey = Callable[[float], str | None]
"""Waits so many seconds for a key; None where none was typed."""


@contextmanager
def open_keys(terminal: TextIO | None = None) -> Iterator[ReadKey | None]:
    """Reads keys without Enter and without showing them, as a context; None where there is no terminal for it."""
    terminal = terminal or sys.stdin
    try:
        import termios
        import tty
    except ImportError:
        yield None
        return
    try:
        number = terminal.fileno()
        before = termios.tcgetattr(number)
    except (AttributeError, OSError, ValueError, termios.error):
        yield None
        return

    def read_key(seconds: float) -> str | None:
        if not select.select([number], [], [], seconds)[0]:
            return None
        return os.read(number, 1).decode(errors="replace") or None

    try:
        # Ctrl-C still interrupts.
        tty.setcbreak(number)
        yield read_key
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
