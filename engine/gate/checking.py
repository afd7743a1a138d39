"""The crisis gate: checks, before anything else reads a text, whether it is about a crisis.

On a hit plain help is shown instead of music, and nothing else is done with the text. It is in no result, no `repr`,
no error and no file; the gate stores one number, how often help was shown. Its phrases, word lists, messages and
support lines stand in ontology/gate.owl. `compile_gate` compiles them to one JSON value, so that at run time the gate
needs no graph, no ontology library and no model. The same search finds the other markers (rumination, driving,
loneliness, …), which conditions of rules use.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeAlias

from encoders.languages import name_property
from engine.gate.clues import Clue, ClueThreshold
from engine.gate.detecting import detect_language
from engine.gate.phrases import PhraseMatch, Phrases
from engine.gate.second_look import SecondLook
from engine.gate.spelling import Spelling

CRISIS = "crisis"
EVERYWHERE = "international"
COUNTER = "support_shown"


@dataclass(frozen=True, slots=True)
class GateResult:
    """The result of the gate; never contains any of the text."""

    hit: bool
    """Whether help is to be shown instead of music."""
    kind: str | None = None
    """Of a hit or a doubt: suicide, self-harm, harm-to-others, abuse, medical, panic or danger (not told which); the
    most urgent one of several."""
    person: str | None = None
    """Of a hit or a doubt: `self`, or `other` when the words seem to be about somebody else."""
    language: str = "en"
    """The language of the text: `en`, `zh`, `de`, ...; `und` for one that is not known."""
    markers: frozenset[str] = frozenset()
    """Ids of all markers found, `crisis` included on a hit."""
    asks: bool = False
    """Whether danger is possible and not shown, so that the safety question comes first."""
    one_look: bool = False
    """Whether a second look was wanted and was not possible."""


@dataclass(frozen=True, slots=True)
class Sense:
    """The meaning of one phrase: its marker, kind and person."""

    id: str
    marker: str
    kind: str | None
    person: str | None
    is_guard: bool
    """A guard indicates nothing: it cancels phrases of its marker (kind, person) that share a word with it."""
    weight: int | None = None
    """Of a clue, in hundredths: it indicates its marker only together with others. None: it does so alone."""
    is_doubt: bool = False
    """A doubt indicates nothing: it leads to the safety question."""

    def excuses(self, other: "Sense") -> bool:
        shows = other.weight is None or other.weight > 0
        same = self.kind in (None, other.kind) and self.person in (None, other.person)
        return shows and same and self.marker == other.marker


Places: TypeAlias = "list[tuple[Sense, list[tuple[int, frozenset[Sense]]]]]"
"""Phrases of a text, guards excepted, each with its matches: (first word, cancelling guards)."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A compiled gate. Made by `from_json`; `home` is the folder of the counter, None for no counter."""

    phrases: Phrases
    senses: tuple[Sense, ...]
    spelling: Spelling
    messages: tuple[Mapping[str, Any], ...]
    """{kind, person, text, text_zh, text_es, ...}, most urgent first."""
    lines: tuple[Mapping[str, Any], ...]
    """{name, name_zh, contact, url, regions, kinds}, in the order they are shown."""
    clue_thresholds: Mapping[str, ClueThreshold]
    """Marker -> threshold from which its clues indicate it together."""
    asked: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Pattern -> language -> text: the safety question, its choices, and what stands beside unread words."""
    languages: frozenset[str] = frozenset()
    """Languages in which it has phrases for a crisis."""
    second_look: SecondLook | None = None
    """The thresholds of a learned second look; None: there is none."""
    home: Path | None = None

    @classmethod
    def from_json(cls, known: Mapping[str, Any], home: Path | None = None) -> Self:
        """The gate from the JSON value of `compile_gate`."""
        phrases = Phrases.from_json(known["phrases"])
        return cls(
            phrases,
            tuple(Sense(*sense) for sense in known["senses"]),
            build_spelling(phrases, known["watched"], known["plain"]),
            tuple(known["messages"]),
            tuple(known["lines"]),
            {marker: ClueThreshold(*reach) for marker, reach in known["reach"].items()},
            known.get("asked", {}),
            frozenset(known.get("languages", ())),
            SecondLook(*known["second_look"]) if known.get("second_look") else None,
            home,
        )

    def check(self, text: str) -> GateResult:
        """Whether help is to be shown, and which markers the text has. Linear in the length of the text."""
        places = self._locate_phrases(text)
        found = self._select_shown(places)
        markers = frozenset(sense.marker for sense in found)
        language = detect_language(text)
        if urgent := self._find_most_urgent(found):
            return GateResult(True, urgent["kind"], urgent["person"], language, markers)
        if self.asked and (doubted := self._find_most_urgent(self._select_doubts(places))):
            return GateResult(False, doubted["kind"], doubted["person"], language, markers, asks=True)
        return GateResult(hit=False, language=language, markers=markers)

    def _find_most_urgent(self, found: Sequence[Sense]) -> Mapping[str, Any] | None:
        """The message that answers these phrases; None where none of them is of a crisis."""
        crises = {(sense.kind, choose_person(sense, found)) for sense in found if sense.marker == CRISIS}
        return next((each for each in self.messages if (each["kind"], each["person"]) in crises), None)

    def check_all(self, texts: Iterable[str | None]) -> GateResult | None:
        """The combined result of all free texts of one request; None without any. The first crisis decides, else the
        first doubt."""
        results = [self.check(text) for text in texts if text is not None]
        if not results:
            return None
        hits, doubts = ([result for result in results if getattr(result, name)] for name in ("hit", "asks"))
        first = [*hits, *doubts, *results][0]
        return replace(first, markers=frozenset().union(*(result.markers for result in results)))

    def find_shown(self, text: str) -> tuple[Sense, ...]:
        """All phrases that indicate their marker, alone or with others, and that no guard cancels."""
        return self._select_shown(self._locate_phrases(text))

    def _select_shown(self, places: Places) -> tuple[Sense, ...]:
        together: set[str] = set()
        for marker, reach in self.clue_thresholds.items():
            together |= reach.find_together(_list_clues(places, marker), reach.enough)
        return tuple(
            sense
            for sense, found in places
            if sense.id in together
            or (sense.weight is None and not sense.is_doubt and not all(excuses for _, excuses in found))
        )

    def _select_doubts(self, places: Places) -> tuple[Sense, ...]:
        """Phrases of a crisis that lead to the safety question, alone or with others, and that no guard cancels."""
        reach = self.clue_thresholds.get(CRISIS)
        together: set[str] = set()
        if reach is not None and reach.asks is not None:
            together = reach.find_together(_list_clues(places, CRISIS), reach.asks)
        return tuple(
            sense
            for sense, found in places
            if sense.id in together or (sense.is_doubt and not all(excuses for _, excuses in found))
        )

    def find_phrases(self, text: str) -> list[tuple[Sense, frozenset[Sense]]]:
        """All phrases in the text, guards excepted, each with the guards that cancel it (empty: it counts)."""
        return [
            # Found in several places, it counts as soon as one of them is not excused.
            (sense, frozenset().union(*(excuses for _, excuses in found)) if all(e for _, e in found) else frozenset())
            for sense, found in self._locate_phrases(text)
        ]

    def _locate_phrases(self, text: str) -> Places:
        """All phrases in the text, guards excepted, each with its matches: (first word, cancelling guards)."""
        triggers: list[PhraseMatch] = []
        guards: list[PhraseMatch] = []
        for match in self.phrases.find(self.spelling.split_words(text)):
            (guards if self.senses[match.phrase].is_guard else triggers).append(match)
        at: dict[int, list[PhraseMatch]] = {}
        for guard in guards:
            for number in guard.words:
                at.setdefault(number, []).append(guard)
        places: dict[Sense, list[tuple[int, frozenset[Sense]]]] = {}
        for trigger in triggers:
            sense = self.senses[trigger.phrase]
            excuses = frozenset(
                guard
                for number in trigger.words
                for guard in (self.senses[match.phrase] for match in at.get(number, ()))
                if guard.excuses(sense)
            )
            places.setdefault(sense, []).append((min(trigger.words), excuses))
        return sorted(places.items(), key=lambda each: each[0].id)

    def support(self, result: GateResult, region: str | None) -> dict[str, Any]:
        """The help for a hit: {message, region, lines: [{name, contact, url}]}; increments the counter.

        Lines of the region (ISO 3166 letters), then the directories that serve everywhere; those alone where the
        region is unknown, and `region` is then None.
        """
        if self.home is not None:
            # A counter that cannot be written must never prevent help.
            with suppress(Exception):
                increment_counter(self.home / COUNTER)
        known = {region for line in self.lines for region in line["regions"]} - {EVERYWHERE}
        here = region.strip().upper() if region else None
        message = self._choose_message(result)
        return {
            "message": message.get(name_property("text", result.language)) or message["text"],
            "region": here if here in known else None,
            "lines": self.list_lines(result.kind, result.language, region),
        }

    def _choose_message(self, result: GateResult) -> Mapping[str, Any]:
        """The message for a hit; an older gate may lack one for a danger that nobody named."""
        wanted = [(result.kind, result.person), ("suicide", "self")]
        return next(each for want in wanted for each in self.messages if (each["kind"], each["person"]) == want)

    def list_lines(self, kind: str | None, language: str, region: str | None) -> list[dict[str, str]]:
        """The support lines for a kind of crisis: those of the region, then those that serve everywhere."""
        here = region.strip().upper() if region else None
        suffix = "_zh" if language == "zh" else ""
        return [
            {"name": line[f"name{suffix}"], "contact": line[f"contact{suffix}"], "url": line["url"]}
            for line in sorted(self.lines, key=lambda line: EVERYWHERE in line["regions"])
            if {here, EVERYWHERE} & set(line["regions"]) and (not line["kinds"] or kind in line["kinds"])
        ]

    def answer(self, result: GateResult, region: str | None) -> dict[str, Any]:
        """The help as the whole JSON answer of the contract, with the outcome `support`."""
        return {"outcome": "support", "reading": None, "support": self.support(result, region)}


def _list_clues(places: Places, marker: str) -> Iterator[Clue]:
    """The clues to a marker that no guard cancels, wherever they stand."""
    return (
        Clue(at, sense.id, sense.kind, sense.weight)
        for sense, found in places
        if sense.weight is not None and sense.marker == marker
        for at, excuses in found
        if not excuses
    )


def choose_person(sense: Sense, found: Sequence[Sense]) -> str | None:
    """The person of a phrase; for clues the person with the larger sum of weights, `self` in case of a tie."""
    if sense.weight is None:
        return sense.person
    weights = {
        person: sum(each.weight or 0 for each in found if (each.kind, each.person) == (sense.kind, person))
        for person in ("self", "other")
    }
    return "other" if weights["other"] > weights["self"] else "self"


def increment_counter(path: Path) -> int:
    """Increments the number in a file and returns it; safe with other processes. A damaged file restarts at 1."""
    # Imported here because it is needed only after a hit.
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock"), timeout=2):
        written = path.read_text("ascii", errors="replace").strip() if path.exists() else "0"
        number = int(written) + 1 if written.isdecimal() and written.isascii() else 1
        fresh = path.with_suffix(".new")
        fresh.write_text(f"{number}\n", "ascii")
        fresh.replace(path)
    return number


def build_spelling(phrases: Phrases, watched: Sequence[str], plain: Sequence[str]) -> Spelling:
    words = frozenset(phrases.places)
    return Spelling(
        frozenset(word for word in words if word[-1] != "*"),
        frozenset(word[:-1] for word in words if word[-1] == "*"),
        frozenset(watched),
        frozenset(plain),
    )
