"""The second look: a learned reader of danger is asked after the phrases, sentence by sentence.

So that chat around a cry for help dilutes nothing. The thresholds stand in ontology/gate.owl.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from encoders.base import DangerReader


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What the probability of danger leads to."""

    asks: float
    """From here on the safety question is asked, 0..1."""
    supports: float
    """From here on help is shown, 0..1."""

    def look(self, reader: DangerReader, texts: Sequence[str]) -> Literal["support", "ask", "pass"]:
        """What the most dangerous sentence of the texts leads to."""
        from encoders.emotions.passages import split_sentences

        sentences = [text[span.start : span.end] for text in texts for span in split_sentences(text)]
        danger = max((float(score) for score in reader.score_danger(sentences)), default=0.0) if sentences else 0.0
        return "support" if danger >= self.supports else "ask" if danger >= self.asks else "pass"
