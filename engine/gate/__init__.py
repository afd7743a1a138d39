"""The crisis gate: decides from a text whether help is shown, and which markers it has; never stores the text."""

from engine.gate.checking import Gate, GateResult
from engine.gate.compiling import compile_gate
from engine.gate.detecting import detect_language
from engine.gate.keeping import COMPILED, is_sound, load_fallback_gate, save_gate

__all__ = [
    "COMPILED",
    "Gate",
    "GateResult",
    "compile_gate",
    "detect_language",
    "is_sound",
    "load_fallback_gate",
    "save_gate",
]
