"""The pieces that the catalogue plays: scores of the corpus with names fit to be read, and what kind each is."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from encoders.analysis.cues import estimate_mode
from encoders.catalogue.repertoire import Collection, Repertoire, Work
from encoders.catalogue.sources import Source, corpus, read_music21, tunes_in
from encoders.notation.score import Score, unfold
from encoders.notation.titles import format_title, normalise_title, slug

_KIND_OF_FORM = (
    ("reel", "reel"),
    ("hornpipe", "hornpipe"),
    ("clog", "hornpipe"),
    ("jig", "jig"),
    ("slide", "jig"),
    ("strathspey", "strathspey"),
    ("fling", "strathspey"),
    ("schottische", "strathspey"),
    ("walk", "march"),
    ("march", "march"),
    ("quick step", "march"),
    ("quickstep", "march"),
    ("troop", "march"),
    ("waltz", "waltz"),
    ("minuet", "waltz"),
    ("menuet", "waltz"),
    ("air", "air"),
    ("song", "air"),
)
_CALM = re.compile(
    r"(?i)\b(slow|tender|plaintive|mourn|feeling|expression|andante|adagio|larg|sad|lament|pathetic|"
    r"lullaby|cradle|hush|grave|dirge|farewell|elegy|funeral|sleep)"
)
_LIVELY = re.compile(r"(?i)\b(spirit|lively|bold|animat|brisk|cheerful|quick|playful|fast|allegro|vivace|gay)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One work of the catalogue."""

    source: str
    work_id: str
    title: str
    kind: str
    collection: Collection
    mode: float
    """-1 minor .. 1 major, from what is written."""
    energies: tuple[str, ...]
    """With which energies it may be played: a lament with no hot one."""
    work: Work | None = None


@dataclass(slots=True)
class Survey:
    """What was found in the corpus: pieces, and how many scores were left out for which reason."""

    pieces: list[Piece] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def survey(repertoire: Repertoire) -> Survey:
    """Every piece that may be played, in an order that no folder listing decides."""
    found = Survey()
    titles: set[tuple[str, str]] = set()
    taken: Counter[str] = Counter()
    for work in repertoire.works:
        collection = repertoire.collection_of(work.path)
        if collection and _has_room(collection, taken, found):
            found.pieces.append(_piece_of_work(work, collection))
            titles.add((collection.artist_id, normalise_title(work.title)))
            taken[collection.under] += 1
    named = {work.path for work in repertoire.works}
    # In the order of a hash every part of a book has its chance.
    for source in sorted(_tune_sources(repertoire, named), key=lambda s: hashlib.sha256(str(s).encode()).digest()):
        collection = repertoire.collection_of(source.path)
        if collection is None or not _has_room(collection, taken, found):
            continue
        score = read_music21(str(source))
        if reason := unfit(score):
            found.left_out[f"{collection.artist}: {reason}"] += 1
            continue
        piece = _piece_of_tune(source, score, collection)
        if (piece.collection.artist_id, normalise_title(piece.title)) in titles:
            found.left_out[f"{collection.artist}: a tune of this name is there already"] += 1
            continue
        titles.add((piece.collection.artist_id, normalise_title(piece.title)))
        found.pieces.append(piece)
        taken[collection.under] += 1
    return found


def _has_room(collection: Collection, taken: Counter[str], found: Survey) -> bool:
    """Whether the collection may have one more."""
    if not collection.used:
        return False
    if collection.works is not None and taken[collection.under] >= collection.works:
        found.left_out[f"{collection.artist}: more would fill the catalogue"] += 1
        return False
    return True


def _tune_sources(repertoire: Repertoire, named: set[str]) -> Iterator[Source]:
    root = corpus()
    for collection in repertoire.collections:
        if not collection.used or collection.kind != "tune":
            continue
        place = root / collection.under
        for file in [place] if place.suffix == ".abc" else place.glob("*.abc"):
            path = file.relative_to(root).as_posix()
            if path not in named and repertoire.collection_of(path) is collection:
                yield from (Source(path, number) for number in range(1, tunes_in(path) + 1))


def unfit(score: Score) -> str:
    """Why a tune cannot stand in the catalogue; empty when it can."""
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


def _piece_of_work(work: Work, collection: Collection) -> Piece:
    source = Source(work.path)
    mode = _mode_of(read_music21(str(source)))
    kind = work.kind if work.kind != "tune" else "air"
    work_id = f"{collection.artist_id}-{slug(work.title)}"
    return Piece(str(source), work_id, work.title, kind, collection, mode, ("cool", "middle", "hot"), work)


def _piece_of_tune(source: Source, score: Score, collection: Collection) -> Piece:
    form = _form_of(score, source)
    title = format_title(score.title, form)
    said = f"{score.words} {score.title}"
    kind = _kind_of(score, form or title, source)
    energies: tuple[str, ...] = ("cool", "middle", "hot")
    if (_CALM.search(said) and not re.search(r"(?i)reel|jig|hornpipe", form)) or (
        not form and _is_song(source) and not _LIVELY.search(said)
    ):
        energies = ("cool", "middle")
    artist = collection
    if re.search(r"(?i)carolan", score.composer) or re.search(r"(?i)carolan", score.title):
        note = f"In {collection.artist}. {collection.licence_note}"
        artist = Collection(
            collection.under,
            "turlough-ocarolan",
            "Turlough O'Carolan (1670-1738)",
            collection.kind,
            collection.score_licence,
            note,
            collection.works,
            collection.used,
        )
    return Piece(str(source), f"{artist.artist_id}-{slug(title)}", title, kind, artist, _mode_of(score), energies)


def _number(source: Source) -> int:
    """The number that O'Neill gave a tune, from the name of its file and its place; 0 elsewhere."""
    match = re.match(r"oneills1850/(\d+)-", source.path)
    return int(match[1]) + source.tune - 1 if match else 0


def _is_song(source: Source) -> bool:
    """O'Neill prints songs and airs first (1-625), then Carolan's pieces; Bruce and Stokoe print songs first."""
    return 0 < _number(source) <= 625 or "northumbrian" in source.path


def _form_of(score: Score, source: Source) -> str:
    text = f"{score.form} {score.title}".lower()
    for word, kind in _KIND_OF_FORM:
        if re.search(rf"\b{word}s?\b", text) and kind != "air":
            return {"slipjig": "slip jig"}.get(word, word)
    if "slipjig" in text:
        return "slip jig"
    number = _number(source)
    sections = ((1776, "march"), (1556, "hornpipe"), (1176, "reel"), (1116, "slip jig"), (701, "jig"))
    return next((form for first, form in sections if number >= first), "")


def _kind_of(score: Score, form: str, source: Source) -> str:
    metre = score.bars[len(score.bars) // 2].metre
    compound = metre[0] in (6, 9, 12) or metre == (3, 8)
    if compound:
        return "jig"
    if metre[0] == 3:
        return "waltz"
    kind = next((kind for word, kind in _KIND_OF_FORM if re.search(rf"(?i)\b{word}s?\b", form)), "")
    if kind in ("reel", "hornpipe", "strathspey", "march", "air"):
        return kind
    return "march" if "fife" in source.path else "air"


def _mode_of(score: Score) -> float:
    held = np.zeros(12)
    for tone in unfold(score, repeats=False).tones:
        held[tone.pitch % 12] += tone.beats
    return estimate_mode(held)
