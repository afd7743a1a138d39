"""Splits a text into sentences, and a long text into passages for a model that reads short ones.

Only offsets are returned; the words stay with the caller.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from encoders.base import EmotionReader

LONGEST_PASSAGE = 60
"""Words of a passage at most. The models were trained on comments of up to thirty."""
NEUTRAL = "neutral"
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\s\u3040-\u30ff\u3400-\u9fff]+")
"""Chinese and Japanese put no space between words: two of their characters count as one."""
# A full stop ends a sentence before white space alone, so that "3.5" and "e.g.so" stay whole; Chinese has no space.
_END = re.compile(r"(?:[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？।॥]+[”’）」]*|\n+)")
_NO_END = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|a\.m|p\.m)|\b[a-z])\.$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, in code points: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the emotions found in it."""

    span: Span
    labels: tuple[str, ...]
    """Labels at or over their thresholds, likeliest first, neutral included."""
    speaks: bool = False
    """Whether the emotion that scores highest in the text scores highest here."""


def split_sentences(text: str) -> tuple[Span, ...]:
    """The sentences in order, without surrounding white space; a span without letters and digits is left out."""
    cuts = [0]
    for end in _END.finditer(text):
        # "Dr." and single letters end nothing; "I" is a word, and ends one.
        if not (_NO_END.search(text, cuts[-1], end.end()) and not text[: end.end()].endswith((" I.", " i."))):
            cuts.append(end.end())
    spans = [_trim_span(text, start, end) for start, end in pairwise([*cuts, len(text)])]
    return tuple(span for span in spans if any(sign.isalnum() for sign in text[span.start : span.end]))


def split_passages(text: str) -> tuple[Span, ...]:
    """The text in passages of whole sentences, each of at most `LONGEST_PASSAGE` words; a short text is one."""
    spans: list[Span] = []
    words = 0
    for sentence in split_sentences(text):
        for piece in _split_long_sentence(text, sentence):
            length = len(_WORD.findall(text, piece.start, piece.end))
            if spans and words + length <= LONGEST_PASSAGE:
                spans[-1] = Span(spans[-1].start, piece.end)
                words += length
            else:
                spans.append(piece)
                words = length
    return tuple(spans) or (Span(0, len(text)),)


def label_sentences(reader: EmotionReader, text: str) -> tuple[Sentence, ...]:
    """Every sentence with its own labels; one in a language that the reader does not cover gets none."""
    spans = split_sentences(text)
    read = [span for span in spans if reader.covers(text[span.start : span.end])]
    scores = reader.score([text[span.start : span.end] for span in read])
    found = {span: select_labels(reader, row) for span, row in zip(read, scores.tolist(), strict=True)}
    speaks = read[int(scores[:, _find_top(reader, text)].argmax())] if read else None
    return tuple(Sentence(span, found.get(span, ()), span == speaks) for span in spans)


def select_labels(reader: EmotionReader, scores: Sequence[float]) -> tuple[str, ...]:
    """Labels at or over their thresholds, likeliest first."""
    over = [
        (score, label)
        for label, score in zip(reader.labels, scores, strict=True)
        if score >= reader.thresholds[label].present
    ]
    return tuple(label for _, label in sorted(over, key=lambda found: (-found[0], found[1])))


def _find_top(reader: EmotionReader, text: str) -> int:
    """The column of the emotion, neutral aside, that scores highest in a text."""
    scores = reader.score([text])[0].copy()
    if NEUTRAL in reader.labels:
        scores[reader.labels.index(NEUTRAL)] = -1.0
    return int(scores.argmax())


def _trim_span(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip()))


def _split_long_sentence(text: str, sentence: Span) -> list[Span]:
    """The sentence in pieces of at most `LONGEST_PASSAGE` words: some people write long texts without punctuation."""
    words = [match.span() for match in _WORD.finditer(text, sentence.start, sentence.end)]
    return [
        Span(words[first][0], words[min(first + LONGEST_PASSAGE, len(words)) - 1][1])
        for first in range(0, len(words), LONGEST_PASSAGE)
    ]
