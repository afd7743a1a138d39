"""Reads the syntaxes in which Protégé and the OWL API save: RDF/XML, OWL/XML and Turtle, whatever the file is called.

Functional and Manchester syntax are known by their first words, so that the advice is the right one.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from xml.sax import SAXException

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import Node

from engine.errors import OntologyError

AS_RDF = "Save it from Protégé as RDF/XML (File, Save as, RDF/XML Syntax)"
COMMENTS = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:\s|#[^\n]*\n|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
UNREAD = (
    (re.compile(rb"(?:Prefix|Ontology)\("), "functional syntax"),
    (re.compile(rb"(?:Prefix|Ontology):"), "Manchester syntax"),
    (re.compile(rb"\{|\["), "JSON-LD"),
)
TURTLE = re.compile(rb"@prefix|@base|prefix\s|base\s|<\w+:[^>\s]*>\s", re.IGNORECASE)
OWL_XML = re.compile(rb"<(?:\w+:)?Ontology[\s>]")


def name_syntax(content: bytes) -> str:
    """What a file is written in, by its first words: `RDF/XML` where nothing else is known."""
    start = COMMENTS.match(content)
    head = content[start.end() if start else 0 :][:400]
    for pattern, name in UNREAD:
        if pattern.match(head):
            return name
    if OWL_XML.match(head):
        return "OWL/XML"
    return "Turtle" if TURTLE.match(head) else "RDF/XML"


def read_syntax(content: bytes, place: str) -> Graph:
    """The statements of a file; OntologyError with the place and how to save it where it cannot be read.

    The caller has looked for a DOCTYPE in what is XML.
    """
    syntax = name_syntax(content)
    readers: dict[str, Callable[[bytes], Graph]] = {
        "RDF/XML": _read_xml,
        "OWL/XML": _read_owl_xml,
        "Turtle": _read_turtle,
    }
    if syntax not in readers:
        raise OntologyError(place, f"it is written in {syntax}, which is not read", AS_RDF)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib warns of ill-typed literals, which the checks report
            return readers[syntax](content)
    except BadSyntax as exc:
        raise OntologyError(f"{place}:{exc.lines + 1}", "it begins as Turtle, and is not", AS_RDF) from exc
    except (SAXException, ParserError, ValueError, IndexError) as exc:
        what = "it is XML, but not RDF/XML" if syntax == "RDF/XML" else f"it begins as {syntax}, and is not"
        raise OntologyError(place, f"{what}: {exc}", AS_RDF) from exc


def _read_xml(content: bytes) -> Graph:
    graph = Graph("SimpleMemory")  # one graph for a file needs no contexts, and loads faster without
    graph.parse(data=content, format="xml")
    return graph


def _read_turtle(content: bytes) -> Graph:
    graph = Graph("SimpleMemory")
    graph.parse(data=content.decode("utf-8"), format="turtle")
    return graph


def _read_owl_xml(content: bytes) -> Graph:
    """By owlready2's reader, which gives triples; nothing of its objects or its store is used."""
    from owlready2.base import OwlReadyOntologyParsingError
    from owlready2.owlxml_2_ntriples import parse

    graph = Graph("SimpleMemory")
    blanks: dict[str, BNode] = {}

    def name(term: str) -> Node:
        return blanks.setdefault(term, BNode()) if term.startswith("_") else URIRef(term)

    def add_link(subject: str, predicate: str, target: str) -> None:
        graph.add((name(subject), URIRef(predicate), name(target)))

    def add_value(subject: str, predicate: str, value: object, kind: str | None) -> None:
        language = kind[1:] if kind and kind.startswith("@") else None
        datatype = URIRef(kind) if kind and not language else None
        graph.add((name(subject), URIRef(predicate), Literal(str(value), lang=language, datatype=datatype)))

    try:
        parse(io.BytesIO(content), add_link, add_value)
    except (OwlReadyOntologyParsingError, IndexError, KeyError, TypeError, AttributeError) as exc:
        raise ValueError(type(exc).__name__) from exc
    return graph
