"""Ingests a listener's own music."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from encoders.analysis.analyser import Analyser
from encoders.embedding.embedder import check_mert, open_embedder
from engine.bootstrap import Progress, use_graph
from engine.ingest.finding import FoundFile, IgnoredCounts, find_files
from engine.ingest.ingesting import ingest
from engine.ingest.known import KnownMusic
from engine.ingest.pool import AnalysisPool, FileLimits, count_cores
from engine.ingest.report import ReportLine
from engine.ingest.writing import TrackWriter
from engine.settings import Settings


class IngestWatcher(Protocol):
    """Follows the progress of an ingest."""

    def begin(self, files: int) -> None:
        """Called with the number of files to analyse."""
        ...

    def advance(self) -> None:
        """Called after each file."""
        ...


@dataclass(frozen=True, slots=True)
class IngestResult:
    """The numbers of an ingest."""

    counted: Counter[str]
    """Outcome (`engine.ingest.report.OUTCOMES`) -> number of files."""
    passed: IgnoredCounts


def ingest_music(
    settings: Settings,
    path: Path,
    report: Callable[[ReportLine], None],
    watcher: IngestWatcher,
    progress: Progress,
    *,
    write: bool,
) -> IngestResult:
    """Ingests a file, or a folder recursively; each line is reported after its change is written.

    Without `write` everything is analysed and nothing is written.
    """
    passed = IgnoredCounts()
    places = list(find_files(path, passed))
    counted: Counter[str] = Counter()
    with use_graph(settings, progress) as graph:
        embedder = open_embedder(settings.embedding_model)
        recorded = any(isinstance(place, FoundFile) and place.kind == "audio" for place in places)
        mert = check_mert(embedder, settings.mert) if settings.mert and recorded else None
        writer = TrackWriter.open(graph, embedder, mert)
        known = KnownMusic.read(graph, embedder.card.sha256, mert.sha256 if mert else None)
        changed = sum(isinstance(place, FoundFile) and not known.find_unchanged(place) for place in places)
        limits = FileLimits.with_mert() if mert else FileLimits()
        processes = min(limits.count_processes(count_cores(), psutil.virtual_memory().available), max(changed, 1))
        with AnalysisPool(Analyser(settings.mert), processes, limits) as pool:
            watcher.begin(changed)
            for line in ingest(places, pool, writer, known, watcher.advance, write=write):
                counted[line.outcome] += 1
                report(line)
    return IngestResult(counted, passed)
