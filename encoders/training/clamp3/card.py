"""The model card of a small CLaMP 3: what it learnt from, how it did on music it never met, and what it cannot know."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from encoders.embedding.clamp3.model import SYMBOLIC
from encoders.training.clamp3.evaluation import CaptionsAmongNotes, Result, means
from encoders.training.clamp3.learning import Recipe
from encoders.training.clamp3.samples import HELD_OUT, Samples

_HEAD: Final = """\
# {name}

A small CLaMP 3 (Wu et al., arXiv 2502.10362): the same towers and the same layout, {dimensions} dimensions, a text and
a symbolic tower, 8-bit weights. Written by `make train-clamp3`; do not edit.

* Licence: {licence}
* Learnt from: {stretches} stretches, most of up to a minute and some of up to four, of {works} works, each in many
  manners, keys and instruments, against words for what was measured of them (models/captions/lexicon.json,
  wordings.json). No score and no sound is in this folder.
* Never learnt from: {held_out}; nor any work of a title that one of their works has.
* Recipe: {recipe}.
  The symbolic tower was learnt, its layers being asked for pitch classes and keys on the way, beside a projection of
  words; then the projection was learnt anew, against music that no longer changed.
* The text tower is that of {words_from}, with whatever it was projected to there, kept as it is; what it says for a
  text is projected once more, which is one projection in all (text_proj.npy).
* What rounding to 8 bits changed, as cosine: {rounding}.

## Examination

On the catalogue's performances by the composers and collections above: chance that a piece of the highest third of a
measured cue is nearer to the second text than one of the lowest third (AUC; .5 is chance). The caption model makes its
vectors from the very cues that are asked for, so on words that it knows it can hardly be beaten; where it knows none of
a text's words it counts as .5. Of the pairs whose words stand in no caption the first dozen had been seen when the
model before this one was chosen; the others were written before this one was made, and decided nothing.

| Cue | lower | higher | words in captions | this model | caption model |
|---|---|---|---|---|---|
{results}
| **mean** | | | yes | **{known[0]:.3f}** | {known[1]:.3f} |
| **mean** | | | no | **{wide[0]:.3f}** | {wide[1]:.3f} |

## Recordings

They have no notes, so they are told in captions of their measured cues, and a linear map (bridge.npy) moves the vector
of the captions to where the vector of notes would be. On the same held-out music, told and heard:

| | captions as they are | moved |
|---|---|---|
| share of captions among the first 20 of a search over both (.5 is even) | {bare.share:.2f} | {moved.share:.2f} |
| rank correlation of a search among captions with one among notes | {bare.agreement:.2f} | {moved.agreement:.2f} |

## What it cannot know

* **Only notes.** It reads when which key is struck how hard on which General MIDI instrument. It has heard no sound, no
  voice, no words, no room and no mix. It has no audio tower: recordings get their vector from words for their measured
  cues, and the track says so.
* **Only this repertoire.** Tune books of Ireland, Scotland, England and America, chorales, madrigals, masses, quartets
  and a few piano pieces and songs, from the fourteenth century to about 1910. Pop, jazz, electronic music, music from
  outside Europe and North America, and drums are strange to it.
* **Played by us.** Tempo, level, touch, instruments and key were chosen by chance and played by our own player, so its
  sense of "soft" or "detached" is that of our player's velocities and lengths.
* **Words are English.** The sentence encoder was made for English. It takes any text and gives some vector; whoever
  calls it must see to it that the text is English.
* **What words mean is what our captions say they mean** (models/captions/lexicon.json): "sad" is where our lexicon
  places sad music among the measured cues, not what a person would feel. No listener rated anything here.
* **Negation** ("not loud") is read as the sentence encoder reads it, which is badly.
* A piece is read in segments of {positions} patches; how it develops beyond a segment is averaged away.
"""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training made, and from what."""

    recipe: Recipe
    samples: Samples
    description: Mapping[str, Any]
    """`model.json`"""


def write_card(
    path: Path, trained: Trained, results: Sequence[Result], compared: tuple[CaptionsAmongNotes, CaptionsAmongNotes]
) -> None:
    """Writes the card beside the model."""
    about, samples = trained.description, trained.samples
    known, wide = means(results, open_=False), means(results, open_=True)
    recipe = ", ".join(f"{name} {value}" for name, value in asdict(trained.recipe).items())
    rounding = "; ".join(
        f"{kind}: median {found['median']:.5f}, worst {found['worst']:.5f} over {found['vectors']}"
        for kind, found in about["rounding"].items()
    )
    rows = [
        f"| {' | '.join((m.pair.cue, m.pair.low, m.pair.high, 'no' if m.open else 'yes'))} "
        f"| {m.ours:.3f} | {m.baseline:.3f} |"
        for m in results
    ]
    facts = {name: about[name] for name in ("name", "dimensions", "licence", "words_from")}
    text = _HEAD.format(
        **facts,
        stretches=len(samples.texts),
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
