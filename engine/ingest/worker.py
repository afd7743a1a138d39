"""The process that analyses files, so that a crash or a hang affects no other process."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from encoders.analysis.piece import AnalysedPiece
from engine.errors import IsopathError, ScoreUnreadable

Analyse = Callable[[Path], Iterator[AnalysedPiece | ScoreUnreadable]]
"""Yields every piece of a file; raises ScoreUnreadable when there is none. It must be picklable, to be sent to a
process."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file, or one tune of a book, was not analysed."""

    reason: str
    ours: bool
    """Whether the file may be sound: it exceeded a limit, or met a fault of ours."""


def analyse_files(pipe: Connection, analyse: Analyse) -> None:
    """Analyses the files whose paths come through the pipe, one after the other, until it is closed.

    For each file it sends its pieces, a message each (a pickle of `AnalysedPiece | Unreadable`), then an empty message.
    """
    # Ctrl-C is sent to all processes of a terminal; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # Libraries' messages, in Python or below it, are suppressed: standard output is for the report.
    warnings.simplefilter("ignore")
    with Path(os.devnull).open("w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    try:
        while True:
            path = pipe.recv()
            for piece in _analyse_file(path, analyse):
                pipe.send_bytes(pickle.dumps(piece, protocol=5))
            pipe.send_bytes(b"")
    except (EOFError, OSError):
        return  # The parent has ended, or has closed the pipe.


def _end_with_the_parent() -> None:
    """Exits when the parent ends: a killed parent ends no children, and a hanging file would keep this process."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _analyse_file(path: Path, analyse: Analyse) -> Iterator[AnalysedPiece | Unreadable]:
    try:
        for piece in analyse(path):
            yield piece if isinstance(piece, AnalysedPiece) else describe_error(piece)
    except IsopathError as error:
        yield describe_error(error)
    except OSError as error:
        yield Unreadable(f"it cannot be read ({error.strerror or 'unknown reason'})", ours=False)
    except MemoryError:
        yield Unreadable("it takes more memory than there is. Take a shorter or simpler file", ours=True)
    except RecursionError:
        yield Unreadable("it is nested too deeply. Write it anew with the program that made it", ours=False)
    except Exception as error:
        # A fault of a reader: the file is reported, and the next one follows.
        yield Unreadable(f"the reader failed on it ({type(error).__name__}). Please report it with the file", ours=True)


def describe_error(error: IsopathError) -> Unreadable:
    """A reader's error as one reason; only ScoreUnreadable is a fault of the file."""
    if isinstance(error, ScoreUnreadable):
        return Unreadable(f"{error.fault}. {error.repair}", ours=False)
    return Unreadable(str(error), ours=True)
