"""Reads sound fonts (SoundFont 2.01, and the Ogg-compressed SF3): which sample plays a program, a key, a velocity.

Our own reader, because symusic's synthesizer plays every velocity equally loud, ignores the decay of harps and cuts
notes off without a release, and tinysoundfont needs PortAudio to install.
"""

import importlib.util
import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable

FONT_OF_PIP = "TimGM6mb.sf2"
"""A General MIDI font (GPL-2) that the package pretty_midi includes."""

_START, _END, _LOOP_START, _LOOP_END, _FILTER, _PAN = 0, 1, 2, 3, 8, 17
_MOD_PITCH, _VIB_PITCH, _ENV_FILTER, _MOD_WAIT, _MOD_RATE, _VIB_WAIT, _VIB_RATE = 5, 6, 11, 21, 22, 23, 24
_MOD_ATTACK, _MOD_HOLD, _MOD_DECAY, _MOD_SUSTAIN = 26, 27, 28, 29
_COARSE = {_START: 4, _END: 12, _LOOP_START: 45, _LOOP_END: 50}
_DELAY, _ATTACK, _HOLD, _DECAY, _SUSTAIN, _RELEASE, _KEY_HOLD, _KEY_DECAY = 33, 34, 35, 36, 37, 38, 39, 40
_INSTRUMENT, _KEYS, _VELOCITIES, _ATTENUATION, _TUNE, _FINE, _SAMPLE, _MODES, _SCALE, _ROOT = (
    41, 43, 44, 48, 51, 52, 53, 54, 56, 58)  # fmt: skip
_DEFAULTS = {_FILTER: 13500, _SCALE: 100, _ROOT: -1} | dict.fromkeys(
    (_DELAY, _ATTACK, _HOLD, _DECAY, _RELEASE, _MOD_WAIT, _VIB_WAIT, _MOD_ATTACK, _MOD_HOLD, _MOD_DECAY), -12000
)
_NOT_ADDED = frozenset({_KEYS, _VELOCITIES, _INSTRUMENT, _SAMPLE, _MODES, _ROOT, *_COARSE, *_COARSE.values()})
_EMU = 0.4
"""Share of `initialAttenuation` that is applied, as by the EMU chips that fonts are made for."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A sample with its playback parameters for a range of keys and velocities. Compared and hashed by identity."""

    sample: NDArray[np.float32]
    """-1..1; played to its end, or looped for as long as the note lasts."""
    loop: tuple[int, int] | None
    rate: float
    """Samples a second of the recording."""
    root: float
    """MIDI key at which it sounds as recorded, tuning included."""
    cents_a_key: float
    keys: tuple[int, int]
    velocities: tuple[int, int]
    pan: float
    """-1 left .. 1 right."""
    gain: float
    cutoff: float
    """Hz of its low-pass filter."""
    delay: float
    attack: float
    hold: float
    decay: float
    """Seconds at key 60; the decay is the time for 100 dB."""
    sustain: float
    """dB below the peak at which the decay ends."""
    release: float
    """Seconds for 100 dB after the key is let go."""
    key_hold: float
    key_decay: float
    """Octaves by which hold and decay shorten for each key above 60."""
    sweep: float
    """Octaves by which the filter opens at the attack; it closes again by the modulation envelope:"""
    sweep_attack: float
    sweep_hold: float
    sweep_decay: float
    sweep_sustain: float
    """Share of the sweep, 0..1, that stays while the key is held."""
    vibrato: float
    """Cents up and down."""
    vibrato_rate: float
    """Hz."""
    vibrato_delay: float


@dataclass(frozen=True, slots=True)
class SoundFont:
    """All regions of the General MIDI programs of a font."""

    path: Path
    programs: Mapping[int, tuple[Region, ...]]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """The font in this file, or the bundled one; EncoderUnavailable when it cannot be read."""
        path = path or find_bundled_font()
        repair = "Point ISOPATH_SOUNDFONT at an SF2 or SF3 file, or unset it"
        try:
            chunks = dict(_read_chunks(path.read_bytes()))
            programs = _FontReader(chunks).read_programs()
        except OSError as exc:
            raise EncoderUnavailable(str(path), f"the sound font cannot be read ({exc.strerror})", repair) from exc
        except (KeyError, ValueError, IndexError, struct.error, soundfile.LibsndfileError) as exc:
            raise EncoderUnavailable(str(path), "the file is not a whole SoundFont 2", repair) from exc
        if not programs:
            raise EncoderUnavailable(str(path), "the font has no instrument in bank 0", repair)
        return cls(path, programs)

    def find_regions(self, program: int, key: int, velocity: int) -> list[Region]:
        """The regions that play one note; EncoderUnavailable when the font has none for this program.

        A key outside every range gets the region with the nearest range, so that every note of a score sounds.
        """
        all_regions = self.programs.get(program)
        if not all_regions:
            raise EncoderUnavailable(
                str(self.path), f"the font has no program {program}", "Use a font with all General MIDI instruments"
            )
        fitting = [r for r in all_regions if r.velocities[0] <= velocity <= r.velocities[1]] or list(all_regions)
        apart = [max(r.keys[0] - key, key - r.keys[1], 0) for r in fitting]
        return [r for r, gap in zip(fitting, apart, strict=True) if gap == min(apart)]


