"""Whole training runs against PyTorch in float64: optimizer, clip, weight decay, warm-up and cosine, and steps that are gathered from smaller runs.

Here every step is one batch, whatever it was gathered from there. Rates come from PyTorch's schedulers. FOLDER is made by scripts/interop.js.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
import torch.nn.functional as F

import interpreter

FOLDER = Path("out/interop-gradient")
TRAINED = {it["name"]: it for it in json.loads((FOLDER / "trained.json").read_text())}
# Of the way that a parameter went: ten times what rounding leaves.
TOLERANCE = 1e-4


def schedule(optimizer: torch.optim.Optimizer, steps: int):
    """A twentieth of the steps rises, by equal amounts from above 0; then half a cosine."""
    warm_up = min(100, steps // 20)
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / (warm_up + 1), 1, total_iters=max(1, warm_up))
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - warm_up)
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[warm_up])


def train(run: dict, late: int = 0, decays_all: bool = False) -> dict[str, np.ndarray]:
    model = onnx.load(FOLDER / f"trained-{run['name']}.onnx")
    data = np.load(FOLDER / f"trained-{run['name']}.npz")
    x, target = torch.tensor(data["x"]).double(), torch.tensor(data["target"])
    theta = {
        it["name"]: torch.tensor(it["first"], dtype=torch.double).reshape(it["dims"]).requires_grad_(True)
        for it in run["parameters"]
    }
    # Biases and what norms scale by do not decay.
    groups = [
        {"params": [it for it in theta.values() if it.dim() > 1], "weight_decay": run["weightDecay"]},
        {"params": [it for it in theta.values() if it.dim() <= 1], "weight_decay": run["weightDecay"] if decays_all else 0},
    ]
    if run["optimizer"] == "adamw":
        optimizer = torch.optim.AdamW(groups, lr=run["rate"])
    else:
        optimizer = torch.optim.SGD(groups, lr=run["rate"], momentum=0.9)
    scheduler = schedule(optimizer, run["steps"])
    for _ in range(late):
        scheduler.step()
    for samples in run["orders"]:
        [y] = interpreter.run(model, {"x": x[samples]}, theta)
        loss = F.cross_entropy(y, target[samples], ignore_index=-1)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(theta.values(), run["clip"])
        optimizer.step()
        scheduler.step()
    return {name: it.detach().numpy() for name, it in theta.items()}


def apart(run: dict, wanted: dict[str, np.ndarray]) -> float:
    """The largest difference of a parameter, as a part of how far it went."""
    found = []
    for it in run["parameters"]:
        first, last = (np.array(it[key]).reshape(it["dims"]) for key in ("first", "last"))
        found.append(np.abs(last - wanted[it["name"]]).max() / np.abs(wanted[it["name"]] - first).max())
    return max(found)


@pytest.mark.parametrize("name", TRAINED)
def test_parameters_after_a_run(name: str):
    run = TRAINED[name]
    assert len(run["orders"]) == run["steps"]
    assert all(sorted(sum(run["orders"][at : at + 7], [])) == list(range(26)) for at in range(0, run["steps"], 7))
    with interpreter.computing_in(torch.double):
        difference = apart(run, train(run))
    print(f"{name}: {difference:.1e} apart after {run['steps']} steps")
    assert difference <= TOLERANCE


@pytest.mark.parametrize("change", [{"late": 1}, {"decays_all": True}])
def test_another_recipe_is_noticed(change: dict):
    with interpreter.computing_in(torch.double):
        assert apart(TRAINED["adamw"], train(TRAINED["adamw"], **change)) > 10 * TOLERANCE
