"""Shows how far the sound of a journey is: a bar on a terminal, else a line a track."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from engine.export.audio import Progress as TrackProgress


@contextmanager
def show_rendering(note: Callable[[str], None], console: Console | None = None) -> Iterator[TrackProgress]:
    """What is to be told of every track that is rendered, and written; the bar goes at the end."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield lambda what, done, all_: note(f"{what} {done} of {all_} tracks")
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("rendering")

        def show(what: str, done: int, all_: int) -> None:
            bar.update(task, description=f"{what} tracks", completed=done, total=all_)

        yield show
