"""The voices of an ABC tune: the current voice, the settings of each, and its instrument."""

import re
from collections.abc import Sized
from typing import Final

from encoders.notation.abc.grammar import shifts_of
from encoders.notation.abc.voice import Voice
from encoders.notation.score import Bar

_MOST: Final = 200
"""Voices, and overlay voices, of a tune at most: the cost of merging grows with their square."""


class Ensemble:
    """All voices in the order of their first mention, and the overlay voices that sound beside one for some bars."""

    def __init__(self) -> None:
        self.plain = Voice()
        """The settings that every new voice starts with."""
        self.voices: dict[str, Voice] = {}
        self.overlays: list[tuple[Voice, Voice]] = []
        """Pairs of a main voice and an overlay voice of it."""
        self.main = self.voice = self.plain
        """The current main voice, and the voice that notes are added to: it, or an overlay of it."""
        self.named = False

    def begin(self) -> None:
        """Ends the header: its settings apply to all voices."""
        self.main = self.voice = self.voices["1"] = self.plain.copy_settings()

    def select_voices(self) -> list[Voice]:
        """The voices that a field applies to: until a V: field names one, also all future voices."""
        return [self.voice] if self.named else [self.voice, self.plain]

    def switch(self, text: str) -> None:
        """Makes the voice that a V: field names the current one, with the settings of the field."""
        name = (text.split() or ["1"])[0]
        if not self.named and not (self.main.bars or self.main.tones or self.main.at):
            self.voices.clear()
        self.named = True
        if name not in self.voices:
            check_count(self.voices)
            self.voices[name] = self.plain.copy_settings()
        self.main = self.voice = self.voices[name]
        self.move(text.lstrip().removeprefix(name))
        if called := re.search(r'\b(?:name|nm)=(?:"([^"]*)"|(\S+))', text):
            self.voice.name = called[1] or called[2]

    def move(self, text: str) -> None:
        """Sets octave, transposition and clef from a K: or V: field."""
        text = re.sub(r'"[^"]*"', "", text)
        for voice in self.select_voices():
            voice.shifts |= shifts_of(text)
            voice.drums = voice.drums or bool(re.search(r"(?:clef=|\s|^)perc\b", text))

    def midi(self, command: str, values: list[str]) -> str:
        """Applies a %%MIDI directive; a remark where it is not supported, else empty."""
        voices = self.select_voices()
        number = int(values[-1]) if values and re.fullmatch(r"[+-]?\d{1,3}", values[-1]) else None
        if number is None or command not in ("program", "channel", "transpose"):
            return "" if command in ("nobarlines", "barlines") else f"not played: %%MIDI {command[:20]}"
        for voice in voices:
            if command == "channel":
                voice.drums = number == 10
            elif command == "transpose":
                voice.shifts["MIDI"] = number
            elif voice.bars or voice.tones:
                return "its changes of instrument within a voice are not played"
            elif 0 <= number < 128:
                voice.program = number
                voice.drums = voice.drums or values[:-1] == ["10"]
        return ""

    def overlay(self, bars: int) -> None:
        """Goes back by so many bar lines: the notes that follow are added to an overlay voice."""
        if self.voice is not self.main:
            self.voice.bar("|")
        start = max(0, len(self.main.bars) - (bars - 1))
        free = (over for main, over in self.overlays if main is self.main and len(over.bars) <= start)
        over = next(free, None)
        if over is None:
            check_count(self.overlays)
            over = self.main.copy_settings()
            self.overlays.append((self.main, over))
        over.metre, over.unit, over.signature = self.main.metre, self.main.unit, self.main.signature
        over.bars += [Bar((), 0.0, over.metre)] * (start - len(over.bars))
        self.voice = over

    def bar(self, line: str) -> None:
        """Ends the bar of the main voice, and of its overlay, with a bar line."""
        if self.voice is not self.main:
            over, self.voice = self.voice, self.main
            behind = len(over.bars) < len(self.main.bars)
            over.bar("|")
            if behind:
                self.voice = over
                return
        self.main.bar(line)

    def finish(self) -> dict[str, Voice]:
        """Ends all voices; those that have bars by name, each followed by its overlays."""
        for voice in self.voices.values():
            self.main = voice
            self.voice = next((o for m, o in self.overlays if m is voice and (o.tones or o.at)), voice)
            self.bar("|]")
        return {
            name + "&" * number: each
            for name, voice in self.voices.items()
            for number, each in enumerate([voice, *(over for main, over in self.overlays if main is voice)])
            if each.bars
        }


def check_count(found: Sized) -> None:
    """Raises ValueError when `_MOST` is reached."""
    if len(found) >= _MOST:
        raise ValueError("it has more voices or macros than any tune")
