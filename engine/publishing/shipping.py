"""Puts the ontology that ships aside, as version 1 of every home; its hashes are known from then on.

python -m engine.publishing.shipping    writes it; a test compares it with ontology/
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from engine.errors import OntologyError
from engine.publishing.sources import Sources
from engine.settings import ONTOLOGY_DIR, SEED_DIR

ARCHIVE: Final = SEED_DIR / "ontology.tar.xz"
CARD: Final = SEED_DIR / "ontology.json"
"""{sha256, modules: {file: sha256}}"""


@cache
def read_shipped_sha256() -> str:
    """The hash of the ontology that ships, without unpacking it."""
    return str(_read_card()["sha256"])


def read_shipped() -> Sources:
    """The ontology that ships, whatever was edited since; OntologyError where the archive is not as it was shipped."""
    sources = Sources.unpack(ARCHIVE.read_bytes(), f"seed_data/{ARCHIVE.name}")
    if sources.sha256 != read_shipped_sha256():
        raise OntologyError(
            f"seed_data/{ARCHIVE.name}", "is not what was shipped", "Restore it; edit ontology/ instead"
        )
    return sources


def make_card(sources: Sources) -> str:
    """The content of `ontology.json` for these files."""
    modules = {name: sha256(content).hexdigest() for name, content in sorted(sources.modules.items())}
    return json.dumps({"sha256": sources.sha256, "modules": modules}, indent=2) + "\n"


def ship(folder: Path = ONTOLOGY_DIR) -> None:
    """Writes archive and card anew."""
    sources = Sources.read(folder)
    ARCHIVE.write_bytes(sources.pack())
    CARD.write_text(make_card(sources), "utf-8")


def _read_card() -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads(CARD.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise OntologyError(f"seed_data/{CARD.name}", "cannot be read", "Restore it") from exc
    return card


if __name__ == "__main__":
    ship()
