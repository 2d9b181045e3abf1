"""Trains the small networks with BatchNormalization (BN) that docs/evidence.md compares on, and exports them to ONNX, BN kept.

    python -m venv .venv && .venv/bin/pip install -r bench/models/requirements.txt scikit-learn
    .venv/bin/python bench/evidence/train.py [--only NAME] [--out out/evidence]

Each is trained with a batch of 64 on pictures that are in none of the sets that it writes to NAME.npz: `inputs` [900, 3, s, s] float32 and
`labels` [900] classes, or [900, s, s] masks.

  digits    handwritten digits of scikit-learn (1,797 real pictures of 8 x 8), scaled to 16 x 16; 897 are trained on; 9 BN
  deep      the same digits, 32 x 32; ResNet-50 at a quarter of its width, 53 BN
  shapes    shapes on clutter, rendered by bench/models/data.py, 32 x 32, 12 classes; a ResNet with 15 BN
  segments  the same for segmentation, 32 x 32, 5 classes; a U-Net with 10 BN
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))
import data
import nets
from train import export

BATCH, KEPT = 64, 900


def digits(times=2):
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.images))
    pictures = np.kron(found.images[order], np.ones((1, times, times))).astype(np.float32)
    inputs = np.repeat((pictures[:, None] / 16 - 0.5) / 0.25, 3, axis=1).astype(np.float32)
    return inputs, found.target[order].astype(np.int64)


def rendered(render, size, count):
    parts = [render(np.random.default_rng([7, i]), 100, size) for i in range(count // 100)]
    return tuple(np.concatenate(part) for part in zip(*parts))


def digit_net():
    layers, inputs = [], 3
    for width, stride in [(24, 1), (24, 1), (32, 2), (32, 1), (32, 1), (48, 2), (48, 1), (48, 1), (48, 1)]:
        layers.append(nets.conv_bn(inputs, width, stride=stride))
        inputs = width
    return nn.Sequential(*layers, nets.head(inputs, 10))


# Network, pictures (the first KEPT are never trained on), steps, peak learning rate.
MODELS = {
    "digits": (digit_net, digits, 500, 0.005),
    "shapes": (lambda: nets.resnet(12, (24, 48, 96), 2), lambda: rendered(data.classification, 32, 20900), 1400, 0.006),
    "deep": (lambda: nets.resnet50(10), lambda: digits(4), 350, 0.003),
    "segments": (lambda: nets.UNet(5, (12, 24, 48)), lambda: rendered(data.segmentation, 32, 8900), 700, 0.006),
}


def run(name, out):
    build, load, steps, rate = MODELS[name]
    started = time.time()
    inputs, labels = load()
    torch.manual_seed(0)
    net = build().train()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.1, cycle_momentum=False)
    rng = np.random.default_rng(1)
    for step in range(1, steps + 1):
        chosen = rng.integers(KEPT, len(inputs), BATCH)
        loss = nn.functional.cross_entropy(net(torch.from_numpy(inputs[chosen])), torch.from_numpy(labels[chosen]).long())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(f"  {name} step {step} of {steps}: loss {loss.item():.3f}", flush=True)
    net.eval()
    export(net, inputs[:2], out / f"{name}.onnx")
    np.savez_compressed(out / f"{name}.npz", inputs=inputs[:KEPT], labels=labels[:KEPT])
    with torch.no_grad():
        answered = net(torch.from_numpy(inputs[:KEPT])).argmax(1).numpy()
    print(f"{name}: {(answered == labels[:KEPT]).mean():.4f} right on {KEPT} held-out pictures, {time.time() - started:.0f} s", flush=True)


def main():
    here = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=MODELS)
    parser.add_argument("--out", type=Path, default=here / "out" / "evidence")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else MODELS:
        run(name, options.out)


if __name__ == "__main__":
    main()
