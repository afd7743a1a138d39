"""A sound font of one sine, written byte by byte, so that what the player does with a font can be measured exactly."""

import io
import struct
from pathlib import Path

import numpy as np
import soundfile

RATE = 22050
PERIOD = 50
"""Samples: the recording sounds at 441 Hz and loops over one period."""
ROOT = 69
ZONE = {54: 1, 58: ROOT, 34: -8000, 36: 0, 37: 200, 38: 0}
"""Generators: looped, its key, an attack of 10 ms, a decay of 100 dB a second down to 20 dB, a release likewise."""


def sine_font(
    path: Path, zone: dict[int, int] | None = None, program: int = 0, keys: tuple[int, int] = (0, 127),
    packed: bool = False,
) -> Path:  # fmt: skip
    """Writes the font and returns its path. `packed` stores the sample as Ogg, which makes it an SF3."""
    length = PERIOD * 60
    samples = np.round(16000 * np.sin(2 * np.pi * np.arange(length) / PERIOD)).astype("<i2")
    body, end, kind = samples.tobytes() + bytes(92), length, 1
    if packed:
        ogg = io.BytesIO()
        soundfile.write(ogg, samples, RATE, format="OGG", subtype="VORBIS")
        body, end, kind = ogg.getvalue(), len(ogg.getvalue()), 0x11
    loop = (PERIOD * 50, PERIOD * 55)
    generators = [(43, keys[0] | keys[1] << 8), *(ZONE | (zone or {})).items(), (53, 0)]
    tuned = 1200 * np.log2(440 / (RATE / PERIOD))
    pdta = {
        b"phdr": _record("sine", "<HHHIII", program, 0, 0, 0, 0, 0) + _record("EOP", "<HHHIII", 0, 0, 1, 0, 0, 0),
        b"pbag": struct.pack("<HHHH", 0, 0, 1, 0),
        b"pmod": bytes(10),
        b"pgen": struct.pack("<HHHH", 41, 0, 0, 0),
        b"inst": _record("sine", "<H", 0) + _record("EOI", "<H", 1),
        b"ibag": struct.pack("<HHHH", 0, 0, len(generators), 0),
        b"imod": bytes(10),
        b"igen": b"".join(struct.pack("<HH", what, value & 0xFFFF) for what, value in generators) + bytes(4),
        b"shdr": _record("sine", "<IIIIIBbHH", 0, end, *loop, RATE, ROOT, round(tuned), 0, kind)
        + _record("EOS", "<IIIIIBbHH", *[0] * 9),
    }
    lists = [(b"INFO", {b"ifil": struct.pack("<HH", 2, 1)}), (b"sdta", {b"smpl": body}), (b"pdta", pdta)]
    inner = b"sfbk" + b"".join(_chunk(b"LIST", name + b"".join(_chunk(*leaf) for leaf in leaves.items()))
                               for name, leaves in lists)  # fmt: skip
    path.write_bytes(_chunk(b"RIFF", inner))
    return path


def _record(name: str, shape: str, *values: int) -> bytes:
    return name.encode().ljust(20, b"\0") + struct.pack(shape, *values)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
