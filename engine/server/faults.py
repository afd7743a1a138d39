"""Finds the reason why a server died while starting in its output."""

import re

from engine.errors import GraphUnavailable
from engine.server.home import Home


class PortTaken(GraphUnavailable):
    """Another program listens at the server's port."""


KNOWN: tuple[tuple[str, type[GraphUnavailable], str, str], ...] = (
    (
        r"Address already in use|BindException",
        PortTaken,
        "another program took the port of this home",
        "Run the command again: another port is chosen",
    ),
    (
        r"No space left on device|Disk quota exceeded",
        GraphUnavailable,
        "the disk is full",
        "Free some space, or point ISOPATH_HOME at another disk",
    ),
    (
        r"store_lock|has been locked|FileLockException|OverlappingFileLockException",
        GraphUnavailable,
        "another program uses this home's store",
        "Stop it (a server on this home in a container, or of another user), then try again",
    ),
    (
        r"AccessDeniedException|Permission denied|Read-only file system",
        GraphUnavailable,
        "the server may not write in its home",
        "Make the folder and all in it yours, or point ISOPATH_HOME at one that is",
    ),
    (
        r"Could not reserve enough space|insufficient memory|Cannot allocate memory|OutOfMemoryError",
        GraphUnavailable,
        "the machine has too little free memory for the server",
        "End other programs, or set NEO4J_URI to a server on another machine",
    ),
    (
        r"NoClassDefFoundError|ClassNotFoundException|UnsupportedClassVersionError|error reading .*\.jar|ZipException",
        GraphUnavailable,
        "Java cannot read the server's jars",
        "Delete the folder neo4j in the user's cache folder and try again: it is fetched anew",
    ),
    (
        r"downgrade|UnableToMigrate|newer (?:version|format)",
        GraphUnavailable,
        "the store was written by another version of Neo4j",
        "Use the Isopath that wrote it, or point ISOPATH_HOME at a new folder",
    ),
)


def read_fault(home: Home) -> GraphUnavailable:
    """The error for the end of the server's output, with the line that shows it."""
    try:
        text = home.log.read_text(encoding="utf-8", errors="replace")[-50_000:]
    except FileNotFoundError:
        text = ""
    for pattern, kind, fault, repair in KNOWN:
        if found := re.search(pattern, text):
            return kind(str(home.log), f"{fault} ({_find_line(text, found.start())})", repair)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last_line = f"its last line: {lines[-1][:200]}" if lines else "it printed nothing"
    return GraphUnavailable(
        str(home.log), f"Neo4j ended while starting; {last_line}", "Read that file; `isopath up` tries again"
    )


def _find_line(text: str, position: int) -> str:
    """The line around a position, cut to what a message can carry."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    return text[start : end if end >= 0 else len(text)].strip()[:200]
