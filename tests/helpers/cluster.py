"""A cluster in miniature: members that speak Bolt 5.4, say who reads and who writes, and keep what they were asked."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Self

from tests.helpers.packstream import Structure, Unpacked, pack

NAMES: Final = {
    0x01: "HELLO", 0x6A: "LOGON", 0x02: "GOODBYE", 0x0F: "RESET", 0x10: "RUN", 0x11: "BEGIN", 0x12: "COMMIT",
    0x13: "ROLLBACK", 0x2F: "DISCARD", 0x3F: "PULL", 0x66: "ROUTE", 0x54: "TELEMETRY",
}  # fmt: skip
SUCCESS, RECORD, FAILURE, IGNORED = 0x70, 0x71, 0x7F, 0x7E
Answers = Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]
"""Statement -> columns and rows; any other is answered with nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One message that a member was sent."""

    name: str
    fields: tuple[Any, ...]

    @property
    def extra(self) -> Mapping[str, Any]:
        """What stands beside: mode, database, bookmarks."""
        return next((each for each in reversed(self.fields) if isinstance(each, dict)), {})


@dataclass
class Cluster:
    """Who reads, who writes, and what all of them answer."""

    answers: Answers = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    members: list[Member] = field(default_factory=list)
    readers: list[int] = field(default_factory=list)
    writer: int = 0
    commits: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self.members:
            member.leave()

    def join(self, count: int) -> None:
        """Adds members: the first writes, the others read."""
        self.members += [Member(self) for _ in range(count)]
        self.readers = list(range(1, len(self.members)))

    def table(self, database: str) -> dict[str, Any]:
        """The routing table of a database, as every member tells it."""
        at = [member.address for member in self.members]
        roles = {"ROUTE": at, "READ": [at[number] for number in self.readers], "WRITE": [at[self.writer]]}
        servers = [{"role": role, "addresses": addresses} for role, addresses in roles.items()]
        return {"ttl": 300, "db": database, "servers": servers}


class Member:
    """One server of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.asked: list[Asked] = []
        self.connections = 0
        self.faults: list[str] = []
        """Codes with which the next transactions are refused."""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def leave(self) -> None:
        """Goes away at once, as a machine does that loses its power."""
        for each in (self._socket, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def names(self) -> list[str]:
        return [message.name for message in self.asked]

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                one, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._speak, args=(one,), daemon=True).start()

    def _speak(self, plain: socket.socket) -> None:
        tls = self._cluster.tls
        with (
            suppress(OSError, EOFError, struct.error),
            plain,
            tls.wrap_socket(plain, server_side=True) if tls else plain as one,
        ):
            self._open.append(one)
            self._answer(one)

    def _answer(self, one: socket.socket) -> None:
        if _exactly(one, 20)[:4] != b"\x60\x60\xb0\x17":
            return
        one.sendall(bytes((0, 0, 4, 5)))
        statement, failed = "", False
        while True:
            message = Unpacked(_message(one)).value()
            asked = Asked(NAMES[message.signature], message.fields)
            self.asked.append(asked)
            if asked.name == "GOODBYE":
                return
            if asked.name == "RUN":
                statement = asked.fields[0]
            failed = failed and asked.name != "RESET"
            replies = [Structure(IGNORED, ())] if failed else self._replies(asked, statement)
            failed = failed or replies[-1].signature == FAILURE
            for reply in replies:
                content = pack(reply)
                one.sendall(struct.pack(">H", len(content)) + content + b"\0\0")

    def _replies(self, asked: Asked, statement: str) -> list[Structure]:
        columns, rows = self._cluster.answers.get(statement, ((), ()))
        if asked.name == "BEGIN" and self.faults:
            return [Structure(FAILURE, ({"code": self.faults.pop(0), "message": "as the test wants it"},))]
        told: dict[str, Any] = {}
        if asked.name == "HELLO":
            told = {"server": "Neo4j/2026.08.1", "connection_id": "bolt-1"}
        elif asked.name == "ROUTE":
            told = {"rt": self._cluster.table(asked.extra.get("db") or "neo4j")}
        elif asked.name == "RUN":
            told = {"fields": list(columns), "t_first": 0}
        elif asked.name == "COMMIT":
            self._cluster.commits += 1
            told = {"bookmark": f"bookmark:{self._cluster.commits}"}
        records = [Structure(RECORD, (list(row),)) for row in rows] if asked.name == "PULL" else []
        return [*records, Structure(SUCCESS, (told,))]


def _message(one: socket.socket) -> bytes:
    content = b""
    while (size := struct.unpack(">H", _exactly(one, 2))[0]) or not content:
        content += _exactly(one, size)
    return content


def _exactly(one: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = one.recv(size - len(content))
        if not part:
            raise EOFError
        content += part
    return content
