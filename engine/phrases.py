"""The phrase language that clinicians write in, and the search for many phrases at once.

    kill myself            these words, one after the other ("can't", "wanna" are read as their full words)
    (end|take) my life     one of several; an alternative may hold several words
    [just] want            the word may be missing
    suicid*                any word that begins so
    cut .. myself          up to three other words between (six characters in Chinese), in one sentence
    news ... suicide       up to twelve (twenty in Chinese), in one sentence
    film ~ suicide         the same, but no "I", "me", "my" among them: what follows is not about the writer
    {me}                   the words of the WordList `me`

Fillers ("just", "really"; the word lists say which) may stand between any two words and count in no gap. A phrase begins and ends with a word. The work of a search is bounded by the number of words, whatever they are:
for each word only the places in phrases where it can stand are looked at, and nothing is ever tried again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Self

from engine.words import Words, characters, expand

_SIGN = re.compile(r"\.\.\.|\.\.|~|[()\[\]|]|\{([^{}]*)\}|[^\s()\[\]{}|.~]+|(?P<stray>\S)")
# A negative gap lets nobody speak of themselves.
GAPS = {"en": {"..": 3, "...": 12, "~": -12}, "zh": {"..": 6, "...": 20, "~": -20}}
_FIRST_PERSON = frozenset({"i", "me", "my", "myself", "我"})
_MOST_PLACES = 1500


class PhraseFault(ValueError):
    """A phrase that cannot be read: what is wrong, in the phrase's own terms."""


@dataclass(frozen=True, slots=True)
class Match:
    """One phrase found in a text, by the numbers of the words it names; never the words."""

    phrase: int
    words: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Need:
    """What must be in a text for a part to match: a place, all of several needs, or any of several."""

    place: int | None = None
    every: tuple["_Need", ...] = ()
    either: tuple["_Need", ...] = ()

    def rarest(self, commonness: Mapping[int, int]) -> tuple[int, frozenset[int]]:
        """The places of which one must be reached, chosen so that few texts hold one; with their commonness."""
        if self.place is not None:
            return commonness[self.place], frozenset({self.place})
        if self.every:
            return min((need.rarest(commonness) for need in self.every), key=lambda each: each[0])
        found = [need.rarest(commonness) for need in self.either]
        return max(common for common, _ in found), frozenset().union(*(places for _, places in found))


@dataclass(slots=True)
class _Part:
    """A stretch of a phrase: the places it can begin and end at, with the gap allowed before and after them."""

    begins: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    gap: int | None = None
    """Words that may stand here when nothing of this part is there; None: something must be."""
    need: _Need | None = None
    """None: nothing of it must be there."""


