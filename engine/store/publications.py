"""What was published: a list that only grows, in the graph, each entry sealed together with the one before it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from engine.errors import UsageError
from engine.graph import QueryRunner, Transaction
from engine.publishing.sources import Sources

if TYPE_CHECKING:
    from engine.graph import Graph

Kind = Literal["shipped", "published", "rolled back"]


@dataclass(frozen=True, slots=True)
class Publication:
    """One entry: from then on this version served."""

    position: int
    """1 is the first."""
    number: int
    """Of the version: the same files have the same number, however often they serve."""
    kind: Kind
    by: str
    why: str
    at: datetime
    ontology_sha256: str
    changes: tuple[str, ...]
    """Against what served before, in sentences."""
    seal: str = ""

    def seal_after(self, before: str) -> Publication:
        """The same with the hash over it and over the seal of the entry before."""
        said = asdict(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="seconds"), "seal": before}
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return replace(self, seal=hashlib.sha256(text.encode()).hexdigest())


def read_publications(answers: QueryRunner) -> tuple[Publication, ...]:
    """All entries, first first."""
    rows = answers.rows("authoring/publications")
    return tuple(Publication(**{**row, "changes": tuple(row["changes"])}) for row in rows)


def find_broken_seals(entries: Sequence[Publication]) -> tuple[int, ...]:
    """Positions of entries that were changed after they were written, or from before which one was taken out."""
    before = ["", *(entry.seal for entry in entries)]
    return tuple(e.position for e, seal in zip(entries, before, strict=False) if e.seal_after(seal).seal != e.seal)


def make_publication(
    entries: Sequence[Publication], kind: Kind, sha256: str, by: str, why: str, changes: Sequence[str]
) -> Publication:
    """The entry that makes these files serve; a version that served before keeps its number."""
    known = {entry.ontology_sha256: entry.number for entry in entries}
    number = known.get(sha256, max(known.values(), default=0) + 1)
    now = datetime.now(UTC).replace(microsecond=0)
    last = entries[-1].seal if entries else ""
    return Publication(len(entries) + 1, number, kind, by, why, now, sha256, tuple(changes)).seal_after(last)


def record_publication(transaction: Transaction, publication: Publication, sources: Sources) -> None:
    """Adds an entry, with the files of its version, if nothing was published since the entry was made.

    UsageError where something was: two people publish at once, and the second has not seen what the first changed. What
    ships is the same for everybody, so that an entry of it which is there already is enough.
    """
    entries = read_publications(transaction)
    if publication.kind == "shipped" and entries and entries[-1].ontology_sha256 == publication.ontology_sha256:
        return
    if len(entries) != publication.position - 1:
        last = entries[-1]
        raise UsageError(
            "publish",
            f"version {last.number} was {last.kind} meanwhile by {last.by} ({last.why}); yours was not published",
            "See what differs now (`isopath ontology diff`), bring their change into your files, and publish again",
        )
    said = asdict(publication) | {"changes": list(publication.changes)}
    transaction.rows("authoring/publish", publication=said, packed=base64.b64encode(sources.pack()).decode())


def read_published_sources(graph: Graph, number: int) -> Sources:
    """The files of a version; UsageError when there is none of this number."""
    rows = graph.rows("authoring/sources", number=number)
    if not rows:
        known = ", ".join(str(number) for number in sorted({entry.number for entry in read_publications(graph)}))
        raise UsageError("version", f"{number} was never published", f"Choose from: {known or 'none yet'}")
    return Sources.unpack(base64.b64decode(rows[0]["packed"]), f"version {number}")
