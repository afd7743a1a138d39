"""Fetches the jars of Neo4j Community from Maven Central, verified by the lock file.

`python -m engine.server.jars org.neo4j:neo4j:VERSION` resolves another version and writes the lock file.
"""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import GraphUnavailable
from engine.server.storage import hold_lock, require_space, translate_disk_faults
from engine.settings import ROOT

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK = Path(__file__).with_name("neo4j.lock")
MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"
_SERVER = "org.neo4j:neo4j"
_AT_ONCE = 8
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar on the server's class path."""

    sha256: str
    size: int
    """Bytes."""
    coordinate: str
    """group:artifact:version, or group:artifact:version:classifier."""

    @property
    def name(self) -> str:
        """The file's name; the lock file holds no name twice."""
        return "-".join(self.coordinate.split(":")[1:]) + ".jar"

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` is this jar, byte for byte."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


def read_lock() -> tuple[Jar, ...]:
    """The jars in the lock file, in its order."""
    lines = [line.split() for line in LOCK.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(Jar(sha256, int(size), coordinate) for sha256, size, coordinate in lines)


def find_version(jars: Iterable[Jar]) -> str:
    """The version of Neo4j among the jars."""
    return next(jar.coordinate.rpartition(":")[2] for jar in jars if jar.coordinate.startswith(f"{_SERVER}:"))


def fetch(
    jars: tuple[Jar, ...], cache: Path, progress: Callable[[str], None], repository: str | None = None
) -> tuple[Path, ...]:
    """The paths of all jars in `cache`, each verified; missing or damaged ones are fetched. `repository`: address to
    fetch from; None: Maven Central.

    A jar is verified before it is moved into place, so an interrupted fetch resumes, and concurrent fetches wait for
    each other. Raises GraphUnavailable when a jar cannot be fetched, or its checksum differs.
    """
    folder = cache / "neo4j" / find_version(jars)
    with translate_disk_faults(folder, "the user's cache folder (XDG_CACHE_HOME)"):
        folder.mkdir(parents=True, exist_ok=True)
        with hold_lock(folder / "fetch.lock", "Another command is fetching Neo4j", progress):
            wanted = [jar for jar in jars if not jar.is_at(folder / jar.name)]
            if wanted:
                require_space(folder, 2 * sum(jar.size for jar in wanted))
                for jar in wanted:
                    if (folder / jar.name).exists():
                        progress(f"{jar.name} in {folder} is damaged: fetching it again")
                _fetch_missing(wanted, folder, progress, repository)
                shutil.rmtree(folder / "part", ignore_errors=True)
    return tuple(folder / jar.name for jar in jars)


def _fetch_missing(wanted: list[Jar], folder: Path, progress: Callable[[str], None], repository: str | None) -> None:
    # Imported here because a complete cache needs no resolver.
    from jgo.maven import MavenContext

    total = sum(jar.size for jar in wanted)
    what = f"Neo4j {folder.name}"
    progress(f"{what}: fetching {len(wanted)} jars from Maven Central, {_format_megabytes(total)}")
    remote = None if repository is None else {"repository": repository}
    context = MavenContext(repo_cache=folder / "part", remote_repos=remote, timeout=60)
    done, shown = 0, 0.0
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        for task in as_completed([pool.submit(_fetch_one, jar, folder, context) for jar in wanted]):
            done += task.result()
            if done / total >= shown + 0.1:
                shown = done / total
                progress(f"{what}: {_format_megabytes(done)} of {_format_megabytes(total)}")
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch_one(jar: Jar, folder: Path, context: "MavenContext") -> int:
    """Fetches one jar into the folder and verifies it; its size in bytes."""
    group, artifact, number, *classifier = jar.coordinate.split(":")
    source = context.project(group, artifact).at_version(number).artifact(*classifier)
    part = folder / "part" / source.component.path_prefix / source.filename
    fault = ""
    for _ in range(_TRIES):
        part.unlink(missing_ok=True)
        try:
            context.resolver.download(source)
        except OSError as exc:
            # The resolver's network errors are OSErrors without an errno; disk errors have one.
            if exc.errno is not None:
                raise
            fault = f"could not be fetched ({type(exc).__name__})"
        except RuntimeError:
            fault = "was not given by Maven Central"
        else:
            if jar.is_at(part):
                part.replace(folder / jar.name)
                return jar.size
            fault = f"does not have the checksum that {LOCK.relative_to(ROOT)} gives"
    raise GraphUnavailable(
        jar.coordinate,
        fault,
        "Check the network and run the command again: what has been fetched is kept",
    )


def _format_megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _resolve(coordinate: str, cache: Path) -> list[Jar]:
    """Every jar of `coordinate` and what it depends on, on any platform."""
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=cache, timeout=60)
    asked, brought = context.resolver.resolve([context.create_dependency(coordinate)])
    jars = []
    for dependency in asked + brought:
        path = Path(dependency.artifact.resolve())
        parts = (dependency.groupId, dependency.artifactId, dependency.version, dependency.classifier)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        jars.append(Jar(digest, path.stat().st_size, ":".join(part for part in parts if part)))
    return sorted(jars, key=lambda jar: jar.coordinate)


if __name__ == "__main__":
    head = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    head[-1] = f"# Written by: python -m engine.server.jars {sys.argv[1]}"
    rows = [f"{jar.sha256}  {jar.size:>9}  {jar.coordinate}" for jar in _resolve(sys.argv[1], Path("build/maven"))]
    LOCK.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")
