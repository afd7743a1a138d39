"""The gates bundled with the program: the crisis phrases of gate.owl as a file, and a few phrases as a last resort.

shipped.json (written by engine/gate/shipping.py) contains the uncompiled phrases, a line each; they are compiled when
needed, which takes a second or two. A home that has a gate of its own never opens it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.gate.checking import CRISIS, EVERYWHERE, Gate
from engine.gate.phrases import Phrases

SHIPPED = Path(__file__).with_name("shipped.json")


def load_shipped_gate() -> Gate:
    """The gate of shipped.json: all crisis phrases, messages and lines; no other marker."""
    return build_gate(json.loads(SHIPPED.read_text("utf-8")))


def build_gate(source: Mapping[str, Any]) -> Gate:
    """A gate from uncompiled phrases: {texts, senses, lists, fillers} and the other members of `compile_gate`."""
    phrases, _ = Phrases.compile(source["texts"], source["lists"], source["fillers"])
    return Gate.from_json({**source, "phrases": phrases.as_json()})


def build_last_resort_gate() -> Gate:
    """A gate of a few dozen phrases that needs no file at all: suicide and self-harm, and where to find a line."""
    texts = [*((text, "en") for text in ENGLISH), *((text, "zh") for text in CHINESE)]
    senses = [[f"last-{at}", CRISIS, "suicide", "self", False] for at in range(len(texts))]
    lines = [{**line, "regions": [EVERYWHERE], "kinds": []} for line in LINES]
    return build_gate(
        {
            "texts": texts,
            "senses": senses,
            "messages": [MESSAGE],
            "lines": lines,
            "watched": ["suicide", "suicidal", "myself"],
            "plain": [],
            "lists": {},
            "fillers": [],
            "reach": {},
        }
    )


ENGLISH = (
    "(kill|killing|hang|shoot|drown|hurt|hurting|harm|harming|cut|cutting|unalive) (myself|my self)",
    "(end|ending|take|taking) my [own] life",
    "(end|ending) it all",
    "(suicide|suicidal|selfharm|self harm|suicide note|goodbye note)",
    "(want|wanted|going|ready|wish|rather|plan|would) [to|i|just|would] (die|be dead|was dead|were dead|not exist)",
    "(do not|no longer|not|never) [really] want to (live|be alive|be here|wake up|exist|go on living)",
    "(no reason|nothing left|no point) [for me] [to|in|of] [keep] (live|living|live for)",
    "(tired of|done with|can not go on|not worth) (living|being alive)",
    "(better|easier) [off] (dead|without me|if i (was|were) (dead|gone))",
    "(will not|not|never) wake up [again|tomorrow|in the morning]",
    "(overdose|overdosed|slit my wrists|cut my wrists|jump off a|jump in front)",
)
CHINESE = (
    "(自杀|自尽|轻生|寻死|想死|去死|求死|自残|自伤|割腕|割自己|跳楼|上吊|服毒|遗书)",
    "(不想|不要|不愿|没法) [再|继续] (活|活着|活下去|醒来)",
    "(离开|告别) [了] [这个] (世界|人世|人间)",
    "(活不下去|撑不下去|一了百了|永别了|从这里跳下去|再也不醒来|不再醒来|死了就好|死掉就好|活着没意思|活着没有意义)",
    "(没有活下去|结束生命|结束自己|了结自己|死了算了|伤害自己|杀了自己)",
)
MESSAGE = {
    "kind": "suicide",
    "person": "self",
    "text": "Thank you for saying it. Please talk to a person now: someone you trust, or one of the lines below. "
    "If you are in danger, call your emergency number. None of your words were kept.",
    "text_zh": "谢谢你说出来。请现在就找一个人说说话：你信任的人，或下面的热线。如果有危险，请拨打急救电话。"
    "你写的话没有被保存。",
}
LINES = (
    {
        "name": "Find A Helpline, lines in most countries",
        "name_zh": "各国热线目录 Find A Helpline",
        "contact": "findahelpline.com",
        "contact_zh": "findahelpline.com",
        "url": "https://findahelpline.com",
    },
    {
        "name": "Your local emergency number",
        "name_zh": "当地的急救电话",
        "contact": "112 works on mobile phones in many countries",
        "contact_zh": "许多国家的手机可拨 112",
        "url": "tel:112",
    },
)
