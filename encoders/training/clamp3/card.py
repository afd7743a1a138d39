"""Writes the model card of a small CLaMP 3: training data, evaluation on held-out music, and limitations."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from encoders.embedding.clamp3.model import SYMBOLIC
from encoders.training.clamp3.evaluation import CaptionsComparison, EvaluationResult, average_results
from encoders.training.clamp3.learning import TowersRecipe
from encoders.training.clamp3.samples import HELD_OUT, Samples

_HEAD: Final = """\
# {name}

A small CLaMP 3 (Wu et al., arXiv 2502.10362): the same towers and the same layout, {dimensions} dimensions, a text and
a symbolic tower, 8-bit weights. Written by `make train-clamp3`; do not edit.

* Licence: {licence}
* Training set: {excerpts} excerpts, most of up to a minute and some of up to four, of {works} works, each in many
  performance styles, keys and instruments, with texts for their measured cues (models/captions/lexicon.json,
  wordings.json). No score and no sound is in this folder.
* Held out: {held_out}; and every work with the title of one of theirs.
* Recipe: {recipe}.
  The symbolic tower was trained with auxiliary heads for pitch classes and keys, together with a projection of texts;
  then the projection was trained again, against fixed music.
* The text tower is that of {words_from}, frozen; its output is projected by one linear layer (text_proj.npy).
* Cosine between exact and 8-bit vectors: {rounding}.

## Evaluation

On the catalogue's performances by the composers and collections above: probability that a piece of the highest third of
a measured cue is nearer to the second text than one of the lowest third (AUC; .5 is chance). The caption model makes
its vectors from these very cues, so on words of its vocabulary it can hardly be beaten; on other texts it counts as .5.
Of the out-of-vocabulary pairs the first dozen had been seen when the model before this one was selected; the others
were written before this one was trained and had no influence on it.

| Cue | lower | higher | words in captions | this model | caption model |
|---|---|---|---|---|---|
{results}
| **mean** | | | yes | **{known[0]:.3f}** | {known[1]:.3f} |
| **mean** | | | no | **{wide[0]:.3f}** | {wide[1]:.3f} |

## Recordings

They have no notes, so they are embedded by captions of their measured cues, and a linear map (the modality-gap map,
bridge.npy) moves the vector of the captions to where the vector of notes would be. On the same held-out music, embedded
by captions and by notes:

| | captions as they are | moved |
|---|---|---|
| share of captions among the first 20 of a search over both (.5 is even) | {bare.share:.2f} | {moved.share:.2f} |
| rank correlation of a search among captions with one among notes | {bare.agreement:.2f} | {moved.agreement:.2f} |

## Limitations

* **Only notes.** Its input is onsets, keys, velocities and General MIDI instruments. It knows no sound, no voice, no
  lyrics, no room and no mix. It has no audio tower: recordings get their vector from captions of their measured cues,
  and the track says so.
* **Only this repertoire.** Tune books of Ireland, Scotland, England and America, chorales, madrigals, masses, quartets
  and a few piano pieces and songs, from the fourteenth century to about 1910. Pop, jazz, electronic music, music from
  outside Europe and North America, and drums are not among it.
* **Our own performances.** Tempo, level, articulation, instruments and key were drawn at random and performed by our
  own player, so "soft" or "detached" mean that player's velocities and lengths.
* **English only.** The sentence encoder was trained on English. It gives a vector for any text; the caller must make
  sure that the text is English.
* **The meaning of words is that of our captions** (models/captions/lexicon.json): "sad" is where our lexicon places
  sad music among the measured cues, not what a person would feel. No listener rated anything here.
* **Negation** ("not loud") is handled by the sentence encoder, badly.
* A piece is read in segments of {positions} patches; its development beyond a segment is averaged away.
"""


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """Inputs and outputs of one training run."""

    recipe: TowersRecipe
    samples: Samples
    description: Mapping[str, Any]
    """`model.json`"""


def write_card(
    path: Path,
    trained: TrainingRecord,
    results: Sequence[EvaluationResult],
    compared: tuple[CaptionsComparison, CaptionsComparison],
) -> None:
    """Writes the card beside the model."""
    about, samples = trained.description, trained.samples
    known, wide = average_results(results, out_of_vocabulary=False), average_results(results, out_of_vocabulary=True)
    recipe = ", ".join(f"{name} {value}" for name, value in asdict(trained.recipe).items())
    rounding = "; ".join(
        f"{kind}: median {found['median']:.5f}, worst {found['worst']:.5f} over {found['vectors']}"
        for kind, found in about["rounding"].items()
    )
    rows = [
        f"| {' | '.join((m.pair.cue, m.pair.low, m.pair.high, 'no' if m.out_of_vocabulary else 'yes'))} "
        f"| {m.ours:.3f} | {m.baseline:.3f} |"
        for m in results
    ]
    facts = {name: about[name] for name in ("name", "dimensions", "licence", "words_from")}
    text = _HEAD.format(
        **facts,
        excerpts=len(samples.texts),
        works=len(set(samples.titles)),
        held_out=", ".join(sorted(HELD_OUT)),
        recipe=recipe,
        rounding=rounding,
        results="\n".join(rows),
        known=known,
        wide=wide,
        bare=compared[0],
        moved=compared[1],
        positions=about["towers"][SYMBOLIC]["positions"],
    )
    path.write_text(text, "utf-8")
