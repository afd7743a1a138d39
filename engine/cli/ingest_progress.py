"""Progress of an ingest: a bar with rate and time left on a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from engine.graph import Row
from engine.ingest.report import ReportLine

_NOW_AND_THEN: Final = 10.0
"""Seconds between lines where there is no terminal."""


class _Rate(ProgressColumn):
    """Files a second, over the last three minutes."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


class IngestProgress:
    """Shows the progress of an ingest; a context manager that removes the bar at its end."""

    def __init__(self, note: Callable[[str], None], console: Console | None = None) -> None:
        self._note, self._console = note, console or Console(stderr=True)
        self._files, self._done, self._began = 0, 0, time.monotonic()
        self._told = self._began
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> IngestProgress:
        return self

    def begin(self, files: int) -> None:
        """Starts with the number of files."""
        self._files, self._began = files, time.monotonic()
        self._told = self._began
        if not files:
            return
        if not self._console.is_terminal:
            self._note(f"hearing {files} files")
            return
        columns = (TextColumn("hearing"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        self._bar = Progress(
            *columns,
            console=self._console,
            transient=True,
            speed_estimate_period=180,
            # Lines of the report pass above the bar where both go to the terminal.
            redirect_stdout=sys.stdout.isatty(),
        )
        self._task = self._bar.add_task("hearing", total=files)
        self._bar.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self) -> None:
        """Counts one more file."""
        self._done += 1
        now = time.monotonic()
        if self._bar and self._task is not None:
            self._bar.advance(self._task)
        elif now - self._told > _NOW_AND_THEN:
            self._told = now
            rate = self._done / (now - self._began)
            left = (self._files - self._done) / rate
            self._note(f"heard {self._done} of {self._files} files, {rate:.1f} a second, {format_duration(left)} left")


def format_duration(seconds: float) -> str:
    """A duration in s, min or h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def format_line(line: ReportLine) -> str:
    """A line of the report as text; control characters of names are escaped."""
    path = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line.path)
    return f"{line.outcome:<9}  {line.track_id or '-':<20}  {path}" + (f"  ({line.reason})" if line.reason else "")


def print_tracks(rows: Iterable[Row]) -> None:
    """Prints tracks as a table."""
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("id", "title", "artist"):
        grid.add_column(name, overflow="fold")
    for name in ("length", "BPM", "valence", "arousal"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("source", overflow="fold", style="dim")
    for row in rows:
        seconds = row["seconds"]
        waits = Text("waits for ingest", style="italic") if row["waits"] else Text(f"{row['valence']:+.2f}")
        source = Text(f"{row['source']} (gone)" if row["gone"] else row["source"])
        grid.add_row(
            row["id"], Text(row["title"]), Text(row["artist"]), f"{int(seconds // 60)}:{int(seconds % 60):02}",
            f"{row['cues']['tempo']:.0f}", waits, f"{row['arousal']:+.2f}", source,
        )  # fmt: skip
    Console(highlight=False).print(grid)
