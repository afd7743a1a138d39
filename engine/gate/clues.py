"""Clues: phrases that indicate a crisis only together ("the rent is paid ahead" beside "now I can rest").

Every clue has a weight and counts once within a window of words: fully for its own kind of crisis, in part for the
others. Some have negative weights (a film, a game, years ago). Where the sum for a kind reaches the threshold, the
clues of that kind in the window count. The clues, their weights, the threshold, the length of the window and the part
that counts for other kinds stand in ontology/gate.owl.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True, order=True)
class Clue:
    """One clue found in a text; the text itself is not stored."""

    at: int
    """Number of the first of its words."""
    id: str
    kind: str | None
    """None for every kind."""
    weight: int
    """In hundredths; negative for a clue against a crisis."""


@dataclass(slots=True)
class Tally:
    """The sum of the weights of the clues in a sliding window, each clue counted once."""

    total: int = 0
    here: Counter[str] = field(default_factory=Counter)

    def add(self, clue: Clue) -> None:
        self.total += 0 if self.here[clue.id] else clue.weight
        self.here[clue.id] += 1

    def drop(self, clue: Clue) -> None:
        self.here[clue.id] -= 1
        self.total -= 0 if self.here[clue.id] else clue.weight


@dataclass(frozen=True, slots=True)
class ClueThreshold:
    """The threshold from which clues indicate their marker together."""

    enough: int
    """The sum that their weights must reach, in hundredths."""
    within: int
    """Length of the window in words (characters in Chinese)."""
    lent: int
    """Percentage of its weight with which a clue counts for other kinds than its own."""

    asks: int | None = None
    """The sum from which they lead to the safety question, in hundredths; None: they never do."""

    def find_together(self, clues: Iterable[Clue], enough: int) -> set[str]:
        """Ids of the clues that together reach a sum, in hundredths."""
        ordered = sorted(clues)
        against = [clue for clue in ordered if clue.weight <= 0]
        shown: set[str] = set()
        for kind in {clue.kind for clue in ordered if clue.weight > 0}:
            showing = [self._lend_weight(clue, kind) for clue in ordered if clue.weight > 0]
            weighing = [clue for clue in against if clue.kind in (None, kind)]
            shown |= {clue.id for clue in self._find_of_kind(showing, weighing, enough) if clue.kind == kind}
        return shown

    def _lend_weight(self, clue: Clue, kind: str | None) -> Clue:
        return clue if clue.kind == kind else replace(clue, weight=clue.weight * self.lent // HUNDREDTHS)

    def _find_of_kind(self, showing: Sequence[Clue], against: Sequence[Clue], enough: int) -> set[Clue]:
        """The clues of one kind that reach the sum; `against` counts within the window on both sides."""
        shown: set[Clue] = set()
        tally, first, low, high = Tally(), 0, 0, 0
        for clue in showing:
            tally.add(clue)
            while clue.at - showing[first].at > self.within:
                tally.drop(showing[first])
                first += 1
            while high < len(against) and against[high].at - clue.at <= self.within:
                tally.add(against[high])
                high += 1
            while low < high and clue.at - against[low].at > self.within:
                tally.drop(against[low])
                low += 1
            if tally.total >= enough:
                shown |= {each for each in showing if tally.here[each.id]}
        return shown
