"""Runs commands while files are damaged, in a copy of the program: the process behind tests/cli/test_help_always.py.

    python -m tests.helpers.damaging TREE HOME < cases.json > results.json

A case is {files, damage, limit, arguments}; a result {code, out, told}. The copy is hard-linked, so a file is replaced
and never written into.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any


def junk_of_its_kind(content: bytes) -> bytes:
    """Of a JSON file one that parses, bears the marks of the true one and holds nothing; else XML of nothing."""
    try:
        found = json.loads(content)
    except ValueError:
        return b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    if not isinstance(found, dict):
        return b"[]"
    return json.dumps(
        {name: value if isinstance(value, str) else type(value)() for name, value in found.items()}
    ).encode()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "junk": lambda content: bytes(range(256)) * (1 + len(content) // 2560),
    "junk of its kind": junk_of_its_kind,
}


@contextmanager
def damaged(files: Sequence[Path], damage: str) -> Iterator[None]:
    """The files emptied, cut, junk or gone; as they were afterwards."""
    before = {path: path.read_bytes() for path in files}
    try:
        for path, content in before.items():
            path.unlink()
            if damage == "a folder":
                path.mkdir()
            elif damage != "gone":
                path.write_bytes(DAMAGES[damage](content))
        yield
    finally:
        for path, content in before.items():
            if path.is_dir():
                path.rmdir()
            path.unlink(missing_ok=True)
            path.write_bytes(content)


@contextmanager
def limited(bytes_: int | None) -> Iterator[None]:
    """No file may grow beyond so many bytes: what a full disk does to whoever writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if bytes_ is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def answered(case: dict[str, Any]) -> dict[str, Any]:
    from engine.cli.main import main

    out, told = io.StringIO(), io.StringIO()
    files = [Path(each) for each in case["files"]]
    with damaged(files, case["damage"]), limited(case["limit"]), redirect_stdout(out), redirect_stderr(told):
        code: int | str
        try:
            code = main(case["arguments"])
        except Exception as error:
            code = f"{type(error).__name__}: {error}"
    return {"code": code, "out": out.getvalue(), "told": told.getvalue()}


if __name__ == "__main__":
    tree, home = sys.argv[1:]
    os.environ["ISOPATH_HOME"] = home
    sys.path.insert(0, tree)
    import engine.settings

    assert Path(tree).resolve() == engine.settings.ROOT, "the copy is what runs"
    json.dump([answered(case) for case in json.load(sys.stdin)], sys.stdout)
