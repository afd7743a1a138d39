"""Logs to standard error at the level of ISOPATH_LOG."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from engine.request_id import RequestIdFilter

_PACKAGES = ("engine", "encoders")
"""Packages whose records are shown: those of other libraries may hold a person's text."""


@contextmanager
def log_to_stderr(level: str | None) -> Iterator[None]:
    """Shows records of our packages from this level upwards; none when the level is None."""
    if level is None:
        yield
        return
    handler = logging.StreamHandler()
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s [%(request_id)s] %(message)s"))
    loggers = [logging.getLogger(package) for package in _PACKAGES]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(level)
    try:
        yield
    finally:
        for logger, usual in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(usual)
