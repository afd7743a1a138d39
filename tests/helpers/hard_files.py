"""Files that are hard to read: built small, byte by byte, from what the formats forbid or nobody means."""

import io
import zipfile
from collections.abc import Sequence

CONTAINER = (
    '<?xml version="1.0"?><container><rootfiles>'
    '<rootfile full-path="{}" media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>'
)
BOMB_OF_ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE score-partwise [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><score-partwise><part-list/><part id='P1'><measure>&i;</measure></part></score-partwise>"
)
EXTERNAL_ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE score-partwise [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    "<score-partwise><work><work-title>&secret;</work-title></work></score-partwise>"
)
EXTERNAL_PARAMETER = (
    '<?xml version="1.0"?><!DOCTYPE score-partwise [<!ENTITY % more SYSTEM "http://127.0.0.1:9/x.dtd"> %more;]>'
    "<score-partwise><part-list/></score-partwise>"
)


def quantity(value: int) -> bytes:
    """A number as MIDI writes times."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def track(*events: tuple[int, bytes], ends: bool = True) -> bytes:
    """A track chunk: each event with the ticks before it."""
    body = b"".join(quantity(ticks) + event for ticks, event in events) + (b"\x00\xff\x2f\x00" if ends else b"")
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def midi(*tracks: bytes, form: int = 1, division: int = 480, count: int | None = None) -> bytes:
    """A MIDI file of track chunks."""
    count = len(tracks) if count is None else count
    header = b"".join(n.to_bytes(2, "big") for n in (form, count, division))
    return b"MThd\x00\x00\x00\x06" + header + b"".join(tracks)


def meta(kind: int, value: bytes) -> bytes:
    """A meta event."""
    return bytes([0xFF, kind]) + quantity(len(value)) + value


def note(pitch: int, ticks: int = 480, channel: int = 0, velocity: int = 80) -> list[tuple[int, bytes]]:
    """A note that begins at once and lasts so many ticks."""
    return [(0, bytes([0x90 | channel, pitch, velocity])), (ticks, bytes([0x80 | channel, pitch, 0]))]


def scale(channel: int = 0, ticks: int = 480, velocity: int = 80) -> list[tuple[int, bytes]]:
    """C major up, a beat a note: eight notes."""
    return [event for pitch in (60, 62, 64, 65, 67, 69, 71, 72) for event in note(pitch, ticks, channel, velocity)]


def rmid(data: bytes) -> bytes:
    """A MIDI file in its RIFF envelope, with a chunk of names before it."""
    chunks = b"LIST" + (5).to_bytes(4, "little") + b"INFOx\x00" + b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"RMID" + chunks


def bar(*pitches: str, number: int = 1, before: str = "", after: str = "") -> str:
    """A measure of quarter notes, each a step and an octave ('C4', 'F#4')."""
    notes = "".join(
        f"<note><pitch><step>{p[0]}</step>{'<alter>1</alter>' if '#' in p else ''}<octave>{p[-1]}</octave></pitch>"
        "<duration>1</duration><type>quarter</type></note>"
        for p in pitches
    )
    return f'<measure number="{number}">{before}{notes}{after}</measure>'


ATTRIBUTES = (
    "<attributes><divisions>1</divisions><key><fifths>0</fifths></key>"
    "<time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
)


def score(bars: Sequence[str], head: str = "", part: str = "<part-name>Piano</part-name>") -> str:
    """A score of one part; `bars` without attributes, `head` what stands before the list of parts."""
    first = bars[0].replace('">', f'">{ATTRIBUTES}', 1)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
        'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd"><score-partwise version="4.0">'
        f'{head}<part-list><score-part id="P1">{part}</score-part></part-list>'
        f'<part id="P1">{first}{"".join(bars[1:])}</part></score-partwise>'
    )


def mxl(text: bytes | str, name: str = "score.xml", container: str | None = CONTAINER, others: int = 0) -> bytes:
    """A compressed score, with so many empty files beside it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        if container is not None:
            file.writestr("META-INF/container.xml", container.format(name))
        for number in range(others):
            file.writestr(f"{number}", b"")
        file.writestr(name, text)
    return packed.getvalue()


def zip_bomb(millions: int) -> bytes:
    """A compressed score of a few kilobytes that unpacks to so many million bytes of blanks."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("META-INF/container.xml", CONTAINER.format("score.xml"))
        with file.open("score.xml", "w", force_zip64=True) as inside:
            inside.write(b"<?xml version='1.0'?><score-partwise>")
            for _ in range(millions):
                inside.write(b" " * 1_000_000)
    return packed.getvalue()
