"""The cue weights of the ontology, against what people rated: `seed_data/CUES.md` tells the same numbers in words."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log2, log10
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.settings import ROOT, SEED_DIR
from tests.helpers.shipped import shipped_ontology

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weight:
    """What one spread of a cue adds to an axis."""

    cue: str
    weight: float
    center: float
    spread: float
    log: bool

    def counted(self, value: float) -> float:
        """What a measured value adds, as `cypher/load/affect.cypher` has it."""
        away = log2(value / self.center) if self.log else value - self.center
        return self.weight * away / self.spread


@cache
def weights(axis: str) -> tuple[Weight, ...]:
    ontology = shipped_ontology()
    found = []
    for one in ontology.of("CueWeight"):
        if one.text("axis") == axis:
            cue = ontology[one.to("of")[0]]
            weight, center, spread = one.number("weight"), cue.number("center"), cue.number("spread")
            assert weight is not None
            assert center is not None
            assert spread is not None
            found.append(Weight(cue.id, weight, center, spread, cue.text("scale") == "log"))
    assert found
    return tuple(found)


def by(axis: str, standard: Mapping[str, Values]) -> Values:
    """The weighted sum of those cues that a study measured, each in its own standard deviations."""
    return np.asarray(sum(w.weight * standard[w.cue] for w in weights(axis) if w.cue in standard))


def auc(scores: Values, high: NDArray[np.bool_]) -> float:
    """How often one of the high has the higher score than one of the others; ties are half."""
    over = scores[high][:, None] - scores[~high][None, :]
    return float(np.mean((over > 0) + 0.5 * (over == 0)))


def correlation(a: Values, b: Values) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def ranks(values: Values) -> Values:
    """Ranks, the mean of theirs to equal values."""
    return np.array([np.mean(np.flatnonzero(np.sort(values) == value)) for value in values])


def standardised(values: Values) -> Values:
    return np.asarray((values - values.mean()) / values.std())


# Film music, rated excerpt by excerpt


@cache
def film() -> dict[str, Values]:
    lines = (ROOT / "tests" / "data" / "soundtracks.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t"))
    assert len(rows) == 110
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


@cache
def film_cues() -> dict[str, Values]:
    return {
        "onset_rate": standardised(np.log2(film()["density"])),
        "level": standardised(film()["level"]),
        "register": standardised(np.log2(film()["pitch"])),
        "mode": standardised(film()["mode"]),
    }


def test_on_film_music_the_weights_tell_arousal_no_worse_than_density_and_level() -> None:
    cues, lively = film_cues(), film()["energy"] > 5
    ours, plain = auc(by("arousal", cues), lively), auc(cues["onset_rate"] + cues["level"], lively)
    assert ours >= plain
    assert (ours, plain) == pytest.approx((0.72, 0.67), abs=0.01)
    assert correlation(by("arousal", cues), film()["energy"]) == pytest.approx(0.49, abs=0.01)


def test_on_film_music_the_weights_tell_valence_no_worse_than_mode() -> None:
    cues, pleasant = film_cues(), film()["valence"] > 5
    ours, plain = auc(by("valence", cues), pleasant), auc(cues["mode"], pleasant)
    assert ours >= plain
    assert (ours, plain) == pytest.approx((0.74, 0.73), abs=0.01)
    assert correlation(by("valence", cues), film()["valence"]) == pytest.approx(0.40, abs=0.01)


def test_corpora_disagree_on_density_and_valence_so_it_has_no_weight() -> None:
    assert correlation(film_cues()["onset_rate"], film()["valence"]) == pytest.approx(0.33, abs=0.01)
    # In pop piano it is -.16 and in game music nothing (music from which no clips are here).
    assert "onset_rate" not in {w.cue for w in weights("valence")}


# Pop piano (EMOPIA), from its published medians and quartiles: clips are not here


@dataclass(frozen=True, slots=True)
class Quadrant:
    """Clips that people placed there: how many, and median and quartiles of onsets a second and of velocity."""

    lively: bool
    pleasant: bool
    clips: int
    onsets: tuple[float, float, float]
    velocity: tuple[float, float, float]
    major: float


EMOPIA = (
    Quadrant(True, True, 250, (4.9, 4.2, 6.0), (77, 70, 86), 0.81),
    Quadrant(True, False, 265, (6.1, 4.9, 7.1), (79, 72, 86), 0.29),
    Quadrant(False, False, 253, (3.4, 2.5, 4.5), (55, 47, 62), 0.42),
    Quadrant(False, True, 310, (3.4, 2.8, 4.1), (52, 47, 59), 0.73),
)


def bell(three: tuple[float, float, float]) -> NormalDist:
    """A normal distribution of this median, with quartiles as far apart as these."""
    middle, low, high = three
    return NormalDist(middle, (high - low) / (2 * NormalDist().inv_cdf(0.75)))


def parted(high: list[tuple[int, NormalDist]], low: list[tuple[int, NormalDist]]) -> float:
    """The AUC between two mixtures of normal distributions."""
    total = sum(a * b for a, _ in high for b, _ in low)
    return sum(a * b * (p - q).cdf(0) for a, q in high for b, p in low) / total


def piano(share: Mapping[str, float]) -> float:
    """The AUC for arousal of onset rate and level, each counted so much an octave and a dB, as if independent."""
    groups: dict[bool, list[tuple[int, NormalDist]]] = {True: [], False: []}
    for quadrant in EMOPIA:
        octaves = bell(tuple(log2(value) for value in quadrant.onsets))  # type: ignore[arg-type]
        decibels = bell(tuple(40 * log10(value / 127) for value in quadrant.velocity))  # type: ignore[arg-type]
        sum_of = octaves * share["onset_rate"] + decibels * share["level"]
        groups[quadrant.lively].append((quadrant.clips, sum_of))
    return parted(groups[True], groups[False])


def test_on_pop_piano_the_weights_part_lively_from_calm_as_well_as_density_and_velocity_do() -> None:
    ours = piano({w.cue: w.weight / w.spread for w in weights("arousal") if w.cue in ("onset_rate", "level")})
    # Each in its own standard deviations over all clips: .6 octaves, 5 dB.
    plain = piano({"onset_rate": 1 / 0.6, "level": 1 / 5.0})
    assert ours >= plain
    # On the clips themselves, where the two go together, density and velocity reached .95.
    assert (ours, plain) == pytest.approx((0.97, 0.96), abs=0.01)


def test_on_pop_piano_the_weights_part_pleasant_from_unpleasant_no_worse_than_mode() -> None:
    weight = {w.cue: w.weight / w.spread for w in weights("valence")}

    def told(level: float) -> float:
        """The AUC of major or minor, a full step of mode apart, and so much a dB of level."""
        total = share = 0.0
        for high in (q for q in EMOPIA if q.pleasant):
            for low in (q for q in EMOPIA if not q.pleasant):
                louder = bell(tuple(40 * log10(v / 127) for v in high.velocity)) - bell(  # type: ignore[arg-type]
                    tuple(40 * log10(v / 127) for v in low.velocity)  # type: ignore[arg-type]
                )
                for high_mode, p in ((1, high.major), (-1, 1 - high.major)):
                    for low_mode, q in ((1, low.major), (-1, 1 - low.major)):
                        step = weight["mode"] * (high_mode - low_mode)
                        wins = float(step > 0) + 0.5 * (step == 0)
                        if level:
                            wins = 1 - (louder * level + step).cdf(0)
                        share += high.clips * low.clips * p * q * wins
                total += high.clips * low.clips
        return share / total

    assert told(weight["level"]) >= told(0.0)
    assert told(0.0) == pytest.approx(0.71, abs=0.01)


# The catalogue


def test_over_the_catalogue_arousal_follows_density_and_level_and_valence_follows_mode() -> None:
    rows = list(csv.DictReader((SEED_DIR / "catalogue.csv").read_text(encoding="utf-8").splitlines()))
    axis = {
        name: np.array([sum(w.counted(float(row[w.cue])) for w in weights(name)) for row in rows])
        for name in ("arousal", "valence")
    }
    density = standardised(np.log2([float(row["onset_rate"]) for row in rows]))
    level = standardised(np.array([float(row["level"]) for row in rows]))
    mode = np.array([float(row["mode"]) for row in rows])
    assert correlation(ranks(axis["arousal"]), ranks(density + level)) > 0.9
    assert correlation(ranks(axis["valence"]), ranks(mode)) > 0.9
    # The two axes say different things.
    assert abs(correlation(ranks(axis["valence"]), ranks(axis["arousal"]))) < 0.3
