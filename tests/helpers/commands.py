"""Commands of `isopath`, as a test gives them and sees their answers.

`isopath` runs one in this process, where a start of Python is spared and every warning is an error. A test that is
about the process itself (its standard streams, its environment, its end) runs one of its own: `isopath_process`.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, NamedTuple

import pytest

from engine.cli.main import main
from engine.settings import ROOT

COMMAND = (sys.executable, "-m", "engine.cli.main")


class Done(NamedTuple):
    """What a command that has ended gave."""

    code: int
    out: str
    told: str
    """Standard error."""


def isopath(*arguments: str, text: str | bytes = b"", home: Path | None = None) -> Done:
    """A command in this process: `text` is its standard input, `home` its ISOPATH_HOME."""
    code, out, told = _run_here(arguments, text, home)
    return Done(code, out.decode(), told)


def written_by(*arguments: str) -> bytes:
    """What a command in this process writes to standard output, byte by byte; it must succeed."""
    code, out, told = _run_here(arguments, b"", None)
    assert code == 0, told
    return out


def isopath_process(
    *arguments: str,
    text: str | bytes = b"",
    home: Path | None = None,
    stdout: int | IO[str] = subprocess.PIPE,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Done:
    """A command as a process of its own; `environment` is added to that of the tests."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=_encoded(text),
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=os.environ | _home(home) | dict(environment),
        cwd=ROOT,
        timeout=300,
    )
    return Done(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


def _run_here(arguments: tuple[str, ...], text: str | bytes, home: Path | None) -> tuple[int, bytes, str]:
    streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8") for name in ("stdin", "stdout", "stderr")}
    streams["stdin"].buffer.write(_encoded(text))
    streams["stdin"].buffer.seek(0)
    with pytest.MonkeyPatch.context() as patch:
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        for name, value in _home(home).items():
            patch.setenv(name, value)
        code = main(list(arguments))
    out, told = (_flushed(streams[name]) for name in ("stdout", "stderr"))
    return code, out, told.decode()


def _flushed(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    content: bytes = stream.buffer.getvalue()  # type: ignore[attr-defined]  # it is a BytesIO
    return content


def _encoded(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _home(home: Path | None) -> dict[str, str]:
    return {"ISOPATH_HOME": str(home)} if home else {}
