"""Backs up a graph, with the keys of its home, to one file, and restores it into an empty server."""

from __future__ import annotations

import base64
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.bootstrap import Progress, read_served_version, use_graph
from engine.errors import GraphUnavailable, UsageError
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.graph import Row

FORM: Final = 1
"""Format version of the archive; others are refused."""
SECRETS: Final = ("keys.json", "listeners.key")
"""Files of a home that identify its listeners and admit its API clients."""
_ABOUT, _NODES, _LINKS = "backup.json", "nodes.jsonl", "links.jsonl"


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """The size of a backup."""

    nodes: int
    journeys: int


def back_up(settings: Settings, target: Path, progress: Progress) -> BackupSummary:
    """Writes the whole graph to a file atomically; only its owner can read it. It holds journeys and hashes of keys.

    UsageError when the file exists or cannot be written.
    """
    from engine.store.backup import read_links, read_nodes

    if target.exists():
        raise UsageError("FILE", "is there already", "Name a new file, or move that one away")
    part = target.with_name(f".{target.name}.part")
    try:
        with use_graph(settings, progress) as graph, _open_archive(part) as archive:
            ids: set[str] = set()
            journeys = 0

            def nodes() -> Iterator[Row]:
                nonlocal journeys
                for node in read_nodes(graph):
                    ids.add(node["id"])
                    journeys += "Journey" in node["labels"]
                    yield node

            version = read_served_version(graph)
            _write_lines(archive, _NODES, nodes())
            _write_lines(archive, _LINKS, read_links(graph))
            for name in SECRETS:
                with suppress(FileNotFoundError):
                    archive.writestr(name, (settings.home / name).read_bytes())
            about = {"isopath_backup": FORM, "version": version, "nodes": len(ids), "journeys": journeys}
            archive.writestr(_ABOUT, json.dumps(about | {"neo4j": graph.version, "day": date.today().isoformat()}))
        part.replace(target)
    except OSError as exc:
        raise UsageError("FILE", f"cannot be written ({exc.strerror})", "Name a file in a folder of yours") from exc
    finally:
        part.unlink(missing_ok=True)
    return BackupSummary(len(ids), journeys)


def restore(settings: Settings, source: Path, progress: Progress) -> BackupSummary:
    """Restores a backup into a graph without data of its own, and its keys into the home.

    The next command loads newer files of ontology/ and seed_data/. UsageError, before any change, for a file that is no
    backup or damaged; GraphUnavailable when the graph holds data that would be lost.
    """
    from engine.graph import Graph
    from engine.server import Server
    from engine.server.storage import write_atomically
    from engine.store.backup import clear_graph, write_all

    about = _read_manifest(source)
    with zipfile.ZipFile(source) as archive, Graph.connect(Server(settings).ensure_up(progress)) as graph:
        clear_graph(graph)
        version = about["version"] or ""
        count = write_all(graph, _read_lines(archive, _NODES), _read_lines(archive, _LINKS), version, progress)
        for name in set(SECRETS) & set(archive.namelist()):
            # Newer API keys are kept; the secret of pseudonyms must be that of the restored listeners.
            if name != "keys.json" or not (settings.home / name).exists():
                write_atomically(settings.home / name, archive.read(name))
    if count != about["nodes"]:
        raise GraphUnavailable(str(source), f"held {about['nodes']} nodes and gave {count}", "Restore it again")
    return BackupSummary(count, about["journeys"])


def _read_manifest(source: Path) -> dict[str, Any]:
    """The manifest of an archive, after its checksums were verified; UsageError when they fail."""
    repair = "Name a file that `isopath backup` wrote"
    try:
        with zipfile.ZipFile(source) as archive:
            if archive.testzip() is None and {_ABOUT, _NODES, _LINKS} <= set(archive.namelist()):
                about: dict[str, Any] = json.loads(archive.read(_ABOUT))
                if about.get("isopath_backup") == FORM:
                    return about
                raise UsageError("FILE", "was written by another release of Isopath", "Restore it with that release")
    except FileNotFoundError:
        raise UsageError("FILE", "is not there", repair) from None
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        pass
    raise UsageError("FILE", "is no backup, or is damaged", repair)


def _open_archive(part: Path) -> zipfile.ZipFile:
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    return zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=3)


def _write_lines(archive: zipfile.ZipFile, name: str, rows: Iterable[Row]) -> None:
    with archive.open(name, "w", force_zip64=True) as file:
        for row in rows:
            file.write(json.dumps(row, default=_encode_value, ensure_ascii=False).encode() + b"\n")


def _read_lines(archive: zipfile.ZipFile, name: str) -> Iterator[Row]:
    with archive.open(name) as file:
        for line in file:
            yield json.loads(line, object_hook=_decode_value)


_PUT: Final[dict[type, Callable[[Any], dict[str, str]]]] = {
    datetime: lambda value: {"$datetime": value.isoformat()},
    date: lambda value: {"$date": value.isoformat()},
}
"""Encoders of types that JSON lacks, besides vectors: an object with one key that begins with "$"."""


def _encode_value(value: Any) -> dict[str, str]:
    if (put := _PUT.get(type(value))) is not None:
        return put(value)
    return {"$float32": base64.b64encode(value.astype("<f4").tobytes()).decode()}


def _decode_value(given: dict[str, Any]) -> Any:
    if len(given) == 1:
        [(kind, value)] = given.items()
        if kind == "$datetime":
            return datetime.fromisoformat(value)
        if kind == "$date":
            return date.fromisoformat(value)
        if kind == "$float32":
            import numpy as np

            return np.frombuffer(base64.b64decode(value), "<f4")
    return given
