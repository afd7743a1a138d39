"""The modality-gap map: it moves the vector of a recording's captions to where the vector of its notes would be.

Texts and music meet in one space, yet each kind keeps to a region of its own (the modality gap: Liang et al. 2022,
arXiv 2203.02053), so that words are nearer to any caption than to any music. A linear map from the captions of pieces
to the vectors of their notes takes the gap away.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from encoders.base import Matrix

_HELD_BACK: Final = 1e-4
"""What large weights of the map cost, against a mean square of 1 / dimensions a number. On learnt works, split by
author, smaller ones do a little better (rank correlation of searches .91 with 1e-5, .90 with this); captions of
recordings go beyond those that are learnt from, so the careful side is kept."""


def fit_gap_map(captions: Matrix, music: Matrix) -> Matrix:
    """Float32 [dimensions, dimensions + 1], the last column a shift: the map that brings `captions` nearest to `music`,
    both [pieces, dimensions] in unit rows of the same pieces.

    Ridge regression, whose answers lie nearer together than what they answer for; so they are spread as the music is.
    """
    words, notes = captions.astype(np.float64), music.astype(np.float64)
    middle, wanted = words.mean(axis=0), notes.mean(axis=0)
    words, notes = words - middle, notes - wanted
    square = words.T @ words + _HELD_BACK * len(words) * np.eye(words.shape[1])
    turned = np.linalg.solve(square, words.T @ notes).T
    turned *= np.sqrt(np.square(notes).sum() / np.square(words @ turned.T).sum())
    return np.concatenate((turned, (wanted - turned @ middle)[:, None]), axis=1).astype(np.float32)


def evenly(count: int, wanted: int) -> Sequence[int]:
    """So many of the rows, or all of them, evenly over the whole."""
    return range(0, count, max(1, count // wanted))[:wanted]
