"""Asks a second time where the local server was started anew while it was asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from engine.bootstrap import Progress
from engine.settings import Settings

type_ = TypeVar("type_")
_LOG = logging.getLogger(__name__)


def ask_again(settings: Settings, progress: Progress, ask: Callable[[], type_]) -> type_:
    """What `ask` returns; asked once more when the local server was started anew meanwhile.

    Another command may have had to: `isopath query`, for a statement that the server could not end. Only for what reads
    for a few seconds: a statement that took the server down would do so again, and half an ingest is no whole one.
    `ask` opens its own graph, since the connection went with the server.
    """
    from engine.graph import Gone

    try:
        return ask()
    except Gone:
        if settings.neo4j_uri is not None:
            raise
    _LOG.warning("the local server went away and is asked again")
    progress("the server went away; asking again")
    return ask()
