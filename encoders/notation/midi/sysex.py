"""Parses the system exclusive messages of General MIDI, Roland's GS and Yamaha's XG that change the sound."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Setting = Literal["reset", "volume", "transpose", "drums", "bank", "program", "shift"]
"""`reset`: everything to its state at switching on; `volume` and `transpose`: of all channels; the others are of one
channel: whether it is a drum kit, its bank and program, and its transposition in semitones."""

_GS_PARTS: Final = (9, *range(9), *range(10, 16))
"""Channel of each part: Roland counts the drums first."""
_GS: Final[dict[int, Setting]] = {0x00: "bank", 0x01: "program", 0x15: "drums", 0x16: "shift"}
_XG: Final[dict[int, Setting]] = {0x01: "bank", 0x03: "program", 0x07: "drums", 0x08: "shift"}
_CENTRE: Final = 64
"""The value that stands for no transposition."""


@dataclass(frozen=True, slots=True)
class SysexSetting:
    """One setting of a message."""

    setting: Setting
    value: int
    """Volume, bank and program 0..127, semitones, or 1 for yes; of a reset 1 where it activates GS."""
    channel: int = 0


def parse_sysex(message: bytes) -> tuple[SysexSetting, ...] | None:
    """The settings of a message; None where it is unknown, as those for the sounds and effects of one device."""
    message = message.removesuffix(b"\xf7")
    if len(message) < 4:
        return None
    if message[0] in (0x7E, 0x7F):
        return _parse_universal(message)
    if message[0] == 0x41 and message[2:4] == b"\x42\x12" and len(message) >= 8:
        return tuple(_parse_gs(message[4:7], message[7:-1]))
    if message[0] == 0x43 and message[1] >> 4 == 1 and message[2] == 0x4C and len(message) >= 7:
        return tuple(_parse_xg(message[3:6], message[6:]))
    return None


def _parse_universal(message: bytes) -> tuple[SysexSetting, ...] | None:
    if message[0] == 0x7E and message[2] == 0x09:
        return (SysexSetting("reset", 0),)
    if message[0] == 0x7F and message[2] == 0x04 and len(message) >= 6:
        if message[3] == 0x01:
            return (SysexSetting("volume", message[5]),)
        if message[3] == 0x04:
            return (SysexSetting("transpose", message[5] - _CENTRE),)
    return None


def _parse_gs(address: bytes, values: bytes) -> Iterator[SysexSetting]:
    """A Roland message sets one address after another."""
    for place, value in enumerate(values, address[2]):
        if address[:2] == b"\x40\x00":
            if place == 0x7F:
                yield SysexSetting("reset", 1)
            elif place == 0x04:
                yield SysexSetting("volume", value)
            elif place == 0x05:
                yield SysexSetting("transpose", value - _CENTRE)
        elif address[:2] == b"\x00\x00" and place == 0x7F:
            yield SysexSetting("reset", 1)
        elif address[0] == 0x40 and address[1] >> 4 == 1 and place in _GS:
            yield _make_part_setting(_GS[place], value, _GS_PARTS[address[1] & 0xF])


def _parse_xg(address: bytes, values: bytes) -> Iterator[SysexSetting]:
    for place, value in enumerate(values, address[2]):
        if address[:2] == b"\x00\x00":
            if place in (0x7E, 0x7F):
                yield SysexSetting("reset", 0)
            elif place == 0x04:
                yield SysexSetting("volume", value)
            elif place == 0x06:
                yield SysexSetting("transpose", value - _CENTRE)
        elif address[0] == 0x08 and address[1] < 16 and place in _XG:
            yield _make_part_setting(_XG[place], value, address[1])


def _make_part_setting(setting: Setting, value: int, channel: int) -> SysexSetting:
    if setting == "shift":
        return SysexSetting(setting, value - _CENTRE, channel)
    return SysexSetting(setting, int(value > 0) if setting == "drums" else value, channel)
