"""Fine-tunes a multilingual encoder on examples of many kinds at once: 28 emotions, six groups, danger.

Word vectors and the lowest layers stay as they are; what they give is computed once and kept, which saves a third of
the time on a processor. The run ends after its steps or its minutes, whichever is first, and the learning rate falls
along with that; an interrupted run resumes. Kept is a moving average of the weights.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from encoders.base import EncoderUnavailable, Matrix
from encoders.training.emotions.classifier import PooledClassifier, open_base, pad_tokens, save_classifier, tokenise
from encoders.training.emotions.examples import Source, Targets
from encoders.training.emotions.groups import build_membership

DANGER_LABEL = "danger"


@dataclass(frozen=True, slots=True)
class MultilingualRecipe:
    """Hyperparameters. The defaults made the bundled model; all are written into the checkpoint."""

    steps: int = 6000
    minutes: float = 85.0
    batch: int = 32
    rate: float = 1.3e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    """Learning rate of each layer as a share of that of the layer above."""
    weight_decay: float = 0.01
    warm_up: float = 0.05
    """Share of the run over which the rate rises to its full height."""
    focus: float = 1.0
    """Asymmetric loss: how much easy negatives are played down (0 is plain cross-entropy)."""
    rarity: float = 0.25
    """A positive weighs (negatives / positives) ** rarity of GoEmotions, at most 5."""
    smoothing: float = 0.02
    top: float = 0.5
    """Weight of the loss that wants an accepted label to score highest."""
    danger: float = 2.0
    """Weight of the loss of the danger head."""
    average: float = 0.998
    """Decay per step of the moving average of the weights, which is what is kept."""
    frozen: int = 4
    """Lowest layers that stay as they are, the word vectors with them."""
    longest: int = 48
    """Tokens read of a text in training."""
    dropout: float = 0.1
    chunk: int = 1536
    """Texts drawn at a time, each source with its share, and sorted by length into batches."""
    save_minutes: float = 10.0
    seed: int = 20


@dataclass(frozen=True, slots=True)
class _Pool:
    """All texts of all sources, and from which row on each source's stand."""

    tokens: list[list[int]]
    targets: Targets
    sources: Sequence[Source]
    starts: NDArray[np.intp]


