"""Starts the service: on which address, with how many workers, and whether it may."""

from __future__ import annotations

import ipaddress
import logging
import multiprocessing
import os
import signal
import socket
from dataclasses import dataclass
from threading import Thread

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.access import Access
from api.app import create_app
from api.connections import PatientProtocol
from api.healthy import PORT
from api.observing import log_lines
from api.service import Service
from engine.application import Application
from engine.errors import UsageError
from engine.keys import Keyring
from engine.settings import Settings

_LOG = logging.getLogger("api")
_GRACE = 20
"""Seconds that requests under way have to end when the service is stopped."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens."""

    host: str = "127.0.0.1"
    port: int = PORT
    workers: int = 1

    def __post_init__(self) -> None:
        faults = []
        if not 0 <= self.port < 2**16:
            faults.append(("--port", "is no port", "Give 1 to 65535, or 0 for any that is free"))
        if not 1 <= self.workers <= 64:
            faults.append(("--workers", "is no number of workers", "Give 1 to 64"))
        if faults:
            raise UsageError.of(faults)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            found = {each[4][0] for each in socket.getaddrinfo(self.host, self.port or None)}
            return bool(found) and all(ipaddress.ip_address(str(each).partition("%")[0]).is_loopback for each in found)
        except (OSError, ValueError):
            raise UsageError("--host", "is no address of this machine", "Give 127.0.0.1, or 0.0.0.0 for all") from None


def serve(settings: Settings, address: Address) -> None:
    """Answers requests until it is told to stop (SIGTERM, SIGINT), then ends those under way.

    UsageError on an address that other machines reach while there is no key.
    """
    keys = Keyring(settings.home)
    if not address.is_loopback and not keys:
        repair = "Run `isopath key create NAME --scope journeys`, or listen on 127.0.0.1"
        raise UsageError("--host", "other machines reach it, and there is no key", repair)
    level = settings.log or "INFO"
    log_lines(level)
    allows = "only what each key opens" if keys else "everything to everybody on this machine, as there is no key"
    _LOG.info("serving", extra={"facts": {"host": address.host, "port": address.port, "allows": allows}})
    config = uvicorn.Config(
        Made(settings, address, not address.is_loopback), factory=True, host=address.host, port=address.port,
        workers=address.workers, access_log=False, log_config=None, server_header=False, lifespan="on", ws="none",
        timeout_graceful_shutdown=_GRACE, timeout_keep_alive=15, proxy_headers=False, http=PatientProtocol,
        h11_max_incomplete_event_size=32_768,
    )  # fmt: skip
    if address.workers == 1:
        uvicorn.Server(config).run()
    else:
        # Not by `uvicorn.run`: its workers import a module, which could not be told the settings.
        Multiprocess(config, [config.bind_socket()]).run()


@dataclass(frozen=True, slots=True)
class Made:
    """Makes the application of one process; it travels to the workers."""

    settings: Settings
    address: Address
    needs_key: bool

    def __call__(self) -> FastAPI:
        Thread(target=_end_with_supervisor, daemon=True).start()
        log_lines(self.settings.log or "INFO")
        application = Application(self.settings, lambda line: _LOG.info("%s", line))
        access = Access(Keyring(self.settings.home), self.needs_key, 1 / self.address.workers)
        return create_app(Service(application, access))


def _end_with_supervisor() -> None:
    """Stops this worker once the process that started it is gone: one that was killed ends none of its workers."""
    if (supervisor := multiprocessing.parent_process()) is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
