"""Which source files a module is made of: itself and whatever of ours it imports, directly or not."""

import ast
from pathlib import Path

import encoders

_ABOVE = Path(encoders.__file__).parent.parent


def sources_behind(*modules: str) -> list[Path]:
    """Files of `encoders` that these modules import, themselves included, in the order of their paths.

    Imports are read off the sources, wherever they stand in a function; nothing is run.
    """
    found: set[Path] = set()
    waiting = list(modules)
    while waiting:
        place = _ABOVE / waiting.pop().replace(".", "/")
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file() and path not in found:
                found.add(path)
                waiting += _imported(path)
    return sorted(found)


def _imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "encoders":
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names
