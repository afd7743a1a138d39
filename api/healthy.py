"""`python -m api.healthy [ready]` exits 0 while the service of this container lives, or can plan journeys."""

from __future__ import annotations

import sys
from http.client import HTTPConnection
from typing import Final

PORT: Final = 8321
"""Where the service listens unless it is told otherwise. Here, so that asking imports nothing of it."""


def healthy(port: int, what: str = "health") -> bool:
    """Whether `GET /v1/health` (or `ready`) is answered with 200 within two seconds."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", f"/v1/{what}")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy(PORT, *sys.argv[1:2]) else 1)
