"""Searches for many phrases at once, in one pass over the words of a text, without backtracking.

For each word only the places in phrases where it can stand are visited, so the time is linear in the number of words.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Self

from engine.gate.language import PhraseFault, PhraseNeed, PhraseReader
from engine.gate.spelling import SpelledWords

_FIRST_PERSON = frozenset({"i", "me", "my", "myself", "我", "yo", "ich", "je", "eu", "io", "я", "मैं", "私", "僕", "俺"})


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """One phrase found in a text: its number, and the numbers of the words it matches."""

    phrase: int
    words: frozenset[int]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Compiled phrases. Words end in `*` where any ending may follow."""

    places: Mapping[str, Sequence[int]]
    """Word -> the places where it can stand."""
    after: Sequence[Sequence[Sequence[int]]]
    """For each place: offsets of the places that may follow, and the most words between (negative: no "I")."""
    opens: Mapping[int, int]
    """Place where a phrase begins -> the phrase's number."""
    closes: Mapping[int, int]
    """Place where a phrase ends -> the phrase's number."""
    keys: Mapping[str, Sequence[int]]
    """Word -> phrases that need it or one of its alternatives; of each phrase only its rarest needed words."""
    fillers: frozenset[str] = frozenset()
    """Words that do not count in gaps."""
    _lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lengths", tuple(sorted({len(word) - 1 for word in self.places if word[-1] == "*"})))

    @classmethod
    def compile(
        cls, phrases: Sequence[tuple[str, str]], lists: Mapping[str, str], fillers: Iterable[str] = ()
    ) -> tuple[Self, dict[int, str]]:
        """Compiles phrases given as (text, language); also number -> fault of those that cannot be parsed."""
        words: list[set[str]] = []
        after: list[list[list[int]]] = []
        opens: dict[int, int] = {}
        closes: dict[int, int] = {}
        needs: dict[int, tuple[int, PhraseNeed]] = {}
        faults: dict[int, str] = {}
        for number, (text, language) in enumerate(phrases):
            reader = PhraseReader(language, lists)
            try:
                part = reader.read(text)
            except PhraseFault as fault:
                faults[number] = str(fault)
                continue
            offset = len(words)
            words += reader.places
            after += [
                [[following - place, gap] for following, gap in sorted(each.items())]
                for place, each in enumerate(reader.after)
            ]
            opens |= {offset + place: number for place in part.begins}
            closes |= {offset + place: number for place in part.ends}
            if part.need:
                needs[number] = (offset, part.need)
        places: dict[str, set[int]] = {}
        for place, each in enumerate(words):
            for word in each:
                places.setdefault(word, set()).add(place)
        return cls(
            places={word: sorted(at) for word, at in sorted(places.items())},
            after=after,
            opens=opens,
            closes=closes,
            keys=_choose_keys(words, needs),
            fillers=frozenset(fillers),
        ), faults

    def find(self, words: SpelledWords) -> list[PhraseMatch]:
        """All matches in the words of a text."""
        named = [self._match_names(token) for token in words.tokens]
        sought = {phrase for names in named for name in names for phrase in self.keys.get(name, ())}
        if not sought:
            return []
        matches: list[PhraseMatch] = []
        # Place -> what led there: (number of the word before, gap allowed, the chain of words so far).
        due: dict[int, tuple[int, int, tuple[int, Any] | None]] = {}
        spoke_of_self = -1
        standing_of = {name: frozenset(self.places[name]) for name in {name for names in named for name in names}}
        opening_of = {
            name: [place for place in standing & self.opens.keys() if self.opens[place] in sought]
            for name, standing in standing_of.items()
        }
        counted = list(accumulate((token not in self.fillers for token in words.tokens), initial=0))
        for at, names in enumerate(named):
            reached: list[tuple[int, tuple[int, Any]]] = []
            for name in names:
                standing = standing_of[name]
                for place in due.keys() & standing:
                    before, gap, chain = due[place]
                    between = counted[at] - counted[before + 1]
                    # Adjacent words match across a full stop, which may be there to evade the gate; gaps do not.
                    if between and (
                        between > abs(gap)
                        or words.sentences[before] != words.sentences[at]
                        or (gap < 0 and spoke_of_self > before)
                    ):
                        continue
                    reached.append((place, (at, chain)))
                taken = {place for place, _ in reached}
                reached += [(place, (at, None)) for place in opening_of[name] if place not in taken]
            for place, chain in reached:
                for onward, gap in self.after[place]:
                    following = place + onward
                    known = due.get(following)
                    if known is None or counted[known[0]] + abs(known[1]) <= counted[at] + abs(gap):
                        due[following] = (at, gap, chain)
                if place in self.closes:
                    matches.append(PhraseMatch(self.closes[place], frozenset(_unwind_chain(chain))))
            if words.tokens[at] in _FIRST_PERSON:
                spoke_of_self = at
        return matches

    def _match_names(self, token: str) -> list[str]:
        """The token and those of its beginnings that some phrase uses."""
        names = [token] if token in self.places else []
        for length in self._lengths:
            if length > len(token):
                break
            if (stem := token[:length] + "*") in self.places:
                names.append(stem)
        return names

    def as_json(self) -> dict[str, Any]:
        return {
            "places": self.places,
            "after": self.after,
            "opens": sorted(self.opens.items()),
            "closes": sorted(self.closes.items()),
            "keys": self.keys,
            "fillers": sorted(self.fillers),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        return cls(
            known["places"],
            known["after"],
            dict(known["opens"]),
            dict(known["closes"]),
            known["keys"],
            frozenset(known["fillers"]),
        )


def _choose_keys(words: Sequence[set[str]], needs: Mapping[int, tuple[int, PhraseNeed]]) -> dict[str, tuple[int, ...]]:
    """Word -> phrases that need it: of each phrase the rarest, by the number of places that use a word."""
    uses = Counter(word for each in words for word in each)
    keys: dict[str, list[int]] = {}
    for number, (offset, need) in needs.items():
        commonness = _Commonness(words, offset, uses)
        _, places = need.find_rarest(commonness)
        for word in sorted({word for place in places for word in words[offset + place]}):
            keys.setdefault(word, []).append(number)
    return {word: tuple(numbers) for word, numbers in sorted(keys.items())}


class _Commonness(Mapping[int, int]):
    """Place of one phrase -> number of uses of the most common of its words."""

    def __init__(self, words: Sequence[set[str]], offset: int, uses: Mapping[str, int]) -> None:
        self._words, self._offset, self._uses = words, offset, uses
        self._known: dict[int, int] = {}

    def __getitem__(self, place: int) -> int:
        if place not in self._known:
            self._known[place] = max(self._uses[word] for word in self._words[self._offset + place])
        return self._known[place]

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._words) - self._offset))

    def __len__(self) -> int:
        return len(self._words) - self._offset


def _unwind_chain(chain: tuple[int, Any] | None) -> Iterator[int]:
    while chain is not None:
        yield chain[0]
        chain = chain[1]
