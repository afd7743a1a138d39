"""The crisis gate: words in, whether help is to be shown and which markers they hold out; the words stay nowhere."""

from engine.gate.checking import Gate, GateResult
from engine.gate.compiling import compile_gate
from engine.gate.keeping import COMPILED, is_sound, keep, standing

__all__ = ["COMPILED", "Gate", "GateResult", "compile_gate", "is_sound", "keep", "standing"]
