"""Where the names of the ontology live."""

from __future__ import annotations

import re

from rdflib.term import Node

BASE = "https://isopath.org/ontology#"
"""Namespace of every class, property and individual; an id is what follows."""

MODULES = "https://isopath.org/ontology/"
"""A module's IRI is this and the name of its file."""

ROOT_MODULE = "isopath"
ID = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")


def name_of(node: Node | None) -> str:
    """What follows `#`, else the last part of the path: `Rule`, `fear-pace-only`, `rules`."""
    return re.split(r"[#/]", str(node))[-1]


def is_ours(node: Node | None) -> bool:
    """Whether the name is one that the ontology itself gives."""
    return str(node).startswith(BASE)
