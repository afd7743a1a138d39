"""Namespaces and names of the ontology."""

from __future__ import annotations

import re

from rdflib.term import Node

BASE = "https://isopath.org/ontology#"
"""Namespace of all classes, properties and individuals; the id of one is the rest of its IRI."""

MODULES = "https://isopath.org/ontology/"
"""The IRI of a module is this and the name of its file."""

ROOT_MODULE = "isopath"
ID = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")


def get_module_name(node: Node | str | None) -> str:
    """Name of the module with this IRI, its folder included: `cues`, `rules/sadness`."""
    return str(node).removeprefix(MODULES)


def get_local_name(node: Node | None) -> str:
    """The part of an IRI after `#`, else the last part of its path: `Rule`, `fear-pace-only`, `rules`."""
    return re.split(r"[#/]", str(node))[-1]


def is_ours(node: Node | None) -> bool:
    """Whether the name is in the ontology's own namespace."""
    return str(node).startswith(BASE)