class _Reader:
    """Reads one phrase into places (a set of words or beginnings of words each) and what may stand after what."""

    def __init__(self, language: str, lists: Mapping[str, str]) -> None:
        self.places: list[set[str]] = []
        self.after: list[dict[int, int]] = []
        self._gaps = GAPS[language]
        self._lists = lists
        self._open: list[str] = []

    def read(self, text: str) -> _Part:
        part = self._text(text)
        if part.need is None:
            raise PhraseFault("it would match without any word" if part.begins else "it has no words")
        if all(part.begins.values()) or all(part.ends.values()):
            raise PhraseFault("it begins or ends with a gap")
        if len(self.places) > _MOST_PLACES:
            raise PhraseFault(f"it has {len(self.places)} places, more than {_MOST_PLACES}: make two phrases of it")
        return part

    def _text(self, text: str) -> _Part:
        signs = list(_SIGN.finditer(text))
        for sign in signs:
            if sign.group("stray"):
                raise PhraseFault(f"the sign '{sign.group('stray')}' means nothing here")
        part, at = self._choice([sign.group() for sign in signs], 0)
        if at < len(signs):
            raise PhraseFault(f"a '{signs[at].group()}' has no partner")
        return part

    def _choice(self, signs: Sequence[str], at: int) -> tuple[_Part, int]:
        """Alternatives up to a closing bracket or the end. Single words share one place."""
        alternatives: list[_Part] = []
        singles: set[str] = set()
        while True:
            start = at
            while at < len(signs) and signs[at] not in "()[]|~" and signs[at][0] not in "{.":
                at += 1
            words = [part for sign in signs[start:at] for part in _words(sign)]
            if len(words) == 1 and (at == len(signs) or signs[at] in ")]|"):
                singles.add(words[0])
            else:
                part, at = self._sequence(signs, start)
                alternatives.append(part)
            if at < len(signs) and signs[at] == "|":
                at += 1
                continue
            break
        if singles:
            alternatives.append(self._place(singles))
        whole = _Part()
        for part in alternatives:
            whole.begins |= part.begins
            whole.ends |= part.ends
            if part.gap is not None:
                whole.gap = _wider(whole.gap or 0, part.gap)
        needs = [part.need for part in alternatives if part.need]
        if len(needs) == len(alternatives) > 0:
            whole.need = _Need(either=tuple(needs))
        return whole, at

    def _sequence(self, signs: Sequence[str], at: int) -> tuple[_Part, int]:
        whole = _Part(gap=0)
        while at < len(signs) and signs[at] not in ")]|":
            sign = signs[at]
            at += 1
            if sign in self._gaps:
                whole = self._joined(whole, _Part(gap=self._gaps[sign]))
            elif sign in "([":
                part, at = self._choice(signs, at)
                if at == len(signs) or signs[at] != {"(": ")", "[": "]"}[sign]:
                    raise PhraseFault(f"a '{sign}' is not closed")
                at += 1
                if sign == "[":
                    part.gap, part.need = part.gap or 0, None
                whole = self._joined(whole, part)
            elif sign[0] == "{":
                whole = self._joined(whole, self._list(sign[1:-1]))
            else:
                for word in _words(sign):
                    whole = self._joined(whole, self._place({word}))
        return whole, at

    def _list(self, name: str) -> _Part:
        if name not in self._lists:
            raise PhraseFault(f"there is no word list '{name}'")
        if name in self._open:
            raise PhraseFault(f"word list '{name}' names itself")
        self._open.append(name)
        part = self._text(self._lists[name])
        self._open.pop()
        return part

    def _place(self, words: set[str]) -> _Part:
        self.places.append(words)
        self.after.append({})
        place = len(self.places) - 1
        return _Part({place: 0}, {place: 0}, None, _Need(place))

    def _joined(self, left: _Part, right: _Part) -> _Part:
        for end, behind in left.ends.items():
            for begin, ahead in right.begins.items():
                self.after[end][begin] = _wider(_sum(behind, ahead), self.after[end].get(begin, 0))
        begins = dict(left.begins)
        ends = dict(right.ends)
        if left.gap is not None:
            begins |= {
                place: _wider(_sum(ahead, left.gap), begins.get(place, 0)) for place, ahead in right.begins.items()
            }
        if right.gap is not None:
            ends |= {place: _wider(_sum(behind, right.gap), ends.get(place, 0)) for place, behind in left.ends.items()}
        needs = tuple(need for need in (left.need, right.need) if need)
        return _Part(
            begins,
            ends,
            gap=_sum(left.gap, right.gap) if left.gap is not None and right.gap is not None else None,
            need=_Need(every=needs) if needs else None,
        )


def _sum(left: int, right: int) -> int:
    """Two gaps in a row: as strict as the stricter of them."""
    total = abs(left) + abs(right)
    return -total if left < 0 or right < 0 else total


def _wider(left: int, right: int) -> int:
    return max(left, right, key=abs)


def _words(sign: str) -> Iterator[str]:
    star = "*" if sign.endswith("*") else ""
    words = [token for full in expand(sign.removesuffix("*")) for token in characters(full)]
    if not words or not all(word.isalnum() for word in words):
        raise PhraseFault(f"'{sign}' is no word")
    yield from words[:-1]
    yield words[-1] + star


