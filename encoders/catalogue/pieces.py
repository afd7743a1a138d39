"""The pieces that can be played: scores of the corpus with their titles and kinds."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from encoders.analysis.cues import estimate_mode
from encoders.catalogue.repertoire import Repertoire, ScoreCollection, Work
from encoders.catalogue.sources import ScoreSource, count_tunes, find_corpus, read_music21
from encoders.notation.score import Score, unfold
from encoders.notation.titles import format_title, normalise_title, slug

_KIND_OF_FORM = (
    ("reel", "reel"),
    ("hornpipe", "hornpipe"),
    ("clog", "hornpipe"),
    ("slip jig", "slip jig"),
    ("slipjig", "slip jig"),
    ("jig", "jig"),
    ("slide", "jig"),
    ("strathspey", "strathspey"),
    ("fling", "strathspey"),
    ("schottische", "strathspey"),
    ("quick step", "quickstep"),
    ("quickstep", "quickstep"),
    ("walk", "march"),
    ("march", "march"),
    ("troop", "march"),
    ("waltz", "waltz"),
    ("minuet", "minuet"),
    ("menuet", "minuet"),
)
_SLOW = re.compile(
    r"(?i)\b(slow|tender|plaintive|mourn|feeling|expression|andante|adagio|larg|sad|lament|pathetic|"
    r"lullaby|cradle|hush|grave|dirge|farewell|elegy|funeral|sleep)"
)
_MOURNFUL = re.compile(r"(?i)\b(lament|lullaby|cradle|dirge|funeral|farewell|elegy)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One work of the catalogue."""

    source: str
    work_id: str
    title: str
    year: str
    """Year of the work or of its book; empty where unknown."""
    kind: str
    collection: ScoreCollection
    mode: float
    """-1 minor .. 1 major, estimated from the score."""
    work: Work | None = None


def read_piece(source: str, repertoire: Repertoire) -> Piece:
    """The piece at a source; ScoreUnreadable where there is none."""
    place = ScoreSource.parse(source)
    score = read_music21(source)
    collection = repertoire.find_collection(place.path)
    if collection is None or not collection.used:
        raise ValueError(f"'{source}' belongs to no collection that is used")
    for work in repertoire.works:
        if f"music21:{work.path}" == source:
            work_id = f"{collection.artist_id}-{work.slug}"
            return Piece(source, work_id, work.title, work.year, work.kind, collection, _estimate_mode(score), work)
    return _make_tune(place, score, collection)


def iterate_pieces(repertoire: Repertoire, left_out: Counter[str]) -> Iterator[Piece]:
    """Every playable piece, without repeated titles; others are counted in `left_out` by reason."""
    titles: set[tuple[str, str]] = set()
    named = {work.path for work in repertoire.works}
    for source in [*(f"music21:{work.path}" for work in repertoire.works), *map(str, iterate_tunes(repertoire, named))]:
        piece = read_piece(source, repertoire)
        reason = "" if piece.work else find_fault(read_music21(source))
        if not reason and (piece.collection.artist_id, normalise_title(piece.title)) in titles:
            reason = "a tune of this name is there already"
        if reason:
            left_out[f"{piece.collection.artist}: {reason}"] += 1
            continue
        titles.add((piece.collection.artist_id, normalise_title(piece.title)))
        yield piece


def iterate_tunes(repertoire: Repertoire, named: set[str]) -> Iterator[ScoreSource]:
    """Every tune of the tune books in use, except those in the table of works."""
    root = find_corpus()
    for collection in repertoire.collections:
        if not collection.used or collection.kind != "tune":
            continue
        place = root / collection.under
        for file in [place] if place.suffix == ".abc" else sorted(place.glob("*.abc")):
            path = file.relative_to(root).as_posix()
            if path not in named and repertoire.find_collection(path) is collection:
                yield from (ScoreSource(path, number) for number in range(1, count_tunes(path) + 1))


