"""The process in which files are heard: whatever a file does to it, it does to nobody else."""

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
"""Every piece of music of a file, one at a time; raises ScoreUnreadable when there is none. A function of a module or
what pickle can make again, so that a process of its own can have it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file, or one tune of a book, is not music that we have."""

    reason: str
    ours: bool
    """The file may be sound: it took too long, or too much memory, or met a fault of ours."""


def work(pipe: Connection, analyse: Analyse) -> None:
    """Hears the files whose paths come through the pipe, one after the other, until it is closed.

    For each file: its pieces, a message each (a pickle of `AnalysedPiece | Unreadable`), then an empty message.
    """
    # Ctrl-C reaches every process of a terminal; the parent ends this one when it is time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # What libraries say of a file, in Python or below it, stands in its remarks: standard output is for the report.
    warnings.simplefilter("ignore")
    with Path(os.devnull).open("w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    try:
        while True:
            path = pipe.recv()
            for piece in _pieces(path, analyse):
                pipe.send_bytes(pickle.dumps(piece, protocol=5))
            pipe.send_bytes(b"")
    except (EOFError, OSError):
        return  # The parent is gone, or wants no more.


def _end_with_the_parent() -> None:
    """A parent that was killed ends nobody, and a file that hangs would hang for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _pieces(path: Path, analyse: Analyse) -> Iterator[AnalysedPiece | Unreadable]:
    try:
        for piece in analyse(path):
            yield piece if isinstance(piece, AnalysedPiece) else unreadable(piece)
    except IsopathError as error:
        yield unreadable(error)
    except OSError as error:
        yield Unreadable(f"it cannot be read ({error.strerror or 'unknown reason'})", ours=False)
    except MemoryError:
        yield Unreadable("it takes more memory than there is. Take a shorter or simpler file", ours=True)
    except RecursionError:
        yield Unreadable("it is nested too deeply. Write it anew with the program that made it", ours=False)
    except Exception as error:
        # A reader met something it was not made for. The file is told of and the next one follows.
        yield Unreadable(f"the reader failed on it ({type(error).__name__}). Please report it with the file", ours=True)


def unreadable(error: IsopathError) -> Unreadable:
    """What an error of the readers says, as one reason; a reader that is not installed is no fault of the file."""
    if isinstance(error, ScoreUnreadable):
        return Unreadable(f"{error.fault}. {error.repair}", ours=False)
    return Unreadable(str(error), ours=True)
