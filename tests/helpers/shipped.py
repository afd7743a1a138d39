"""What this repository ships, read once by each process that tests. Nobody changes it."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from engine.bootstrap import load_compiled
from engine.files import read_sealed
from engine.gate.keeping import COMPILED, LAST_GOOD
from engine.rules import Ontology
from engine.server.storage import hold_lock
from engine.settings import ONTOLOGY_DIR, Settings


@cache
def shipped_ontology() -> Ontology:
    return Ontology.read(ONTOLOGY_DIR)


@cache
def compiled_gate() -> dict[str, Any]:
    """The crisis gate of ontology/, as a home keeps it."""
    gate: dict[str, Any] = read_sealed(_compile_once() / COMPILED)["gate"]
    return gate


def put_gate(home: Path) -> None:
    """Puts the compiled gate into a home, where its first command would put it after some seconds."""
    home.mkdir(parents=True, exist_ok=True)
    for name in (COMPILED, LAST_GOOD):
        shutil.copyfile(_compile_once() / name, home / name)


@cache
def _compile_once() -> Path:
    """The folder of the compiled gate, one for all processes of a test run."""
    place = Path(os.environ.get("ISOPATH_TEST_HOME") or tempfile.mkdtemp(prefix="isopath-gate-")) / "gate"
    place.mkdir(parents=True, exist_ok=True)
    with hold_lock(place / "lock", "another process compiles the gate", lambda _: None):
        if fault := load_compiled(Settings(home=place, cache=place), lambda _: None).fault:
            raise fault
    return place