def find_fault(score: Score) -> str:
    """Why a tune is unsuitable for the catalogue; empty when it is suitable."""
    sheet = unfold(score)
    odd = sum(abs(bar.beats - 4 * bar.metre[0] / bar.metre[1]) > 1e-3 for bar in score.bars)
    pitches = [tone.pitch for tone in sheet.tones]
    if not re.search(r"[A-Za-z]{3}", score.title) or re.match(r"(?i)(untitled|no title|\?)|.* do\.?$", score.title):
        return "it has no title of its own"
    if len(score.parts) > 1:
        return "it is in several voices that the file writes apart"
    if odd > 2 + 0.25 * len(score.bars):
        return "its bars do not fill their metre"
    if len(sheet.bars) < 8 or len(sheet.tones) < 30:
        return "it is shorter than eight bars"
    if min(pitches) < 50 or max(pitches) > 96:
        return "it leaves the range of melody instruments"
    return ""


def _make_tune(source: ScoreSource, score: Score, collection: ScoreCollection) -> Piece:
    form = _find_form(score, source)
    title = format_title(score.title, form)
    kind = _find_kind(score, form or title, source)
    if re.search(r"(?i)carolan", f"{score.composer} {score.title}"):
        note = f"In {collection.artist}. {collection.licence_note}"
        collection = replace(
            collection,
            artist_id="turlough-ocarolan",
            artist="Turlough O'Carolan (1670-1738)",
            licence_note=note,
        )
    work_id = f"{collection.artist_id}-{slug(title)}"
    return Piece(str(source), work_id, title, collection.year, kind, collection, _estimate_mode(score))


def _read_oneill_number(source: ScoreSource) -> int:
    """O'Neill's number of a tune, from its file name and position; 0 in other books."""
    match = re.match(r"oneills1850/(\d+)-", source.path)
    return int(match[1]) + source.tune - 1 if match else 0


def _is_song(source: ScoreSource) -> bool:
    """Whether a tune is a song, by its place in the book.

    O'Neill prints songs and airs first (1-625), then Carolan's pieces; Bruce and Stokoe print songs.
    """
    return 0 < _read_oneill_number(source) <= 625 or "northumbrian" in source.path


def _find_form(score: Score, source: ScoreSource) -> str:
    text = f"{score.form} {score.title}".lower()
    if "planxty" in text:  # Some stand among hornpipes.
        return ""
    for word, _ in _KIND_OF_FORM:
        if re.search(rf"\b{word}s?\b", text):
            return {"slipjig": "slip jig"}.get(word, word)
    number = _read_oneill_number(source)
    # From 1776 on long dances and marches are mixed: only those titled so are marches.
    sections = ((1776, ""), (1556, "hornpipe"), (1176, "reel"), (1116, "slip jig"), (701, "jig"))
    return next((form for first, form in sections if number >= first), "")


def _find_kind(score: Score, form: str, source: ScoreSource) -> str:
    """The kind of a tune: its form if that fits the metre, else what its book usually has in this metre."""
    metre = score.bars[len(score.bars) // 2].metre
    three = metre[0] == 3 and metre[1] != 8
    six = metre[0] in (6, 9, 12) or metre == (3, 8)
    said = f"{score.words} {score.title}"
    kind = next((kind for word, kind in _KIND_OF_FORM if re.search(rf"(?i)\b{word}s?\b", form)), "")
    end = " in six" if six else " in three" if three else ""
    if (
        re.search(r"(?i)carolan|planxty", f"{score.composer} {score.title}")
        or 626 <= _read_oneill_number(source) <= 700
    ):
        return f"planxty{end}"
    if _MOURNFUL.search(score.title) and kind in ("", "march", "waltz"):
        return f"slow air{end}"
    if kind in ("jig", "slip jig", "quickstep", "march") and six:
        return kind if kind in ("jig", "slip jig", "quickstep") else "quickstep"
    if kind in ("waltz", "minuet"):
        return kind if three else f"air{end}"
    if kind in ("reel", "hornpipe", "strathspey", "march", "quickstep") and not three and not six:
        return kind
    if _SLOW.search(said):
        return f"slow air{end}"
    if _is_song(source) or re.search(r"(?i)\b(song|air)\b", f"{form} {said}"):
        return f"air{end}"
    if six:
        return "slip jig" if metre[0] == 9 else "jig"
    if three:
        return "tune in three"
    return "march" if "fife" in source.path else "tune"


def _estimate_mode(score: Score) -> float:
    held = np.zeros(12)
    for tone in unfold(score, repeats=False).tones:
        held[tone.pitch % 12] += tone.beats
    return estimate_mode(held)
