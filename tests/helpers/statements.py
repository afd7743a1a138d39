"""Statements that an analyst's door is tried with: hostile ones, and honest ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

from engine.graph.statement import find_statement_faults
from engine.settings import ROOT

DATA = ROOT / "tests" / "data"
BOMBS = {"planning", "memory", "cells", "regexes", "paths"}
"""Kinds that are to use up time or memory; the others are to write, read or reveal."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A statement that nobody should be able to run."""

    number: int
    kind: str
    why: str
    text: str

    @classmethod
    def read(cls, number: int, line: str) -> Self:
        """One line of tests/data/hostile.jsonl: a statement is a text, or parts, of which [text, n] is said n times."""
        case = json.loads(line)
        parts = [case["statement"]] if isinstance(case["statement"], str) else case["statement"]
        text = "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts)
        return cls(number, case["kind"], case["why"], text)


HOSTILE = [Hostile.read(*line) for line in enumerate((DATA / "hostile.jsonl").read_text("utf-8").splitlines(), 1)]
HONEST: list[str] = [json.loads(line) for line in (DATA / "honest.jsonl").read_text("utf-8").splitlines()]
PASSING = [case for case in HOSTILE if case.kind in BOMBS and not find_statement_faults(case.text, {})]
"""Bombs that the server is given, because it can stop them."""
