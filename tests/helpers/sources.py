"""The sources of this repository: which modules there are, and what each imports. Nothing is run."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine.settings import ROOT

PACKAGES = ("encoders", "engine", "api")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that a source file is made of."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports(path: Path) -> Iterator[str]:
    """Every module that the file names in an import, wherever it stands in it."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports follow the paths, from the top"
            yield node.module or ""


def imported(path: Path) -> Iterator[str]:
    """Every module that the file may mean: `from a import b` names a, or a.b."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ([module for module in modules if is_module(module)] or [node.module or ""])


def is_module(name: str) -> bool:
    return (ROOT / name.replace(".", "/")).with_suffix(".py").is_file() or (ROOT / name.replace(".", "/")).is_dir()


def name_of(path: Path) -> str:
    return place(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def roots(path: Path) -> frozenset[str]:
    """The packages that the file imports from."""
    return frozenset({name.partition(".")[0] for name in imports(path)})


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
