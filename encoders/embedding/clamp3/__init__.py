"""CLaMP 3 (Wu et al., arXiv 2502.10362): words, notated music and audio as vectors of one space."""

from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.model import Clamp3

__all__ = ["Clamp3", "load_clamp3"]
