"""The server's transaction logs, which contain erased data until the server prunes them."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Final

from engine.server.home import DATABASE, Home
from engine.settings import Settings

_SECONDS: Final = 60.0
"""A checkpoint comes every few seconds (`db.checkpoint.interval.time`); one on a busy disk takes longer."""


def wait_for_pruning(settings: Settings) -> bool:
    """Waits up to a minute until the local server has pruned every log but the last two; whether it has."""
    logs = Home.at(settings.home).root / "data" / "transactions" / DATABASE
    kept, end = _list_numbers(logs)[-2:], time.monotonic() + _SECONDS
    while any(number < kept[0] for number in _list_numbers(logs)):
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _list_numbers(logs: Path) -> list[int]:
    return sorted(
        int(found[1])
        for path in logs.iterdir()
        if (found := re.fullmatch(r"neostore\.transaction\.db\.(\d+)", path.name))
    )
