"""A server that dies while it starts: what its log says is told apart, with the repair."""

import sys
from pathlib import Path

import pytest

from engine.errors import GraphUnavailable
from engine.server import Server, faults, local
from engine.server.home import Home
from engine.settings import Settings
from tests.conftest import GIVEN, say

DEATHS = {
    "another program took the port": "Caused by: java.net.BindException: Address already in use",
    "the disk is full": "java.io.IOException: No space left on device",
    "another program uses this home's store": "Lock file has been locked by another process: /x/store_lock",
    "may not write": "java.nio.file.AccessDeniedException: /x/data/databases",
    "too little free memory": "Error occurred during initialization of VM\nCould not reserve enough space for heap",
    "cannot read the server's jars": "Error: Could not find or load main class\njava.lang.ClassNotFoundException: x",
    "another version of Neo4j": "UnableToMigrateException: downgrade is not supported",
}


@pytest.mark.parametrize(("fault", "said"), DEATHS.items(), ids=DEATHS)
def test_every_known_death_is_told_apart(made: Home, fault: str, said: str) -> None:
    made.log.write_text(f"Starting...\n{said}\n at org.neo4j.Some.line\n")
    error = faults.read_fault(made)
    assert fault in error.fault
    assert error.place == str(made.log)
    assert error.repair


def test_the_list_of_deaths_is_whole() -> None:
    assert len(DEATHS) == len(faults.KNOWN)


@pytest.mark.parametrize(("said", "shown"), [("Boom\n", "its last line: Boom"), ("", "it printed nothing")])
def test_an_unknown_death_shows_the_last_line(made: Home, said: str, shown: str) -> None:
    made.log.write_text(said)
    assert shown in faults.read_fault(made).fault


def test_a_server_that_dies_at_once_says_why(made: Home, tmp_path: Path) -> None:
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/sh\ncase $* in *-version*) echo 'version \"25\"' >&2; exit 0;; esac\n"
        "echo 'Error: Could not reserve enough space for object heap'; exit 1\n"
    )
    java.chmod(0o755)
    server = Server(Settings(home=made.root.parent, cache=GIVEN.cache, java_home=tmp_path / "jdk"))
    with pytest.raises(GraphUnavailable, match="too little free memory"):
        server.ensure_up(say)
    assert server.status().state == "down"


def test_a_server_that_never_answers_is_stopped_and_said(
    made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_START_SECONDS", 1.0)
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    sleeper = f"exec {sys.executable} -c 'import time; time.sleep(60)' \"$@\""
    java.write_text(f"#!/bin/sh\ncase $* in *-version*) echo 'version \"25\"' >&2; exit 0;; esac\n{sleeper}\n")
    java.chmod(0o755)
    server = Server(Settings(home=made.root.parent, cache=GIVEN.cache, java_home=tmp_path / "jdk"))
    with pytest.raises(GraphUnavailable, match="did not answer"):
        server.ensure_up(say)
    assert server.status().state == "down"
