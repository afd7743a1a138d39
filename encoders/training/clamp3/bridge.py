"""From where captions lie to where music lies: how a recording, which is only told in words, takes its place among
notes.

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


def bridge(captions: Matrix, music: Matrix) -> Matrix:
    """Float32 [dimensions, dimensions + 1], the last column a shift: the map that brings `captions` nearest to `music`,
    both [pieces, dimensions] in unit rows of the same pieces.

    Ridge regression, whose answers lie nearer together than what they answer for; so they are spread as the music is.
    """
    told, heard = captions.astype(np.float64), music.astype(np.float64)
    middle, wanted = told.mean(axis=0), heard.mean(axis=0)
    told, heard = told - middle, heard - wanted
    square = told.T @ told + _HELD_BACK * len(told) * np.eye(told.shape[1])
    turned = np.linalg.solve(square, told.T @ heard).T
    turned *= np.sqrt(np.square(heard).sum() / np.square(told @ turned.T).sum())
    return np.concatenate((turned, (wanted - turned @ middle)[:, None]), axis=1).astype(np.float32)


def evenly(count: int, wanted: int) -> Sequence[int]:
    """So many of the rows, or all of them, evenly over the whole."""
    return range(0, count, max(1, count // wanted))[:wanted]
