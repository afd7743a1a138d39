"""Processes that hear: one that dies, hangs or grows costs its own file and no other, and none outlives the run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from encoders.analysis.analyser import Analyser
from encoders.analysis.piece import AnalysedPiece
from engine.graph import Graph
from engine.ingest.finding import FoundFile, IgnoredCounts, find_files
from engine.ingest.pool import AnalysisPool
from engine.settings import ROOT
from tests.helpers.fake_analysis import analyse
from tests.helpers.ingesting import QUICK, broken, outcomes, own, put, run
from tests.helpers.proofs import sample

pytest_plugins = "tests.helpers.ingest_fixtures"


@pytest.mark.graph
@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        ("!refuse", "refused", "it holds no music. Take another file"),
        ("!crash", "failed", "the reader failed on it (ZeroDivisionError)"),
        ("!die", "failed", "died 3 times, the last time alone (signal 9). That is a fault of Isopath"),
        ("!exit", "failed", "died 3 times, the last time alone (exit code 3)"),
        ("!hang", "failed", "longer than 1 s"),
        ("!spin", "failed", "longer than 1 s"),
        ("!grow", "failed", "too much memory"),
        ("x|tempo=5000", "failed", "its tempo is 5000.0, outside 20 to 300"),
        ("x|tempo=nan", "failed", "its tempo is nan"),
        ("x|title=too much", "failed", "it gets no vector (ValueError)"),
        ("x|title=nothing", "failed", "its vector is not finite, or empty"),
    ],
)
def test_one_bad_file_never_stops_the_rest(
    text: str, outcome: str, reason: str, graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, a="one", b=text, c="two", d="three")
    lines = run(graph, music, pool)
    assert outcomes(lines) == {"a": "added", "b": outcome, "c": "added", "d": "added"}
    assert reason in lines[1].reason
    assert lines[1].track_id is None
    assert own(graph) == ["Piece one", "Piece three", "Piece two"]
    assert broken(graph) == []


def test_a_worker_that_dies_while_it_is_idle_costs_no_file(music: Path, tmp_path: Path) -> None:
    put(music, a="one", b="two")
    files = [place for place in find_files(music, IgnoredCounts()) if isinstance(place, FoundFile)]
    with AnalysisPool(analyse, 1, QUICK) as pool:
        list(pool.analyse(files[:1]))
        [worker] = pool._workers
        assert worker.process.pid
        os.kill(worker.process.pid, signal.SIGKILL)
        [(_, pieces)] = pool.analyse(files[1:])
    assert [getattr(piece, "title", piece) for piece in pieces] == ["Piece two"]


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_file_whose_process_died_is_heard_again(music: Path, tmp_path: Path, deaths: int) -> None:
    """A crash of a library that two processes share need not come again when one runs alone."""
    marks = tmp_path / "deaths"
    marks.mkdir()
    put(music, a=f"!die|times={deaths}|marks={marks}", b="one|slow=0.5", c="two|slow=0.5", d="three|slow=0.5")
    files = [place for place in find_files(music, IgnoredCounts()) if isinstance(place, FoundFile)]
    with AnalysisPool(analyse, 2, QUICK) as pool:
        heard = [getattr(piece, "title", piece) for _, pieces in pool.analyse(files) for piece in pieces]
    assert heard == ["Piece !die", "Piece one", "Piece two", "Piece three"]
    assert len(list(marks.iterdir())) == deaths


def test_a_pool_keeps_the_order_of_the_files_whoever_is_first(music: Path, pool: AnalysisPool) -> None:
    put(music, a="one|slow=0.8", **{f"b{number}": f"piece{number}" for number in range(8)})
    files = [place for place in find_files(music, IgnoredCounts()) if isinstance(place, FoundFile)]
    assert [file.path.stem for file, _ in pool.analyse(files)] == ["a", *(f"b{number}" for number in range(8))]


def test_workers_are_replaced_after_some_files(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.ingest.pool._FILES", 3)
    put(music, **{f"f{number}": f"piece{number}" for number in range(7)})
    files = [place for place in find_files(music, IgnoredCounts()) if isinstance(place, FoundFile)]
    with AnalysisPool(analyse, 1, QUICK) as pool:
        pids = set()
        for _, pieces in pool.analyse(files):
            assert [getattr(piece, "title", "")[:5] for piece in pieces] == ["Piece"]
            pids |= {worker.process.pid for worker in pool._workers}
    assert len(pids) >= 2


def test_workers_end_when_the_run_is_killed(music: Path, tmp_path: Path) -> None:
    put(music, a="!hang")
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.helpers.fake_analysis import analyse\nfrom engine.ingest.pool import AnalysisPool\n"
        "from engine.ingest.finding import IgnoredCounts, find_files\n"
        "if __name__ == '__main__':\n"
        "    with AnalysisPool(analyse, 1) as pool:\n"
        "        print(pool._find_idle().process.pid, flush=True)\n"
        "        list(pool.analyse(list(find_files(Path(sys.argv[1]), IgnoredCounts()))))\n"
    )
    started = tmp_path / "started.py"
    started.write_text(script)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(started), str(music)], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        parent.terminate()
    deadline = time.monotonic() + 20
    while psutil.pid_exists(worker) and psutil.Process(worker).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.proof
@pytest.mark.parametrize("start", sample(range(20), 1))
def test_recordings_are_heard_from_a_cold_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: int) -> None:
    """Three recordings, as many processes, and nothing compiled: what each of them needs, it brings, and shares
    nothing."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "compiled"))
    time_ = np.arange(22050 * 3) / 22050
    for number in range(3):
        samples = 0.3 * np.sin(2 * np.pi * (220 + 55 * number + start) * time_) * (1 + np.sign(np.sin(12 * time_)))
        soundfile.write(tmp_path / f"{number}.wav", samples, 22050)
    files = [place for place in find_files(tmp_path, IgnoredCounts()) if isinstance(place, FoundFile)]
    with AnalysisPool(Analyser(), 3) as pool:
        pieces = [piece for _, each in pool.analyse(files) for piece in each]
    assert [piece.title for piece in pieces if isinstance(piece, AnalysedPiece)] == ["0", "1", "2"]
    assert not (tmp_path / "compiled").exists()
