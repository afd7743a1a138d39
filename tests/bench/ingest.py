"""A listener's library into the graph: whole commands on an empty home, each kind of file for itself.

The library is made here, from the scores that the `music21` package carries: the scores as they stand there, tunes in
files of their own, catalogue performances as MIDI, and a minute of some of them as WAV. Beside it stands what another
reader, partitura, takes to read the same scores on one core, and nothing else.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from encoders.base import ScoreUnreadable
from encoders.catalogue.rows import perform_row
from encoders.catalogue.sources import find_corpus
from encoders.notation.abc.lines import split_tunes
from encoders.performing.performance import Performance
from encoders.sound.synthesis import RATE, Synthesizer, write_midi
from engine.server import Server
from engine.settings import ROOT, SEED_DIR, Settings
from tests.bench.tables import table

MINUTE = 60.0
RESERVED = ("palestrina",)
"""Folders whose files reserve all rights to electronic formats: not copied."""
COUNTS = {"musicxml": 654, "abc": 846, "midi": 250, "audio": 100}
QUICK = {"musicxml": 100, "abc": 100, "midi": 100, "audio": 20}
SCORES = ("musicxml", "abc")
_WAIT = 0.1
"""Seconds between looks at the memory."""


def measure(settings: Settings, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Files a second, outcomes and memory of each kind; the home and the library are gone afterwards."""
    home, library = settings.home / "ingest", settings.home / "library"
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(library, ignore_errors=True)
    own = replace(settings, home=home)
    server = Server(own)
    try:
        folders = {kind: library / ("scores" if kind in SCORES else "") / kind for kind in COUNTS}
        writers = _writers(QUICK if quick else COUNTS)
        say(f"  {', '.join(f'{writers[kind](folder)} {kind}' for kind, folder in folders.items())} written")
        _run(home, ["load"])
        # All scores in one run, for the memory; then each kind as if nothing of it were known.
        found: dict[str, Any] = {"scores": _ingested(library / "scores", home, server), "kinds": {}}
        say(f"  scores: {found['scores']}")
        _run(home, ["forget", "--all"])
        for kind, folder in folders.items():
            found["kinds"][kind] = _ingested(folder, home, server)
            say(f"  {kind}: {found['kinds'][kind]}")
        again = _ingested(folders["midi"], home, server)
        found["again"] = {"files": again["files"], "outcomes": again["outcomes"], "seconds": again["seconds"]}
        found["partitura"] = _beside(folders["musicxml"], 12 if quick else 40)
        return found
    finally:
        server.down(say)
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(library, ignore_errors=True)


