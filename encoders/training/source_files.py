"""Finds the source files that a module depends on: its own, and those of all modules of ours that it imports."""

import ast
from pathlib import Path

import encoders

_ABOVE = Path(encoders.__file__).parent.parent


def find_sources(*modules: str) -> list[Path]:
    """Files of these modules and of all modules of `encoders` that they import, directly or not, sorted by path.

    Imports are parsed from the sources, those inside functions included; nothing is executed.
    """
    found: set[Path] = set()
    waiting = list(modules)
    while waiting:
        place = _ABOVE / waiting.pop().replace(".", "/")
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file() and path not in found:
                found.add(path)
                waiting += _list_imports(path)
    return sorted(found)


def _list_imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "encoders":
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names
