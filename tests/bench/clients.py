"""Clients that ask a service without a pause, in a process of their own: `python -m tests.bench.clients PORT COUNT
SECONDS BODY` prints `[[status, milliseconds], ...]`."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from engine.settings import ROOT

Asked = list[tuple[int, float]]
"""Of every request its status and its milliseconds."""


def crowd(port: int, clients: int, seconds: float, body: str) -> Asked:
    """What so many clients saw, who did not take the service's own process for their work."""
    command = [sys.executable, "-m", "tests.bench.clients", str(port), str(clients), str(seconds), body]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return [(status, spent) for status, spent in json.loads(done.stdout)]


def asking(ask: Callable[[], int], clients: int, seconds: float) -> Asked:
    """What so many threads saw, each of which asks again as soon as it was answered."""
    end = time.monotonic() + seconds

    def one(_: int) -> Asked:
        answers = []
        while time.monotonic() < end:
            answers.append(timed(ask))
        return answers

    with ThreadPoolExecutor(clients) as threads:
        return [answer for some in threads.map(one, range(clients)) for answer in some]


def timed(ask: Callable[[], int]) -> tuple[int, float]:
    began = time.perf_counter()
    status = ask()
    return status, 1000 * (time.perf_counter() - began)


class Client:
    """One connection that stays open. Thinner than a client of a library: the service is measured, and not that."""

    def __init__(self, port: int, body: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._body = body.encode()

    def __call__(self) -> int:
        self._connection.request("POST", "/v1/journeys", self._body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


def main(port: int, count: int, seconds: float, body: str) -> None:
    free = [Client(port, body) for _ in range(count)]

    def ask() -> int:
        client = free.pop()
        try:
            return client()
        finally:
            free.append(client)

    print(json.dumps(asking(ask, count, seconds)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
