"""Creates, lists, revokes and finds API keys. Only hashes of keys are stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.errors import UsageError
from engine.files import read_json, write_json

SCOPES: Final = ("journeys", "feedback", "query", "rules")
"""Scopes of a key: journeys (with readings, search and tracks), feedback, queries of analysts, rules."""
RATE: Final = 600
"""Default limit on requests a minute."""
_FILE: Final = "keys.json"
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_KEY: Final = re.compile(r"isopath_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Key:
    """The stored facts of a key, without the key itself."""

    id: str
    name: str
    """Name of its holder, given by the operator."""
    scopes: tuple[str, ...]
    rate: int
    """Requests a minute."""
    created: str
    """Day, UTC."""
    sha256: str

    def opens(self, scope: str) -> bool:
        """Whether the key has a scope."""
        return scope in self.scopes


def create_key(home: Path, name: str, scopes: Sequence[str], rate: int = RATE) -> tuple[Key, str]:
    """Creates a key; returns its facts and the key, which is not stored. UsageError for an invalid name, scope or rate.

    Its 256 bits are random, so a plain SHA-256 of it cannot be inverted.
    """
    faults = []
    if not _NAME.fullmatch(name):
        faults.append(("NAME", "is no name for a key", "Use up to 40 letters, digits, dots and dashes"))
    if not scopes or not set(scopes) <= set(SCOPES):
        faults.append(("--scope", "names what no key opens", f"Choose from: {', '.join(SCOPES)}"))
    if not 1 <= rate <= 1_000_000:
        faults.append(("--rate", "is no number of requests a minute", "Give 1 to 1000000"))
    if faults:
        raise UsageError.of(faults)
    id_, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    shown = f"isopath_{id_}_{secret}"
    day = datetime.now(UTC).date().isoformat()
    key = Key(id_, name, tuple(dict.fromkeys(scopes)), rate, day, _sha256(shown))
    _write(home, [*list_keys(home), key])
    return key, shown


def list_keys(home: Path) -> list[Key]:
    """All keys that are not revoked, in order of creation."""
    return [_key(row) for row in read_json(home / _FILE).get("keys", [])]


def revoke_key(home: Path, id_: str) -> Key:
    """Revokes a key by its id or name; UsageError for an unknown or ambiguous one."""
    keys = list_keys(home)
    found = [key for key in keys if id_ in (key.id, key.name)]
    if len(found) != 1:
        fault = "names several keys" if found else "names no key"
        raise UsageError("ID", fault, "`isopath key list` shows the id of each")
    _write(home, [key for key in keys if key not in found])
    return found[0]


class Keyring:
    """The keys of a home for a service; changes of the file count at once."""

    def __init__(self, home: Path) -> None:
        self._file = home / _FILE
        self._home = home
        self._seen: tuple[int, int] | None = None
        self._keys: dict[str, Key] = {}

    def find(self, given: str) -> Key | None:
        """The facts of a key; None for an unknown or revoked one. Compares in constant time."""
        parts = _KEY.fullmatch(given)
        key = self._read().get(parts[1]) if parts else None
        expected = key.sha256 if key else _sha256("")
        return key if hmac.compare_digest(_sha256(given), expected) and key else None

    def __bool__(self) -> bool:
        return bool(self._read())

    def _read(self) -> dict[str, Key]:
        try:
            status = self._file.stat()
        except OSError:
            self._seen, self._keys = None, {}
            return self._keys
        if (seen := (status.st_mtime_ns, status.st_ino)) != self._seen:
            self._keys = {key.id: key for key in list_keys(self._home)}
            self._seen = seen
        return self._keys


def _key(row: dict[str, Any]) -> Key:
    return Key(**{**row, "scopes": tuple(row["scopes"])})


def _write(home: Path, keys: Iterable[Key]) -> None:
    write_json(home / _FILE, {"keys": [asdict(key) for key in keys]})
    (home / _FILE).chmod(0o600)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