def find_bundled_font() -> Path:
    """Path of the font in pretty_midi; EncoderUnavailable without it. Does not import the package, which is slow."""
    spec = importlib.util.find_spec("pretty_midi")
    for folder in spec.submodule_search_locations or () if spec else ():
        if (path := Path(folder) / FONT_OF_PIP).is_file():
            return path
    raise EncoderUnavailable(
        FONT_OF_PIP, "no sound font is installed", "Install pretty_midi again, or point ISOPATH_SOUNDFONT at an SF2"
    )


def _read_chunks(body: bytes) -> Iterator[tuple[str, memoryview]]:
    """Name and content of every leaf of the RIFF tree."""
    if body[:4] != b"RIFF" or body[8:12] != b"sfbk":
        raise ValueError("not a sound font")

    def leaves(view: memoryview) -> Iterator[tuple[str, memoryview]]:
        at = 0
        while at + 8 <= len(view):
            name, size = struct.unpack_from("<4sI", view, at)
            if at + 8 + size > len(view):
                raise ValueError("cut short")
            content = view[at + 8 : at + 8 + size]
            if name == b"LIST":
                yield from leaves(content[4:])
            else:
                yield name.decode("latin-1"), content
            at += 8 + size + size % 2

    yield from leaves(memoryview(body)[12:])


