"""The server's folder in one home: configuration, port, password, secret, certificate."""

import hashlib
import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.server.storage import write_atomically

HOST = "127.0.0.1"
USER = "neo4j"
DATABASE = "neo4j"

CLOSED: dict[str, str] = {
    # Bolt is the only connector, and no usage is reported.
    "server.bolt.enabled": "true",
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "dbms.security.auth_enabled": "true",
    "dbms.usage_report.enabled": "false",
    "dbms.fleet_manager.enabled": "false",
    # On by default: the server would broadcast on the network.
    "server.fleet_discovery.enabled": "false",
    # LOAD CSV reads neither this machine's files nor any address.
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
    "db.query.default_language": "CYPHER_25",
    "db.transaction.timeout": "120s",
}
"""Settings of every server of ours; docker-compose.yml has the same."""

_ADDRESS = "server.bolt.listen_address"
_HASHES = 1024
"""Iterations of Neo4j's password hash (SecureHasherConfigurations)."""
_MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True)
class ServerMemory:
    """Memory limits of the server."""

    heap: int
    """Megabytes at most; the server starts with a quarter of them."""
    pagecache: int
    """Megabytes."""

    @classmethod
    def of_this_machine(cls) -> "ServerMemory":
        """An eighth of the memory as heap and a sixteenth as page cache; 100,000 tracks fit the upper ends."""
        total = psutil.virtual_memory().total // _MEGABYTE
        return cls(heap=max(512, min(2048, total // 8)), pagecache=max(128, min(1024, total // 16)))


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one server."""

    root: Path
    """Absolute, and without links: a running server is recognised by it."""

    @classmethod
    def at(cls, home: Path) -> "Home":
        """The server's folder inside the user's `home`."""
        return cls(home.resolve() / "neo4j")

    @property
    def configuration(self) -> Path:
        """Written at every start; also the only place where the port is stored."""
        return self.root / "conf" / "neo4j.conf"

    @property
    def class_path(self) -> Path:
        """The Java argument file that names the jars."""
        return self.root / "run" / "class_path.args"

    @property
    def answering_file(self) -> Path:
        """Id and start time of the process that accepted our password. Neo4j's own `neo4j.pid` exists earlier."""
        return self.root / "run" / "answering"

    @property
    def lock_file(self) -> Path:
        """Locked by the process that starts or stops the server; the kernel unlocks it when that dies."""
        return self.root / "run" / "start.lock"

    @property
    def password_file(self) -> Path:
        """Readable by its owner only."""
        return self.root / "password"

    @property
    def secret_file(self) -> Path:
        """Its content is in the environment of the server's process, which its owner alone can read."""
        return self.root / "secret"

    @property
    def initial_password_file(self) -> Path:
        """Where a server without users looks for the first one, before it listens."""
        return self.root / "data" / "dbms" / "auth.ini"

    @property
    def files(self) -> Path:
        """The server's database files."""
        return self.root / "data" / "databases" / DATABASE

    @property
    def certificate(self) -> Path:
        """The server's certificate, PEM: clients trust it alone."""
        return self.root / "certificates" / "bolt.crt"

    @property
    def private_key(self) -> Path:
        """The certificate's key, PEM."""
        return self.root / "certificates" / "bolt.key"

    @property
    def log(self) -> Path:
        """The server's output since its last start."""
        return self.root / "logs" / "console.log"

    def make_folders(self) -> None:
        """Makes missing folders, accessible to the owner alone."""
        self.root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700, exist_ok=True)
        for name in ("certificates", "conf", "data", "data/dbms", "logs", "run", "import", "plugins", "tmp"):
            (self.root / name).mkdir(mode=0o700, exist_ok=True)

    def read_port(self) -> int | None:
        """The stored port, or None before the first start."""
        try:
            text = self.configuration.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        found = re.search(rf"^{re.escape(_ADDRESS)}=.*:(\d{{1,5}})$", text, re.MULTILINE)
        return int(found[1]) if found and int(found[1]) < 65_536 else None

    def read_password(self) -> str:
        """The generated password, 192 bits; created at the first call."""
        return _read_or_make(self.password_file)

    def read_secret(self) -> str:
        """The secret that identifies the process of this home's server; created at the first call."""
        return _read_or_make(self.secret_file)

    def is_secret(self, text: str | None) -> bool:
        """Whether this is the secret. Creates none: a check must not change what a concurrent start uses."""
        return bool(text) and text == _read_line(self.secret_file)

    def set_initial_password(self) -> None:
        """Sets the password for a server that has none, or still Neo4j's default one.

        A server with a password of its own ignores the file.
        """
        salt = secrets.token_bytes(32)
        digest = hashlib.sha256(salt + self.read_password().encode()).digest()
        for _ in range(_HASHES - 1):
            digest = hashlib.sha256(digest).digest()
        write_atomically(self.initial_password_file, f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{_HASHES}:\n")

    def read_answering(self) -> tuple[int, float] | None:
        """Id and start time (seconds since 1970) of the last process that accepted our password; it may have ended."""
        try:
            pid, started = self.answering_file.read_text(encoding="ascii").split()
            return int(pid), float(started)
        except (FileNotFoundError, ValueError):
            return None

    def configure(self, port: int, memory: ServerMemory) -> None:
        """Writes the configuration for a start on `port`."""
        settings = CLOSED | {
            "server.default_listen_address": HOST,
            _ADDRESS: f"{HOST}:{port}",
            "server.bolt.advertised_address": f"{HOST}:{port}",
            # Nothing is sent to another program on our port: it cannot present the certificate.
            "server.bolt.tls_level": "REQUIRED",
            "dbms.ssl.policy.bolt.enabled": "true",
            "dbms.ssl.policy.bolt.base_directory": self.certificate.parent.name,
            "dbms.ssl.policy.bolt.private_key": self.private_key.name,
            "dbms.ssl.policy.bolt.public_certificate": self.certificate.name,
            "dbms.ssl.policy.bolt.client_auth": "NONE",
            # 192 bits cannot be guessed, and attempts must not lock us out.
            "dbms.security.auth_max_failed_attempts": "0",
            "server.directories.import": str(self.root / "import"),
            "server.memory.pagecache.size": f"{memory.pagecache}m",
            # A statement that takes too much memory fails alone; the others are answered.
            "db.memory.transaction.max": f"{memory.heap // 4}m",
            # A home of a few megabytes should not start with a quarter of a gigabyte of empty logs.
            "db.tx_log.preallocate": "false",
            # Erased data disappears from the logs too, seconds later (engine/store/journeys.py).
            "db.tx_log.rotation.retention_policy": "keep_none",
            "db.tx_log.rotation.size": "1M",
            "db.checkpoint.interval.time": "5s",
            # By default a stop waits ten seconds for new connections.
            "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
            "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",
        }
        head = "# Written by Isopath at every start: changes here are lost.\n"
        write_atomically(self.configuration, head + "".join(f"{name}={value}\n" for name, value in settings.items()))

    def write_class_path(self, jars: tuple[Path, ...]) -> None:
        """Writes the Java argument file. Only these jars are loaded, whatever else lies in the folder."""
        joined = (";" if psutil.WINDOWS else ":").join(str(jar) for jar in jars)
        quoted = joined.replace("\\", "\\\\").replace('"', '\\"')
        write_atomically(self.class_path, f'-cp "{quoted}"\n')


def _read_or_make(path: Path) -> str:
    """The random line in a file; created when the file is missing or empty."""
    text = _read_line(path)
    if not text:
        text = secrets.token_urlsafe(24)
        write_atomically(path, f"{text}\n")
    return text


def _read_line(path: Path) -> str:
    """The line in a file; empty when it is missing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


def is_free(port: int) -> bool:
    """Whether nothing listens on the port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """A port that nothing listens on, chosen by the system."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
