"""A table as Markdown has it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Section = Mapping[str, Any]
"""Figures of one measurement, by name."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join("none" if cell is None else str(cell) for cell in row) + " |"
