"""Journeys that are kept: what is stored of one, the list of them, and how one is erased so that no byte stays."""

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
"""Places of texts that are filled at least: they fill a transaction log (`db.tx_log.rotation.size`) as well."""
_AT_LEAST: Final = 150
"""Journeys written over what was freed."""
_ROUNDS: Final = 5
_WRITTEN: Final = 8.0
"""Seconds after which a server's files hold what it wrote: it writes all down every five (engine/server/home.py)."""
_HELD_BACK: Final = 2.0
"""Seconds after which a server hands out freed places again: it looks every second for who may still read them."""
_AT_ONCE: Final = 100
"""Journeys that one transaction writes: a server gives it an eighth of its own memory, or less."""
_CLEARED: Final = 2_000
"""Nodes that one transaction takes out."""


def persist_journey(graph: Graph, answer: Journey, signs: Mapping[str, float] | None = None) -> None:
    """Stores goal, seed, tracks in their stages, versions, quality and the day; nothing of what the person wrote.

    With `signs` (ids of emotions, markers and contexts, and their scores) those too, and for each step its rules and
    its measures: they tell what was felt, so they are kept only where the person asked for that. Never a text: unlike a
    number, it cannot be written over where it stands.
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
    """The day where the person is: the finest clock that a kept journey has."""
    return date.today()


def read_journeys(graph: Graph) -> list[Row]:
    """A row of `kept/journeys` for each, in the order in which they were planned."""
    return graph.rows("kept/journeys")


def find_journeys(graph: Graph, ids: Sequence[str]) -> list[str]:
    """The ids, each once; UsageError when one of them is no kept journey. What was named is not repeated."""
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
    """Ids of the journeys that were planned more than so many days ago."""
    return list(_find_due(graph, days)["ids"])


def erase_expired(graph: Graph, days: int | None) -> int:
    """Erases journeys of more than so many days ago (none where it is None), and what an erasing that broke off left.

    How many. The server lets its transaction log go a few seconds later, and nobody waits for it.
    """
    due = _find_due(graph, days)
    if due["ids"] or due["unfilled"] is not None:
        erase_from_graph(graph, due["ids"])
    return len(due["ids"])


def _find_due(graph: Graph, days: int | None = None) -> Row:
    # No calendar reaches back as far as a person may say.
    before = None if days is None else get_today() - timedelta(min(days, get_today().toordinal() - 1))
    [row] = graph.rows("kept/due", before=before)
    return row


def erase_from_graph(graph: Graph, ids: Sequence[str]) -> None:
    """Writes over the journeys, then takes them out, with their own tracks that nothing else plays any more.

    A server only marks what it deletes as free: ids, days and numbers are written over in place first, and what it
    gave up (links) is filled with blank journeys, twice, since places are free again seconds after. If it breaks off,
    `expire` ends it at the next command.
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
    """Clears what is blank, and fills the places of the journeys that are marked as erased, and the transaction log.

    Where texts of theirs went too, it goes on until the server's file of texts holds no other text in a free place.
    False when it does after several rounds, or when the file is not ours to look into.
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
    """Whether no free place of texts holds another text any more. All are filled at once: a server begins anywhere."""
    for _ in range(_ROUNDS):
        free, left = _await_free_places(files)
        if not left:
            return True
        _write_blanks(graph, journeys, free)
    return not _await_free_places(files)[1]


def _write_blanks(graph: Graph, journeys: int, places: int) -> None:
    """Writes blank journeys, with texts of at least so many places, and takes them out again."""
    blanks = max(_AT_LEAST, journeys)
    text = FILLING * (LENGTH * (max(_PLACES, places) // blanks + 1))
    time.sleep(_HELD_BACK)
    for part in _split_batches(range(blanks)):
        _create_blanks(graph, len(part), text)
    _remove_blanks(graph)


def _await_free_places(files: Path) -> tuple[int, int]:
    """As `free_places`, once the server has written down what it holds in memory."""
    end = time.monotonic() + _WRITTEN
    while (found := count_free_places(files))[1] and time.monotonic() < end:
        time.sleep(0.5)
    return found


def mark_unfinished(graph: Graph) -> None:
    """Marks an erasing as one that broke off, so that the next command goes on with it."""
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
    """The whole in parts that one transaction has the memory for."""
    return (whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE))
