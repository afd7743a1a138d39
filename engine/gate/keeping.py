"""Stores the compiled gate; loads the home's last good one, else the bundled one, when the ontology gives none.

No fault of an ontology file, a disk or a stored file may prevent help: loading never raises, and a gate is used only
after it has caught the sentences that every gate must catch.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import IsopathError
from engine.files import read_sealed, write_sealed
from engine.gate.checking import Gate
from engine.gate.shipped import build_last_resort_gate, load_shipped_gate

COMPILED = "compiled.json"
"""The gate and the meaning of labels, compiled from the ontology when it was last read."""
LAST_GOOD = "gate.json"
"""A second copy of the gate, in case the first is damaged."""

MUST_CATCH = (
    "I want to kill myself",
    "I am going to end my life tonight",
    "I am suicidal",
    "I want to die",
    "I keep cutting myself",
    "我想自杀",
    "我不想活了",
    "我想死",
)
MUST_PASS = ("I have an exam tomorrow and I can't stop worrying", "Thank you, I am happy today", "今天我很开心")


def is_sound(gate: Gate) -> bool:
    """Whether a gate catches `MUST_CATCH`, has a message and lines for each, and lets `MUST_PASS` pass."""
    silent = replace(gate, home=None)
    found = [silent.check(text) for text in MUST_CATCH]
    if not all(each.hit for each in found) or any(silent.check(text).hit for text in MUST_PASS):
        return False
    return all(shown["message"] and shown["lines"] for shown in (silent.support(each, None) for each in found))


def save_gate(home: Path, known: Mapping[str, Any]) -> None:
    """Writes the compiled value, and a second copy of its gate. IsopathError when either cannot be written."""
    faults = []
    for name, content in ((COMPILED, known), (LAST_GOOD, {"gate": known["gate"]})):
        try:
            write_sealed(home / name, content)
        except IsopathError as fault:
            faults.append(fault)
    if faults:
        raise faults[0]


def load_fallback_gate(home: Path | None) -> Gate:
    """The best gate that can be loaded without the ontology, maybe an older one; it counts in `home`. Never raises."""
    kept: list[Callable[[], Gate]] = (
        [partial(_read_gate, home / name) for name in (COMPILED, LAST_GOOD)] if home else []
    )
    for make in [*kept, load_shipped_gate]:
        with suppress(Exception):
            gate = replace(make(), home=home)
            if is_sound(gate):
                return gate
    return replace(build_last_resort_gate(), home=home)


def _read_gate(path: Path) -> Gate:
    return Gate.from_json(read_sealed(path)["gate"])