def _writers(counts: Mapping[str, int]) -> dict[str, Callable[[Path], int]]:
    with (SEED_DIR / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def some(count: int) -> Iterator[tuple[str, Performance]]:
        for row in rows[:: max(1, len(rows) // count)][:count]:
            yield row["track_id"], perform_row(row)

    def midi_files(folder: Path) -> int:
        return _written(folder, ((f"{name}.mid", write_midi(music, name)) for name, music in some(counts["midi"])))

    def recordings(folder: Path) -> int:
        import soundfile

        player = Synthesizer.load()
        folder.mkdir(parents=True)
        for name, music in some(counts["audio"]):
            soundfile.write(folder / f"{name}.wav", player.render(_minute(music)).T, RATE, "PCM_16")
        return len(list(folder.iterdir()))

    return {
        "musicxml": lambda folder: _scores(folder, counts["musicxml"]),
        "abc": lambda folder: _tunes(folder, counts["abc"]),
        "midi": midi_files,
        "audio": recordings,
    }


def _scores(folder: Path, count: int) -> int:
    """MusicXML files of the corpus that may be used, as they are."""
    scores = (path for path in sorted(find_corpus().rglob("*")) if path.suffix in (".mxl", ".xml", ".musicxml"))
    free = [path for path in scores if path.relative_to(find_corpus()).parts[0] not in RESERVED]
    chosen = free[:: max(1, len(free) // count)][:count]
    return _written(folder, (("-".join(path.relative_to(find_corpus()).parts), path.read_bytes()) for path in chosen))


def _tunes(folder: Path, count: int) -> int:
    """Tunes of books, in files of their own."""
    books = sorted((find_corpus() / "airdsAirs").glob("*.abc")) + sorted((find_corpus() / "ryansMammoth").glob("*.abc"))
    texts = [(book.stem, text) for book in books for text in split_tunes(book.read_text("utf-8", "replace"))]
    some = texts[:: max(1, len(texts) // count)][:count]
    return _written(folder, ((f"{book}-{number:04}.abc", text.encode()) for number, (book, text) in enumerate(some)))


def _written(folder: Path, files: Iterator[tuple[str, bytes]]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    return len([(folder / name).write_bytes(data) for name, data in files])


def _minute(music: Performance) -> Performance:
    notes = tuple(note for note in music.notes if note.onset < MINUTE)
    return replace(music, notes=notes, seconds=min(MINUTE, music.seconds))


def _run(home: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli.main", *arguments],
        cwd=ROOT, env=_bare() | {"ISOPATH_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"isopath {arguments[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done


def _bare() -> dict[str, str]:
    """The environment without what would send the library to somebody's own graph, or have it heard otherwise."""
    return {name: text for name, text in os.environ.items() if not name.startswith(("NEO4J_", "ISOPATH_"))}


def _ingested(folder: Path, home: Path, server: Server) -> dict[str, Any]:
    """The whole command, start and writing included."""
    with Memory(server.status().pid) as memory:
        began = time.perf_counter()
        lines = _run(home, ["ingest", str(folder), "--json"]).stdout.splitlines()
        seconds = time.perf_counter() - began
    reports = [json.loads(line) for line in lines]
    outcomes = Counter(report["outcome"] for report in reports)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return {
        "files": len(reports),
        "outcomes": dict(outcomes.most_common()),
        "seconds": round(seconds, 1),
        "rate": round(len(reports) / seconds, 2),
        "median_kb": round(statistics.median(sizes) / 1000, 1),
        "memory_mb": {"ours": round(memory.ours / 1e6), "one process": round(memory.one / 1e6),
                      "server": round(memory.server / 1e6)},
        "refused": sorted({report["reason"][:120] for report in reports if report["outcome"] in ("refused", "failed")}),
    }  # fmt: skip


class Memory:
    """The most that our processes together, one of them, and the server took while it is open: resident bytes."""

    def __init__(self, server: int | None) -> None:
        self.ours = self.one = self.server = 0
        self._server = server
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Memory:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._ended.wait(_WAIT):
            with suppress(psutil.Error):
                below = [child for child in psutil.Process().children(recursive=True) if child.pid != self._server]
                each = [_resident(child) for child in below]
                self.ours, self.one = max(self.ours, sum(each)), max(self.one, *each, 0)
            if self._server:
                self.server = max(self.server, _resident(psutil.Process(self._server)))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _beside(folder: Path, count: int) -> dict[str, Any]:
    """Seconds that partitura takes to read a score, and our own reader to hear it, in turn, on one core; medians."""
    import partitura

    from encoders.analysis.analyser import analyse

    scores = sorted(path for path in folder.iterdir() if path.suffix in (".mxl", ".xml", ".musicxml"))
    ours, theirs, failed = [], [], 0
    for path in scores[:: max(1, len(scores) // count)][:count]:
        try:
            spent = [_seconds(partitura.load_score, str(path))]
        except Exception:  # whatever another library raises for what it cannot read
            failed += 1
            continue
        with suppress(ScoreUnreadable):
            ours.append(_seconds(analyse, path))
            theirs += spent
    return {
        "scores": len(ours),
        "theirs fail": failed,
        "ours": round(statistics.median(ours), 3),
        "theirs": round(statistics.median(theirs), 3),
        "times": round(statistics.median(t / o for o, t in zip(ours, theirs, strict=True)), 2),
    }


def _seconds(read: Callable[[Any], object], what: object) -> float:
    """Of processor time."""
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read(what)
    return time.process_time() - began


REACH = {"musicxml": 3.0, "abc": 3.0, "midi": 10.0, "audio": 0.7}
"""Files a second on two cores."""


def targets(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """Rows for the page's first table: what, reach, found, whether it holds."""
    for kind, one in found["kinds"].items():
        size = f"{one['files']} files, median {one['median_kb']} kB"
        yield f"ingest: {kind} a second", f">= {REACH[kind]:g}", f"{one['rate']} ({size})", one["rate"] >= REACH[kind]
    written, scores = found["kinds"]["musicxml"], found["scores"]
    bad = sum(written["outcomes"].get(outcome, 0) for outcome in ("refused", "failed"))
    share = 1 - bad / written["files"]
    yield (
        "MusicXML files that come in without a refusal",
        ">= 97 %",
        f"{share:.2%} of {written['files']}",
        share >= 0.97,
    )
    ours, server = scores["memory_mb"]["ours"], scores["memory_mb"]["server"]
    told = f"{ours + server} MB (ours {ours}, the server {server})"
    yield f"most memory, {scores['files']} scores", "<= 2000 MB", told, ours + server <= 2000
    same = found["again"]["outcomes"].get("same", 0)
    yield (
        "second run: files that are heard again",
        "0",
        str(found["again"]["files"] - same),
        same == found["again"]["files"],
    )


def tell(found: Mapping[str, Any]) -> Iterator[str]:
    """The page's section."""
    yield "## A library into the graph"
    yield ""
    yield "Whole commands, from start to the last line written. `ours`: all our processes together."
    yield ""
    memory = ("ours", "one process", "server")
    head = ["Kind", "files", "seconds", "a second", "median kB", "outcomes", *(f"{whose}, MB" for whose in memory)]
    rows = [
        [kind, one["files"], one["seconds"], one["rate"], one["median_kb"],
         ", ".join(f"{count} {name}" for name, count in one["outcomes"].items()),
         *(one["memory_mb"][whose] for whose in memory)]
        for kind, one in {"all scores": found["scores"], **found["kinds"]}.items()
    ]  # fmt: skip
    yield from table(head, rows)
    beside = found["partitura"]
    yield ""
    yield f"A second run over the MIDI files takes {found['again']['seconds']} s."
    yield f"Processor time of one of {beside['scores']} scores: partitura reads it in {beside['theirs']} s; ours reads,"
    yield f"plays and measures it in {beside['ours']} s: partitura takes {beside['times']} times that (medians)."
    for reason in (reason for one in found["kinds"].values() for reason in one["refused"]):
        yield f"- not taken: {reason}"
