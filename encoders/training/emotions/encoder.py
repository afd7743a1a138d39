"""Fine-tunes a transformer encoder on GoEmotions: any base that transformers can load, on a processor or a GPU.

The head reads the mean, the maximum and the first token of the last layer. Its weights for the mean are initialised
with the encoder's vectors of each label's meaning, so that a label with eighty examples does not start from noise.
Needs the `models` extra (torch and transformers); nothing here is imported by a journey.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from encoders.base import EncoderUnavailable, Matrix
from encoders.training.emotions.classifier import (
    HEAD,
    PooledClassifier,
    open_base,
    pad_tokens,
    predict_logits,
    save_classifier,
    tokenise,
)
from encoders.training.emotions.corpus import Split


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """Hyperparameters of fine-tuning. The defaults made the bundled model; all are written into the checkpoint."""

    epochs: int = 5
    batch: int = 64
    rate: float = 1.5e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    """Learning rate of each layer as a share of that of the layer above."""
    weight_decay: float = 0.01
    warm_up: float = 0.06
    """Share of all steps over which the rate rises to its full height."""
    focus: float = 1.0
    """Asymmetric loss: how much easy negatives are played down (0 is plain cross-entropy)."""
    rarity: float = 0.25
    """A positive weighs (negatives / positives) ** rarity, at most 5: 0 is none, 1 is full class balance."""
    smoothing: float = 0.02
    average: float = 0.998
    """Decay per step of the moving average of the weights, which is what is kept."""
    frozen: int = 2
    """Lowest layers that stay as they are, the word vectors with them: a third of the time, where time is short."""
    plain: float = 0.5
    """Share of the texts labelled neutral alone that an epoch reads, drawn anew for each."""
    longest: int = 64
    """Tokens read of a text in training; what the exported model reads is stated at its export."""
    times: int = 6
    """How often an epoch reads each of our own sentences, where they are given."""
    held_out: float = 0.04
    """Share of the training split that decides when to stop. The development split never does."""
    patience: int = 2
    """Epochs without a better average precision on the part held out, before stopping."""
    seed: int = 20


def fine_tune(
    base: str,
    split: Split,
    labels: Sequence[str],
    meanings: Mapping[str, str],
    out: Path,
    recipe: EncoderRecipe,
    say: Callable[[str], None],
    own: Split | None = None,
) -> Path:
    """Fine-tunes and returns the folder of the best checkpoint, under `out`; an interrupted run resumes.

    A base that this function wrote keeps its head and is trained further. `own` texts are added to every epoch.
    """
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer, encoder = open_base(base)
    model = PooledClassifier(encoder, encoder.config.hidden_size, len(labels)).to(device)
    train, held = _hold_out(split, recipe)
    if own:
        gold = np.concatenate([train.gold, np.tile(own.gold, (recipe.times, 1))])
        train = Split(train.texts + own.texts * recipe.times, gold)
    tokens = tokenise(tokenizer, train.texts, recipe.longest)
    _freeze(model, recipe.frozen)
    if (Path(base) / HEAD).is_file():
        model.head.load_state_dict(torch.load(Path(base) / HEAD, weights_only=True))
    else:
        _initialise_head(model, tokenizer, [meanings[label] for label in labels], train.gold)
    weights = _weigh_positives(train.gold, recipe.rarity).to(device)
    optimizer = torch.optim.AdamW(_group_parameters(model, recipe), weight_decay=recipe.weight_decay)
    neutral_alone = (train.gold[:, list(labels).index("neutral")] == 1) & (train.gold.sum(1) == 1)
    per_epoch = len(_draw_batches(tokens, neutral_alone, recipe, 0))
    steps = recipe.epochs * per_epoch
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _schedule_rate(step, steps, recipe.warm_up))
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    step, best, since = 0, -1.0, 0
    resume, run = out / "resume.pt", f"base {base}, {per_epoch} steps an epoch"
    if resume.exists():
        state = torch.load(resume, weights_only=True, map_location=device)
        if state["run"] != run:
            repair = "Name another --work folder, or delete this one to begin anew"
            raise EncoderUnavailable(str(resume), f"holds another run ({state['run']}; this one: {run})", repair)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        average, step, best, since = state["average"], state["step"], state["best"], state["since"]
        _restore_random_state(state["random"], device)
        say(f"going on from step {step} of {steps}")
    out.mkdir(parents=True, exist_ok=True)
    began, first = time.monotonic(), step
    targets = torch.from_numpy(train.gold)
    for epoch in range(step // per_epoch, recipe.epochs):
        if since >= recipe.patience:
            break
        model.train()
        for number, rows in enumerate(_draw_batches(tokens, neutral_alone, recipe, epoch)):
            if epoch * per_epoch + number < step:
                continue
            ids, mask = pad_tokens([tokens[row] for row in rows], tokenizer.pad_token_id, device)
            with torch.autocast(device.type, dtype=torch.bfloat16):
                logits = model(ids, mask)
            loss = _compute_loss(logits.float(), targets[rows].to(device), weights, recipe)
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            decay = min(recipe.average, (1 + step) / (10 + step))
            with torch.no_grad():
                for name, value in model.state_dict().items():
                    if value.is_floating_point():
                        average[name].lerp_(value, 1.0 - decay)
            if step % 50 == 0:
                pace = (time.monotonic() - began) / max(step - first, 1)
                left = pace * (steps - step) / 60
                say(f"epoch {epoch + 1}, step {step} of {steps}, loss {loss.item():.4f}, {left:.0f} min to go")
            if step % 200 == 0:
                _save_state(resume, model, optimizer, schedule, average, (step, best, since), run)
        current = {name: value.detach().clone() for name, value in model.state_dict().items()}
        model.load_state_dict(average)
        precision = compute_average_precision(held.gold, predict_logits(model, tokenizer, held.texts, recipe.longest))
        since = 0 if precision > best else since + 1
        say(f"epoch {epoch + 1}: mean average precision on the part held out {precision:.4f} (best {best:.4f})")
        if precision > best:
            best = precision
            save_classifier(
                out / "best", model, tokenizer, labels, {"recipe": asdict(recipe), "base": base, "epoch": epoch + 1}
            )
        model.load_state_dict(current)
        _save_state(resume, model, optimizer, schedule, average, (step, best, since), run)
    return out / "best"


def compute_average_precision(gold: Matrix, scores: Matrix) -> float:
    """Mean average precision over the labels; labels without a positive are left out."""
    found = []
    for label in range(gold.shape[1]):
        hits = gold[np.argsort(-scores[:, label], kind="stable"), label]
        if hits.sum():
            found.append(float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits > 0].mean()))
    return float(np.mean(found))


def _hold_out(split: Split, recipe: EncoderRecipe) -> tuple[Split, Split]:
    rows = np.random.default_rng(recipe.seed).permutation(len(split.texts))
    cut = int(len(rows) * recipe.held_out)
    return split.select(np.sort(rows[cut:])), split.select(np.sort(rows[:cut]))


def _draw_batches(
    tokens: list[list[int]], neutral_alone: NDArray[np.bool_], recipe: EncoderRecipe, epoch: int
) -> list[NDArray[np.intp]]:
    """Batches of rows of similar length, so that there is little padding, in random order."""
    draw = np.random.default_rng([recipe.seed, epoch])
    left_out = draw.permutation(np.flatnonzero(neutral_alone))[int(recipe.plain * neutral_alone.sum()) :]
    lengths = np.array([len(ids) for ids in tokens]) + draw.uniform(0, 2, len(tokens))
    order = np.setdiff1d(np.arange(len(tokens)), left_out)
    order = order[np.argsort(lengths[order], kind="stable")]
    batches = [order[start : start + recipe.batch] for start in range(0, len(order), recipe.batch)]
    return [batches[number] for number in draw.permutation(len(batches))]


def _initialise_head(model: PooledClassifier, tokenizer: Any, meanings: Sequence[str], gold: Matrix) -> None:
    model.eval()
    width = model.head.in_features // 3
    ids, mask = pad_tokens(tokenise(tokenizer, meanings, 64), tokenizer.pad_token_id, next(model.parameters()).device)
    prior = torch.from_numpy(np.log(gold.mean(0) / (1 - gold.mean(0))).astype(np.float32))
    with torch.no_grad():
        mean = model.pool(ids, mask)[:, :width]
        away = mean - mean.mean(0)
        model.head.weight.mul_(0.1)
        # Scaled so that a text that says what the label means stands about three logits over one that does not.
        model.head.weight[:, :width] = 3.0 * away / away.square().sum(1, keepdim=True)
        model.head.bias.copy_(prior)


def _weigh_positives(gold: Matrix, rarity: float) -> torch.Tensor:
    positives = gold.sum(0).clip(1)
    return torch.from_numpy(np.minimum(((len(gold) - positives) / positives) ** rarity, 5.0).astype(np.float32))


def _compute_loss(
    logits: torch.Tensor, gold: torch.Tensor, weights: torch.Tensor, recipe: EncoderRecipe
) -> torch.Tensor:
    target = gold * (1 - recipe.smoothing) + (1 - gold) * recipe.smoothing * 0.1
    probability = torch.sigmoid(logits)
    yes = weights * target * nn.functional.logsigmoid(logits)
    no = (1 - target) * nn.functional.logsigmoid(-logits) * probability.detach() ** recipe.focus
    return -(yes + no).sum(1).mean()


def _group_parameters(model: PooledClassifier, recipe: EncoderRecipe) -> list[dict[str, Any]]:
    layers = int(model.encoder.config.num_hidden_layers)
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("head"):
            rate = recipe.head_rate
        elif ".layer." in name:
            rate = recipe.rate * recipe.layer_decay ** (layers - 1 - int(name.split(".layer.")[1].split(".")[0]))
        else:
            rate = recipe.rate * recipe.layer_decay**layers
        groups.setdefault(rate, []).append(parameter)
    return [{"params": parameters, "lr": rate} for rate, parameters in groups.items()]


def _freeze(model: PooledClassifier, layers: int) -> None:
    for name, parameter in model.encoder.named_parameters():
        if layers and ("embedding" in name or any(f".layer.{number}." in f".{name}" for number in range(layers))):
            parameter.requires_grad_(False)


def _schedule_rate(step: int, steps: int, warm_up: float) -> float:
    rise = max(1, int(steps * warm_up))
    if step < rise:
        return (step + 1) / rise
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _restore_random_state(states: Sequence[torch.Tensor], device: torch.device) -> None:
    """Restores the random state of dropout, so that a resumed run ends as an uninterrupted one."""
    torch.set_rng_state(states[0].cpu())
    if device.type == "cuda" and states[1:]:
        torch.cuda.set_rng_state_all([state.cpu() for state in states[1:]])


def _save_state(
    path: Path,
    model: PooledClassifier,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    average: dict[str, torch.Tensor],
    progress: tuple[int, float, int],
    run: str,
) -> None:
    """Saves the state to resume from; `progress`: steps, the best precision so far, epochs since it."""
    step, best, since = progress
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "average": average,
        "step": step,
        "best": best,
        "since": since,
        "run": run,
        "random": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],
    }
    # Written beside and then renamed: a run killed while saving must still find a whole file.
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
