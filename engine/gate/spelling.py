"""Normalises the spelling of a person's text to the words that the gate's phrases use.

Capitals, accents, look-alike letters, leetspeak, letters spaced out or repeated, signs inside words, joined or split
words, traditional characters and common slips are mapped to the word that the phrases in ontology/gate.owl use. Words
that no phrase uses stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.gate.folding import CHARACTERS, DEVANAGARI, EXPANSIONS, fold

_LEET = str.maketrans("013456789@$€£+!|", "oieasgtbgaselTii".lower())
_SIGNS_FOR_LETTERS = "@$€£+!|*#_"
_PIECE = re.compile(rf"\n+|[{CHARACTERS}]|[^\s{CHARACTERS}]+")
_OTHER_SCRIPT = re.compile(rf"[\u0400-\u04ff{DEVANAGARI}]")
_NO_LETTER = re.compile(rf"[^0-9a-z\u0400-\u04ff{DEVANAGARI}]+")
_SENTENCE_END = re.compile(r"(?<![.…])[.!?。！？;；।]+[\"')\]”’」』]*$|[!?。！？।]+[\"')\]”’」』]*$")
_RUN = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"([a-z])\1+")
_SPOKEN = {"2": "to", "4": "for"}
_BEFORE_SPOKEN = frozenset({"want", "wanted", "need", "going", "have", "how", "trying", "ready", "nothing", "live"})
_LONGEST_GLUED = 60
_SHORTEST_GLUED = 7
_SHORTEST_SLIP = 5
_LONGEST_SLIP = 20
_LONGEST_MASK = 20
_LONGEST_ENDING = 6


@dataclass(frozen=True, slots=True, repr=False)
class SpelledWords:
    """The normalised words of a text. No `repr`: nothing a person wrote is ever printed."""

    tokens: tuple[str, ...]
    """Words; each Chinese character is one."""
    sentences: tuple[int, ...]
    """Number of the sentence each token stands in, from 0."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """Normalises texts to the vocabulary of the phrases."""

    vocabulary: frozenset[str]
    """Every word that some phrase uses."""
    stems: frozenset[str]
    """Beginnings of words (`suicid*` without its star) that some phrase uses."""
    watched: frozenset[str]
    """Words that are also recognised with one slip, glued to others, broken in two, or masked (`su*cide`)."""
    plain: frozenset[str]
    """Ordinary words that are one slip away from a watched one, and are never taken for it."""
    _by_look: dict[str, str] = field(init=False, repr=False, compare=False)
    _squeezed: dict[str, str] = field(init=False, repr=False, compare=False)
    _by_slip: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _known: frozenset[str] = field(init=False, repr=False, compare=False)
    _longest: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        slips: dict[str, list[str]] = {}
        for word in sorted(word for word in self.watched if len(word) >= _SHORTEST_SLIP):
            for near in {word, *_drop_each_letter(word)}:
                slips.setdefault(near, []).append(word)
        known = self.vocabulary | EXPANSIONS.keys()
        # Watched words last: where two words look the same, the watched one wins.
        ordered = [*sorted(known - self.watched), *sorted(self.watched)]
        for name, value in {
            "_by_look": {_fold_lookalikes(word): word for word in ordered},
            "_squeezed": {_DOUBLED.sub(r"\1", word): word for word in sorted(ordered, key=len, reverse=True)},
            "_by_slip": {near: tuple(words) for near, words in slips.items()},
            "_known": known,
            "_longest": max(map(len, known), default=0),
        }.items():
            object.__setattr__(self, name, value)

    def split_words(self, text: str) -> SpelledWords:
        """The words of a text, each with the number of its sentence. Linear in the length of the text."""
        pieces = self._join_broken_words(self._join_letters(self._decode_numbers(list(self._split_pieces(fold(text))))))
        tokens: list[str] = []
        sentences: list[int] = []
        for piece, sentence in pieces:
            meant = self._resolve_piece(piece)
            tokens += meant
            sentences += [sentence] * len(meant)
        return SpelledWords(tuple(tokens), tuple(sentences))

    def _split_pieces(self, folded: str) -> Iterator[tuple[str, int]]:
        """The pieces between blanks, split where one is not a single word, each with the number of its sentence."""
        sentence = 0
        for match in _PIECE.finditer(folded):
            piece = match.group()
            if piece[0] == "\n":
                sentence += 1
                continue
            if piece.isalpha():
                yield piece, sentence
                continue
            yield from ((part, sentence) for part in self._split_piece(piece))
            if _SENTENCE_END.search(piece):
                sentence += 1

    def _split_piece(self, piece: str) -> list[str]:
        """The words of one piece: without signs, with signs read as letters, or split at the signs."""
        core = piece.strip(".,;:?!\"'()[]{}<>«»“”‘’„…~^&%=-–—_/\\。，、！？；：（）《》「」『』【】·#।¿¡")
        if not core:
            return []
        if core.isdigit():
            return [core]
        if _OTHER_SCRIPT.search(core):
            return [part for part in _NO_LETTER.split(core) if part]
        letters = re.sub(r"[^a-z0-9]", "", core)
        if letters in self._known and letters.isalpha():
            # "d!e" is a hidden word before it is a short word of another language.
            hidden = self._decode(core) if any(sign in _SIGNS_FOR_LETTERS for sign in core) else None
            return [hidden or letters]
        if found := self._decode(core):
            return [found]
        if core != piece and piece[0] in _SIGNS_FOR_LETTERS and (found := self._decode(piece.rstrip(".,;:?!"))):
            return [found]
        parts = [part for part in re.split(r"[^a-z0-9]+", core) if part]
        return [self._decode(part) or part if not part.isalpha() and not part.isdigit() else part for part in parts]

    def _decode(self, core: str) -> str | None:
        """The word behind letters mixed with digits and signs (`k1ll`, `$uic!de`, `su*cide`); None if there is none."""
        if len(core) < 2 or not any(sign.isalpha() for sign in core):
            return None
        letters = re.sub(r"[^a-z]", "", core.translate(_LEET))
        looks = _fold_lookalikes(letters)
        if word := self._by_look.get(looks):
            return word
        if self._is_inflected(looks, look=True):
            return letters
        if 3 <= len(core) <= _LONGEST_MASK and re.search(r"[*#_]", core):
            mask = re.compile("".join("[a-z]" if sign in "*#_" else re.escape(sign) for sign in core) + r"\Z")
            return next((word for word in sorted(self.watched) if len(word) == len(core) and mask.match(word)), None)
        return None

    def _is_inflected(self, piece: str, *, look: bool = False) -> bool:
        """Whether a piece is a known beginning with a short ending, so that no second word is joined to it."""
        return any(
            piece.startswith(_fold_lookalikes(stem) if look else stem) and len(piece) <= len(stem) + _LONGEST_ENDING
            for stem in self.stems
            if len(stem) >= _SHORTEST_SLIP
        )

    def _decode_numbers(self, pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Replaces `2` by "to" and `4` by "for" between words; other numbers stay."""
        return [
            (_SPOKEN[piece], sentence)
            if piece in _SPOKEN and 0 < at < len(pieces) - 1 and pieces[at - 1][0] in _BEFORE_SPOKEN
            else (piece, sentence)
            for at, (piece, sentence) in enumerate(pieces)
        ]

    def _join_letters(self, pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Joins three or more single letters in a row to the words that they spell."""
        joined: list[tuple[str, int]] = []
        run: list[str] = []

        def close() -> None:
            if len(run) < 3:
                joined.extend((letter, sentence_of_run) for letter in run)
            else:
                spelled = "".join(run).translate(_LEET)
                joined.extend((word, sentence_of_run) for word in self._segment_letters(spelled, whole=False))
            run.clear()

        sentence_of_run = 0
        for piece, sentence in pieces:
            if len(piece) == 1 and piece.isascii() and piece.isalnum():
                sentence_of_run = sentence if not run else sentence_of_run
                run.append(piece)
                continue
            close()
            joined.append((piece, sentence))
        close()
        return joined

    def _join_broken_words(self, pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Joins two pieces that form a watched word together but are not both words (`sui cide`)."""
        joined: list[tuple[str, int]] = []
        for piece, sentence in pieces:
            if joined:
                before, its_sentence = joined[-1]
                whole = before + piece
                if whole in self.watched and not (before in self._known and piece in self._known):
                    joined[-1] = (whole, its_sentence)
                    continue
            joined.append((piece, sentence))
        return joined

    def _resolve_piece(self, piece: str) -> tuple[str, ...]:
        """The known words behind one piece, or the piece unchanged."""
        if piece in EXPANSIONS:
            return EXPANSIONS[piece]
        if piece in self.vocabulary or len(piece) < 3 or not piece.isascii() or piece in self.plain:
            return (piece,)
        if _RUN.search(piece) and (word := self._squeezed.get(_DOUBLED.sub(r"\1", piece))):
            return EXPANSIONS.get(word, (word,))
        if "ii" in piece and (word := self._by_look.get(_fold_lookalikes(piece))):
            return EXPANSIONS.get(word, (word,))
        if piece.endswith("in") and piece + "g" in self.vocabulary:
            # The g dropped, as people say it ("cuttin").
            return (piece + "g",)
        if self._is_inflected(piece):
            return (piece,)
        if _SHORTEST_SLIP <= len(piece) <= _LONGEST_SLIP and (word := self._find_slip(piece)):
            return (word,)
        if _SHORTEST_GLUED <= len(piece) <= _LONGEST_GLUED:
            words = self._segment_letters(piece, whole=True)
            if any(word in self.watched for word in words):
                return tuple(part for word in words for part in EXPANSIONS.get(word, (word,)))
        return (piece,)

    def _find_slip(self, piece: str) -> str | None:
        """The watched word that is one slip away and begins with the same letter; None if there is none."""
        near = {word for form in {piece, *_drop_each_letter(piece)} for word in self._by_slip.get(form, ())}
        return next((word for word in sorted(near) if word[0] == piece[0] and _is_one_slip(piece, word)), None)

    def _segment_letters(self, letters: str, *, whole: bool) -> list[str]:
        """Splits letters into known words with the least unknown letters, then the least words. `whole`: no split
        unless all letters are known."""
        best: list[tuple[int, int, int]] = [(0, 0, 0)]
        for end in range(1, len(letters) + 1):
            unknown, count, _ = best[end - 1]
            choice = (unknown + 1, count, end - 1)
            for start in range(max(0, end - self._longest), end):
                if letters[start:end] in self._known and (end - start > 1 or letters[start] in "ia"):
                    unknown, count, _ = best[start]
                    choice = min(choice, (unknown, count + 1, start))
            best.append(choice)
        if whole and best[-1][0]:
            return [letters]
        words: list[str] = []
        end = len(letters)
        while end:
            start = best[end][2]
            words.append(letters[start:end])
            end = start
        return words[::-1]


def _fold_lookalikes(word: str) -> str:
    """The word with l replaced by i, since 1, l and i look alike."""
    return word.replace("l", "i")


def _drop_each_letter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _is_one_slip(piece: str, word: str) -> bool:
    """One letter wrong, missing, too many, or two neighbours swapped."""
    if len(piece) == len(word):
        wrong = [at for at in range(len(word)) if piece[at] != word[at]]
        return len(wrong) == 1 or (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and piece[wrong[0]] == word[wrong[1]]
            and piece[wrong[1]] == word[wrong[0]]
        )
    longer, shorter = (piece, word) if len(piece) > len(word) else (word, piece)
    return len(longer) == len(shorter) + 1 and shorter in _drop_each_letter(longer)
