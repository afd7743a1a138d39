"""PackStream, the form of values on a Bolt connection: as much of it as a server in a test says and is told."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, NamedTuple


class Structure(NamedTuple):
    """A message: what it is, and what it holds."""

    signature: int
    fields: tuple[Any, ...]


def pack(value: Any) -> bytes:
    """The bytes of a value."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return struct.pack(">b", value) if -16 <= value < 128 else b"\xcb" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xc1" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\xd2" + struct.pack(">I", len(value.encode())) + value.encode()
    if isinstance(value, Structure):
        return bytes((0xB0 + len(value.fields), value.signature)) + _joined(value.fields)
    if isinstance(value, dict):
        return b"\xda" + struct.pack(">I", len(value)) + _joined(part for item in value.items() for part in item)
    return b"\xd6" + struct.pack(">I", len(value)) + _joined(value)


def _joined(values: Iterable[Any]) -> bytes:
    return b"".join(map(pack, values))


_SIZED = {0xD0: "B", 0xD1: "H", 0xD2: "I", 0xCC: "B", 0xCD: "H", 0xCE: "I", 0xD4: "B", 0xD5: "H", 0xD6: "I",
          0xD8: "B", 0xD9: "H", 0xDA: "I"}  # fmt: skip
"""Marker -> how the size behind it is written."""
_NUMBERS = {0xC8: "b", 0xC9: "h", 0xCA: "i", 0xCB: "q", 0xC1: "d"}


class Unpacked:
    """Reads one value after the other."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def value(self) -> Any:
        marker = self._taken("B")
        high, low = marker & 0xF0, marker & 0x0F
        if marker < 0x80 or marker >= 0xF0:
            return marker if marker < 0x80 else marker - 256
        if marker in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[marker]
        if marker in _NUMBERS:
            return self._taken(_NUMBERS[marker])
        size = self._taken(_SIZED[marker]) if marker in _SIZED else low
        if high == 0x80 or marker in (0xD0, 0xD1, 0xD2):
            return self._bytes(size).decode()
        if marker in (0xCC, 0xCD, 0xCE):
            return self._bytes(size)
        if high == 0x90 or marker in (0xD4, 0xD5, 0xD6):
            return [self.value() for _ in range(size)]
        if high == 0xB0:
            return Structure(self._taken("B"), tuple(self.value() for _ in range(size)))
        return {self.value(): self.value() for _ in range(size)}

    def _taken(self, form: str) -> Any:
        return struct.unpack(f">{form}", self._bytes(struct.calcsize(form)))[0]

    def _bytes(self, size: int) -> bytes:
        self._at += size
        return self._content[self._at - size : self._at]
