"""Kept journeys: stores, lists and erases them, so that no byte of an erased one remains in the server's files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from engine.answers import Journey
from engine.errors import UsageError
from engine.graph import Graph, Row, Transaction
from engine.store.text_places import FILLING, LENGTH, count_free_places

type_ = TypeVar("type_")
_PLACES: Final = 10_000
"""Minimum number of text records to fill; this also fills a transaction log (`db.tx_log.rotation.size`)."""
_AT_LEAST: Final = 150
"""Minimum number of blank journeys that overwrite freed records."""
_ROUNDS: Final = 5
_WRITTEN: Final = 8.0
"""Seconds until the server's files hold what it wrote: it has a checkpoint every five (engine/server/home.py)."""
_HELD_BACK: Final = 2.0
"""Seconds until the server reuses freed records: it checks every second for transactions that may still read them."""
_AT_ONCE: Final = 100
"""Journeys of one transaction: it may use an eighth of the server's memory, or less."""
_CLEARED: Final = 2_000
"""Nodes that one transaction deletes."""


def persist_journey(graph: Graph, answer: Journey, signs: Mapping[str, float] | None = None) -> None:
    """Stores goal, seed, tracks with their stages, versions, quality and the day; no text of the person.

    With `signs` (scores of emotions, markers and contexts by id) also these, and the rules and measures of each step.
    They reveal the feeling, so they are stored only at the person's request. Texts are never stored: unlike numbers,
    they cannot be overwritten in place.
    """
    measures = {k: v for k, v in asdict(answer.quality).items() if v is not None}
    steps = [
        {
            "position": step.position,
            "stage": step.stage,
            "track_id": step.track_id,
            "rule_ids": [] if signs is None else list(step.rule_ids),
            "measures": {} if signs is None else {"similarity": step.similarity, "cue_fit": step.cue_fit},
        }
        for step in answer.steps
    ]
    made_by = answer.provenance
    models = {
        "emotion_model_sha256": made_by.emotion_model.sha256,
        "embedding_model_sha256": made_by.embedding_model.sha256,
    }
    minutes = sum(step.seconds for step in answer.steps) / 60
    journey = {"id": answer.id, "seed": answer.seed, "goal": answer.goal, "minutes": minutes, **measures}
    journey |= {"liked": True} if made_by.like else {}
    stored: dict[str, Any] = {
        "journey": journey,
        "models": models,
        "day": get_today(),
        "steps": steps,
        "signs": [{"id": id_, "score": score} for id_, score in (signs or {}).items()],
    }
    graph.write(lambda transaction: transaction.rows("kept/keep", **stored))


def get_today() -> date:
    """The local date: the only time that is stored with a journey."""
    return date.today()


def read_journeys(graph: Graph) -> list[Row]:
    """The rows of `kept/journeys`, in the order of planning."""
    return graph.rows("kept/journeys")


def find_journeys(graph: Graph, ids: Sequence[str]) -> list[str]:
    """The ids without repetitions; UsageError for those of no kept journey, which it does not repeat."""
    known = {row["id"] for row in graph.rows("kept/known", ids=list(ids))}
    faults = [
        (f"name {place}", "is the id of no journey that is kept", "`isopath journeys` lists them")
        for place, id_ in enumerate(ids, 1)
        if id_ not in known
    ]
    if faults:
        raise UsageError.of(faults)
    return list(dict.fromkeys(ids))


def find_older(graph: Graph, days: int) -> list[str]:
    """Ids of the journeys that were planned more than `days` days ago."""
    return list(_find_due(graph, days)["ids"])


def erase_expired(graph: Graph, days: int | None) -> int:
    """Erases journeys of more than `days` days ago (None: none), and completes an interrupted erasure.

    Returns the number of expired journeys. The server prunes its transaction log seconds later; nobody waits for that.
    """
    due = _find_due(graph, days)
    if due["ids"] or due["unfilled"] is not None:
        erase_from_graph(graph, due["ids"])
    return len(due["ids"])


