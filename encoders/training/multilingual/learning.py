"""Fine-tunes a multilingual encoder on examples of many kinds at once: 28 emotions, six groups, danger.

Word vectors and the lowest layers stay as they are; what they give is computed once and kept, which saves a third of
the time on a processor. The run ends after its steps or its minutes, whichever is first, and the learning rate falls
along with that; an interrupted run resumes. Kept is a moving average of the weights.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from encoders.base import EncoderUnavailable, Matrix
from encoders.training.emotions.classifier import PooledClassifier, open_base, pad_tokens, save_classifier, tokenise
from encoders.training.multilingual.batches import MultilingualRecipe, collect, draw_batches
from encoders.training.multilingual.examples import Source
from encoders.training.multilingual.losses import JointLoss

DANGER_LABEL = "danger"


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
    pool = collect(sources, tokenizer, recipe.longest)
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
    for rows in draw_batches(pool, recipe, step):
        progress = max(step / recipe.steps, (time.monotonic() - began) / (60 * recipe.minutes))
        if progress >= 1:
            break
        for group, height in zip(optimizer.param_groups, heights, strict=True):
            group["lr"] = height * _scale_rate(progress, recipe.warm_up)
        hidden, mask = lower.compute(rows, pool.tokens)
        logits = model.head(model.dropout(pool_hidden(lower.finish(hidden, mask), mask)))
        parts = compute_loss(logits, pool.targets.select(rows), progress)
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


def pool_hidden(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Float [texts, 3 x width]: mean, maximum and first token, padding left out, as `PooledClassifier.pool`."""
    shown = mask.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * shown).sum(1) / shown.sum(1).clamp(min=1.0)
    highest = (hidden * shown - 1e4 * (1.0 - shown)).amax(1)
    return torch.cat([mean, highest, hidden[:, 0]], dim=1)


def _hide_padding(mask: torch.Tensor) -> torch.Tensor:
    return (1.0 - mask[:, None, None, :].float()) * -1e4


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
