"""Compares the gradient of RoiAlign with that of torchvision.ops.roi_align in float64.

    npm run build && python test/interop/gradient/roi_align.py

Needs torch, torchvision, onnx and onnxruntime. Prints the largest error of each setting, relative to the largest number of the gradient.
"""

import itertools
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[3]
SCALE, ROWS, COLUMNS, REGIONS = 0.6, 4, 3, 9


def gradient_file(folder, dims, regions, pictures, opset, attributes):
    node = helper.make_node(
        "RoiAlign", ["x", "r", "b"], ["y"],
        output_height=ROWS, output_width=COLUMNS, spatial_scale=SCALE, **attributes,
    )  # fmt: skip
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [REGIONS, dims[1], ROWS, COLUMNS])
    stored = [numpy_helper.from_array(regions, "r"), numpy_helper.from_array(pictures, "b")]
    graph = helper.make_graph([node], "roi", [x], [y], stored)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), folder / "roi.onnx")
    command = ["node", ROOT / "bin/gn-swap.js", "gradient", folder / "roi.onnx", "-o", folder / "grad.onnx", "--wrt", "inputs", "--quiet"]
    subprocess.run([*command, "--force"], check=True)
    onnx.checker.check_model(folder / "grad.onnx", full_check=True)
    return folder / "grad.onnx"


def error(folder, rng, dims, opset, mode, ratio):
    regions = rng.uniform(-4, 30, (REGIONS, 4)).astype(np.float32)
    regions[:, 2:] = regions[:, :2] + rng.uniform(0.5, 25, (REGIONS, 2))
    pictures = rng.integers(0, dims[0], REGIONS)
    attributes = {"sampling_ratio": ratio} | ({"coordinate_transformation_mode": mode} if mode else {})
    file = gradient_file(folder, dims, regions, pictures, opset, attributes)
    x = rng.standard_normal(dims).astype(np.float32)
    dy = rng.standard_normal((REGIONS, dims[1], ROWS, COLUMNS)).astype(np.float32)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (dx,) = session.run(["d/x"], {"x": x, "d/y": dy})
    wide = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    boxes = torch.cat([torch.tensor(pictures)[:, None].double(), torch.tensor(regions).double()], 1)
    made = torchvision.ops.roi_align(wide, boxes, (ROWS, COLUMNS), SCALE, ratio or -1, aligned=mode == "half_pixel")
    made.backward(torch.tensor(dy).double())
    truth = wide.grad.numpy()
    return np.abs(dx - truth).max() / np.abs(truth).max()


def main():
    rng = np.random.default_rng(0)
    settings = [(16, "half_pixel"), (16, "output_half_pixel"), (10, None)]
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for (opset, mode), ratio, dims in itertools.product(settings, (0, 1, 2, 4), ([1, 4, 13, 17], [3, 2, 20, 9])):
            found = error(Path(folder), rng, dims, opset, mode, ratio)
            worst = max(worst, found)
            print(f"opset {opset}, {mode}, ratio {ratio}, {dims}: {found:.1e}", flush=True)
    print(f"largest {worst:.1e}")
    assert worst < 2e-5


if __name__ == "__main__":
    main()