def _find_due(graph: Graph, days: int | None = None) -> Row:
    # A date before year 1 is out of range.
    before = None if days is None else get_today() - timedelta(min(days, get_today().toordinal() - 1))
    [row] = graph.rows("kept/due", before=before)
    return row


def erase_from_graph(graph: Graph, ids: Sequence[str]) -> None:
    """Overwrites and deletes journeys, and retired tracks of a listener's own that no other journey holds.

    Neo4j only marks deleted records as free. So ids, days and numbers are first overwritten in place. Freed records
    (relationships) are then filled with blank journeys, twice, since the server reuses records only seconds later. An
    interrupted erasure is completed by `erase_expired` at the next command.
    """
    for part in _split_batches(ids):
        _blank_journeys(graph, part)
    fill_free_places(graph)
    if ids:
        graph.write(
            lambda transaction: [
                transaction.rows("load/lock"),
                transaction.rows("library/remove_tracks", ids=[]),
                transaction.rows("load/remove_works"),
            ]
        )


def fill_free_places(graph: Graph) -> bool:
    """Deletes blank journeys, and fills the records of erased journeys and the transaction log.

    Where texts were erased, this is repeated until no free text record holds another text. False when one does after
    several rounds, or when the server's files are not accessible.
    """
    due = _find_due(graph)
    erased = due["unfilled"] or 0
    _remove_blanks(graph)
    for _ in range(2):
        _write_blanks(graph, 2 * erased, 0)
    filled = not due["texts"] or (graph.files is not None and _fill_texts(graph, graph.files, 2 * erased))
    graph.write(lambda transaction: transaction.rows("kept/filled", journeys=erased))
    return filled


def _fill_texts(graph: Graph, files: Path, journeys: int) -> bool:
    """Whether no free text record holds deleted text. All are filled at once, since the server may take any first."""
    for _ in range(_ROUNDS):
        free, left = _await_free_places(files)
        if not left:
            return True
        _write_blanks(graph, journeys, free)
    return not _await_free_places(files)[1]


def _write_blanks(graph: Graph, journeys: int, places: int) -> None:
    """Writes blank journeys with texts of at least `places` records, and deletes them again."""
    blanks = max(_AT_LEAST, journeys)
    text = FILLING * (LENGTH * (max(_PLACES, places) // blanks + 1))
    time.sleep(_HELD_BACK)
    for part in _split_batches(range(blanks)):
        _create_blanks(graph, len(part), text)
    _remove_blanks(graph)


def _await_free_places(files: Path) -> tuple[int, int]:
    """As `count_free_places`, after the server's next checkpoint."""
    end = time.monotonic() + _WRITTEN
    while (found := count_free_places(files))[1] and time.monotonic() < end:
        time.sleep(0.5)
    return found


def mark_unfinished(graph: Graph) -> None:
    """Marks an erasure as interrupted, so that the next command completes it."""
    graph.write(lambda transaction: transaction.rows("kept/mark", journeys=1, texts=False))


def _blank_journeys(graph: Graph, ids: Sequence[str]) -> None:
    graph.write(
        lambda transaction: [
            transaction.rows("kept/mark", journeys=len(ids), texts=False),
            transaction.rows("kept/blank", ids=ids),
        ]
    )


def _create_blanks(graph: Graph, journeys: int, text: str) -> None:
    graph.write(lambda transaction: transaction.rows("kept/overwrite", journeys=journeys, text=text))


def _remove_blanks(graph: Graph) -> None:
    def clear(transaction: Transaction) -> int:
        [row] = transaction.rows("kept/clear", most=_CLEARED)
        return int(row["cleared"])

    while graph.write(clear):
        pass


def _split_batches(whole: Sequence[type_]) -> Iterator[Sequence[type_]]:
    """Splits a sequence into parts for one transaction each."""
    return (whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE))
