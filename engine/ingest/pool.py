"""A pool of processes that analyse files: one for each core, replaced when it dies, hangs or grows."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Final

import psutil

from encoders.analysis.piece import AnalysedPiece
from engine.ingest.finding import FoundFile
from engine.ingest.worker import Analyse, Unreadable, analyse_files

Pieces = tuple[AnalysedPiece | Unreadable, ...]

_AHEAD: Final = 200
"""Files that may be analysed ahead of a slow one: results are returned in order, so later ones wait."""
_AHEAD_BYTES: Final = 64_000_000
"""Pickled bytes of waiting results at most."""
_FILES: Final = 400
"""Files after which a process is replaced, since libraries leak memory."""
_TRIES: Final = 3
"""Attempts for a file whose process dies."""
_LOOK: Final = 0.25
"""Seconds between checks of memory and time of each process, while none sends a message."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Limits of time and memory for one file, or one tune of a book. Times are CPU seconds, since wall-clock time
    depends on the load of the machine."""

    notes: float = 120.0
    audio: float = 600.0
    starting: float = 60.0
    """Additional seconds for the first file of a process, which imports libraries."""
    waiting: float = 5.0
    """Wall-clock limit as a multiple of the CPU limit: a file can hang, on a drive that does not respond."""

    grown: int = 450_000_000
    """Resident bytes after a file from which a process is replaced."""
    largest: int = 1_300_000_000
    """Resident bytes at which a process is killed in the middle of a file."""

    @classmethod
    def with_mert(cls) -> FileLimits:
        """Limits with a MERT. A process has 1.3 GB after a minute of sound and 1.4 GB during inference, measured with a
        HuBERT of the size of MERT-v1-95M, without the memory for reading the file."""
        return cls(audio=1800.0, grown=1_700_000_000, largest=3_000_000_000)

    def count_processes(self, cores: int, free: int) -> int:
        """Number of concurrent processes: one for each core, as long as each has `grown` bytes of `free` memory."""
        return max(1, min(cores, free // self.grown))

    def get_seconds(self, file: FoundFile) -> float:
        return self.audio if file.kind == "audio" else self.notes


@dataclass(slots=True)
class _Job:
    """One file and its results."""

    file: FoundFile
    messages: list[bytes] = field(default_factory=list)
    """Pickled pieces, in the order of arrival."""
    fault: Unreadable | None = None
    done: bool = False
    deaths: int = 0
    """Processes that died during its analysis: it is tried once more, and then once with no other file."""

    @property
    def bytes(self) -> int:
        return sum(map(len, self.messages))

    @property
    def wants_to_be_alone(self) -> bool:
        """Whether no other file may be analysed at the same time."""
        return self.deaths == _TRIES - 1

    def list_pieces(self) -> Pieces:
        """The results; pieces that were analysed before a fault are kept, so that a tune book survives one bad tune."""
        pieces = tuple(pickle.loads(piece) for piece in self.messages)  # noqa: S301  our own process wrote it
        return (*pieces, self.fault) if self.fault else pieces


class _Worker:
    """One process and its current file."""

    def __init__(self, analyse: Analyse) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far = context.Pipe()
        self.process: SpawnProcess = context.Process(target=analyse_files, args=(far, analyse), daemon=True)
        self.process.start()
        far.close()
        self.job: _Job | None = None
        self.allowed = 0.0
        """CPU seconds that the current file may take."""
        self.busy_before = 0.0
        """CPU seconds of the process before the current file."""
        self.deadline = 0.0
        """Of the current file, by the monotonic clock."""
        self.files = 0

    def give(self, job: _Job, limits: FileLimits) -> bool:
        """Sends a file to the process; False when the process died while it was idle."""
        try:
            self.pipe.send(job.file.path)
        except OSError:
            return False
        self.job = job
        self.grant_time(limits, 0.0 if self.files else limits.starting)
        self.files += 1
        return True

    def grant_time(self, limits: FileLimits, more: float = 0.0) -> None:
        """Restarts the time limits, for a file or the next piece of it."""
        self.allowed = (limits.get_seconds(self.job.file) if self.job else 0.0) + more
        self.busy_before = self.measure_cpu()
        self.deadline = time.monotonic() + limits.waiting * self.allowed

    def is_late(self) -> bool:
        """Whether the file exceeds its time limits."""
        return time.monotonic() > self.deadline or self.measure_cpu() - self.busy_before > self.allowed

    def measure_cpu(self) -> float:
        """CPU seconds of the process; 0 when it has ended."""
        try:
            times = psutil.Process(self.process.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system + times.children_user + times.children_system)

    def measure_memory(self) -> int:
        """Resident bytes of the process; 0 when it has ended."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def stop(self) -> None:
        self.pipe.close()
        with suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()  # A decoder that it started.
        self.process.kill()
        self.process.join()
        self.process.close()


