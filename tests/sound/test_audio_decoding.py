"""Recordings are decoded to their end, whatever their headers say and whatever stands between their sound."""

import io
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from encoders.analysis.analyser import analyse
from encoders.base import ScoreUnreadable
from encoders.sound.decoding import open_recording
from encoders.sound.levels import LevelMeter
from encoders.sound.mpeg import parse_frame, scan_mpeg
from encoders.sound.repair import silence_bursts
from engine.settings import ROOT

CASES = ROOT / "tests" / "data" / "cases"
RATE = 44100
Wave = NDArray[np.float32]


@dataclass(frozen=True)
class Decoded:
    seconds: float
    level: float
    samples: Wave
    rate: int
    remarks: tuple[str, ...]


def decoded(path: Path) -> Decoded:
    with open_recording(path) as recording:
        meter = LevelMeter(recording.rate, recording.channels)
        blocks = []
        for block in recording.read_blocks():
            meter.add(block)
            blocks.append(block.copy())
        samples = np.concatenate(blocks)
        levels = meter.measure()
        assert levels is not None
        return Decoded(len(samples) / recording.rate, levels.whole, samples, recording.rate, tuple(recording.remarks))


def wave(seconds: float, rate: int = RATE, channels: int = 1) -> Wave:
    """A chord that swells, loud at first, so that the first frame of a variable rate is not like the others."""
    time = np.arange(int(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * first * time) for first in (220.0, 277.2, 329.6, 1760.0)) * 0.1
    noise = np.random.default_rng(5).standard_normal(len(time)) * 0.2 * (time < 0.5)
    sound = (chord * (0.6 + 0.4 * np.cos(time)) + noise).astype(np.float32)
    return np.repeat(sound[:, None], channels, axis=1)


def encoded(
    seconds: float, kind: str = "MP3", subtype: str = "MPEG_LAYER_III", rate: int = RATE, **how: object
) -> bytes:
    out = io.BytesIO()
    channels = int(how.pop("channels", 1))  # type: ignore[call-overload]
    with soundfile.SoundFile(out, "w", rate, channels, format=kind, subtype=subtype, **how) as file:
        sound = wave(seconds, rate, channels)
        for at in range(0, len(sound), rate):
            file.write(sound[at : at + rate])
    return out.getvalue()


def mp3(seconds: float, rate: int = RATE, mode: str = "VARIABLE", channels: int = 1) -> bytes:
    return encoded(seconds, rate=rate, bitrate_mode=mode, compression_level=0.3, channels=channels)


def bare(data: bytes) -> bytes:
    """An MP3 without its header and without its tags."""
    [stream] = scan_mpeg(data).streams
    return b"".join(data[start:end] for start, end in stream.spans)


def tag(size: int) -> bytes:
    """An ID3v2 tag with a picture of so many bytes."""
    long = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + long + (b"\xff\xfb\x90\x00" * size)[:size]


def free(data: bytes) -> bytes:
    """A stream of constant rate in free format: the same frames, with no rate in their heads."""
    out, at = bytearray(data), 0
    while frame := parse_frame(data, at):
        out[at + 2] &= 0x0F
        at += frame.size
    return bytes(out)


JUNK = np.random.default_rng(3).integers(0, 256, 487, dtype=np.uint8).tobytes()

# MP3


@pytest.mark.parametrize("name", ["variable", "constant", "tagged", "in stereo", "at 22,050", "between junk", "padded"])
def test_an_mp3_without_a_header_is_decoded_to_its_end(tmp_path: Path, name: str) -> None:
    data = {
        "variable": lambda: bare(mp3(8)),
        "constant": lambda: bare(mp3(8, mode="CONSTANT")),
        "tagged": lambda: tag(3000) + bare(mp3(8)) + b"TAG" + bytes(125),
        "in stereo": lambda: bare(mp3(8, channels=2)),
        "at 22,050": lambda: bare(mp3(8, 22050)),
        "between junk": lambda: JUNK + bare(mp3(8)) + JUNK,
        "padded": lambda: tag(300) + bytes(5000) + bare(mp3(8)),
    }[name]()
    (tmp_path / "a.mp3").write_bytes(data)
    found = decoded(tmp_path / "a.mp3")
    assert found.seconds == pytest.approx(8.0, abs=0.1)
    assert found.remarks == ()