@dataclass(frozen=True, slots=True)
class Phrases:
    """Many phrases, to be searched for in one walk over a text. Words end in `*` where any ending may follow."""

    places: Mapping[str, frozenset[int]]
    """Word -> the places where it can stand."""
    after: tuple[tuple[tuple[int, int], ...], ...]
    """For each place: the places that may follow, each with the most words between (negative: no first person)."""
    opens: Mapping[int, int]
    """Place where a phrase begins -> the phrase's number."""
    closes: Mapping[int, int]
    """Place where a phrase ends -> the phrase's number."""
    keys: Mapping[str, tuple[int, ...]]
    """Word -> phrases that need it or one of its alternatives: the rarest thing each phrase asks for."""
    fillers: frozenset[str] = frozenset()
    """Words that part no others."""
    _lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lengths", tuple(sorted({len(word) - 1 for word in self.places if word[-1] == "*"})))

    @classmethod
    def compiled(
        cls, phrases: Sequence[tuple[str, str]], lists: Mapping[str, str], fillers: Iterable[str] = ()
    ) -> tuple[Self, dict[int, str]]:
        """The phrases given as (text, language), and the faults of those that cannot be read, by number."""
        words: list[set[str]] = []
        after: list[tuple[tuple[int, int], ...]] = []
        opens: dict[int, int] = {}
        closes: dict[int, int] = {}
        needs: dict[int, tuple[int, _Need]] = {}
        faults: dict[int, str] = {}
        for number, (text, language) in enumerate(phrases):
            reader = _Reader(language, lists)
            try:
                part = reader.read(text)
            except PhraseFault as fault:
                faults[number] = str(fault)
                continue
            offset = len(words)
            words += reader.places
            after += [tuple((offset + at, gap) for at, gap in sorted(each.items())) for each in reader.after]
            opens |= {offset + place: number for place in part.begins}
            closes |= {offset + place: number for place in part.ends}
            if part.need:
                needs[number] = (offset, part.need)
        places: dict[str, set[int]] = {}
        for place, each in enumerate(words):
            for word in each:
                places.setdefault(word, set()).add(place)
        return cls(
            places={word: frozenset(at) for word, at in sorted(places.items())},
            after=tuple(after),
            opens=opens,
            closes=closes,
            keys=_keys(words, needs),
            fillers=frozenset(fillers),
        ), faults

    def found(self, words: Words) -> list[Match]:
        """Every phrase that the words hold."""
        named = [self._names(token) for token in words.tokens]
        sought = {phrase for names in named for name in names for phrase in self.keys.get(name, ())}
        if not sought:
            return []
        matches: list[Match] = []
        # Place -> what led there: (number of the word before, gap allowed, the chain of words so far).
        due: dict[int, tuple[int, int, tuple[int, Any] | None]] = {}
        spoke_of_self = -1
        telling = list(accumulate((token not in self.fillers for token in words.tokens), initial=0))
        for at, names in enumerate(named):
            reached: list[tuple[int, tuple[int, Any]]] = []
            for name in names:
                standing = self.places[name]
                for place in due.keys() & standing:
                    before, gap, chain = due[place]
                    between = telling[at] - telling[before + 1]
                    # Neighbours count across a full stop, which may have been put there to hide them; gaps do not.
                    if between and (
                        between > abs(gap)
                        or words.sentences[before] != words.sentences[at]
                        or (gap < 0 and spoke_of_self > before)
                    ):
                        continue
                    reached.append((place, (at, chain)))
                taken = {place for place, _ in reached}
                reached += [
                    (place, (at, None))
                    for place in standing & self.opens.keys()
                    if place not in taken and self.opens[place] in sought
                ]
            for place, chain in reached:
                for following, gap in self.after[place]:
                    known = due.get(following)
                    if known is None or telling[known[0]] + abs(known[1]) <= telling[at] + abs(gap):
                        due[following] = (at, gap, chain)
                if place in self.closes:
                    matches.append(Match(self.closes[place], frozenset(_numbers(chain))))
            if words.tokens[at] in _FIRST_PERSON:
                spoke_of_self = at
        return matches

    def _names(self, token: str) -> list[str]:
        """The token and its beginnings, as far as some phrase uses them."""
        names = [token] if token in self.places else []
        for length in self._lengths:
            if length > len(token):
                break
            if (stem := token[:length] + "*") in self.places:
                names.append(stem)
        return names

    def as_json(self) -> dict[str, Any]:
        return {
            "places": {word: sorted(at) for word, at in self.places.items()},
            "after": [[list(pair) for pair in each] for each in self.after],
            "opens": [list(pair) for pair in sorted(self.opens.items())],
            "closes": [list(pair) for pair in sorted(self.closes.items())],
            "keys": {word: list(phrases) for word, phrases in self.keys.items()},
            "fillers": sorted(self.fillers),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        return cls(
            places={word: frozenset(at) for word, at in known["places"].items()},
            after=tuple(tuple((following, gap) for following, gap in each) for each in known["after"]),
            opens=dict(known["opens"]),
            closes=dict(known["closes"]),
            keys={word: tuple(phrases) for word, phrases in known["keys"].items()},
            fillers=frozenset(known["fillers"]),
        )


def _keys(words: Sequence[set[str]], needs: Mapping[int, tuple[int, _Need]]) -> dict[str, tuple[int, ...]]:
    """For each phrase the rarest words it cannot do without, judged by how many places use a word."""
    uses = Counter(word for each in words for word in each)
    keys: dict[str, list[int]] = {}
    for number, (offset, need) in needs.items():
        commonness = _Commonness(words, offset, uses)
        _, places = need.rarest(commonness)
        for word in sorted({word for place in places for word in words[offset + place]}):
            keys.setdefault(word, []).append(number)
    return {word: tuple(numbers) for word, numbers in sorted(keys.items())}


class _Commonness(Mapping[int, int]):
    """Place of one phrase -> how common the most common of its words is."""

    def __init__(self, words: Sequence[set[str]], offset: int, uses: Mapping[str, int]) -> None:
        self._words, self._offset, self._uses = words, offset, uses

    def __getitem__(self, place: int) -> int:
        return max(self._uses[word] for word in self._words[self._offset + place])

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._words) - self._offset))

    def __len__(self) -> int:
        return len(self._words) - self._offset


def _numbers(chain: tuple[int, Any] | None) -> Iterator[int]:
    while chain is not None:
        yield chain[0]
        chain = chain[1]