class AnalysisPool:
    """Analyses many files concurrently. A context manager: its processes end with it."""

    def __init__(self, analyse: Analyse, processes: int | None = None, limits: FileLimits | None = None) -> None:
        self._analyse = analyse
        self._size = processes or count_cores()
        self._limits = limits or FileLimits()
        self._workers: list[_Worker] = []
        self._again: list[_Job] = []

    def __enter__(self) -> AnalysisPool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def analyse(self, files: Sequence[FoundFile]) -> Iterator[tuple[FoundFile, Pieces]]:
        """Yields each file with its pieces, in the order of the files; a file that cannot be analysed with its reason.
        Never raises."""
        left = deque(files)
        jobs: deque[_Job] = deque()
        while left or jobs:
            self._feed(left, jobs)
            while jobs and jobs[0].done:
                job = jobs.popleft()
                began = time.monotonic()
                yield job.file, job.list_pieces()
                # Time in the caller does not count for the files: processes may have waited for us.
                for worker in self._workers:
                    worker.deadline += time.monotonic() - began
                self._feed(left, jobs)
            if jobs:
                self._receive()

    def _feed(self, left: deque[FoundFile], jobs: deque[_Job]) -> None:
        """Sends a file to every idle process, as long as not too many results wait."""
        while self._again or (left and len(jobs) < _AHEAD and sum(job.bytes for job in jobs) < _AHEAD_BYTES):
            worker = self._find_idle()
            if worker is None:
                return
            job = self._again[0] if self._again else _Job(left[0])
            busy = [other.job for other in self._workers if other.job]
            if busy and (job.wants_to_be_alone or any(other.wants_to_be_alone for other in busy)):
                return
            if not worker.give(job, self._limits):
                self._replace(worker)
            elif self._again:
                self._again.pop(0)
            else:
                jobs.append(job)
                left.popleft()

    def _find_idle(self) -> _Worker | None:
        for worker in self._workers:
            if worker.job is None and worker.process.is_alive():
                return worker
            if worker.job is None:
                self._replace(worker)
                break
        if len(self._workers) < self._size:
            self._workers.append(_Worker(self._analyse))
            return self._workers[-1]
        return None

    def _receive(self) -> None:
        """Receives results, and ends processes that hang or use too much memory."""
        spoke = set(wait([worker.pipe for worker in self._workers if worker.job], timeout=_LOOK))
        for worker in list(self._workers):
            if worker.job and worker.pipe in spoke:
                self._take_messages(worker, worker.job)
            if worker.job and worker.is_late():
                seconds = self._limits.get_seconds(worker.job.file)
                self._end_job(
                    worker, worker.job, f"it takes longer than {seconds:g} s to hear. Take a shorter or simpler file"
                )
            elif worker.job and worker.measure_memory() > self._limits.largest:
                self._end_job(worker, worker.job, "it takes too much memory. Take a shorter or simpler file")

    def _take_messages(self, worker: _Worker, job: _Job) -> None:
        while not job.done and worker.pipe.poll():
            try:
                message = worker.pipe.recv_bytes()
            except (EOFError, OSError):
                self._handle_death(worker, job)
                return
            if message:
                job.messages.append(message)
                worker.grant_time(self._limits)  # Each tune of a book has the limits of a file.
            else:
                job.done, worker.job = True, None
        if job.done and (worker.files >= _FILES or worker.measure_memory() > self._limits.grown):
            self._replace(worker)

    def _handle_death(self, worker: _Worker, job: _Job) -> None:
        job.deaths += 1
        if job.deaths < _TRIES:
            # A user may have killed it, or memory may have run out: the file need not be the reason.
            worker.job = None
            job.messages.clear()
            self._again.append(job)
            self._replace(worker)
            return
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        why = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        fault = f"the process that hears it died {_TRIES} times, the last time alone ({why})"
        self._end_job(worker, job, f"{fault}. That is a fault of Isopath: please report it, with the file")

    def _end_job(self, worker: _Worker, job: _Job, reason: str) -> None:
        job.fault, job.done, worker.job = Unreadable(reason, ours=True), True, None
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.stop()


def count_cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
