"""The six basic emotions that coarse data sets label, as groups of the 27 labels.

GoEmotions' authors publish the grouping with their data ("Ekman"). Neutral belongs to none.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from encoders.base import Matrix

GROUPS: Mapping[str, tuple[str, ...]] = {
    "anger": ("anger", "annoyance", "disapproval"),
    "disgust": ("disgust",),
    "fear": ("fear", "nervousness"),
    "joy": (
        "admiration",
        "amusement",
        "approval",
        "caring",
        "desire",
        "excitement",
        "gratitude",
        "joy",
        "love",
        "optimism",
        "pride",
        "relief",
    ),
    "sadness": ("disappointment", "embarrassment", "grief", "remorse", "sadness"),
    "surprise": ("confusion", "curiosity", "realization", "surprise"),
}


def build_membership(labels: Sequence[str]) -> Matrix:
    """Float32 [labels, groups]: 1 where a label belongs to a group."""
    return np.array([[label in some for some in GROUPS.values()] for label in labels], dtype=np.float32)


def combine_groups(probabilities: Matrix, labels: Sequence[str]) -> Matrix:
    """Float [texts, groups]: the probability that at least one label of the group is there."""
    absent = np.log1p(-probabilities.astype(np.float64).clip(0, 1 - 1e-7)) @ build_membership(labels)
    found: Matrix = -np.expm1(absent)
    return found
