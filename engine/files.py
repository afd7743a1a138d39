"""Reads and writes our own files beside the graph, which are made again whenever their inputs change."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from encoders.json_text import json_text
from engine.errors import GraphUnavailable


def fingerprint(places: Sequence[Path]) -> str:
    """sha256 over names and bytes of the files, and of every file below the folders; changes when any of them does."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(p for p in (place, *place.rglob("*")) if p.is_file() and p.suffix != ".pyc"):
            digest.update(f"{path.relative_to(place.parent)}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """The content of a file of ours; empty when it is missing or damaged, since it can be made again."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def read_sealed(path: Path) -> dict[str, Any]:
    """The content that `write_sealed` wrote; empty when any byte of it has changed."""
    try:
        text = path.read_bytes()
        if text[:_SEAL] != _make_seal(text[_SEAL:]):
            return {}
        found = json.loads(text)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a file of ours atomically, as JSON whose first member is the sha256 of the rest."""
    body = f", {json_text(content)[1:]}".encode()
    _write_bytes(path, _make_seal(body) + body)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a file of ours atomically, as JSON."""
    _write_bytes(path, json_text(content).encode())


def _make_seal(body: bytes) -> bytes:
    return f'{{"sha256": "{hashlib.sha256(body).hexdigest()}"'.encode()


_SEAL = len(_make_seal(b""))


def _write_bytes(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as exc:
        # Otherwise the incomplete file would stay on the full disk.
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise GraphUnavailable(
            str(path),
            f"cannot be written ({exc.strerror})",
            "Free some space, or set ISOPATH_HOME to a folder you can write to",
        ) from exc
