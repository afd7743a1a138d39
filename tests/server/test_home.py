"""A home without a server: its files, its disk and its locks."""

import errno
import os
import re
import shutil
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from engine.errors import GraphUnavailable
from engine.server import Server, ServerConnection, storage
from engine.server.home import CLOSED, Home, ServerMemory, find_free_port, is_free
from engine.settings import ROOT, Settings
from tests.conftest import GIVEN
from tests.helpers.homes import (
    listener,
    nobody_should_start,
    settings_at,
)


def test_a_home_that_was_never_used_is_down_and_stays_untouched(root: Path) -> None:
    server = Server(settings_at(root))
    status = server.status()
    assert (status.state, status.uri, status.pid) == ("down", None, None)
    assert not server.down(nobody_should_start)
    assert not root.exists()


def test_another_server_is_used_as_it_is_and_none_is_started(root: Path) -> None:
    settings = Settings(
        home=root,
        cache=root,
        neo4j_uri="bolt://graph.example",
        neo4j_user="ada",
        neo4j_password="x",
        neo4j_database="d",
    )
    server = Server(settings)
    assert server.ensure_up(nobody_should_start) == ServerConnection("bolt://graph.example", "ada", "x", "d")
    assert server.up(nobody_should_start).state == "elsewhere"
    assert not server.down(nobody_should_start)
    assert not root.exists()


def test_a_connection_does_not_show_its_password() -> None:
    assert "open-sesame" not in repr(ServerConnection("bolt://h", "neo4j", "open-sesame"))


def test_folders_and_password_are_the_owners_alone(made: Home) -> None:
    password = made.read_password()
    assert len(password) >= 24
    assert made.read_password() == password
    assert stat.S_IMODE(made.password_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.root.stat().st_mode) == 0o700


def test_two_homes_have_two_passwords(tmp_path: Path) -> None:
    homes = [Home.at(tmp_path / name) for name in "ab"]
    for home in homes:
        home.make_folders()
    assert homes[0].read_password() != homes[1].read_password()


def test_the_port_is_remembered_in_the_configuration(made: Home) -> None:
    assert made.read_port() is None
    made.configure(45678, ServerMemory(512, 128))
    assert made.read_port() == 45678


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"server.bolt.listen_address=127.0.0.1:99999\n", b""])
def test_a_damaged_configuration_names_no_port(made: Home, text: bytes) -> None:
    made.configuration.write_bytes(text)
    assert made.read_port() is None
    assert Server(settings_at(made.root.parent)).status().state == "down"


def test_every_closed_setting_is_in_the_configuration(made: Home) -> None:
    made.configure(45678, ServerMemory(512, 128))
    lines = made.configuration.read_text(encoding="utf-8").splitlines()
    assert {f"{name}={value}" for name, value in CLOSED.items()} <= set(lines)
    assert "server.bolt.listen_address=127.0.0.1:45678" in lines


def test_the_container_has_the_same_version_and_the_same_closed_settings() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name, value in CLOSED.items():
        variable = "NEO4J_" + name.replace("_", "__").replace(".", "_")
        assert f'{variable}: "{value}"' in text
    assert f"image: neo4j:{Server(GIVEN).status().version}\n" in text
    assert re.search(r"ports:\n\s+- \"127\.0\.0\.1:", text), "the container must listen on loopback only"


def test_memory_is_modest_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for gigabytes, heap in ((2, 512), (8, 1024), (256, 2048)):
        total = SimpleNamespace(total=gigabytes * 1024**3)
        monkeypatch.setattr(psutil, "virtual_memory", lambda total=total: total)
        assert ServerMemory.of_this_machine().heap == heap


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "no permission to write"),
        (errno.EPERM, "no permission to write"),
        (errno.EROFS, "read-only"),
        (errno.ENOTDIR, "a file stands where a folder is needed"),
        (errno.EIO, "the disk refuses"),
    ],
)
def test_every_refusal_of_the_disk_names_place_fault_and_repair(root: Path, number: int, fault: str) -> None:
    with pytest.raises(GraphUnavailable) as caught, storage.translate_disk_faults(root, "ISOPATH_HOME"):
        raise OSError(number, os.strerror(number), str(root / "file"))
    assert caught.value.place == str(root / "file")
    assert fault in caught.value.fault
    assert caught.value.repair


def test_a_home_where_nothing_may_be_written_is_said() -> None:
    # Not even an administrator can make a folder in here.
    place = Path("/sys/isopath") if sys.platform == "linux" else Path("/dev/isopath")
    with pytest.raises(GraphUnavailable) as caught:
        Server(settings_at(place)).ensure_up(nobody_should_start)
    assert str(place) in caught.value.place
    assert "ISOPATH_HOME" in caught.value.repair


def test_a_file_in_the_place_of_the_home_is_said(root: Path) -> None:
    root.write_text("in the way")
    with pytest.raises(GraphUnavailable, match="a file stands where a folder is needed"):
        Server(settings_at(root)).ensure_up(nobody_should_start)
    assert root.read_text() == "in the way"


def test_a_full_disk_is_said_before_a_server_is_started(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(GraphUnavailable, match=r"the disk is full.*ISOPATH_HOME"):
        Server(settings_at(root)).ensure_up(nobody_should_start)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_file_that_cannot_be_written_whole_is_not_there_at_all(root: Path) -> None:
    root.mkdir()
    target = root / "password"
    (root / f"password.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(GraphUnavailable, match="the disk is full"), storage.translate_disk_faults(root, "ISOPATH_HOME"):
        storage.write_atomically(target, "x" * 100_000)
    assert list(root.iterdir()) == []


def test_a_lock_file_that_was_left_behind_stops_nobody(made: Home) -> None:
    made.lock_file.write_text("4711")
    with storage.hold_lock(made.lock_file, "busy", nobody_should_start):
        pass


def test_who_waits_for_another_is_told_so(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_LOCK_SECONDS", 0.2)
    said: list[str] = []
    with (
        storage.hold_lock(made.lock_file, "first", said.append),
        pytest.raises(GraphUnavailable, match="Another command is starting"),
    ):
        Server(settings_at(made.root.parent)).ensure_up(said.append)
    assert said == ["Another command is starting or stopping Neo4j: waiting for it"]


def test_a_free_port_is_free_and_a_taken_one_is_not() -> None:
    port = find_free_port()
    assert is_free(port)
    with listener(port):
        assert not is_free(port)
