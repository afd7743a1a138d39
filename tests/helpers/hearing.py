"""Reads the sentences of a journey on its own, and holds them against the measures: no word of it comes from ontology/.

What a listener takes a word to mean stands here a second time, on purpose.
"""

# ruff: noqa: E501  # the tables are read line by line

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.answers import Journey
from engine.journey import Step

Range = tuple[float, float]
INF = float("inf")

CHANGES: Mapping[str, tuple[str, int]] = {
    "faster": ("tempo", 1), "slower": ("tempo", -1), "louder": ("level", 1), "softer": ("level", -1),
    "busier": ("onset_rate", 1), "sparser": ("onset_rate", -1), "nearer to major": ("mode", 1),
    "nearer to minor": ("mode", -1), "higher": ("register", 1), "lower": ("register", -1),
    "brighter": ("brightness", 1), "darker": ("brightness", -1), "more joined": ("articulation", 1),
    "more detached": ("articulation", -1), "rougher": ("roughness", 1), "smoother": ("roughness", -1),
    "more uneven": ("level_swing", 1), "more even": ("level_swing", -1),
    "更快": ("tempo", 1), "更慢": ("tempo", -1), "更响": ("level", 1), "更轻": ("level", -1), "更密": ("onset_rate", 1),
    "更疏": ("onset_rate", -1), "更近大调": ("mode", 1), "更近小调": ("mode", -1), "更高": ("register", 1),
    "更低": ("register", -1), "更亮": ("brightness", 1), "更暗": ("brightness", -1), "更连贯": ("articulation", 1),
    "更断开": ("articulation", -1), "更粗粝": ("roughness", 1), "更柔滑": ("roughness", -1),
    "起伏更大": ("level_swing", 1), "更平稳": ("level_swing", -1),
}  # fmt: skip
"""What is said against the track before -> the cue that must have risen (1) or fallen (-1)."""
SOUNDS: Mapping[str, tuple[str, Range]] = {
    "slow": ("tempo", (0, 70)), "unhurried": ("tempo", (60, 92)), "brisk": ("tempo", (84, 120)),
    "fast": ("tempo", (112, INF)), "very soft": ("level", (-INF, -20)), "soft": ("level", (-23, -15)),
    "loud": ("level", (-13, INF)), "minor": ("mode", (-1, 0)), "neither major nor minor": ("mode", (-0.25, 0.25)),
    "major": ("mode", (0, 1)), "sparse": ("onset_rate", (0, 2.2)), "busy": ("onset_rate", (3.6, INF)),
    "deep": ("register", (0, 60)), "high": ("register", (65, INF)), "dark": ("brightness", (0, 0.45)),
    "bright": ("brightness", (0.55, 1)), "detached": ("articulation", (0, 0.7)), "joined": ("articulation", (0.9, INF)),
    "smooth": ("roughness", (0, 0.25)), "rough": ("roughness", (0.6, 1)), "even": ("level_swing", (0, 2.5)),
    "uneven": ("level_swing", (6, INF)),
    "缓慢": ("tempo", (0, 70)), "从容": ("tempo", (60, 92)), "轻快": ("tempo", (84, 120)), "快速": ("tempo", (112, INF)),
    "很轻": ("level", (-INF, -20)), "轻柔": ("level", (-23, -15)), "响亮": ("level", (-13, INF)), "小调": ("mode", (-1, 0)),
    "介于大小调之间": ("mode", (-0.25, 0.25)), "大调": ("mode", (0, 1)), "疏朗": ("onset_rate", (0, 2.2)),
    "细密": ("onset_rate", (3.6, INF)), "低沉": ("register", (0, 60)), "高亢": ("register", (65, INF)),
    "幽暗": ("brightness", (0, 0.45)), "明亮": ("brightness", (0.55, 1)), "断续": ("articulation", (0, 0.7)),
    "连绵": ("articulation", (0.9, INF)), "柔滑": ("roughness", (0, 0.25)), "粗粝": ("roughness", (0.6, 1)),
    "平稳": ("level_swing", (0, 2.5)), "起伏": ("level_swing", (6, INF)),
}  # fmt: skip
"""What a track is called -> the cue, and the values for which nobody would disagree."""
STIRS: Sequence[tuple[str, str, int]] = (
    (
        "the pace (begins to let go|eases|settles)|there is less hurry|步子(开始放慢|松了|安定)|不再那么匆忙",
        "tempo",
        -1,
    ),
    ("more movement comes in|the pace picks up|it finds its feet|多了些流动|步子轻快起来|它迈开了步子", "tempo", 1),
    ("the sound draws back|it grows quieter|sinks towards silence|声音往后退|周围静下来|它向寂静沉去", "level", -1),
    ("the sound comes (nearer|forward)|it gathers strength|声音(靠近|走到前面)|它积聚起力量", "level", 1),
    ("more room between the notes|fewer things happen|音与音之间更有余地|动静少了", "onset_rate", -1),
    ("more begins to happen|动静多了起来", "onset_rate", 1),
    ("some light comes in|a friendlier colour|透进些光|色彩变得亲切", "mode", 1),
    ("the light is turned down|光线暗下来", "brightness", -1),
    ("it opens up|它敞开了", "brightness", 1),
    ("the notes lean on each other|音符彼此相依", "articulation", 1),
    ("a spring in its step|步子有了弹性", "articulation", -1),
    ("its edges are smoothed|棱角被磨平", "roughness", -1),
    ("its hand grows steadier|它更稳了", "level_swing", -1),
    ("it settles lower|它往低处落", "register", -1),
    ("it lifts its head|它抬起了头", "register", 1),
)
"""What a track is said to do -> the cue that must have risen or fallen since the track before."""
MEETS: Sequence[tuple[str, str, int]] = (
    ("at the pace of|keeps step with|同步而行|跟着.*的步子", "tempo", 0),
    ("slower than .* would ask|more slowly than|比.*的步子慢些|走得比.*慢", "tempo", -1),
    ("quicker than .* would ask|more quickly than|比.*的步子快些|走得比.*快", "tempo", 1),
    ("it meets |it sounds as .* does|呼应着|听起来正像", "tempo level mode", 0),
    ("shares the colour of|带着.*的色彩", "mode", 0),
)
"""What a track is said to meet -> cues, and whether they lie within what was asked (0), below (-1) or above (1)."""
STAGES: Mapping[str, str] = {
    "match": "belongs to the beginning|begins elsewhere|beginning its time|what is felt|is to change|属于开头|从别处开始|开头慢慢来|还不求改变",
    "guide": "leads on|way goes on|bridge|next step|keeps the way open|引向|向前|接向|下个脚步|保持通畅",
    "target": "way has led|was reached|the arrival|路所到之处|所到之处|抵达",
}
"""Words of one stage alone."""
GOALS: Mapping[str, str] = {
    "calm": "nothing to do but listen|rest in|the calm last|nothing more has to|静静地听|安歇|平静持续|都不必再发生",
    "sleep": "room for sleep|no attention|sleep comes|keeps watch|睡意|不要求你留意|不必再守",
    "comfort": "keeps you company|something to lean on|at your side|there for you|陪着你|依靠|身边|陪你",
    "focus": "your work|task|asks for nothing|做事|手头的事|什么也不要求",
    "lift": "carries you up|some colour|what lifts|enjoyed|带你往上|添些色彩|振奋之处|享受",
}
"""Words of one goal alone."""
FIGURES = re.compile(
    r"\d|\b(bpm|db|lu|lufs|hz|semitones?|octaves?|percent|minutes?|seconds?|tempo|onsets?|level|mode|articulation|register|pitch|"
    r"brightness|roughness|valence|arousal|similarity|cue)\b|分贝|毫秒|[每分]钟|速度|音量|调式|奏法|音区|明亮度|粗糙度|音高|起音|效价|唤醒"
    r"|[一二三四五六七八九十百千]|\b(one|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
"""A figure, a unit, or the name of a cue."""


def faults(journey: Journey) -> Iterator[str]:
    """What sentences of a journey say that the measures do not, and sentences that are told twice."""
    before: Step | None = None
    said: set[str] = set()
    for step in journey.steps:
        place = f"{journey.goal}, step {step.position}: {step.because}"
        if found := FIGURES.search(step.because):
            yield f"{place}: names {found[0]}"
        if step.because in said:
            yield f"{place}: is told twice"
        said.add(step.because)
        for fault in wrong(step, before, journey.goal):
            yield f"{place}: {fault}"
        before = step


def wrong(step: Step, before: Step | None, goal: str) -> Iterator[str]:
    """What one sentence says that is not so."""
    heard, _, does = re.split("([:：])", step.because, maxsplit=1)
    chinese = "：" in step.because
    than = heard.removesuffix(" than before") if heard.endswith(" than before") else heard.partition("比之前")[2]
    words = re.split(r", | and |、|，|与", than if than and before is not None else heard)
    known = 0
    for word in (word.strip().lower() for word in words):
        if word in CHANGES and (heard.endswith("than before") or "比之前" in heard):
            known += 1
            cue, way = CHANGES[word]
            if before is None or (step.cues[cue] - before.cues[cue]) * way <= 0:
                yield f"{cue} has not changed so"
        elif word in SOUNDS:
            known += 1
            cue, (low, high) = SOUNDS[word]
            if not low <= step.cues[cue] <= high:
                yield f"{cue} is {step.cues[cue]}"
    likens = re.search("much as before|与之前相近|presses nor holds|不急不缓", heard, re.IGNORECASE)
    if not known and not likens:
        yield "says nothing of what is heard"
    if likens and before is not None and (moved := abs(step.cues["level"] - before.cues["level"])) > 3:
        yield f"is not like the one before: {moved} dB"
    if chinese != bool(re.search("[\u4e00-\u9fff]", heard)):
        yield "speaks in two languages"
    understood = False
    for pattern, cue, way in STIRS:
        if re.search(pattern, does):
            understood = True
            if before is None or (step.cues[cue] - before.cues[cue]) * way <= 0:
                yield f"{cue} has not stirred so"
    for pattern, cues, way in MEETS:
        if re.search(pattern, does):
            understood = True
            if any(_side(step.met[cue]) != way for cue in cues.split()):
                yield f"{cues} is not met so"
    for stage, pattern in STAGES.items():
        if re.search(pattern, does):
            understood = True
            if stage != step.stage:
                yield f"belongs to {stage}, not to {step.stage}"
    for other, pattern in GOALS.items():
        if re.search(pattern, does):
            understood = True
            if other != goal or step.stage != "target":
                yield f"belongs to the end of {other}"
    if not understood:
        yield "says nothing of what it does"


def _side(one: Mapping[str, Any]) -> int:
    """-1 below what was asked, 1 above, 0 within it."""
    return -1 if one["heard"] < one["low"] else 1 if one["heard"] > one["high"] else 0
