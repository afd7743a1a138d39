"""Writes the sheet of a session: one page to print, with what is played and why, and room for what happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.drawing.page import PageRule
from engine.drawing.templates import fill_template


@dataclass(frozen=True, slots=True)
class SheetTrack:
    """One track in the table of a sheet."""

    position: int
    stage: str
    title: str
    artist: str
    starts: float
    """Seconds from the beginning of the journey."""
    seconds: float
    tempo: float
    """Beats a minute."""
    asked: float | None
    """Tempo that was asked for; None where none was."""
    met: bool | None
    """Whether its tempo was met; None where none was asked for."""
    because: str


@dataclass(frozen=True, slots=True)
class SheetHead:
    """What a session was planned with, in a line."""

    title: str
    day: str
    seed: int
    journey: str
    """Id of the journey."""
    version: str
    """Of the ontology."""


def write_sheet(
    head: SheetHead,
    opening: str,
    tracks: Sequence[SheetTrack],
    safety: Sequence[PageRule],
    rules: Sequence[PageRule],
    notices: Sequence[str],
    language: str = "en",
) -> str:
    """The sheet as HTML, which loads nothing. `language` is "en" or "zh"."""
    return fill_template(
        "session.html.j2",
        head=head,
        opening=opening,
        tracks=tracks,
        seconds=sum(track.seconds for track in tracks),
        safety=safety,
        rules=rules,
        notices=notices,
        words=WORDS[language],
        language=language,
    )


WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "session": "Session sheet",
        "listener": "Listener",
        "therapist": "With",
        "number": "Session",
        "minutes": "min",
        "tracks": "tracks",
        "seed": "seed",
        "version": "rules, version",
        "before": "Mood before",
        "after": "Mood after",
        "scale": "0 worst, 10 best",
        "start": "Start",
        "track": "Track, and why it is here",
        "tempo": "BPM",
        "asked": "asked",
        "not_met": "not met",
        "marks": "Seen, heard, said",
        "match": "Meeting the feeling",
        "guide": "Leading on",
        "target": "Arriving",
        "safety": "Contraindications and safety rules in force",
        "none": "None held.",
        "rules": "Other rules that held",
        "judgement": "judgement",
        "notes": "Told to the listener",
        "room": "Notes",
        "stopped": "Stopped at",
        "again": "Again / otherwise next time",
    },
    "zh": {
        "session": "聆听记录单",
        "listener": "听者",
        "therapist": "陪同",
        "number": "第几次",
        "minutes": "分钟",
        "tracks": "首",
        "seed": "种子",
        "version": "规则版本",
        "before": "之前的心情",
        "after": "之后的心情",
        "scale": "0 最差，10 最好",
        "start": "开始",
        "track": "曲目，以及它为何在此",
        "tempo": "BPM",
        "asked": "要求",
        "not_met": "未达到",
        "marks": "所见、所闻、所说",
        "match": "呼应感受",
        "guide": "逐步引导",
        "target": "抵达",
        "safety": "生效的禁忌与安全规则",
        "none": "没有。",
        "rules": "其他生效的规则",
        "judgement": "判断",
        "notes": "已告知听者",
        "room": "记录",
        "stopped": "停止于",
        "again": "下次再来 / 下次改变",
    },
}
