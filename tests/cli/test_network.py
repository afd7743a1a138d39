"""Nothing leaves the machine: every command runs where whatever tries to is seen, below the process."""

import os
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.settings import ROOT, Settings
from tests.helpers.hard_files import midi, scale, track
from tests.helpers.network_guard import Guarded, run_guarded
from tests.helpers.proofs import PROVING, sample

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process have a network of its own")

ENCODER = ROOT / "seed_data" / "models" / "emotions" / "encoder.onnx"


def guarded(script: str, place: Path, **environment: str) -> Guarded:
    """A Python script under the guard, in a user's home that is `place`."""
    own = {"HOME": str(place), "PATH": os.environ["PATH"]}
    return run_guarded([sys.executable, "-c", textwrap.dedent(script)], own | environment, place / "left.txt")


@pytest.mark.parametrize(
    ("family", "address", "seen"),
    [
        ("AF_INET", "('192.0.2.9', 443)", "tcp 192.0.2.9:443"),
        ("AF_INET6", "('2001:db8:1::9', 443, 0, 0)", "tcp 2001:db8:1::9:443"),
    ],
)
def test_the_guard_sees_a_connection_that_would_leave(tmp_path: Path, family: str, address: str, seen: str) -> None:
    script = f"import socket; s = socket.socket(socket.{family}); s.settimeout(.2); s.connect_ex({address})"
    assert seen in guarded(script, tmp_path).left


def test_the_guard_sees_a_name_that_is_looked_up(tmp_path: Path) -> None:
    script = """
        import socket
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.sendto(b"a name", ("127.0.0.53", 53))
    """
    assert guarded(script, tmp_path).left == ("a name was looked up by the machine's own resolver",)


def test_the_guard_lets_loopback_be(tmp_path: Path) -> None:
    script = """
        import socket
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
            client.sendall(b"hello")
            assert server.accept()[0].recv(5) == b"hello"
    """
    assert guarded(script, tmp_path) == Guarded(0, "", ())


def test_left_on_telemetry_keeps_an_id_of_the_device(tmp_path: Path) -> None:
    """What the other tests look for is there without our switch."""
    guarded(f"import onnxruntime; onnxruntime.InferenceSession({str(ENCODER)!r})", tmp_path)
    assert foreign_files(tmp_path)


@pytest.mark.proof
@pytest.mark.parametrize("seconds", sample([0, 60], 1, seed=1))
def test_left_on_telemetry_is_seen_by_the_guard(tmp_path: Path, seconds: int) -> None:
    """onnxruntime looks its maker's host up, some seconds after a model was opened: too many for `make test`."""
    script = f"""
        import time, onnxruntime
        from pathlib import Path
        onnxruntime.InferenceSession({str(ENCODER)!r})
        until = time.monotonic() + {seconds}
        while time.monotonic() < until and not Path({str(tmp_path / "left.txt")!r}).read_text():
            time.sleep(0.1)
    """
    assert bool(guarded(script, tmp_path).left) == bool(seconds)


def test_our_switch_turns_telemetry_off(tmp_path: Path) -> None:
    script = f"""
        import time
        from encoders.emotions.onnx_classifier import OnnxModel
        from pathlib import Path
        place = Path({str(ENCODER.parent)!r})
        OnnxModel.load(place / "encoder.onnx", place / "tokenizer.json", 64).predict_logits(["a long day"])
        time.sleep({30 if PROVING else 0})
    """
    assert guarded(script, tmp_path) == Guarded(0, "", ())
    assert not foreign_files(tmp_path)


def foreign_files(home: Path) -> list[str]:
    """Files below a user's home that are not of Isopath or of this test."""
    return [
        str(path)
        for path in home.rglob("*")
        if path.is_file() and ".cache" in path.parts and "isopath" not in path.parts
    ]


WORDS = "I have an exam tomorrow and I cannot stop worrying"
SHORT = [
    (0, ["emotions", WORDS, "--json"]),
    (3, ["journey", "I want to end my life", "--json"]),
    (0, ["ontology", "check"]),
    (0, ["key", "list"]),
    (2, ["serve", "--host", "0.0.0.0"]),  # noqa: S104
    (0, ["questions", "--json"]),
]
"""Exit code and command: what needs no server."""
LONG = [
    (0, ["journey", WORDS, "--seed", "7", "--minutes", "12", "--save", "saved", "--explain"]),
    (0, ["status"]),
    (0, ["ingest", "music", "--json"]),
    (0, ["tracks", "--json"]),
    (0, ["search", "slow strings", "--json"]),
    (0, ["journey", "-", "--seed", "7", "--like", "rain, solo piano", "--json"]),
    (0, ["query", "RETURN 1 AS one", "--json"]),
    (0, ["query", "--saved", "coverage", "--format", "csv"]),
    (0, ["schema", "--json"]),
    (0, ["forget", "music/scale.mid"]),
    (0, ["load"]),
    (0, ["down"]),
    (0, ["up"]),
    (0, ["down"]),
]
"""What needs one; the first of them meets an empty home."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A user's home with a little music of their own."""
    music = tmp_path / "music"
    music.mkdir()
    (music / "scale.mid").write_bytes(midi(track(*scale())))
    seconds = np.arange(22_050 * 8) / 22_050
    tone = 0.3 * np.sin(2 * np.pi * 220 * seconds) * (seconds % 0.5 < 0.3)
    soundfile.write(music / "tone.wav", tone, 22_050)
    return tmp_path


@pytest.mark.proof
@pytest.mark.parametrize("first_start", sample([False, True], 1, seed=1))
def test_no_command_reaches_beyond_this_machine(place: Path, first_start: bool) -> None:
    """Every command in turn, in one network; with the first start of a server the jars must have been fetched."""
    commands = [*SHORT, *(LONG if first_start else [])]
    script = f"""
        import json, subprocess, sys
        for code, arguments in {commands!r}:
            done = subprocess.run([sys.executable, "-m", "engine.cli.main", *arguments], cwd={str(place)!r},
                                  env=__import__("os").environ | {{"PYTHONPATH": {str(ROOT)!r}}},
                                  input={WORDS!r}, capture_output=True, text=True)
            print(arguments[0], done.returncode, "as expected" if done.returncode == code else done.stderr[-600:])
    """
    cache = Settings.from_environment().cache.parent
    found = guarded(script, place, ISOPATH_HOME=str(place / "home"), XDG_CACHE_HOME=str(cache))
    assert found.output.count("as expected") == len(commands), found.output
    assert found.left == ()
    assert not foreign_files(place)
