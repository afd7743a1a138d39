"""The loss of the multilingual model: each part counts only what is known of a text."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from encoders.base import Matrix
from encoders.emotions.groups import build_membership
from encoders.training.multilingual.batches import MultilingualRecipe
from encoders.training.multilingual.examples import Targets


class JointLoss:
    """The losses of a batch: labels, groups, the highest label, danger; each counts only what is known of a text."""

    def __init__(self, labels: Sequence[str], gold: Matrix, recipe: MultilingualRecipe) -> None:
        positives = gold.sum(0).clip(1)
        weights = np.minimum(((len(gold) - positives) / positives) ** recipe.rarity, 5.0)
        self.weights = torch.from_numpy(weights.astype(np.float32))
        self.members = torch.from_numpy(build_membership(labels))
        self.neutral = list(labels).index("neutral")
        self.recipe = recipe

    def __call__(self, logits: torch.Tensor, given: Targets, progress: float) -> list[torch.Tensor]:
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
        weight = recipe.danger if progress < recipe.late else recipe.danger_late
        return [labels, groups, recipe.top * top, weight * (of_danger * known["danger_weights"]).mean()]
