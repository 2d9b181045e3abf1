"""Trains small networks with BatchNormalization (BN) on rendered pictures and exports them to ONNX, BN kept.

    python -m venv .venv && .venv/bin/pip install -r bench/models/requirements.txt
    .venv/bin/python bench/models/train.py [--only NAME] [--seed 0] [--out out/models]

Writes, for each model, NAME.onnx (opset 17, dynamic batch, BN in inference mode) and NAME.npz:
  calibration  [64, 3, s, s] float32, preprocessed, unlabelled
  inputs       [600, 3, s, s] float32, preprocessed, held out
  labels       [600] int64 classes, or [600, s, s] uint8 masks of class numbers (unet; 0 is the ground)
"""

import argparse
import time
import warnings
from pathlib import Path
from typing import Callable, NamedTuple

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

import data
import nets

BATCH, THREADS, OPSET = 64, 2, 17
CALIBRATION, HELD_OUT = 64, 600
STREAMS = {"train": 0, "calibration": 1, "held out": 2}  # one random stream each: they never share a picture


class Model(NamedTuple):
    build: Callable
    render: Callable
    classes: int
    steps: int
    rate: float  # peak learning rate


SEGMENTS = len(data.SEGMENTED) + 1
MODELS = {
    "resnet": Model(nets.resnet, data.classification, len(data.SHAPES), 2000, 0.003),
    "mobilenet": Model(nets.mobilenet, data.classification, len(data.SHAPES), 2400, 0.004),
    "densenet": Model(nets.densenet, data.classification, len(data.SHAPES), 2400, 0.008),
    "unet": Model(nets.UNet, data.segmentation, SEGMENTS, 800, 0.006),
}


def main():
    here = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=MODELS, help="train this model alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=here / "out" / "models")
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else MODELS:
        run(name, MODELS[name], options.seed, options.out)


def run(name, model, seed, out):
    started = time.time()
    torch.manual_seed(seed)
    net = model.build(model.classes)
    train(name, net, model, stream(seed, "train"))
    seconds = time.time() - started

    calibration, _ = model.render(stream(seed, "calibration"), CALIBRATION)
    inputs, labels = model.render(stream(seed, "held out"), HELD_OUT)
    path = out / f"{name}.onnx"
    export(net, inputs[:2], path)
    np.savez_compressed(out / f"{name}.npz", calibration=calibration, inputs=inputs, labels=labels)

    in_torch, in_onnx = run_torch(net, inputs), run_onnx(path, inputs)
    title, measure = metric(labels, model.classes)
    print(
        f"{name}: {sum(p.numel() for p in net.parameters())} parameters, {count_bn(path)} BN, {title} "
        f"{measure(in_torch):.4f} in torch, {measure(in_onnx):.4f} in ONNX Runtime "
        f"(largest difference {np.abs(in_torch - in_onnx).max():.1e}), trained in {seconds:.0f} s",
        flush=True,
    )


def stream(seed, purpose):
    return np.random.default_rng([seed, STREAMS[purpose]])


def train(name, net, model, rng):
    """AdamW on fresh pictures in every step; the rate rises for 5 % of the steps, then falls as a cosine to zero."""
    net.train().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=model.rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, model.rate, model.steps, pct_start=0.05, cycle_momentum=False, final_div_factor=1e4
    )
    loss_of, recent = nn.CrossEntropyLoss(), []
    for step in range(1, model.steps + 1):
        inputs, labels = model.render(rng, BATCH)
        inputs = torch.from_numpy(inputs).to(memory_format=torch.channels_last)
        loss = loss_of(net(inputs), torch.from_numpy(labels).long())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        recent.append(loss.item())
        if step % 100 == 0:
            print(f"  {name} step {step} of {model.steps}: loss {np.mean(recent[-100:]):.3f}", flush=True)
    net.eval().to(memory_format=torch.contiguous_format)


def export(net, example, path):
    """PRESERVE keeps the net's own (inference) mode and, unlike EVAL, does not fold BN into the Conv before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the legacy exporter is deprecated; the new one folds BN
        torch.onnx.export(
            net, (torch.from_numpy(example),), str(path), dynamo=False, opset_version=OPSET,
            training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
            input_names=["input"], output_names=["output"],
            dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},
        )  # fmt: skip
    onnx.checker.check_model(str(path), full_check=True)


def count_bn(path):
    """The number of BN nodes; each must be in inference mode."""
    nodes = [node for node in onnx.load(path).graph.node if node.op_type == "BatchNormalization"]
    for node in nodes:
        training = [a.i for a in node.attribute if a.name == "training_mode"]
        assert training in ([], [0]) and len(node.output) == 1, f"{node.name} is in training mode"
    return len(nodes)


def run_torch(net, inputs):
    with torch.no_grad():
        return torch.cat([net(batch) for batch in torch.from_numpy(inputs).split(BATCH)]).numpy()


def run_onnx(path, inputs):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"input": b})[0] for b in np.split(inputs, range(BATCH, len(inputs), BATCH))])


def metric(labels, classes):
    """The metric's name, and the metric as a function of the network's scores."""
    if labels.ndim == 1:
        return "accuracy", lambda scores: np.mean(scores.argmax(1) == labels)
    return "mean IoU", lambda scores: mean_iou(scores.argmax(1), labels, classes)


def mean_iou(predicted, labels, classes):
    """The mean, over all classes, of intersection over union, each counted over all pictures together."""
    table = np.bincount(labels.ravel() * np.int64(classes) + predicted.ravel(), minlength=classes**2).reshape(classes, classes)
    hits = np.diag(table)
    return np.mean(hits / (table.sum(0) + table.sum(1) - hits))


if __name__ == "__main__":
    main()
