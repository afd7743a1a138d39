"""Reads kept journeys: the list, and one in the form of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bootstrap import Progress
from engine.graph import Row
from engine.settings import Settings
from engine.store.journeys import read_journeys
from engine.store.version import Version
from engine.use_cases.ask_again import make_graph_reader

if TYPE_CHECKING:
    from engine.graph import Graph


def list_journeys(settings: Settings, progress: Progress) -> list[Row]:
    """The rows of `kept/journeys`, in the order of planning."""
    return make_graph_reader(settings, progress)(read_journeys)


def read_journey(graph: Graph, id_: str) -> dict[str, Any] | None:
    """A kept journey in the form of the contract; None for an unknown id.

    What is not stored is null or empty (`complete` is false): reading, rules, reasons, notices, and all texts.
    """
    if (kept := read_kept_row(graph, id_)) is None:
        return None
    rows = {row["id"]: row for row in graph.rows("browse/tracks", ids=[s["track_id"] for s in kept["steps"]])}
    stages: dict[str, list[dict[str, Any]]] = {}
    for step in kept["steps"]:
        track = rows.get(step["track_id"], {})
        stages.setdefault(step["stage"], []).append(
            {
                "position": step["position"],
                "track_id": step["track_id"],
                **{name: track.get(name) for name in ("title", "artist", "seconds", "cues", "valence", "arousal")},
                "similarity": step["similarity"],
                "cue_fit": step["cue_fit"],
                "rule_ids": step["rule_ids"],
                "because": None,
            }
        )
    version, models = kept["version"] or {}, kept["models"]
    names = ("max_step", "mean_step", "monotonicity", "match_error", "target_error", "contracts_met", "share_of_bound")
    return {
        "outcome": "journey",
        "id": kept["id"],
        "seed": kept["seed"],
        "goal": kept["goal"],
        "complete": False,
        "notices": [],
        "reading": None,
        "rules": [],
        "stages": [{"id": stage, "steps": steps} for stage, steps in stages.items()],
        "quality": {name: kept["quality"].get(name) for name in names},
        "provenance": {
            "ontology_version": Version.from_row(version).name if version else None,
            "version": version.get("id"),
            "ontology_sha256": version.get("ontology_sha256"),
            "emotion_model": {"name": None, "sha256": models.get("emotion_model_sha256")},
            "embedding_model": {"name": version.get("embedding_model"), "sha256": models.get("embedding_model_sha256")},
            **({"like": True} if kept["liked"] else {}),
        },
    }


def read_kept_reading(graph: Graph, id_: str) -> dict[str, Any] | None:
    """The signs, and the rules of each step, where they were stored at the person's request; else None."""
    kept = read_kept_row(graph, id_)
    if kept is None or not kept["signs"]:
        return None
    steps = [{name: step[name] for name in ("position", "stage", "track_id", "similarity", "cue_fit", "rule_ids")}
             for step in kept["steps"]]  # fmt: skip
    return {"complete": False, "signs": kept["signs"], "tracks": steps}


def read_kept_row(graph: Graph, id_: str) -> Row | None:
    """The row of `kept/journey`; None for an unknown id."""
    return next(iter(graph.rows("kept/journey", id=id_)), None)
