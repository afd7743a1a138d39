"""Fills the templates of pictures and pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _make_environment() -> Environment:
    # Imported here because most commands draw nothing.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def fill_template(template: str, **values: object) -> str:
    """The template filled with the values, escaped; a missing value is an error."""
    return _make_environment().get_template(template).render(**values)
