"""Another program on this machine, while a server starts for the first time."""

import threading
from pathlib import Path

from neo4j.exceptions import AuthError, DriverError, Neo4jError

from engine.errors import GraphUnavailable
from engine.graph.driver import open_driver
from engine.server import ServerConnection
from engine.server.home import DATABASE, HOST, USER, Home

DEFAULT = "neo4j"
"""The password that every Neo4j begins with when nobody gave it another."""


class Watcher:
    """Tries the default password wherever the home's server may listen."""

    def __init__(self, root: Path) -> None:
        self._home = Home.at(root)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.refused = 0
        self.let_in = False
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            if (port := self._home.read_port()) is None:
                continue  # Its certificate is made before its port is chosen.
            try:
                stranger = ServerConnection(f"bolt://{HOST}:{port}", USER, DEFAULT, DATABASE, self._home.certificate)
                with open_driver(stranger, connection_timeout=1, max_transaction_retry_time=0) as driver:
                    driver.execute_query("RETURN 1", database_=DATABASE)
                self.let_in = True
            except AuthError:
                self.refused += 1
            except (DriverError, GraphUnavailable):
                pass  # There is nobody yet.
            except Neo4jError:
                self.let_in = True  # Such as: the password is right, and has to be changed first.
