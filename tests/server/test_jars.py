"""The jars of Neo4j: fetched whole, checked always, and never twice. From a small repository of our own."""

import hashlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.errors import GraphUnavailable
from engine.server.home import find_free_port
from engine.server.jars import Jar, fetch, find_version, read_lock

CONTENTS = {
    "org.neo4j:neo4j:1.0": b"the server",
    "org.neo4j:store:1.0": b"the store" * 1000,
    "io.netty:netty:4.2:linux-x86_64": b"native",
}
JARS = tuple(Jar(hashlib.sha256(text).hexdigest(), len(text), name) for name, text in CONTENTS.items())


class Repository:
    """A Maven repository on loopback, which remembers what it was asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[str] = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                if not self.path.endswith(".sha1"):
                    asked.append(Path(self.path).name)
                super().do_GET()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def put(self, coordinate: str, content: bytes) -> None:
        group, artifact, number, *_ = coordinate.split(":")
        folder = self.root.joinpath(*group.split("."), artifact, number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ("-".join(coordinate.split(":")[1:]) + ".jar")).write_bytes(content)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    made = Repository(tmp_path / "repository")
    for coordinate, content in CONTENTS.items():
        made.put(coordinate, content)
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def said() -> list[str]:
    return []


def test_the_lock_names_every_jar_once_with_checksum_and_size() -> None:
    jars = read_lock()
    assert find_version(jars).startswith("2026.08")
    assert len({jar.name for jar in jars}) == len(jars) > 200
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)


def test_what_is_missing_is_fetched_with_its_size_shown(repository: Repository, cache: Path, said: list[str]) -> None:
    paths = fetch(JARS, cache, said.append, repository.url)
    assert [path.read_bytes() for path in paths] == list(CONTENTS.values())
    assert "3 jars" in said[0]
    assert "MB" in said[0]
    assert sorted(path.name for path in paths[0].parent.iterdir() if path.suffix != ".lock") == sorted(
        path.name for path in paths
    )


def test_what_is_there_is_not_fetched_again(repository: Repository, cache: Path, said: list[str]) -> None:
    fetch(JARS, cache, said.append, repository.url)
    repository.asked.clear()
    said.clear()
    fetch(JARS, cache, said.append, repository.url)
    assert repository.asked == []
    assert said == []


def test_an_interrupted_fetch_goes_on_where_it_stopped(repository: Repository, cache: Path, said: list[str]) -> None:
    paths = fetch(JARS, cache, said.append, repository.url)
    paths[1].unlink()
    (paths[1].parent / "part").mkdir()
    (paths[1].parent / "part" / "half.jar").write_bytes(b"ha")
    repository.asked.clear()
    assert fetch(JARS, cache, said.append, repository.url)[1].read_bytes() == CONTENTS["org.neo4j:store:1.0"]
    assert repository.asked == ["store-1.0.jar"]


@pytest.mark.parametrize("damage", [b"the sexver", b"the ser", b""], ids=["a changed byte", "cut short", "empty"])
def test_a_damaged_jar_is_fetched_again_and_said(
    repository: Repository, cache: Path, said: list[str], damage: bytes
) -> None:
    path = fetch(JARS, cache, said.append, repository.url)[0]
    path.write_bytes(damage)
    said.clear()
    fetch(JARS, cache, said.append, repository.url)
    assert path.read_bytes() == CONTENTS["org.neo4j:neo4j:1.0"]
    assert "neo4j-1.0.jar" in said[0]
    assert "damaged" in said[0]


def test_a_jar_that_is_not_the_locked_one_is_refused(repository: Repository, cache: Path, said: list[str]) -> None:
    repository.put("org.neo4j:neo4j:1.0", b"something else")
    with pytest.raises(GraphUnavailable, match="checksum") as caught:
        fetch(JARS, cache, said.append, repository.url)
    assert caught.value.place == "org.neo4j:neo4j:1.0"
    assert not list(cache.glob("neo4j/1.0/neo4j-1.0.jar"))


def test_a_jar_that_nobody_has_is_named(repository: Repository, cache: Path, said: list[str]) -> None:
    lacking = (*JARS, replace(JARS[1], coordinate="org.neo4j:gone:1.0"))
    with pytest.raises(GraphUnavailable, match=r"org\.neo4j:gone:1\.0: was not given"):
        fetch(lacking, cache, said.append, repository.url)


def test_no_network_is_said_and_what_was_fetched_stays(repository: Repository, cache: Path, said: list[str]) -> None:
    paths = fetch(JARS, cache, said.append, repository.url)
    paths[2].unlink()
    with pytest.raises(GraphUnavailable, match="Check the network") as caught:
        fetch(JARS, cache, said.append, f"http://127.0.0.1:{find_free_port()}")
    assert "could not be fetched" in caught.value.fault
    assert paths[0].exists()
    assert paths[1].exists()


def test_too_little_room_is_said_before_anything_is_fetched(
    repository: Repository, cache: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(GraphUnavailable, match=r"disk is full.*XDG_CACHE_HOME"):
        fetch(JARS, cache, said.append, repository.url)
    assert repository.asked == []


def test_two_homes_that_fetch_at_once_fetch_once(repository: Repository, cache: Path, said: list[str]) -> None:
    threads = [threading.Thread(target=fetch, args=(JARS, cache, said.append, repository.url)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(repository.asked) == sorted(jar.name for jar in JARS)
