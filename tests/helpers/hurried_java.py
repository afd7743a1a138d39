"""A Java that compiles quickly rather than well, for a server that lives for minutes and is asked little twice."""

import os
from pathlib import Path

from engine.server import java


def hurried_java(java_home: Path | None, folder: Path) -> Path | None:
    """A JAVA_HOME in the folder, whose Java is the one that a server would be started with.

    A start takes two thirds of the work. A journey takes three times as long: such a server plans none.
    """
    if os.name != "posix":
        return java_home
    program = folder / "java" / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{java.find(java_home).path}" -XX:TieredStopAtLevel=1 "$@"\n')
    program.chmod(0o700)
    return program.parents[1]
