"""Parses one file of the ontology; errors name the line."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

from rdflib import Graph

from engine.errors import OntologyError
from engine.rules.owl.syntaxes import name_syntax, read_syntax

LARGEST = 32 * 2**20
"""Bytes of a module at most; gate.owl has one megabyte."""


def parse(path: Path) -> Graph:
    """The statements of a file. OntologyError, with the line, when it is missing, unreadable, or has a DOCTYPE."""
    return parse_bytes(read_bytes(path, str(path)), str(path))


def read_bytes(path: Path, place: str) -> bytes:
    """The bytes of a file; OntologyError naming `place` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as exc:
        repair = "Put it back, and let this account read it"
        raise OntologyError(place, f"the file cannot be read ({exc.strerror})", repair) from exc


def parse_bytes(content: bytes, place: str) -> Graph:
    """As `parse`, for bytes that were read; `place` names them in an error."""
    if len(content) > LARGEST:
        raise OntologyError(place, f"the file has {len(content):,} bytes", f"Keep a module under {LARGEST:,} bytes")
    if name_syntax(content).endswith("/XML"):
        refuse_doctype(content, place)
    return read_syntax(content, place)


def refuse_doctype(content: bytes, place: str) -> None:
    """OntologyError for a DOCTYPE: no module needs entities, which can expand to gigabytes or include other files."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        where = f"{place}:{parser.CurrentLineNumber}:{parser.CurrentColumnNumber + 1}"
        raise OntologyError(
            where, "it has a DOCTYPE", "Save it without XML entities (in Protégé: Preferences, General)"
        )

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as exc:
        where = f"{place}:{exc.lineno}:{exc.offset + 1}"
        raise OntologyError(
            where,
            f"it is not XML: {expat.errors.messages[exc.code]}",
            "Mend the file there, or take back the last change",
        ) from exc
