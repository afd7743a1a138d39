"""The picture of a saved journey and the page that plays it, from the answer that is saved beside them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from engine.drawing.page import ShownRule, ShownTrack, write_page
from engine.drawing.picture import PlottedStep, draw_journey
from engine.export.audio import Sounding
from engine.export.playlists import SavedStep


def page_and_picture(
    steps: Sequence[SavedStep], soundings: Sequence[Sounding], answer: Mapping[str, Any], title: str
) -> dict[str, str]:
    """File name -> text: `journey.svg`, and `journey.html`, whose sounds lie beside it under `audio/`."""
    planned = {step["position"]: step for stage in answer["stages"] for step in stage["steps"]}
    tracks = [
        ShownTrack(plotted(step, planned[step.position], sounding), step.artist, step.because, _address(sounding))
        for step, sounding in zip(steps, soundings, strict=True)
    ]
    rules = [shown(rule) for rule in answer["rules"] if not rule["overridden_by"]]
    return {
        "journey.svg": draw_journey([track.plotted for track in tracks]),
        "journey.html": write_page(title, tracks, rules, [notice["text"] for notice in answer["notices"]]),
    }


def plotted(step: SavedStep, planned: Mapping[str, Any], sounding: Sounding) -> PlottedStep:
    """A step as its picture shows it; it lasts as long as it sounds."""
    heard = planned["cues"]
    return PlottedStep(
        step.position, step.stage, step.title, sounding.seconds,
        planned["valence"], planned["arousal"], heard["tempo"], heard["level"],
    )  # fmt: skip


def shown(rule: Mapping[str, Any]) -> ShownRule:
    """A rule of the answer for somebody who does not know the ontology."""
    sources = dict.fromkeys(key for claim in rule["claims"] for key in claim["evidence"])
    grades = ", ".join(f"{claim['about']} {claim['grade']}" for claim in rule["claims"])
    return ShownRule(rule["label"], rule["definition"], grades, ", ".join(sources))


def _address(sounding: Sounding) -> str:
    return quote(f"audio/{sounding.path.name}")
