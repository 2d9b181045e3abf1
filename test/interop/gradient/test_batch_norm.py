"""BatchNormalization in training mode and as batch renormalization: gradients, answers and running statistics against PyTorch in float64.

The network is smooth and small: behind a ReLU, one value within rounding of 0 that opens in float32 and not in float64 moves the statistics, and
statistics of a few numbers in the last layers of a deep network multiply rounding.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

import networks

FOLDER = Path("out/interop-gradient")
# As batch-norm.ts has them.
R_MAX, D_MAX = 1.1, 0.1
STEPS = 4


class BatchRenorm(nn.Module):
    """arXiv:1702.03275, algorithm 1: r and d are computed without a gradient; the running variance is divided by n, as ONNX has it."""

    def __init__(self, norm: nn.BatchNorm2d):
        super().__init__()
        self.weight, self.bias, self.eps, self.momentum = norm.weight, norm.bias, norm.eps, 0.1
        self.register_buffer("running_mean", norm.running_mean.clone())
        self.register_buffer("running_var", norm.running_var.clone())
        self.limited = 0

    def forward(self, x):
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        deviation = (variance + self.eps).sqrt()
        with torch.no_grad():
            moving = (self.running_var + self.eps).sqrt()
            r = (deviation / moving).clamp(1 / R_MAX, R_MAX)
            d = ((mean - self.running_mean) / moving).clamp(-D_MAX, D_MAX)
            self.limited += int((d.abs() == D_MAX).sum() + (r == R_MAX).sum() + (r == 1 / R_MAX).sum())
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (variance - self.running_var)
        by_channel = lambda it: it[None, :, None, None]  # noqa: E731
        own = (x - by_channel(mean)) / by_channel(deviation) * by_channel(r) + by_channel(d)
        return own * by_channel(self.weight) + by_channel(self.bias)


def renormed(network: nn.Module) -> nn.Module:
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.BatchNorm2d):
            owner, _, own = name.rpartition(".")
            setattr(network.get_submodule(owner), own, BatchRenorm(module))
    return network


def in_float64(name: str, mode: str) -> nn.Module:
    network, _ = networks.make(name)
    network = (renormed(network) if mode == "renorm" else network).double().eval()
    # Norms alone: what drops values at random stays as it is in the file.
    for module in network.modules():
        if hasattr(module, "running_var"):
            module.train()
    return network


def relative(actual: np.ndarray, wanted: torch.Tensor) -> float:
    wanted = wanted.detach().numpy()
    return float(np.abs(actual - wanted).max() / max(np.abs(wanted).max(), 1e-30))


def places_of(network: nn.Module, x: torch.Tensor) -> dict[str, int]:
    """How many numbers of a channel each norm sees."""
    found = {}
    hooks = [
        module.register_forward_hook(lambda _m, given, _y, name=name: found.update({name: given[0][:, 0].numel()}))
        for name, module in network.named_modules()
        if hasattr(module, "running_var")
    ]
    with torch.no_grad():
        network(x)
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize("mode", ["train", "renorm"])
@pytest.mark.parametrize("name", ["units"])
def test_several_steps(name: str, mode: str):
    path = FOLDER / f"{name}.{mode}"
    session = onnxruntime.InferenceSession(f"{path}.grad.onnx")
    first = onnxruntime.InferenceSession(f"{path}.init.onnx")
    state = dict(zip([it.name for it in first.get_outputs()], first.run(None, {})))
    outputs = [it.name for it in session.get_outputs()]
    network = in_float64(name, mode)
    shape = next(it.shape for it in session.get_inputs() if it.name == "x")
    places = places_of(in_float64(name, mode), torch.randn(shape, dtype=torch.double))
    running = [it.removeprefix("next/") for it in outputs if it.startswith("next/")]
    start = {it: state[it] for it in running}
    assert len(running) == 2 * len(places)
    torch.manual_seed(1)
    for _ in range(STEPS):
        # Other inputs than those that the running statistics are of.
        x = (1.5 * torch.randn(shape) + 0.3).double().requires_grad_(True)
        y = network(x)
        dy = torch.randn(y.shape).double()
        network.zero_grad()
        y.backward(dy)
        feeds = {**state, "x": x.detach().float().numpy(), "d/y": dy.float().numpy()}
        results = dict(zip(outputs, session.run(outputs, feeds)))
        assert relative(results["y"], y) <= 2e-5
        errors = {"x": relative(results["d/x"], x.grad)}
        for parameter, it in network.named_parameters():
            if it.requires_grad:
                errors[parameter] = relative(results[f"d/{parameter}"], it.grad)
        assert np.median(list(errors.values())) <= 1e-5, errors
        assert max(errors.values()) <= 1e-4, errors
        state |= {it: results[f"next/{it}"] for it in running}
    buffers = dict(network.named_buffers())
    kept = 0.9**STEPS
    for it in running:
        wanted = buffers[it]
        if mode == "train" and it.endswith("running_var"):
            n = places[it.removesuffix(".running_var")]
            # PyTorch divides by n - 1, ONNX by n.
            wanted = kept * torch.tensor(start[it]).double() + (wanted - kept * torch.tensor(start[it]).double()) * (n - 1) / n
        assert relative(state[it], wanted) <= 1e-5, it
        # Ten times what is allowed.
        assert relative(start[it], wanted) >= 1e-4, it
    if mode == "renorm":
        limited = sum(it.limited for it in network.modules() if isinstance(it, BatchRenorm))
        assert limited > 20


@pytest.mark.parametrize("name", ["units.train", "units.renorm"])
def test_checker_and_strict_inference(name: str):
    path = FOLDER / f"{name}.grad.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    onnx.shape_inference.infer_shapes(onnx.load(path), check_type=True, strict_mode=True, data_prop=True)
