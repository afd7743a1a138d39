"""Parses one RDF/XML file; errors name the line."""

from __future__ import annotations

import warnings
from pathlib import Path
from xml.parsers import expat
from xml.sax import SAXException

from rdflib import Graph
from rdflib.exceptions import ParserError

from engine.errors import OntologyError

LARGEST = 32 * 2**20
"""Bytes of a module at most; rules.owl has a few hundred kilobytes."""


def parse(path: Path) -> Graph:
    """The statements of a file. OntologyError, with the line, when it is missing, not RDF/XML, or has a DOCTYPE."""
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
    refuse_doctype(content, place)
    graph = Graph("SimpleMemory")  # one graph for a file needs no contexts, and loads faster without
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib warns of ill-typed literals, which the checks report
            graph.parse(data=content, format="xml")
    except SAXException as exc:
        raise OntologyError(place, f"it is XML, but not RDF/XML: {exc}", "Save it from Protégé as RDF/XML") from exc
    except (ParserError, ValueError) as exc:
        raise OntologyError(place, f"it is XML, but not RDF/XML: {exc}", "Save it from Protégé as RDF/XML") from exc
    return graph


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
