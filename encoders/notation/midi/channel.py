"""One MIDI channel: its settings, its sounding notes and its pedals."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Final

ChannelProgram = tuple[int, int]
"""Channel and program."""
HeldKey = tuple[float, int, int, ChannelProgram]
"""Onset, pitch, velocity, and channel and program of a note whose key is down."""
PlayedNote = tuple[float, float, int, int, ChannelProgram]
"""Onset, end, pitch, velocity, and channel and program."""

DRUMS: Final = 9
_PLAIN: Final = 100.0
"""Volume of a channel that states none (General MIDI 2)."""
_RINGS: Final = 2.0
"""Seconds that a pedal sustains a note at most: strings fade."""
_KITS: Final = {120: True, 121: False, 126: True, 127: True}
"""Bank -> whether it holds drum kits: those of General MIDI 2 (120, 121) and of XG (effects and kits)."""
_MT32: Final = 127
"""In GS this bank holds the sounds of an older device, and no kit."""
_NULL: Final = (127, 127)
_TUNING: Final = (0, 2)
"""The registered parameter that moves a channel by semitones."""
_CONTROLLERS: Final = {
    1: "modulation", 2: "breath", 5: "glides", 8: "balance", 10: "pan", 65: "glides", 67: "soft pedal",
    68: "legato pedal", 69: "second hold pedal", 84: "glides", 91: "reverb", 92: "tremolo", 93: "chorus",
    94: "detuning", 95: "phaser", 98: "sound settings", **dict.fromkeys(range(70, 80), "sound settings"),
}  # fmt: skip
"""Controllers that change the sound and are not supported."""
_AT_REST: Final = {8: 64, 10: 64, 98: 127, **dict.fromkeys(range(70, 80), 64)}
"""Their neutral values; 0 for all others."""
_PEDALS: Final = (65, 67, 68, 69)


@dataclass(slots=True)
class Channel:
    """Settings and sounding notes of one channel. Times are seconds."""

    number: int
    """0..15 in each port, 16 a port."""
    roland: bool = False
    """Whether GS is active."""
    program: int = 0
    volume: float = 1.0
    expression: float = 1.0
    shift: int = 0
    """Semitones, by its own tuning."""
    moved: int = 0
    """Semitones, by the key shift of its part."""
    part: bool | None = None
    """Whether a system exclusive message made it a drum kit; None without such a message."""
    sounding: dict[int, deque[HeldKey]] = field(default_factory=lambda: defaultdict(deque))
    finished: list[PlayedNote] = field(default_factory=list)
    instant: int = 0
    """Notes that ended in the moment in which they began."""
    unplayed: set[str] = field(default_factory=set)
    """Names of what was asked of it and is not supported."""
    _kit: bool | None = None
    """Whether its bank holds drum kits; None when unknown."""
    _bank: int = 0
    """Takes effect with the next program change."""
    _parameter: tuple[int, int] = _NULL
    _sustained: bool = False
    _sostenuto: bool = False
    _caught: set[tuple[float, int]] = field(default_factory=set)
    """Onsets and pitches that the sostenuto pedal holds."""
    _alone: bool = False
    """Whether it plays one note at a time."""
    _ringing: list[PlayedNote] = field(default_factory=list)

    @property
    def is_drums(self) -> bool:
        """Whether its keys are drums."""
        if self.part is not None:
            return self.part
        return self.number % 16 == DRUMS if self._kit is None else self._kit

    def select(self, program: int) -> None:
        """Changes the program, and the bank to the one selected before."""
        self.program = program
        self._kit = None if self.roland and self._bank == _MT32 else _KITS.get(self._bank)
        if self._bank and self._kit is None:
            self.unplayed.add("sounds of other banks")

    def bank(self, number: int) -> None:
        """Selects the bank of the next program change."""
        self._bank = number

    def strike(self, at: float, pitch: int, velocity: float, moved: int) -> bool:
        """Begins a note, transposed by `moved` semitones for the whole file; False when its volume is 0."""
        loud = round(velocity * self.volume * self.expression)
        if self._alone:
            self.release_all(at)
        key = pitch + self.shift + self.moved + moved
        if loud > 0 and 0 <= key <= 127:
            self.sounding[pitch].append((at, key, min(127, loud), (self.number, self.program)))
        return loud > 0

    def release(self, at: float, pitch: int) -> None:
        """Releases a key: of several notes of one pitch the first struck ends first."""
        if row := self.sounding.get(pitch):
            self._release_note(row.popleft(), at)
            if not row:
                del self.sounding[pitch]

    def release_all(self, at: float) -> None:
        """Releases every key; pedals go on sustaining."""
        for row in self.sounding.values():
            for note in row:
                self._release_note(note, at)
        self.sounding.clear()

    def silence(self, at: float) -> None:
        """Ends all sound at once, sustained notes included."""
        self.release_all(at)
        self._end_notes(self._ringing, at)
        self._ringing = []

    def control(self, number: int, value: int, at: float) -> None:
        """Applies a controller or a channel mode message."""
        if number == 0:
            self.bank(value)
        elif number in (7, 11):
            self._set_volume(number, value)
        elif number in (64, 66):
            self._press_pedal(number, value >= 64, at)
        elif number in (100, 101):
            self._parameter = (self._parameter[0], value) if number == 100 else (value, self._parameter[1])
        elif number == 6:
            self._enter_parameter(value)
        elif number == 120:
            self.silence(at)
        elif number == 121:
            self._reset(at)
        elif number >= 123:
            self.release_all(at)
            self._alone = number == 126 or (self._alone and number != 127)
        else:
            if number in (98, 99):
                self._parameter = _NULL  # The next data entry is for a parameter of the device's own.
            if number in _CONTROLLERS and (value >= 64 if number in _PEDALS else value != _AT_REST.get(number, 0)):
                self.unplayed.add(_CONTROLLERS[number])

    def release_pedals(self, at: float) -> None:
        """Releases all pedals."""
        self._sustained = self._sostenuto = False
        self._caught = set()
        self._end_released(at)

    def _press_pedal(self, number: int, down: bool, at: float) -> None:
        """Applies the position of a pedal; pedals repeat it, so only a change has an effect."""
        if down == (self._sustained if number == 64 else self._sostenuto):
            return
        if number == 64:
            self._sustained = down
        else:
            keys = (note for row in self.sounding.values() for note in row)
            self._sostenuto, self._caught = down, {(on, key) for on, key, *_ in keys} if down else set()
        if not down:
            self._end_released(at)

    def _reset(self, at: float) -> None:
        """Reset All Controllers: volume, bank, program and tuning stay (MIDI, RP-015)."""
        self.expression, self._parameter = 1.0, _NULL
        self.release_pedals(at)

    def _set_volume(self, number: int, value: int) -> None:
        before = self.volume, self.expression
        if number == 7:
            self.volume = value / _PLAIN
        else:
            self.expression = value / 127.0
        if self.sounding and before != (self.volume, self.expression):
            self.unplayed.add("swells within a note")

    def _enter_parameter(self, value: int) -> None:
        if self._parameter == _TUNING:
            self.shift = value - 64
        elif self._parameter == (0, 1) and value != 64:
            self.unplayed.add("fine tuning")

    def _release_note(self, note: HeldKey, at: float) -> None:
        on, key, loud, player = note
        struck = (on, at, key, loud, player)
        if self._is_held(struck):
            self._ringing.append(struck)
        else:
            self._end_notes([struck], at)

    def _is_held(self, struck: PlayedNote) -> bool:
        return self._sustained or (struck[0], struck[2]) in self._caught

    def _end_released(self, at: float) -> None:
        """Ends the notes that no pedal sustains any more."""
        held = [struck for struck in self._ringing if self._is_held(struck)]
        self._end_notes([struck for struck in self._ringing if not self._is_held(struck)], at)
        self._ringing = held

    def _end_notes(self, notes: list[PlayedNote], at: float) -> None:
        for on, off, key, loud, player in notes:
            # `off` is when its key was released; a sustained note has sounded beyond it.
            end = min(at, off + _RINGS)
            if end > on:
                self.finished.append((on, end, key, loud, player))
            else:
                self.instant += 1
