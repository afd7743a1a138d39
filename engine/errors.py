"""All errors, sorted by who can act on them.

IsopathError
├── InputError              what was given cannot be used                                       exit 2
│   ├── UsageError          caller          a wrong option, an unreadable text
│   ├── OntologyError       rule author     a fault in ontology/
│   ├── CatalogueError      catalogue       a table or a vector file that does not fit
│   └── ScoreUnreadable     caller          a score or a recording that cannot be read
├── Unavailable             what is needed is not there                                         exit 6
│   ├── GraphUnavailable    operator        no Neo4j, or not ours, or not let in
│   ├── EncoderUnavailable  operator        a model is missing or is not the one expected
│   └── SoundUnavailable    caller          the machine has no device to play sound by
├── QueryError              developer       a statement in cypher/ that breaks its promise      exit 6
└── NoJourney               caller          the rules leave no music                            exit 5

A message has three parts: place, fault, repair. It never contains a person's words. The root and the errors of encoders
are defined in `encoders/errors.py`, since encoders do not import the engine.
"""

from encoders.errors import EncoderUnavailable as EncoderUnavailable
from encoders.errors import InputError as InputError
from encoders.errors import IsopathError as IsopathError
from encoders.errors import ScoreUnreadable as ScoreUnreadable
from encoders.errors import Unavailable as Unavailable


class UsageError(InputError):
    """The request itself: an option, a number, a text that cannot be read."""

    code = "usage"


class OntologyError(InputError):
    """A file in ontology/ is invalid."""

    code = "ontology"


class CatalogueError(InputError):
    """A table, a score or a vector file that does not fit the others."""

    code = "catalogue"


class QueryError(IsopathError):
    """A statement in cypher/ that does not match the header in its first lines."""

    code = "query"
    exit_code = 6


class GraphUnavailable(Unavailable):
    """Neo4j cannot be started, reached or entered."""

    code = "graph_unavailable"


class SoundUnavailable(Unavailable):
    """There is nothing to play sound by."""

    code = "sound_unavailable"


class NoJourney(IsopathError):
    """The rules that hold leave no music for this request."""

    code = "no_journey"
    exit_code = 5
