"""Writes the HTML page of a journey: its picture, and every track with its reason and its sound. Needs no server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.drawing.picture import PlottedStep, draw_journey
from engine.drawing.templates import fill_template


@dataclass(frozen=True, slots=True)
class PageTrack:
    """One track on the page."""

    plotted: PlottedStep
    artist: str
    because: str
    """The reason for its position, as a sentence."""
    sound: str | None
    """URL of its sound, relative to the page; None without sound."""


@dataclass(frozen=True, slots=True)
class PageRule:
    """A rule that held, for readers who do not know the ontology."""

    label: str
    definition: str
    grades: str
    """Subjects and grades of its claims: "direction B, number C"."""
    sources: str
    """Short references, comma-separated; empty for judgement alone."""


def write_page(
    title: str,
    tracks: Sequence[PageTrack],
    rules: Sequence[PageRule],
    notices: Sequence[str],
    language: str = "en",
    opening: str = "",
) -> str:
    """The page as HTML, which loads nothing but its sounds. `language` is "en" or "zh".

    `opening` says what was understood and what the journey will do.
    """
    stages: dict[str, list[PageTrack]] = {}
    for track in tracks:
        stages.setdefault(track.plotted.stage, []).append(track)
    return fill_template(
        "journey.html.j2",
        title=title,
        opening=opening,
        picture=draw_journey([track.plotted for track in tracks], language),
        stages=stages,
        rules=rules,
        notices=notices,
        playable=any(track.sound for track in tracks),
        words=WORDS[language],
        language=language,
    )


WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "match": "Meeting the feeling",
        "guide": "Leading on",
        "target": "Arriving",
        "play": "Play all",
        "pause": "Pause",
        "next": "Next",
        "rules": "Rules that held",
        "notes": "Please note",
        "evidence": "Evidence",
        "judgement": "judgement",
        "now": "Now playing",
        "minutes": "minutes",
    },
    "zh": {
        "match": "呼应感受",
        "guide": "逐步引导",
        "target": "抵达",
        "play": "全部播放",
        "pause": "暂停",
        "next": "下一首",
        "rules": "起作用的规则",
        "notes": "请注意",
        "evidence": "依据",
        "judgement": "判断",
        "now": "正在播放",
        "minutes": "分钟",
    },
}
