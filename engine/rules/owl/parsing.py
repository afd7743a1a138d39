"""Reads one RDF/XML file, and says where it stops being one."""

from __future__ import annotations

import warnings
from pathlib import Path
from xml.parsers import expat
from xml.sax import SAXException

from rdflib import Graph
from rdflib.exceptions import ParserError

from engine.errors import OntologyError

LARGEST = 32 * 2**20
"""Bytes. A module of rules is a few hundred kilobytes; what is larger is not one."""


def parse(path: Path) -> Graph:
    """Every statement of the file. Not there, not XML, not RDF, or with a DOCTYPE: an OntologyError, with the line."""
    return parse_bytes(read_bytes(path, str(path)), str(path))


def read_bytes(path: Path, place: str) -> bytes:
    """The file as it is, or an OntologyError that says why it cannot be read; `place` names it there."""
    try:
        return path.read_bytes()
    except OSError as exc:
        repair = "Put it back, and let this account read it"
        raise OntologyError(place, f"the file cannot be read ({exc.strerror})", repair) from exc


def parse_bytes(content: bytes, place: str) -> Graph:
    """As `parse`, for what was already read; `place` names it in an error."""
    if len(content) > LARGEST:
        raise OntologyError(place, f"the file has {len(content):,} bytes", f"Keep a module under {LARGEST:,} bytes")
    refuse_doctype(content, place)
    graph = Graph("SimpleMemory")  # one graph a file needs no contexts, and loads faster without
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib warns of a literal that is not of its type; reading reports it
            graph.parse(data=content, format="xml")
    except SAXException as exc:
        raise OntologyError(place, f"it is XML, but not RDF/XML: {exc}", "Save it from Protégé as RDF/XML") from exc
    except (ParserError, ValueError) as exc:
        raise OntologyError(place, f"it is XML, but not RDF/XML: {exc}", "Save it from Protégé as RDF/XML") from exc
    return graph


def refuse_doctype(content: bytes, place: str) -> None:
    """Entities are never needed here, and a few of them can ask for gigabytes or for another file."""
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
