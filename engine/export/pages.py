"""Draws the picture, the page and the session sheet of a saved journey from its JSON answer."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any
from urllib.parse import quote

from engine.drawing.page import PageRule, PageTrack, write_page
from engine.drawing.picture import PlottedStep, draw_journey
from engine.drawing.sheet import SheetHead, SheetTrack, write_sheet
from engine.export.audio import WrittenSound
from engine.export.playlists import SavedStep


def draw_page_and_picture(
    steps: Sequence[SavedStep], soundings: Sequence[WrittenSound], answer: Mapping[str, Any], title: str
) -> dict[str, str]:
    """File name -> text: `journey.svg`, `journey.html`, which plays the files below `audio/`, and `session.html`."""
    planned = {step["position"]: step for stage in answer["stages"] for step in stage["steps"]}
    tracks = [
        PageTrack(
            plot_step(step, planned[step.position], sounding), step.artist, step.because, _quote_address(sounding)
        )
        for step, sounding in zip(steps, soundings, strict=True)
    ]
    rules = [describe_rule(rule) for rule in answer["rules"] if not rule["overridden_by"]]
    return {
        "journey.svg": draw_journey([track.plotted for track in tracks], answer.get("language", "en")),
        "journey.html": write_page(
            title,
            tracks,
            rules,
            [notice["text"] for notice in answer["notices"]],
            answer.get("language", "en"),
            answer.get("opening", ""),
        ),
        "session.html": draw_sheet(tracks, answer, title, date.today()),
    }


def draw_sheet(listed: Sequence[PageTrack], answer: Mapping[str, Any], title: str, day: date) -> str:
    """The session sheet of a journey that is played on this day."""
    planned = {step["position"]: step for stage in answer["stages"] for step in stage["steps"]}
    starts = accumulate((track.plotted.seconds for track in listed[:-1]), initial=0.0)
    tracks = []
    for track, start in zip(listed, starts, strict=True):
        step = track.plotted
        tempo = planned[step.position]["met"].get("tempo", {})
        tracks.append(
            SheetTrack(
                step.position, step.stage, step.title, track.artist, start, step.seconds, step.tempo,
                tempo.get("asked"), tempo.get("met"), track.because,
            )
        )  # fmt: skip
    held = [rule for rule in answer["rules"] if not rule["overridden_by"]]
    safety = [describe_rule(rule) for rule in held if rule["tier"] == "safety"]
    rules = [describe_rule(rule) for rule in held if rule["tier"] != "safety"]
    head = SheetHead(
        title, day.isoformat(), answer["seed"], answer["id"], answer["provenance"].get("ontology_version") or ""
    )
    notices = [notice["text"] for notice in answer["notices"]]
    return write_sheet(head, answer.get("opening", ""), tracks, safety, rules, notices, answer.get("language", "en"))


def plot_step(step: SavedStep, planned: Mapping[str, Any], sounding: WrittenSound) -> PlottedStep:
    """A step for the picture; its length is that of its sound file."""
    cues = planned["cues"]
    return PlottedStep(
        step.position, step.stage, step.title, sounding.seconds,
        planned["valence"], planned["arousal"], cues["tempo"], cues["level"],
    )  # fmt: skip


def describe_rule(rule: Mapping[str, Any]) -> PageRule:
    """A rule of the answer for the page, with grades and sources as texts."""
    sources = dict.fromkeys(key for claim in rule["claims"] for key in claim["evidence"])
    grades = ", ".join(f"{claim['about']} {claim['grade']}" for claim in rule["claims"])
    return PageRule(rule["label"], rule["definition"], grades, ", ".join(sources))


def _quote_address(sounding: WrittenSound) -> str:
    return quote(f"audio/{sounding.path.name}")