def fine_tune_multilingual(
    base: str,
    sources: Sequence[Source],
    labels: Sequence[str],
    meanings: Mapping[str, str],
    out: Path,
    recipe: MultilingualRecipe,
    say: Callable[[str], None],
    measure: Callable[[PooledClassifier, Any], str] | None = None,
) -> Path:
    """Fine-tunes and returns the folder of the averaged model, under `out`. `measure` is asked at every saving."""
    torch.manual_seed(recipe.seed)
    tokenizer, encoder = open_base(base)
    for part in encoder.modules():
        if isinstance(part, nn.Dropout):
            part.p = recipe.dropout
    model = PooledClassifier(encoder, encoder.config.hidden_size, len(labels) + 1)
    pool = _collect(sources, tokenizer, recipe.longest)
    gold = sources[0].targets.labels
    _initialise_head(model, tokenizer, [meanings[label] for label in labels], gold)
    _freeze(model, recipe.frozen)
    lower = LowerLayers(model, recipe.frozen, tokenizer.pad_token_id)
    trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
    optimizer = torch.optim.AdamW(_group_parameters(trained, model, recipe), weight_decay=recipe.weight_decay)
    heights = [group["lr"] for group in optimizer.param_groups]
    average = {name: value.detach().clone() for name, value in trained.items()}
    compute_loss = JointLoss(labels, gold, recipe)
    step, spent, resume = 0, 0.0, out / "resume.pt"
    run = f"base {base}, {sum(len(source.texts) for source in sources)} texts, {asdict(recipe)}"
    if resume.exists():
        state = torch.load(resume, weights_only=True)
        if state["run"] != run:
            repair = "Name another --work folder, or delete this one to begin anew"
            raise EncoderUnavailable(str(resume), f"holds another run ({state['run']}; this one: {run})", repair)
        model.load_state_dict(state["model"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        average, step, spent = state["average"], state["step"], state["spent"]
        torch.set_rng_state(state["random"])
        say(f"going on from step {step}")
    out.mkdir(parents=True, exist_ok=True)
    began, saved, first = time.monotonic() - spent, time.monotonic(), step
    losses: list[list[float]] = []
    model.train()
    for rows in _draw_batches(pool, recipe, step):
        progress = max(step / recipe.steps, (time.monotonic() - began) / (60 * recipe.minutes))
        if progress >= 1:
            break
        for group, height in zip(optimizer.param_groups, heights, strict=True):
            group["lr"] = height * _scale_rate(progress, recipe.warm_up)
        hidden, mask = lower.compute(rows, pool.tokens)
        logits = model.head(model.dropout(pool_hidden(lower.finish(hidden, mask), mask)))
        parts = compute_loss(logits, pool.targets.select(rows))
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(parts).sum())
        nn.utils.clip_grad_norm_(trained.values(), 1.0)
        optimizer.step()
        step += 1
        decay = min(recipe.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in trained.items():
                average[name].lerp_(value, 1.0 - decay)
        losses.append([part.item() for part in parts])
        if step % 50 == 0 or step - first == 5:
            pace = (step - first) * recipe.batch / (time.monotonic() - began - spent)
            told = " ".join(f"{loss:.3f}" for loss in np.mean(losses[-50:], axis=0))
            say(f"step {step}, {progress:.3f} of the run, losses {told}, {pace:.1f} texts a second")
        if time.monotonic() - saved > 60 * recipe.save_minutes:
            state = {"optimizer": optimizer.state_dict(), "average": average, "step": step, "run": run}
            state |= {"model": {name: value.detach() for name, value in trained.items()}}
            state |= {"spent": time.monotonic() - began, "random": torch.get_rng_state()}
            # Written beside and then renamed: a run killed while saving must still find a whole file.
            torch.save(state, resume.with_suffix(".new"))
            resume.with_suffix(".new").replace(resume)
            if measure:
                say(_measure_average(model, tokenizer, average, measure))
            saved = time.monotonic()
    model.load_state_dict(average, strict=False)
    notes = {"recipe": asdict(recipe), "base": base, "steps": step, "minutes": (time.monotonic() - began) / 60}
    notes |= {"sources": {source.name: [len(source.texts), source.share] for source in sources}}
    save_classifier(out / "best", model.eval(), tokenizer, [*labels, DANGER_LABEL], notes)
    if measure:
        say(measure(model, tokenizer))
    return out / "best"


class LowerLayers:
    """The frozen layers of an encoder, whose output is kept for each text."""

    def __init__(self, model: PooledClassifier, frozen: int, pad: int) -> None:
        self.embeddings = model.encoder.embeddings
        self.layers = list(model.encoder.encoder.layer)
        self.frozen, self.pad = frozen, pad
        self.kept: dict[int, torch.Tensor] = {}

    def compute(self, rows: NDArray[np.intp], tokens: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Float [texts, tokens, width] after the frozen layers, and the mask [texts, tokens] of what is no padding."""
        ids, mask = pad_tokens([tokens[row] for row in rows], self.pad, torch.device("cpu"))
        new = [place for place, row in enumerate(rows.tolist()) if row not in self.kept]
        if new:
            with torch.no_grad():
                for part in (self.embeddings, *self.layers[: self.frozen]):
                    part.eval()
                hidden = self.embeddings(ids[new])
                for layer in self.layers[: self.frozen]:
                    hidden = layer(hidden, _hide_padding(mask[new]))
                for place, states in zip(new, hidden, strict=True):
                    self.kept[int(rows[place])] = states[: int(mask[place].sum())].half()
        kept = [self.kept[row].float() for row in rows.tolist()]
        return nn.utils.rnn.pad_sequence(kept, batch_first=True), mask

    def finish(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Float [texts, tokens, width] after all layers."""
        for layer in self.layers[self.frozen :]:
            hidden = layer(hidden, _hide_padding(mask))
        return hidden


class JointLoss:
    """The losses of a batch: labels, groups, the highest label, danger; each counts only what is known of a text."""

    def __init__(self, labels: Sequence[str], gold: Matrix, recipe: MultilingualRecipe) -> None:
        positives = gold.sum(0).clip(1)
        weights = np.minimum(((len(gold) - positives) / positives) ** recipe.rarity, 5.0)
        self.weights = torch.from_numpy(weights.astype(np.float32))
        self.members = torch.from_numpy(build_membership(labels))
        self.neutral = list(labels).index("neutral")
        self.recipe = recipe

    def __call__(self, logits: torch.Tensor, given: Targets) -> list[torch.Tensor]:
        """Four means over the texts of the batch, weighted."""
        recipe, emotions, danger = self.recipe, logits[:, :-1], logits[:, -1]
        known = {name: torch.from_numpy(getattr(given, name)) for name in Targets.__slots__}
        target = known["labels"] * (1 - recipe.smoothing) + (1 - known["labels"]) * recipe.smoothing * 0.1
        yes = self.weights * target * nn.functional.logsigmoid(emotions)
        easy = torch.sigmoid(emotions).detach() ** recipe.focus
        no = (1 - target) * nn.functional.logsigmoid(-emotions) * easy
        labels = -((yes + no) * known["label_weights"]).sum(1).mean()
        # A group is there when at least one of its labels is: 1 - prod(1 - p).
        absent = nn.functional.softplus(emotions) @ self.members
        present = torch.log(-torch.expm1(-absent.clamp(min=1e-6)))
        easy = (-torch.expm1(-absent)).detach() ** recipe.focus
        target = known["groups"] * (1 - recipe.smoothing)
        groups = ((-target * present + (1 - target) * absent * easy) * known["group_weights"]).sum(1).mean()
        some = known["accepted"].sum(1) > 0
        shown = emotions.clone()
        shown[:, self.neutral] = -1e4
        right = torch.logsumexp(shown.masked_fill(known["accepted"] == 0, -1e4), 1)
        top = ((torch.logsumexp(shown, 1) - right) * some).mean()
        of_danger = nn.functional.binary_cross_entropy_with_logits(danger, known["danger"], reduction="none")
        return [labels, groups, recipe.top * top, recipe.danger * (of_danger * known["danger_weights"]).mean()]


def pool_hidden(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Float [texts, 3 x width]: mean, maximum and first token, padding left out, as `PooledClassifier.pool`."""
    shown = mask.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * shown).sum(1) / shown.sum(1).clamp(min=1.0)
    highest = (hidden * shown - 1e4 * (1.0 - shown)).amax(1)
    return torch.cat([mean, highest, hidden[:, 0]], dim=1)


def _hide_padding(mask: torch.Tensor) -> torch.Tensor:
    return (1.0 - mask[:, None, None, :].float()) * -1e4


def _collect(sources: Sequence[Source], tokenizer: Any, longest: int) -> _Pool:
    tokens = [ids for source in sources for ids in tokenise(tokenizer, source.texts, longest)]
    targets = Targets(
        *(np.concatenate([getattr(source.targets, name) for source in sources]) for name in Targets.__slots__)
    )
    starts = np.cumsum([0, *(len(source.texts) for source in sources[:-1])])
    return _Pool(tokens, targets, sources, starts)


def _draw_batches(pool: _Pool, recipe: MultilingualRecipe, start: int) -> Iterator[NDArray[np.intp]]:
    """Batches of texts of similar length from batch `start` on, without end; each chunk holds each source's share."""
    lengths = np.array([len(ids) for ids in pool.tokens])
    total = sum(source.share for source in pool.sources)
    per_chunk = [max(1, round(recipe.chunk * source.share / total)) for source in pool.sources]
    batches = -(-sum(per_chunk) // recipe.batch)
    number = start // batches
    orders: dict[tuple[int, int], NDArray[np.intp]] = {}
    while True:
        rng = np.random.default_rng([recipe.seed, number])
        rows = np.concatenate(
            [
                pool.starts[place] + _take(orders, source, place, number * count, count, recipe.seed)
                for place, (source, count) in enumerate(zip(pool.sources, per_chunk, strict=True))
            ]
        )
        rows = rows[np.argsort(lengths[rows] + rng.uniform(0, 2, len(rows)), kind="stable")]
        cut = [rows[first : first + recipe.batch] for first in range(0, len(rows), recipe.batch)]
        for place in rng.permutation(len(cut))[max(0, start - number * batches) :]:
            yield cut[place]
        number += 1


def _take(
    orders: dict[tuple[int, int], NDArray[np.intp]], source: Source, place: int, first: int, count: int, seed: int
) -> NDArray[np.intp]:
    """`count` rows from the `first` on of the endless sequence of passes over a source."""
    halved = source.halved if len(source.halved) else np.zeros(len(source.texts), bool)
    length = len(source.texts) - int(halved.sum()) // 2
    found = []
    for at in range(first, first + count):
        key = (place, at // length)
        if key not in orders:
            rng = np.random.default_rng([seed, place, at // length])
            left_out = rng.permutation(np.flatnonzero(halved))[: int(halved.sum()) // 2]
            orders[key] = rng.permutation(np.setdiff1d(np.arange(len(source.texts)), left_out))
        found.append(orders[key][at % length])
    return np.array(found, dtype=np.intp)


def _initialise_head(model: PooledClassifier, tokenizer: Any, meanings: Sequence[str], gold: Matrix) -> None:
    """Starts each emotion at the vector of its meaning, and danger at nothing."""
    model.eval()
    count, width = len(meanings), model.head.in_features // 3
    ids, mask = pad_tokens(tokenise(tokenizer, meanings, 64), tokenizer.pad_token_id, torch.device("cpu"))
    share = gold.mean(0).clip(1e-4)
    prior = torch.from_numpy(np.log(share / (1 - share)).astype(np.float32))
    with torch.no_grad():
        mean = model.pool(ids, mask)[:, :width]
        away = mean - mean.mean(0)
        model.head.weight.mul_(0.1)
        # Scaled so that a text that says what the label means stands about three logits over one that does not.
        model.head.weight[:count, :width] = 3.0 * away / away.square().sum(1, keepdim=True)
        model.head.bias[:count].copy_(prior)
        model.head.bias[count:] = -3.0


def _freeze(model: PooledClassifier, layers: int) -> None:
    model.encoder.requires_grad_(False)
    for layer in model.encoder.encoder.layer[layers:]:
        layer.requires_grad_(True)


def _group_parameters(
    trained: Mapping[str, nn.Parameter], model: PooledClassifier, recipe: MultilingualRecipe
) -> list[dict[str, Any]]:
    layers = int(model.encoder.config.num_hidden_layers)
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in trained.items():
        if name.startswith("head"):
            rate = recipe.head_rate
        else:
            above = layers - 1 - int(name.split(".layer.")[1].split(".")[0])
            rate = recipe.rate * recipe.layer_decay**above
        groups.setdefault(rate, []).append(parameter)
    return [{"params": parameters, "lr": rate} for rate, parameters in groups.items()]


def _scale_rate(progress: float, warm_up: float) -> float:
    if progress < warm_up:
        return 0.02 + 0.98 * progress / warm_up
    return 0.02 + 0.98 * 0.5 * (1 + float(np.cos(np.pi * (progress - warm_up) / (1 - warm_up))))


def _measure_average(
    model: PooledClassifier,
    tokenizer: Any,
    average: Mapping[str, torch.Tensor],
    measure: Callable[[PooledClassifier, Any], str],
) -> str:
    current = {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}
    model.load_state_dict(average, strict=False)
    told = measure(model.eval(), tokenizer)
    model.load_state_dict(current, strict=False)
    model.train()
    return told
