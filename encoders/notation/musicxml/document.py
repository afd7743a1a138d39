"""Parses MusicXML 1 to 4 in score-partwise form, plain or compressed, into a `Score`."""

import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree as ET

from encoders.errors import ScoreUnreadable
from encoders.notation.musicxml.jumps import resolve_codas
from encoders.notation.musicxml.part import PartReader
from encoders.notation.musicxml.values import parse_quantity
from encoders.notation.score import Bar, DynamicMark, Score, Tone


def read_musicxml(data: bytes, place: str) -> Score:
    """A score from the bytes of a `.musicxml`, `.xml` or `.mxl` file. Raises `ScoreUnreadable` naming `place`."""
    try:
        root = ET.fromstring(_extract_text(data))  # noqa: S314 - expat fetches nothing; the size is bounded below
    except (ET.ParseError, zipfile.BadZipFile, KeyError, UnicodeDecodeError) as exc:
        raise ScoreUnreadable(place, "it is not MusicXML", "Export it again as MusicXML") from exc
    return parse_score(root, place)


def parse_score(root: ET.Element, place: str) -> Score:
    """A score from the root of a parsed file. Raises `ScoreUnreadable` naming `place`."""
    if root.tag != "score-partwise":
        raise ScoreUnreadable(place, f"it is <{root.tag}>, not <score-partwise>", "Export it as score-partwise")
    names = {p.get("id", ""): (p.findtext("part-name") or "").strip() for p in root.iter("score-part")}
    elements = root.findall("part")
    stated = next((d for e in root.iter("divisions") if (d := parse_quantity(e.text)) > 0), Fraction(1))
    parts = [PartReader(element, names.get(element.get("id", ""), ""), stated) for element in elements]
    bars = resolve_codas(_merge_parts(parts))
    if not any(bar.tones for bar in bars):
        drums = next(root.iter("unpitched"), None) is not None
        fault = "it has only drums, whose notes have no pitch" if drums else "it has no notes"
        raise ScoreUnreadable(place, fault, "Bring a score with notes that have a pitch")
    first = parts[0]
    title = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    composer = next((c.text or "" for c in root.iter("creator") if c.get("type", "composer") == "composer"), "")
    rights = [(r.text or "").strip() for r in root.iter("rights")]
    rights += [
        (w.text or "").strip()
        for w in root.iter("credit-words")
        if re.search(r"(?i)copyright|©|rights|licen[cs]e|public domain|edition", w.text or "")
    ]
    return Score(
        title=title.strip(),
        parts=tuple(f"{p.name}{'' if s == 1 else f' {s}'}" for p in parts for s in p.staves),
        bars=tuple(bars),
        tonic=first.tonic,
        fifths=first.fifths,
        words=" ".join(w for p in parts for w in p.words),
        tempo=next((p.tempo for p in parts if p.tempo), None),
        composer=composer.strip(),
        rights=" ".join(dict.fromkeys(r for r in rights if r)),
        part_ids=tuple(e.get("id", "") for e, p in zip(elements, parts, strict=True) for _ in p.staves),
        dynamic=any(p.dynamic for p in parts),
    )


def _extract_text(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = [n for n in packed.namelist() if n.endswith((".xml", ".musicxml")) and not n.startswith("META-INF")]
        name = names[0] if names else None
        if name is None:
            raise KeyError("no score in the archive")
        # A packed score of a few kilobytes that unpacks to gigabytes must not fill the memory.
        if packed.getinfo(name).file_size > 200_000_000:
            raise zipfile.BadZipFile("unpacks to more than 200 MB")
        return packed.read(name)


def _merge_parts(parts: list[PartReader]) -> list[Bar]:
    """Merges the bars of all parts: their tones, and the marks of whichever part has them."""
    for part in parts:
        part.staves = sorted(part.staves) or [1]
    bars: list[Bar] = []
    waiting: list[DynamicMark] = []
    for index in range(max((len(part.bars) for part in parts), default=0)):
        here = [part.bars[index] for part in parts if index < len(part.bars)]
        tones: list[Tone] = []
        first = 0
        for part in parts:
            if index < len(part.bars):
                tones += [replace(t, part=first + part.staves.index(t.part)) for t in part.bars[index].tones]
                waiting += [replace(m, part=first) for m in part.bars[index].marks]
            first += len(part.staves)
        words = "; ".join(dict.fromkeys(w for bar in here for w in bar.words.split("; ") if w))
        # The length of a bar's rest does not count where others sound: many write a whole rest for any bar.
        sounding = [bar for bar in here if bar.tones] or here
        lengths = Counter(bar.beats for bar in sounding if bar.beats > 0)
        if not lengths:
            # Marks in a bar without length apply from the next bar on.
            waiting = [replace(m, onset=0.0) for m in waiting]
            continue
        full = round(4.0 * here[0].metre[0] / here[0].metre[1], 6)
        # The length that most parts agree on: one part that writes a beat too many must not shift the others.
        bars.append(
            Bar(
                tuple(sorted(tones, key=lambda t: (t.onset, t.part, t.pitch))),
                max(lengths, key=lambda beats: (lengths[beats], beats == full, beats)),
                here[0].metre,
                any(bar.opens for bar in here),
                max(bar.closes for bar in here),
                max((bar.endings for bar in here), key=len),
                any(bar.section for bar in here),
                words,
                max((bar.chord for bar in here), key=len),
                max((bar.tempi for bar in here), key=len),
                marks=tuple(waiting),
                swing=max((bar.swing for bar in here), key=len),
            )
        )
        waiting = []
    return bars
