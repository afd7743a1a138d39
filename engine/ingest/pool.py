"""Processes that hear files: as many as there are cores, each replaced when it dies, hangs or grows."""

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
from engine.ingest.finding import Found
from engine.ingest.worker import Analyse, Unreadable, work

Pieces = tuple[AnalysedPiece | Unreadable, ...]

_AHEAD: Final = 200
"""Files that may be heard before one that takes long: what came early waits, so that the report keeps its order."""
_AHEAD_BYTES: Final = 64_000_000
"""What may wait at most, as it came through the pipe."""
_FILES: Final = 400
"""After so many files a process is replaced: libraries keep what they should let go."""
_TRIES: Final = 3
"""Times that a file is heard whose process dies."""
_LOOK: Final = 0.25
"""Seconds between looks at the memory and the clock of each process, while none has anything to tell."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much time and memory one file, or one tune of a book, may take. Times are seconds of a processor: on a busy
    machine all take longer by the clock."""

    notes: float = 120.0
    audio: float = 600.0
    starting: float = 60.0
    """More for the first file of a process, which loads libraries for it."""
    waiting: float = 5.0
    """Times as much may pass by the clock: a file can hang without any work, on a drive that does not answer."""

    grown: int = 450_000_000
    """Resident bytes after a file from which a process is replaced."""
    largest: int = 1_300_000_000
    """Resident bytes at which a process is stopped in the middle of a file."""

    @classmethod
    def with_mert(cls) -> Limits:
        """Where recordings are heard by a MERT too. A process holds 1.3 GB after a minute of sound and 1.4 GB while it
        listens, measured with a HuBERT of the size of MERT-v1-95M, without what reads the file."""
        return cls(audio=1800.0, grown=1_700_000_000, largest=3_000_000_000)

    def processes(self, cores: int, free: int) -> int:
        """How many processes may hear at once: as many as there are cores, as long as each has memory to grow in."""
        return max(1, min(cores, free // self.grown))

    def of(self, file: Found) -> float:
        return self.audio if file.kind == "audio" else self.notes


@dataclass(slots=True)
class _Job:
    """One file, and what has come of it."""

    file: Found
    said: list[bytes] = field(default_factory=list)
    """Pickles of pieces, as they came."""
    fault: Unreadable | None = None
    done: bool = False
    deaths: int = 0
    """Processes that have died of it, or of something else at that time: it is heard once more, and then once alone."""

    @property
    def bytes(self) -> int:
        return sum(map(len, self.said))

    @property
    def wants_to_be_alone(self) -> bool:
        """Whether no other file may be heard meanwhile."""
        return self.deaths == _TRIES - 1

    def pieces(self) -> Pieces:
        """What was heard before anything went wrong is kept: a tune book is not lost for its last tune."""
        heard = tuple(pickle.loads(piece) for piece in self.said)  # noqa: S301  our own process wrote it
        return (*heard, self.fault) if self.fault else heard


class _Worker:
    """One process and the file it is at."""

    def __init__(self, analyse: Analyse) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far = context.Pipe()
        self.process: SpawnProcess = context.Process(target=work, args=(far, analyse), daemon=True)
        self.process.start()
        far.close()
        self.job: _Job | None = None
        self.allowed = 0.0
        """Seconds of a processor that the file may take."""
        self.busy_before = 0.0
        """Those that the process had taken before."""
        self.deadline = 0.0
        """By the clock."""
        self.files = 0

    def give(self, job: _Job, limits: Limits) -> bool:
        """Whether it took the file: a process that died while it was idle takes none."""
        try:
            self.pipe.send(job.file.path)
        except OSError:
            return False
        self.job = job
        self.wind(limits, 0.0 if self.files else limits.starting)
        self.files += 1
        return True

    def wind(self, limits: Limits, more: float = 0.0) -> None:
        """Gives the file, or the next piece of it, its time."""
        self.allowed = (limits.of(self.job.file) if self.job else 0.0) + more
        self.busy_before = self.busy()
        self.deadline = time.monotonic() + limits.waiting * self.allowed

    def is_late(self) -> bool:
        """Whether the file takes more time than it may."""
        return time.monotonic() > self.deadline or self.busy() - self.busy_before > self.allowed

    def busy(self) -> float:
        """Seconds of a processor that the process has taken; 0 when it is gone."""
        try:
            times = psutil.Process(self.process.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system + times.children_user + times.children_system)

    def memory(self) -> int:
        """Resident bytes; 0 when it is gone."""
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


class Pool:
    """Hears many files at a time. A context: its processes end with it."""

    def __init__(self, analyse: Analyse, processes: int | None = None, limits: Limits | None = None) -> None:
        self._analyse = analyse
        self._size = processes or cores()
        self._limits = limits or Limits()
        self._workers: list[_Worker] = []
        self._again: list[_Job] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def analyse(self, files: Sequence[Found]) -> Iterator[tuple[Found, Pieces]]:
        """What each file holds, in the order of the files; what cannot be heard comes as its reason, never raises."""
        left = deque(files)
        jobs: deque[_Job] = deque()
        while left or jobs:
            self._feed(left, jobs)
            while jobs and jobs[0].done:
                job = jobs.popleft()
                began = time.monotonic()
                yield job.file, job.pieces()
                # While nobody listened, a process may have waited for us: that is not the file's time.
                for worker in self._workers:
                    worker.deadline += time.monotonic() - began
                self._feed(left, jobs)
            if jobs:
                self._listen()

    def _feed(self, left: deque[Found], jobs: deque[_Job]) -> None:
        """Gives every idle process a file, as long as not too much is waiting for its turn."""
        while self._again or (left and len(jobs) < _AHEAD and sum(job.bytes for job in jobs) < _AHEAD_BYTES):
            worker = self._idle()
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

    def _idle(self) -> _Worker | None:
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

    def _listen(self) -> None:
        """Takes what the processes say, and ends those that died, hang or grow."""
        spoke = set(wait([worker.pipe for worker in self._workers if worker.job], timeout=_LOOK))
        for worker in list(self._workers):
            if worker.job and worker.pipe in spoke:
                self._take(worker, worker.job)
            if worker.job and worker.is_late():
                seconds = self._limits.of(worker.job.file)
                self._end(
                    worker, worker.job, f"it takes longer than {seconds:g} s to hear. Take a shorter or simpler file"
                )
            elif worker.job and worker.memory() > self._limits.largest:
                self._end(worker, worker.job, "it takes too much memory. Take a shorter or simpler file")

    def _take(self, worker: _Worker, job: _Job) -> None:
        while not job.done and worker.pipe.poll():
            try:
                said = worker.pipe.recv_bytes()
            except (EOFError, OSError):
                self._died(worker, job)
                return
            if said:
                job.said.append(said)
                worker.wind(self._limits)  # A book of a thousand tunes is no slower than a thousand files.
            else:
                job.done, worker.job = True, None
        if job.done and (worker.files >= _FILES or worker.memory() > self._limits.grown):
            self._replace(worker)

    def _died(self, worker: _Worker, job: _Job) -> None:
        job.deaths += 1
        if job.deaths < _TRIES:
            # Somebody may have killed it, or another program taken all memory: that need not be this file's doing.
            worker.job = None
            job.said.clear()
            self._again.append(job)
            self._replace(worker)
            return
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        why = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        fault = f"the process that hears it died {_TRIES} times, the last time alone ({why})"
        self._end(worker, job, f"{fault}. That is a fault of Isopath: please report it, with the file")

    def _end(self, worker: _Worker, job: _Job, reason: str) -> None:
        job.fault, job.done, worker.job = Unreadable(reason, ours=True), True, None
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.stop()


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
