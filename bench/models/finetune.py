"""Fine-tunes the networks of train.py at a batch of 2, their BatchNormalization (BN) swapped without data.

    .venv/bin/python bench/models/finetune.py [--only NAME] [--seeds 0 1] [--norms 8/1 32/32] [--steps 300]

Which rule for the groups keeps most of what a network knows is one question; which one learns best from there is another,
and this answers it. The task is a new one: grey pictures, upside down, of the same shapes. Prints, for each network, norm
and seed, the accuracy before and after. A norm is `batch` (BN itself, in training mode) or
G/C: at most G groups of at least C channels. GN starts from the affine map of `--init statistics`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

import data
from train import MODELS

BATCH, HELD_OUT, RATE = 2, 600, 3e-4
STREAM = 3  # train.py uses 0 to 2
NORMS = ["batch", "1/1", "8/1", "32/1", "32/16", "32/32", "32/64"]
NETWORKS = [name for name in MODELS if MODELS[name].render is data.classification]


def main():
    here = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=NETWORKS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--norms", nargs="+", default=NORMS)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--models", type=Path, default=here / "out" / "models")
    options = parser.parse_args()
    torch.set_num_threads(1)
    inputs, labels = pictures(np.random.default_rng([0, STREAM]), HELD_OUT)
    for name in [options.only] if options.only else NETWORKS:
        for norm in options.norms:
            for seed in options.seeds:
                started = time.time()
                net = swap(load(name, options.models), norm)
                before = accuracy(net, inputs, labels)
                finetune(net, seed, options.steps, norm)
                after = accuracy(net, inputs, labels)
                print(f"{name}\t{norm}\t{seed}\t{before:.4f}\t{after:.4f}\t{time.time() - started:.0f} s", flush=True)


def pictures(rng, n):
    """As train.py's, made grey and turned upside down: [n, 3, s, s] and [n]."""
    inputs, labels = data.classification(rng, n)
    grey = inputs.mean(1, keepdims=True).repeat(3, 1)[:, :, ::-1].copy()
    return torch.from_numpy(grey), torch.from_numpy(labels)


def load(name, folder):
    """The network with the weights of its ONNX file, whose initializers have the names of torch's own state."""
    net = MODELS[name].build(MODELS[name].classes)
    graph = onnx.load(folder / f"{name}.onnx").graph
    state = {it.name: torch.from_numpy(onnx.numpy_helper.to_array(it).copy()) for it in graph.initializer}
    for node in graph.node:  # the exporter stores equal tensors once, and hands them on
        if node.op_type == "Identity" and node.input[0] in state:
            state[node.output[0]] = state[node.input[0]].clone()
    missing = net.load_state_dict(state, strict=False).missing_keys
    assert all(key.endswith("num_batches_tracked") for key in missing), missing
    return net.eval()


def swap(net, norm):
    if norm == "batch":
        return net
    for parent in list(net.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(parent, name, grouped(child, *map(int, norm.split("/"))))
    return net


def grouped(bn, most, least):
    """GN whose affine map makes an input with BN's running statistics leave it as it left BN."""
    channels = bn.num_features
    counts = (g for g in range(min(most, channels), 1, -1) if channels % g == 0 and channels // g >= least)
    groups = next(counts, 1)
    mean, variance = (it.double().view(groups, -1) for it in (bn.running_mean, bn.running_var))
    m = mean.mean(1, keepdim=True)
    v = (variance + (mean - m) ** 2).mean(1, keepdim=True)
    slope = bn.weight.double().view(groups, -1) / (variance + bn.eps).sqrt()
    norm = nn.GroupNorm(groups, channels, bn.eps)
    with torch.no_grad():
        norm.weight.copy_((slope * (v + bn.eps).sqrt()).flatten())
        norm.bias.copy_((bn.bias.double().view(groups, -1) + slope * (m - mean)).flatten())
    return norm


def finetune(net, seed, steps, norm):
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed + 1, STREAM])
    net.train(norm == "batch")
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        inputs, labels = pictures(rng, BATCH)
        loss = nn.functional.cross_entropy(net(inputs), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    net.eval()


def accuracy(net, inputs, labels):
    with torch.no_grad():
        scores = torch.cat([net(batch) for batch in inputs.split(50)])
    return (scores.argmax(1) == labels).double().mean().item()


if __name__ == "__main__":
    main()
