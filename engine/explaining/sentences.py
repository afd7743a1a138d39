"""One plain sentence for each track: what one hears, and what it does here. True by the measures, and its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, islice, permutations

from engine.explaining.measures import Change, compare_with_target, find_changes
from engine.explaining.words import Clause, Words, capitalise
from engine.journey import Candidate, Waypoint

PACE = frozenset({"tempo", "onset_rate", "arousal"})
"""What a pace is heard by, and what follows from it."""
MAX_TRIED = 8
"""Ways of saying what is heard that are tried with one clause before another clause is."""


@dataclass(frozen=True, slots=True)
class Purport:
    """What a journey is about: where it leads, what was felt, and how rules let that be met."""

    goal: str
    feeling: str | None
    """The strongest feeling, as it is called; None where none is known."""
    meets: str | None
    """feeling, pace alone, or elsewhere: nothing of it is mirrored; None where no feeling is known"""


@dataclass(slots=True)
class SentenceWriter:
    """Says the sentences of a journey one after the other, so that no two are alike."""

    words: Words
    purport: Purport
    told: set[str] = field(default_factory=set)
    _used: Counter[str] = field(default_factory=Counter, init=False)
    _purposes: list[Clause] = field(init=False)

    def __post_init__(self) -> None:
        self._purposes = [
            clause
            for clause in self.words.list_clauses("Purpose")
            if self.purport.feeling is not None or "{feeling}" not in clause.text
        ]

    def write(self, waypoint: Waypoint, stage: str, track: Candidate, before: Candidate | None) -> str:
        """The sentence of a track that follows another one; None: it is the first."""
        noticed = {} if before is None else find_changes(self.words, before, track)
        true = [
            clause
            for clause in self._purposes
            if clause.belongs(stage, self.purport.goal) and is_true(clause, self.purport, waypoint, track, noticed)
        ]
        true.sort(key=lambda clause: (self._used[clause.id], -_measure_weight(clause, noticed), clause.id))
        said = ""
        for said, clauses in self._iterate_wordings(true, _iterate_sounds(self.words, track, before, noticed)):
            if said not in self.told:
                self._used.update(clauses)
                break
        self.told.add(said)
        return said

    def _iterate_wordings(
        self, clauses: Sequence[Clause], ways_heard: Iterator[str]
    ) -> Iterator[tuple[str, list[str]]]:
        """Ways to say it, best first: with one clause, then with two, then with every other way of hearing it."""
        best = next(ways_heard)
        yield self._join(best, self._fill(clauses[0])), [clauses[0].id]
        heard = [best, *islice(ways_heard, 4 * MAX_TRIED)]
        does = {clause.id: self._fill(clause) for clause in clauses}
        for clause in clauses:
            for one in heard[:MAX_TRIED]:
                yield self._join(one, does[clause.id]), [clause.id]
        for one in heard:
            for first, then in permutations(does, 2):
                both = self.words.say("also-does", does=does[first], more=does[then])
                yield self._join(one, both), [first, then]

    def _fill(self, clause: Clause) -> str:
        goal = self.words.name("goals", self.purport.goal)
        return clause.text.format(feeling=self.purport.feeling, goal=goal)

    @staticmethod
    def _join(heard: str, does: str) -> str:
        return capitalise(heard.replace("{does}", does))


def is_true(
    clause: Clause, purport: Purport, waypoint: Waypoint, track: Candidate, noticed: Mapping[str, Change]
) -> bool:
    """Whether what a clause says is so by the measures; where it belongs is asked elsewhere."""
    if clause.meets is not None and clause.meets != purport.meets:
        return False
    if clause.against == "asked":
        asked = waypoint.asked
        return all(
            cue in asked and compare_with_target(asked[cue], track.cues[cue]) == clause.change for cue in clause.cues
        )
    return all(cue in noticed and noticed[cue].kind == clause.change for cue in clause.cues)


def _measure_weight(clause: Clause, noticed: Mapping[str, Change]) -> float:
    """How much a clause has to say: what it tells of several cues, or of a large change, goes first."""
    if clause.against == "before":
        return sum(noticed[cue].weight for cue in clause.cues if cue in noticed)
    return 1.0 * len(clause.cues) + (0.5 if clause.meets else 0.0)


def _iterate_sounds(
    words: Words, track: Candidate, before: Candidate | None, noticed: Mapping[str, Change]
) -> Iterator[str]:
    """Ways to say what one hears, best first, each with `{does}` where the rest of the sentence comes."""
    players = words.name_players(track.instrument)
    name = "sentence-{}" if players else "sentence-{}-unnamed"

    def fill(kind: str, **said: str) -> str:
        return words.say(name.format(kind), **({"players": players} if players else {}), does="{does}", **said)

    plain = [
        said for cue in words.compared if cue in track.cues and (said := words.find_plain_word(cue, track.cues[cue]))
    ]
    if before is None:
        for some in chain.from_iterable(combinations(plain, count) for count in (3, 2, 4, 1) if count <= len(plain)):
            yield fill("opens", sound=words.join(some))
        if not plain:
            yield words.say("sentence-opens-plain", does="{does}")
        return
    told = [words.get_comparative(change.cue, change.kind) for change in noticed.values()]
    for some in chain.from_iterable(combinations(told, count) for count in (2, 1, 3, 4) if count <= len(told)):
        yield fill("changes", changes=words.join(some))
    if not told:
        yield fill("stays")