def test_frames_of_free_format_are_found(tmp_path: Path) -> None:
    data = free(bare(mp3(8, 48000, "CONSTANT")))
    assert scan_mpeg(data).streams[0].seconds == pytest.approx(8.0, abs=0.1)
    (tmp_path / "a.mp3").write_bytes(data)
    assert decoded(tmp_path / "a.mp3").seconds == pytest.approx(8.0, abs=0.1)


@pytest.mark.parametrize(
    "between", [b"", tag(2000), tag(0), b"TAG" + bytes(125)], ids=["nothing", "ID3", "empty", "TAG"]
)
@pytest.mark.parametrize("header", [True, False])
def test_mp3s_put_one_behind_the_other_are_all_heard(tmp_path: Path, between: bytes, header: bool) -> None:
    one, other = (mp3(seconds) if header else bare(mp3(seconds)) for seconds in (5, 4))
    (tmp_path / "a.mp3").write_bytes(one + between + other)
    found = decoded(tmp_path / "a.mp3")
    assert found.seconds == pytest.approx(9.0, abs=0.2)
    assert found.remarks == ()


def test_an_mp3_of_two_rates_is_heard_in_the_first_one(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(mp3(5) + mp3(4, 32000, channels=2))
    found = decoded(tmp_path / "a.mp3")
    assert (found.rate, found.samples.shape[1]) == (RATE, 1)
    assert found.seconds == pytest.approx(9.0, abs=0.2)
    late = np.abs(np.fft.rfft(found.samples[-3 * RATE : -RATE, 0]))
    assert min(abs(float(late.argmax()) / 2 - first) for first in (220.0, 277.2, 329.6, 1760.0)) < 1


def test_an_mp3_that_says_more_than_it_has_is_cut_short(tmp_path: Path) -> None:
    data = mp3(8)
    (tmp_path / "a.mp3").write_bytes(data[: len(data) // 2])
    with pytest.raises(ScoreUnreadable, match="it is cut short: 3 s are there of the 8 s"):
        decoded(tmp_path / "a.mp3")


@pytest.mark.parametrize("size", [5, 487, 5000])
@pytest.mark.parametrize("header", [True, False])
def test_junk_between_frames_is_left_out_and_told(tmp_path: Path, size: int, header: bool) -> None:
    data = mp3(8) if header else bare(mp3(8))
    junk = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8).tobytes()
    (tmp_path / "plain.mp3").write_bytes(data)
    (tmp_path / "odd.mp3").write_bytes(data[: len(data) // 2] + junk + data[len(data) // 2 :])
    plain, odd = decoded(tmp_path / "plain.mp3"), decoded(tmp_path / "odd.mp3")
    assert odd.seconds == pytest.approx(plain.seconds, abs=0.1)
    assert odd.level == pytest.approx(plain.level, abs=0.3)
    assert any("between its sound are none" in remark for remark in odd.remarks)


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_frame_does_not_raise_the_level(tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    data = bytearray(mp3(8))
    (tmp_path / "plain.mp3").write_bytes(data)
    for at in chance.integers(2000, len(data) - 2000, 4):
        data[at : at + 300] = chance.integers(0, 256, 300, dtype=np.uint8).tobytes()
    (tmp_path / "odd.mp3").write_bytes(data)
    plain, odd = decoded(tmp_path / "plain.mp3"), decoded(tmp_path / "odd.mp3")
    assert odd.level == pytest.approx(plain.level, abs=1.0)
    assert odd.remarks


def test_an_mp3_sounds_the_same_however_long_its_blocks_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """soundfile seeks after every read, and behind a seek an MP3 sounds otherwise."""
    (tmp_path / "a.mp3").write_bytes(mp3(8))
    whole = decoded(tmp_path / "a.mp3").samples
    monkeypatch.setattr("encoders.sound.decoding._BLOCK", 10_000)
    assert np.array_equal(decoded(tmp_path / "a.mp3").samples, whole)


def test_junk_of_the_trials_is_no_sound() -> None:
    found = analyse(CASES / "mp3-damaged" / "junk-in-middle.mp3")
    assert found.seconds == pytest.approx(20.2, abs=0.1)
    assert found.cues.level == pytest.approx(-12.5, abs=0.5)
    assert "487 bytes between its sound are none: left out" in found.remarks


# Ogg


def test_every_recording_of_the_chain_of_the_trials_is_heard() -> None:
    found = decoded(CASES / "ogg-chained" / "radio.ogg")
    assert found.seconds == pytest.approx(34.0, abs=0.1)
    assert found.remarks == ("2 recordings one after another in one file",)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(("subtype", "suffix"), [("VORBIS", "ogg"), ("OPUS", "opus")])
def test_every_link_of_a_chain_is_heard(tmp_path: Path, subtype: str, suffix: str, count: int) -> None:
    data = b"".join(encoded(2 + number, "OGG", subtype, 48000) for number in range(count))
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    assert decoded(path).seconds == pytest.approx(sum(2 + number for number in range(count)), abs=0.1)


def test_links_of_other_rates_and_channels_are_brought_to_the_first(tmp_path: Path) -> None:
    (tmp_path / "a.ogg").write_bytes(
        encoded(2, "OGG", "VORBIS", 44100, channels=2) + encoded(3, "OGG", "VORBIS", 22050)
    )
    found = decoded(tmp_path / "a.ogg")
    assert found.samples.shape[1] == 2
    assert found.seconds == pytest.approx(5.0, abs=0.05)


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("damage", ["its head", "its set-up", "cut off", "a rate that no music has"])
def test_a_link_that_cannot_be_decoded_is_told_and_the_others_are_heard(
    tmp_path: Path, number: int, damage: str
) -> None:
    links = [encoded(seconds, "OGG", "VORBIS", 22050) for seconds in (2, 3, 4)]
    good = links[number]
    links[number] = {
        "its head": good[:30] + JUNK[:30] + good[60:],
        "its set-up": good[:100] + JUNK[:300] + good[400:],
        "cut off": good[:60],
        "a rate that no music has": checked(good[:40] + (9).to_bytes(4, "little") + good[44:]),
    }[damage]
    (tmp_path / "a.ogg").write_bytes(b"".join(links))
    found = decoded(tmp_path / "a.ogg")
    assert found.seconds == pytest.approx(9.0 - (2 + number), abs=0.1)
    assert any(remark.startswith("1 of its 3 recordings are left out: it ") for remark in found.remarks)


def test_a_file_that_has_become_empty_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"")
    with pytest.raises(ScoreUnreadable, match="cannot be decoded as sound"):
        decoded(tmp_path / "a.mp3")


def checked(data: bytes) -> bytes:
    """The same pages with the checksums that they should have."""
    pages = [b"OggS" + each for each in data.split(b"OggS")[1:]]
    return b"".join(each[:22] + checksum(each[:22] + bytes(4) + each[26:]) + each[26:] for each in pages)


def checksum(page: bytes) -> bytes:
    total = 0
    for byte in page:
        total ^= byte << 24
        for _ in range(8):
            total = (total << 1 ^ 0x04C11DB7 if total & 1 << 31 else total << 1) & 0xFFFFFFFF
    return total.to_bytes(4, "little")


def page(serial: int, number: int, flags: int, place: int, packet: bytes) -> bytes:
    """An Ogg page of one packet."""
    sizes = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, place, serial, number, 0, len(sizes)) + sizes
    return checked(head + packet)


def flac_in_ogg(seconds: float, serial: int) -> bytes:
    """FLAC in Ogg, as its mapping has it: the header packets, then a page for each frame."""
    flac = encoded(seconds, "FLAC", "PCM_16", 8000)
    blocks, at, last = [], 4, False
    while not last:
        last, size = flac[at] >= 0x80, int.from_bytes(flac[at + 1 : at + 4], "big")
        blocks.append(flac[at : at + 4 + size])
        at += 4 + size
    info, comment = blocks[0], b"\x84\x00\x00\x08" + bytes(8)
    first = b"\x7fFLAC\x01\x00\x00\x01fLaC" + bytes([info[0] & 0x7F]) + info[1:]
    pages = [page(serial, 0, 2, 0, first), page(serial, 1, 0, 0, comment)]
    size = int.from_bytes(info[4:6], "big")
    starts = [m for m in range(at, len(flac) - 1) if flac[m : m + 2] in (b"\xff\xf8", b"\xff\xf9")]
    starts = [m for n, m in enumerate(starts) if n == 0 or m - starts[n - 1] > 16]
    bounds = [*starts, len(flac)]
    total = int(seconds * 8000)
    for number, (start, end) in enumerate(pairwise(bounds)):
        place = min(total, (number + 1) * size)
        pages.append(page(serial, number + 2, 4 if end == len(flac) else 0, place, flac[start:end]))
    return b"".join(pages)


@pytest.mark.parametrize("count", [1, 2])
def test_flac_in_ogg_is_heard_link_by_link(tmp_path: Path, count: int) -> None:
    (tmp_path / "a.oga").write_bytes(b"".join(flac_in_ogg(3, number + 1) for number in range(count)))
    assert decoded(tmp_path / "a.oga").seconds == pytest.approx(3.0 * count, abs=0.1)


def test_what_is_before_an_error_is_heard_and_the_place_is_told() -> None:
    found = decoded(CASES / "opus-no-end" / "odd.opus")
    assert found.seconds == 16.5
    assert found.remarks[-1] == "it cannot be decoded beyond 16.5 s: the rest is left out"


def damaged(data: bytes, size: int = 300) -> bytes:
    middle = len(data) // 2
    return data[:middle] + (JUNK * 20)[:size] + data[middle + size :]


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.opus"])
def test_what_stands_behind_damage_is_heard_and_the_damage_is_told(tmp_path: Path, name: str) -> None:
    kind, subtype = {"flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS")}[name[2:]]
    data = encoded(8, kind, subtype, 48000)
    (tmp_path / name).write_bytes(data)
    whole = decoded(tmp_path / name)
    (tmp_path / name).write_bytes(damaged(data))
    found = decoded(tmp_path / name)
    assert 5.0 < found.seconds < 8.0
    assert any("damaged" in remark or "cannot be decoded at" in remark for remark in found.remarks)
    assert found.level == pytest.approx(whole.level, abs=1.0)


def test_an_ogg_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    data = encoded(8, "OGG", "VORBIS")
    (tmp_path / "a.ogg").write_bytes(data[: len(data) * 3 // 4])
    assert "its last page is missing: there may have been more of it" in decoded(tmp_path / "a.ogg").remarks


@pytest.mark.parametrize(("seconds", "peak"), [(0.0, 1.0), (0.1, 30.0), (0.025, float("inf")), (0.05, float("nan"))])
def test_bursts_are_silenced_and_loud_music_is_not(seconds: float, peak: float) -> None:
    block = wave(5)
    at = 2 * RATE
    block[at : at + round(seconds * RATE)] = peak
    loud = wave(5)[RATE:] * 8
    assert silence_bursts(block, RATE) == pytest.approx(seconds, abs=0.03)
    assert float(np.abs(block).max()) < 2.0
    assert silence_bursts(loud, RATE) == 0.0
