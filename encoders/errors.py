"""The root of all errors, and those of the encoders; `engine/errors.py` draws the whole tree.

Imports no numpy, so that an error can be shown without loading anything else.
"""

from collections.abc import Sequence
from typing import ClassVar, Self


class IsopathError(Exception):
    """A fault with its place and its repair; `str` is the message, `code` and `exit_code` are for machines."""

    code: ClassVar[str] = "isopath"
    exit_code: ClassVar[int] = 6

    def __init__(self, place: str, fault: str, repair: str) -> None:
        super().__init__(place, fault, repair)
        self.place = place
        self.fault = fault
        self.repair = repair
        self.others: tuple[IsopathError, ...] = ()
        """Further faults that were found at the same time."""
        self.patterns: tuple[str, str] | None = None
        """Ids of the patterns (ontology/words.owl) that say fault and repair in a person's language."""
        self.slots: dict[str, str] = {}
        """What stands in their slots."""

    def set_patterns(self, fault: str, repair: str, **slots: str) -> Self:
        """The error, with the patterns that say it in a person's language."""
        self.patterns, self.slots = (fault, repair), slots
        return self

    @classmethod
    def of(cls, faults: Sequence[tuple[str, str, str]]) -> Self:
        """One error for several faults, each (place, fault, repair); at least one is needed."""
        first, *others = [cls(*fault) for fault in faults]
        first.others = tuple(others)
        return first

    @property
    def message(self) -> str:
        """Place and fault of each, a line each, without the repairs: what `--json` shows as `message`."""
        return "\n".join(f"{error.place}: {_sentence(error.fault)}" for error in self._list_faults())

    @property
    def repairs(self) -> str:
        """The repairs, a line each: what `--json` shows as `repair`."""
        return "\n".join(dict.fromkeys(_sentence(error.repair) for error in self._list_faults()))

    def __str__(self) -> str:
        return "\n".join(
            f"{error.place}: {_sentence(error.fault)} {_sentence(error.repair)}" for error in self._list_faults()
        )

    def _list_faults(self) -> "tuple[IsopathError, ...]":
        return (self, *self.others)


class InputError(IsopathError):
    """An input cannot be used: the caller can act."""

    exit_code = 2


class Unavailable(IsopathError):
    """A needed resource is not available: the operator can act."""

    exit_code = 6


class ScoreUnreadable(InputError):
    """A piece of music cannot be read, or may not be used: the owner of the file can act."""

    code = "usage"


class EncoderUnavailable(Unavailable):
    """A model is missing, damaged, or not the one that was asked for."""

    code = "encoder_unavailable"


def _sentence(text: str) -> str:
    """The text with one full stop at its end, and none added after a mark that ends a sentence already."""
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."
