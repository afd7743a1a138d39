"""Parses the phrase language that clinicians write.

    kill myself            these words, one after the other ("can't", "wanna" are read as their full words)
    (end|take) my life     one of several; an alternative may hold several words
    [just] want            the word may be missing
    suicid*                any word that begins so
    cut .. myself          up to three other words between (six characters in Chinese and Japanese), in one sentence
    news ... suicide       up to twelve (twenty in Chinese), in one sentence
    film ~ suicide         the same, but no "I", "me", "my" among them: what follows is not about the writer
    {me}                   the words of the WordList `me`

Fillers ("just", "really"; a word list says which) may stand between any two words and count in no gap. A phrase
begins and ends with a word.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce

from encoders.languages import LANGUAGES
from engine.gate.folding import expand, is_word, split_characters

_SIGN = re.compile(r"\.\.\.|\.\.|~|[()\[\]|]|\{([^{}]*)\}|[^\s()\[\]{}|.~]+|(?P<stray>\S)")
# A negative gap must not contain a word of the first person.
_WORDS = {"..": 3, "...": 12, "~": -12}
_CHARACTERS = {"..": 6, "...": 20, "~": -20}
GAPS = {language: _CHARACTERS if language in ("zh", "ja") else _WORDS for language in LANGUAGES}
_MOST_PLACES = 1500


class PhraseFault(ValueError):
    """A phrase that cannot be parsed; the message says why."""


@dataclass(frozen=True, slots=True)
class PhraseNeed:
    """A necessary condition for a match: a place, all of several conditions, or any of several."""

    place: int | None = None
    every: tuple["PhraseNeed", ...] = ()
    either: tuple["PhraseNeed", ...] = ()

    def find_rarest(self, commonness: Mapping[int, int]) -> tuple[int, frozenset[int]]:
        """Places of which a match must contain one, chosen so that few texts do; and their commonness."""
        if self.place is not None:
            return commonness[self.place], frozenset({self.place})
        if self.every:
            return min((need.find_rarest(commonness) for need in self.every), key=lambda each: each[0])
        found = [need.find_rarest(commonness) for need in self.either]
        return max(common for common, _ in found), frozenset().union(*(places for _, places in found))


@dataclass(slots=True)
class PhrasePart:
    """A part of a phrase: the places where it can begin and end -> the gap allowed before or after each."""

    begins: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    gap: int | None = None
    """Words that may stand here when the part is absent; None: it must be present."""
    need: PhraseNeed | None = None
    """None: the part is optional."""


class PhraseReader:
    """Parses one phrase into places (sets of words or beginnings of words) and the places that may follow each."""

    def __init__(self, language: str, lists: Mapping[str, str]) -> None:
        self.places: list[set[str]] = []
        self.after: list[dict[int, int]] = []
        self._gaps = GAPS[language]
        self._lists = lists
        self._open: list[str] = []

    def read(self, text: str) -> PhrasePart:
        part = self._read_text(text)
        if part.need is None:
            raise PhraseFault("it would match without any word" if part.begins else "it has no words")
        if all(part.begins.values()) or all(part.ends.values()):
            raise PhraseFault("it begins or ends with a gap")
        if len(self.places) > _MOST_PLACES:
            raise PhraseFault(f"it has {len(self.places)} places, more than {_MOST_PLACES}: make two phrases of it")
        return part

    def _read_text(self, text: str) -> PhrasePart:
        signs = list(_SIGN.finditer(text))
        for sign in signs:
            if sign.group("stray"):
                raise PhraseFault(f"the sign '{sign.group('stray')}' means nothing here")
        part, at = self._read_choice([sign.group() for sign in signs], 0)
        if at < len(signs):
            raise PhraseFault(f"a '{signs[at].group()}' has no partner")
        return part

    def _read_choice(self, signs: Sequence[str], at: int) -> tuple[PhrasePart, int]:
        """Alternatives up to a closing bracket or the end. Single words share one place."""
        alternatives: list[PhrasePart] = []
        singles: set[str] = set()
        while True:
            start = at
            while at < len(signs) and signs[at] not in "()[]|~" and signs[at][0] not in "{.":
                at += 1
            words = [part for sign in signs[start:at] for part in _split_sign(sign)]
            if len(words) == 1 and (at == len(signs) or signs[at] in ")]|"):
                singles.add(words[0])
            else:
                part, at = self._read_sequence(signs, start)
                alternatives.append(part)
            if at < len(signs) and signs[at] == "|":
                at += 1
                continue
            break
        if singles:
            alternatives.append(self._add_place(singles))
        if len(alternatives) == 1:
            return alternatives[0], at
        whole = PhrasePart()
        for part in alternatives:
            whole.begins |= part.begins
            whole.ends |= part.ends
            if part.gap is not None:
                whole.gap = _widen_gap(whole.gap or 0, part.gap)
        needs = [part.need for part in alternatives if part.need]
        if len(needs) == len(alternatives) > 0:
            whole.need = PhraseNeed(either=tuple(needs))
        return whole, at

    def _read_sequence(self, signs: Sequence[str], at: int) -> tuple[PhrasePart, int]:
        parts: list[PhrasePart] = []
        while at < len(signs) and signs[at] not in ")]|":
            sign = signs[at]
            at += 1
            if sign in self._gaps:
                parts.append(PhrasePart(gap=self._gaps[sign]))
            elif sign in "([":
                part, at = self._read_choice(signs, at)
                if at == len(signs) or signs[at] != {"(": ")", "[": "]"}[sign]:
                    raise PhraseFault(f"a '{sign}' is not closed")
                at += 1
                if sign == "[":
                    part.gap, part.need = part.gap or 0, None
                parts.append(part)
            elif sign[0] == "{":
                parts.append(self._read_list(sign[1:-1]))
            else:
                parts += [self._add_place({word}) for word in _split_sign(sign)]
        return (reduce(self._join, parts) if parts else PhrasePart(gap=0)), at

    def _read_list(self, name: str) -> PhrasePart:
        if name not in self._lists:
            raise PhraseFault(f"there is no word list '{name}'")
        if name in self._open:
            raise PhraseFault(f"word list '{name}' names itself")
        self._open.append(name)
        part = self._read_text(self._lists[name])
        self._open.pop()
        return part

    def _add_place(self, words: set[str]) -> PhrasePart:
        self.places.append(words)
        self.after.append({})
        place = len(self.places) - 1
        return PhrasePart({place: 0}, {place: 0}, None, PhraseNeed(place))

    def _join(self, left: PhrasePart, right: PhrasePart) -> PhrasePart:
        for end, behind in left.ends.items():
            after = self.after[end]
            for begin, ahead in right.begins.items():
                if behind or ahead:
                    after[begin] = _widen_gap(_add_gaps(behind, ahead), after.get(begin, 0))
                else:  # By far the most: nothing widens.
                    after.setdefault(begin, 0)
        begins, ends = left.begins, right.ends
        if left.gap is not None:
            begins = begins | {
                place: _widen_gap(_add_gaps(ahead, left.gap), begins.get(place, 0))
                for place, ahead in right.begins.items()
            }
        if right.gap is not None:
            ends = ends | {
                place: _widen_gap(_add_gaps(behind, right.gap), ends.get(place, 0))
                for place, behind in left.ends.items()
            }
        needs = tuple(need for need in (left.need, right.need) if need)
        return PhrasePart(
            begins,
            ends,
            gap=_add_gaps(left.gap, right.gap) if left.gap is not None and right.gap is not None else None,
            need=PhraseNeed(every=needs) if needs else None,
        )


def _add_gaps(left: int, right: int) -> int:
    """The gap of two gaps in a row: negative if either is."""
    total = abs(left) + abs(right)
    return -total if left < 0 or right < 0 else total


def _widen_gap(left: int, right: int) -> int:
    return max(left, right, key=abs)


@cache
def _split_sign(sign: str) -> tuple[str, ...]:
    words = [token for full in expand(sign.removesuffix("*")) for token in split_characters(full)]
    if not words or not all(map(is_word, words)):
        raise PhraseFault(f"'{sign}' is no word")
    if sign.endswith("*"):
        words[-1] += "*"
    return tuple(words)
