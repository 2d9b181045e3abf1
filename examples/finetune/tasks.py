"""What is learnt: the data, the loss that is lowered, and the quality that is reported, between 0 and 1."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import torch
from torch import Tensor, nn

# PaddleOCR's own threshold between text and background in a probability map; bench/ocr/overlap.ts has it too.
THRESHOLD = 0.3


@dataclass(frozen=True)
class Task:
    # (answers, targets) → a scalar
    loss: Callable[[Tensor, Tensor], Tensor]
    # (answers, targets) → one number a sample
    score: Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Samples:
    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.inputs)


def read(path: Path, count: int | None = None) -> Samples:
    with np.load(path) as arrays:
        return Samples(*(torch.from_numpy(arrays[name])[:count] for name in ("x", "target")))


def class_loss(chances: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy; the network ends in a softmax. [N, 2], [N]"""
    return nn.functional.nll_loss(chances.clamp_min(1e-7).log(), labels.long())


def is_right(chances: Tensor, labels: Tensor) -> Tensor:
    """Mean: accuracy. [N, 2], [N] → [N]"""
    return (chances.argmax(1) == labels).double()


def map_loss(chances: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy of every pixel, and 1 − Dice, which text and background weigh alike in. [N, 1, H, W] both"""
    chances = chances.clamp(1e-6, 1 - 1e-6)
    wanted = (wanted > THRESHOLD).float()
    dice = 2 * (chances * wanted).sum() / ((chances + wanted).sum() + 1)
    return nn.functional.binary_cross_entropy(chances, wanted) + 1 - dice


def overlap(chances: Tensor, wanted: Tensor) -> Tensor:
    """Intersection over union of what is called text; 1 where neither finds any. [N, 1, H, W] both → [N]"""
    a, b = ((it > THRESHOLD).flatten(1) for it in (chances, wanted))
    both, either = ((a & b).sum(1).double(), (a | b).sum(1).double())
    return torch.where(either == 0, 1.0, both / either.clamp_min(1))


TASKS = {"classifier": Task(class_loss, is_right), "detector": Task(map_loss, overlap)}
