"""Everything that can go wrong, sorted by who can act on it.

IsopathError
├── UsageError          caller          a wrong option, an unreadable text              exit 2
├── OntologyError       rule author     a fault in ontology/                            exit 2
├── CatalogueError      catalogue       a table, a score, a vector file that does not fit  exit 2
├── QueryError          developer       a statement in cypher/ that breaks its promise  exit 6
├── GraphUnavailable    operator        no Neo4j, or not ours, or not let in            exit 6
├── EncoderUnavailable  operator        a model is missing or is not the one expected   exit 6
└── NoJourney           caller          the rules leave no music                        exit 5

A message has three parts: the place, the fault, the repair. A person's words are in none of them.
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
        """Faults that were found together with this one."""

    @classmethod
    def of(cls, faults: Sequence[tuple[str, str, str]]) -> Self:
        """One error that tells of every (place, fault, repair) at once; at least one is needed."""
        first, *others = [cls(*fault) for fault in faults]
        first.others = tuple(others)
        return first

    @property
    def message(self) -> str:
        """Place and fault of each, a line each, without the repairs: what `--json` shows as `message`."""
        return "\n".join(f"{error.place}: {_sentence(error.fault)}" for error in self._together())

    @property
    def repairs(self) -> str:
        """The repairs, a line each: what `--json` shows as `repair`."""
        return "\n".join(dict.fromkeys(_sentence(error.repair) for error in self._together()))

    def __str__(self) -> str:
        return "\n".join(
            f"{error.place}: {_sentence(error.fault)} {_sentence(error.repair)}" for error in self._together()
        )

    def _together(self) -> "tuple[IsopathError, ...]":
        return (self, *self.others)


class UsageError(IsopathError):
    """The request itself: an option, a number, a text that cannot be read."""

    code = "usage"
    exit_code = 2


class OntologyError(IsopathError):
    """A file in ontology/ says something that cannot hold."""

    code = "ontology"
    exit_code = 2


class CatalogueError(IsopathError):
    """A table, a score or a vector file that does not fit the others."""

    code = "catalogue"
    exit_code = 2


class QueryError(IsopathError):
    """A statement in cypher/ that does not keep the promise in its first lines."""

    code = "query"
    exit_code = 6


class GraphUnavailable(IsopathError):
    """Neo4j cannot be started, reached or entered."""

    code = "graph_unavailable"
    exit_code = 6


class EncoderUnavailable(IsopathError):
    """A model is missing, or is not the one its card names."""

    code = "encoder_unavailable"
    exit_code = 6


class NoJourney(IsopathError):
    """The rules that hold leave no music for this request."""

    code = "no_journey"
    exit_code = 5


def _sentence(text: str) -> str:
    """The text with one full stop at its end, and none added after a mark that ends a sentence already."""
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."
