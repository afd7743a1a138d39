"""What a server proves itself with, and that nobody else is told its password."""

import re
import shutil
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from neo4j.exceptions import DriverError

from engine.errors import GraphUnavailable
from engine.graph import Graph
from engine.graph.driver import open_driver
from engine.server import ServerConnection, certificate, local
from engine.server.home import Home, find_free_port
from tests.helpers.homes import BOLT_4_4, Squatter


def test_a_certificate_is_made_for_this_machine_alone_and_its_key_is_the_owners(made: Home) -> None:
    assert not certificate.is_whole(made)
    certificate.make(made)
    assert certificate.is_whole(made)
    assert stat.S_IMODE(made.private_key.stat().st_mode) == 0o600
    trusted = ssl.create_default_context(cafile=made.certificate)
    trusted.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        answering_tls(made) as port,
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusted.wrap_socket(plain, server_hostname="127.0.0.1") as proved,
    ):
        assert dict(proved.getpeercert() or {})["subjectAltName"] == (
            ("IP Address", "127.0.0.1"),
            ("DNS", "localhost"),
        )


@pytest.mark.parametrize("damage", [b"", b"junk \x00\xff", None], ids=["emptied", "junk", "gone"])
@pytest.mark.parametrize("which", ["certificate", "private_key"])
def test_a_damaged_certificate_is_no_certificate(made: Home, which: str, damage: bytes | None) -> None:
    certificate.make(made)
    path = getattr(made, which)
    path.unlink() if damage is None else path.write_bytes(damage)
    assert not certificate.is_whole(made)


def test_a_key_of_another_home_does_not_fit(made: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    other.make_folders()
    for home in (made, other):
        certificate.make(home)
    shutil.copy(other.private_key, made.private_key)
    assert not certificate.is_whole(made)


@contextmanager
def answering_tls(home: Home) -> Iterator[int]:
    """A port where somebody proves itself with a home's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.certificate, home.private_key)

    def answer() -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                with suppress(OSError):
                    context.wrap_socket(near, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


SQUATTERS = {"like a Neo4j": BOLT_4_4, "silent": b"", "like a web server": b"HTTP/1.1 200 OK\r\n\r\n"}


@pytest.mark.parametrize("says", SQUATTERS.values(), ids=SQUATTERS)
def test_who_has_not_the_key_is_told_no_password(made: Home, says: bytes) -> None:
    certificate.make(made)
    port = find_free_port()
    with Squatter(port, says) as squatter:
        assert not local._proves_itself(port, made)
        connection = ServerConnection(
            f"bolt://127.0.0.1:{port}", "neo4j", made.read_password(), "neo4j", made.certificate
        )
        with (
            open_driver(connection, connection_acquisition_timeout=1, max_transaction_retry_time=0) as driver,
            pytest.raises(DriverError),
        ):
            driver.verify_connectivity()
        assert squatter.heard
        assert made.read_password().encode() not in squatter.heard
        assert b"neo4j" not in squatter.heard


def test_who_proves_itself_with_another_key_is_told_no_password(made: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    other.make_folders()
    for home in (made, other):
        certificate.make(home)
    with answering_tls(other) as port:
        assert local._proves_itself(port, other)
        assert not local._proves_itself(port, made)


def test_a_certificate_that_cannot_be_read_is_told(made: Home) -> None:
    connection = ServerConnection("bolt://127.0.0.1:1", "neo4j", "x", "neo4j", made.certificate)
    with pytest.raises(GraphUnavailable, match=r"certificate cannot be read.*isopath up"):
        Graph.connect(connection)


def test_the_initial_password_is_written_as_neo4j_reads_it_and_not_as_it_is(made: Home) -> None:
    made.set_initial_password()
    text = made.initial_password_file.read_text()
    assert re.fullmatch(r"neo4j:SHA-256,[0-9a-f]{64},[0-9a-f]{64},1024:\n", text)
    assert made.read_password() not in text
