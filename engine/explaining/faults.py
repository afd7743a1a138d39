"""Faults of planning in the language of whoever asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import IsopathError
from engine.explaining.words import Words


@contextmanager
def localise_faults(words: Words) -> Iterator[None]:
    """Within it, an error that patterns speak of is raised in their words."""
    try:
        yield
    except IsopathError as error:
        if error.patterns is None:
            raise
        fault, repair = (words.say(pattern, **error.slots) for pattern in error.patterns)
        if rules := error.slots.get("rules"):
            fault = words.say("fault-under", fault=fault, rules=rules)
        raise type(error)(error.place, fault, repair) from error
