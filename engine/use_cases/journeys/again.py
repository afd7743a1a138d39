"""A kept journey again: the same tracks in the same order, with what can still be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.answers import Journey, ModelVersion, Notice, Provenance
from engine.bootstrap import Progress
from engine.errors import NoJourney
from engine.explaining.sentences import Purport
from engine.explaining.steps import make_stages
from engine.explaining.words import Words
from engine.journey import Candidate, Quality, Reading, Waypoint
from engine.settings import Settings
from engine.store.journeys import find_journeys
from engine.use_cases.ask_again import make_graph_reader

if TYPE_CHECKING:
    from engine.graph import Graph, Row

NOTHING_KEPT = Reading("neutral", "not_run", {}, (), 0.0, 0.0)
"""What was felt is not told again, even where it is kept."""


def read_journey_again(
    settings: Settings, spoken: Mapping[str, Any], id_: str, language: str | None, progress: Progress
) -> Journey:
    """The kept journey of this id, told anew; UsageError where none is. Tracks that are gone are left out, and named.

    `spoken`: what `extract_words` made. `language`: None is the one in which it was answered.

    What is not kept is empty: the reading, the rules as they were then, and what was asked of each track.
    """

    def read(graph: Graph) -> Journey:
        [kept] = graph.rows("kept/journey", id=find_journeys(graph, [id_])[0])
        tracks = {row["id"]: row for row in graph.rows("browse/tracks", ids=[s["track_id"] for s in kept["steps"]])}
        return make_journey_again(Words.choose(spoken, language or kept["language"]), kept, tracks)

    return make_graph_reader(settings, progress)(read)


def make_journey_again(words: Words, kept: Row, tracks: dict[str, Row]) -> Journey:
    """A row of `kept/journey` as a journey; `tracks` are rows of `browse/tracks` by id."""
    there = [step for step in kept["steps"] if _is_measured(tracks.get(step["track_id"]))]
    if not there:
        raise NoJourney("journey", "none of its tracks is known any more", "Plan a new journey")
    picks = [_make_candidate(step, tracks[step["track_id"]]) for step in there]
    way = [
        Waypoint(p.waypoint, s["stage"], 0, 0.0, 0.0, 0.0, {}, {}, (), 0.0) for p, s in zip(picks, there, strict=True)
    ]
    goal = words.name("goals", kept["goal"])
    titles = {step["track_id"]: (tracks.get(step["track_id"]) or {}).get("title") for step in kept["steps"]}
    gone = [titles[step["track_id"]] or step["track_id"] for step in kept["steps"] if step not in there]
    return Journey(
        kept["id"],
        kept["seed"],
        kept["goal"],
        NOTHING_KEPT,
        (),
        _make_provenance(kept),
        notices=(Notice("tracks-gone", words.say("again-gone", titles=words.join(gone))),) if gone else (),
        stages=make_stages(words, Purport(kept["goal"], None, None), way, picks),
        quality=Quality(**{name: kept["quality"].get(name) or 0.0 for name in Quality.__slots__}),
        opening=words.say("again", day=kept["day"], goal=goal),
        language=words.language,
    )


def _is_measured(track: Row | None) -> bool:
    return track is not None and track["plays"] and None not in track["cues"].values()


def _make_candidate(step: Row, track: Row) -> Candidate:
    return Candidate(
        step["position"],
        step["track_id"],
        track["work_id"],
        track["artist_id"],
        step["similarity"] or 0.0,
        0.0,
        track["seconds"],
        track["cues"],
        track["valence"],
        track["arousal"],
        tuple(step["rule_ids"]),
        track["title"],
        track["artist"] or "",
        instrument=track["instrument"] or "",
    )


def _make_provenance(kept: Row) -> Provenance:
    version, models = kept["version"] or {}, kept["models"]
    return Provenance(
        version.get("version_info") or "",
        version.get("id") or "",
        version.get("ontology_sha256") or "",
        ModelVersion("", models.get("emotion_model_sha256") or ""),
        ModelVersion(version.get("embedding_model") or "", models.get("embedding_model_sha256") or ""),
        "",
        kept["liked"],
    )
