"""Changes the sample rate of sound."""

import numpy as np
import soxr
from numpy.typing import NDArray


def resample(samples: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    """Float32 [..., samples], resampled from `rate` to `wanted` samples a second."""
    if rate == wanted:
        return samples
    length = int(np.ceil(samples.shape[-1] * wanted / rate))
    found = soxr.resample(samples.T, rate, wanted, quality="HQ").T[..., :length]
    short = [(0, 0)] * (found.ndim - 1) + [(0, length - found.shape[-1])]
    return np.asarray(np.pad(found, short), dtype=np.float32)