class _FontReader:
    """Resolves presets to instruments to samples, adding the generators of each level."""

    def __init__(self, chunks: Mapping[str, memoryview]) -> None:
        self.raw = chunks["smpl"]
        name = ("name", "S20")
        self.presets = np.frombuffer(
            chunks["phdr"], [name, ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "V12")]
        )
        self.instruments = np.frombuffer(chunks["inst"], [name, ("bag", "<u2")])
        self.samples = np.frombuffer(
            chunks["shdr"],
            [name, ("start", "<u4"), ("end", "<u4"), ("loop", "<u4", 2), ("rate", "<u4"), ("root", "u1"),
             ("correction", "i1"), ("link", "<u2"), ("kind", "<u2")],
        )  # fmt: skip
        self.bags = {level: np.frombuffer(chunks[f"{level}bag"], "<u2").reshape(-1, 2)[:, 0] for level in "pi"}
        generators = [("what", "<u2"), ("low", "u1"), ("high", "u1")]
        self.generators = {level: np.frombuffer(chunks[f"{level}gen"], generators) for level in "pi"}
        self.decoded: dict[tuple[int, int], NDArray[np.float32]] = {}

    def read_programs(self) -> dict[int, tuple[Region, ...]]:
        # The last record of every table only marks the end of the one before it.
        found: dict[int, tuple[Region, ...]] = {}
        for number in range(len(self.presets) - 1):
            preset = self.presets[number]
            if int(preset["bank"]) == 0:
                span = range(int(preset["bag"]), int(self.presets[number + 1]["bag"]))
                found[int(preset["program"])] = tuple(self._read_preset(span))
        return found

    def _read_zones(self, level: str, span: range, leaf: int) -> list[dict[int, tuple[int, int]]]:
        """Generators (id -> two bytes) of every zone; those of the global zone are the defaults."""
        beneath: dict[int, tuple[int, int]] = {}
        zones = []
        for bag in span:
            rows = self.generators[level][int(self.bags[level][bag]) : int(self.bags[level][bag + 1])]
            own = {int(row["what"]): (int(row["low"]), int(row["high"])) for row in rows}
            if leaf in own:
                zones.append(beneath | own)
            elif bag == span.start:
                beneath = own
        return zones

    def _read_preset(self, span: range) -> Iterator[Region]:
        for above in self._read_zones("p", span, _INSTRUMENT):
            number = _to_signed(above[_INSTRUMENT])
            inner = range(int(self.instruments[number]["bag"]), int(self.instruments[number + 1]["bag"]))
            for zone in self._read_zones("i", inner, _SAMPLE):
                ranges = [
                    (max(a[0], b[0]), min(a[1], b[1]))
                    for a, b in ((zone.get(w, (0, 127)), above.get(w, (0, 127))) for w in (_KEYS, _VELOCITIES))
                ]
                if all(low <= high for low, high in ranges):
                    yield self._make_region(zone, above, ranges[0], ranges[1])

    def _make_region(
        self,
        zone: Mapping[int, tuple[int, int]],
        above: Mapping[int, tuple[int, int]],
        keys: tuple[int, int],
        velocities: tuple[int, int],
    ) -> Region:
        def value(what: int) -> int:
            own = _to_signed(zone[what]) if what in zone else _DEFAULTS.get(what, 0)
            return own if what in _NOT_ADDED or what not in above else own + _to_signed(above[what])

        def seconds(what: int) -> float:
            return float(2.0 ** (min(value(what), 8000) / 1200)) if value(what) > -11999 else 0.0

        header = self.samples[_to_signed(zone[_SAMPLE])]
        moved = {what: value(what) + 32768 * value(coarse) for what, coarse in _COARSE.items()}
        start, packed = int(header["start"]), bool(int(header["kind"]) & 0x10)
        # In SF3 the addresses of a packed sample are bytes, and its loop counts from its own beginning.
        sample = (
            self._decode_sample(start, int(header["end"]))
            if packed
            else self._read_sample(start + moved[_START], int(header["end"]) + moved[_END])
        )
        shift = 0 if packed else start + moved[_START]
        first, last = (int(header["loop"][i]) + moved[w] - shift for i, w in enumerate((_LOOP_START, _LOOP_END)))
        looped = value(_MODES) in (1, 3) and 0 <= first < last - 1 and last <= len(sample)
        root = value(_ROOT) if value(_ROOT) >= 0 else min(int(header["root"]), 127)
        return Region(
            sample, (first, last) if looped else None, float(header["rate"]),
            root - value(_TUNE) - (value(_FINE) + int(header["correction"])) / 100, float(value(_SCALE)),
            keys, velocities, max(-1.0, min(1.0, value(_PAN) / 500)), 10 ** (-_EMU * value(_ATTENUATION) / 200),
            8.176 * 2.0 ** (max(1500, min(13500, value(_FILTER))) / 1200), seconds(_DELAY), seconds(_ATTACK),
            seconds(_HOLD), seconds(_DECAY), max(0.0, value(_SUSTAIN) / 10), seconds(_RELEASE),
            value(_KEY_HOLD) / 1200, value(_KEY_DECAY) / 1200, value(_ENV_FILTER) / 1200, seconds(_MOD_ATTACK),
            seconds(_MOD_HOLD), seconds(_MOD_DECAY), 1 - max(0.0, min(1.0, value(_MOD_SUSTAIN) / 1000)),
            float(value(_VIB_PITCH) or value(_MOD_PITCH)),
            8.176 * 2.0 ** (value(_VIB_RATE if value(_VIB_PITCH) else _MOD_RATE) / 1200),
            seconds(_VIB_WAIT if value(_VIB_PITCH) else _MOD_WAIT),
        )  # fmt: skip

    def _read_sample(self, start: int, end: int) -> NDArray[np.float32]:
        if not 0 <= start < end <= len(self.raw) // 2:
            raise ValueError("a sample lies outside the file")
        if (start, end) not in self.decoded:
            samples = np.frombuffer(self.raw[2 * start : 2 * end], "<i2")
            self.decoded[start, end] = samples.astype(np.float32) / np.float32(32768)
        return self.decoded[start, end]

    def _decode_sample(self, start: int, end: int) -> NDArray[np.float32]:
        if (start, end) not in self.decoded:
            samples, _ = soundfile.read(io.BytesIO(bytes(self.raw[start:end])), dtype="float32", always_2d=True)
            self.decoded[start, end] = np.ascontiguousarray(samples[:, 0])
        return self.decoded[start, end]


def _to_signed(pair: tuple[int, int]) -> int:
    """Two bytes as a signed 16-bit number."""
    value = pair[0] | pair[1] << 8
    return value - 65536 if value > 32767 else value
