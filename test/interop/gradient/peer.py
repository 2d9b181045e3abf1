"""PyTorch as the peer of bench/gradient.ts: trains an ONNX file step by step, and says what a step costs.

    python test/interop/gradient/peer.py MODEL.onnx LOSS INPUT=1x3x48x192 THREADS default|fused NAMES

Each line that comes in is a number of steps to take; what goes out is a JSON line with their CPU and wall times in ms.
NAMES, a JSON list, are the tensors that are trained. The network is what PyTorch has for it: fused norms, its own padding, F.hardswish where the
file spells it out; what is left goes through interpreter.py. AdamW is as it is by default, or with its fused kernel. Nothing is compiled.
"""

import json
import os
import resource
import sys
import time

import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional as F

import interpreter


def even(pairs):
    return all(low == high for low, high in pairs)


def conv(a, x_dims, w_dims):
    rank = len(w_dims) - 2
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    pairs = interpreter.pads_of(a, x_dims[2:], w_dims[2:], strides, dilations)
    kernel, groups = getattr(F, f"conv{rank}d"), a.get("group", 1)
    if not even(pairs):
        return lambda x, w, b=None: interpreter.conv(a, x, w, b)
    padding = [low for low, _ in pairs]
    return lambda x, w, b=None: kernel(x, w, b, strides, padding, dilations, groups)


def max_pool(a, x_dims, _):
    kernel = a["kernel_shape"]
    rank = len(kernel)
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    pairs = interpreter.pads_of(a, x_dims[2:], kernel, strides, dilations)
    if not even(pairs) or a.get("ceil_mode", 0):
        return lambda x: interpreter.max_pool(a, x)
    pool, padding = getattr(F, f"max_pool{rank}d"), [low for low, _ in pairs]
    return lambda x: pool(x, kernel, strides, padding, dilations)


def resize(a, x_dims, y_dims):
    if a.get("mode", "nearest") == "nearest" and all(y % x == 0 for x, y in zip(x_dims, y_dims)):
        return lambda x, *_: F.interpolate(x, y_dims[2:], mode="nearest")
    return lambda x, *rest: interpreter.resize(a, x, *rest)


def hard_sigmoid(a, *_):
    slope, shift = a.get("alpha", 0.2), a.get("beta", 0.5)
    if abs(slope - 1 / 6) < 1e-6 and shift == 0.5:
        return F.hardsigmoid
    return lambda x: torch.add(shift, x, alpha=slope).clamp(0, 1)


def batch_norm(a, *_):
    epsilon = a.get("epsilon", 1e-5)
    return lambda x, scale, bias, mean, var: F.batch_norm(x, mean, var, scale, bias, False, 0.1, epsilon)


def group_norm(a, *_):
    groups, epsilon = a["num_groups"], a.get("epsilon", 1e-5)
    return lambda x, scale, bias: F.group_norm(x, groups, scale, bias, epsilon)


FAST = {
    "Conv": conv,
    "MaxPool": max_pool,
    "Resize": resize,
    "HardSigmoid": hard_sigmoid,
    "BatchNormalization": batch_norm,
    "GroupNormalization": group_norm,
}


class Network:
    """The file as a list of calls; trained is what the gradient model trains."""

    def __init__(self, model: onnx.ModelProto, trained: set[str], example: torch.Tensor):
        [opset] = [it.version for it in model.opset_import if it.domain in ("", "ai.onnx")]
        table = interpreter.operators(opset)
        self.values = {it.name: interpreter.tensor_of(numpy_helper.to_array(it)) for it in model.graph.initializer}
        own = {it.name for it in model.graph.initializer}
        [self.input] = [it.name for it in model.graph.input if it.name not in own]
        self.output = model.graph.output[0].name
        for node in model.graph.node:
            if node.op_type == "Constant":
                self.values[node.output[0]] = interpreter.constant(interpreter.attributes(node))
        for name in trained:
            self.values[name] = self.values[name].contiguous().requires_grad_()
        self.parameters = [self.values[name] for name in sorted(trained)]
        self.calls = []
        known = dict(self.values) | {self.input: example}
        constant = set(self.values)
        for node in hard_swishes(model, known):
            if node.op_type == "Constant":
                continue
            a = interpreter.attributes(node)
            inputs = [known[name] if name else None for name in node.input]
            slow = table[node.op_type]
            call = lambda *given, a=a, slow=slow: slow(a, *given)
            with torch.no_grad():
                made = call(*inputs)
                if node.op_type in FAST:
                    second = made.shape if node.op_type == "Resize" else inputs[1].shape if len(inputs) > 1 else None
                    fast = FAST[node.op_type](a, inputs[0].shape, second)
                    torch.testing.assert_close(fast(*inputs), made, rtol=1e-3, atol=1e-3)
                    call = fast
            known[node.output[0]] = made
            if all(name in constant and name not in trained for name in node.input) or node.op_type == "Shape":
                constant.add(node.output[0])
                self.values[node.output[0]] = made
            else:
                self.calls.append((call, list(node.input), node.output[0]))

    def __call__(self, x):
        values = self.values | {self.input: x}
        for call, inputs, output in self.calls:
            values[output] = call(*[values[name] if name else None for name in inputs])
        return values[self.output]


def hard_swishes(model: onnx.ModelProto, known: dict) -> list:
    """The nodes, with x · Clip(x + 3, 0, 6) / 6 as one HardSwish."""
    makers = {node.output[0]: node for node in model.graph.node}
    uses = [name for node in model.graph.node for name in node.input]
    gone, made = set(), {}

    def number(name):
        return float(known[name]) if name in known and known[name].numel() == 1 else None

    for div in (it for it in model.graph.node if it.op_type == "Div" and number(it.input[1]) == 6):
        mul = makers.get(div.input[0])
        clip = next((makers[it] for it in (mul.input if mul else []) if it in makers and makers[it].op_type == "Clip"), None)
        add = makers.get(clip.input[0]) if clip else None
        chain = [mul, clip, add]
        if add is None or mul.op_type != "Mul" or add.op_type != "Add" or number(add.input[1]) != 3:
            continue
        if any(uses.count(it.output[0]) != 1 for it in chain) or add.input[0] not in mul.input:
            continue
        gone |= {it.output[0] for it in chain}
        made[div.output[0]] = onnx.helper.make_node("HardSwish", [add.input[0]], [div.output[0]])
    return [made.get(it.output[0], it) for it in model.graph.node if it.output[0] not in gone]


def loss_of(name: str, y: torch.Tensor):
    if name == "cross-entropy":
        target = torch.zeros([y.shape[0], *y.shape[2:]], dtype=torch.long)
        return lambda z: F.cross_entropy(z, target)
    target = torch.full_like(y, 0.3)
    if name == "bce":
        return lambda z: F.binary_cross_entropy_with_logits(z, target)
    return lambda z: F.mse_loss(z, target)


def before_activation(model: onnx.ModelProto, name: str) -> None:
    """As gn-swap does: cross-entropy and bce are taken before the Softmax or Sigmoid."""
    last = model.graph.node[-1]
    if name in ("cross-entropy", "bce") and last.op_type in ("Softmax", "Sigmoid"):
        model.graph.output[0].name = last.input[0]
        del model.graph.node[-1]


def resident() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def main() -> None:
    path, loss_name, size, threads, kind, trained = sys.argv[1:7]
    torch.set_num_threads(int(threads))
    interpreter.WIDE = torch.float32
    dims = [int(it) for it in size.split("=")[1].split("x")]
    torch.manual_seed(1)
    x = torch.randn(dims)
    # Kernels are loaded on first use; what they take is not the model's.
    torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.GroupNorm(2, 8))(torch.randn(1, 3, 8, 8)).sum().backward()
    before = resident()
    model = onnx.load(path)
    before_activation(model, loss_name)
    network = Network(model, set(json.loads(trained)), x)
    with torch.no_grad():
        y = network(x)
    loss = loss_of(loss_name, y)
    optimizer = torch.optim.AdamW(network.parameters, lr=1e-4, **({"fused": True} if kind == "fused" else {}))
    del model
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        cpu, wall = [], []
        for _ in range(int(line)):
            at, used = time.perf_counter(), time.process_time()
            optimizer.zero_grad(set_to_none=True)
            value = loss(network(x))
            value.backward()
            optimizer.step()
            cpu.append((time.process_time() - used) * 1000)
            wall.append((time.perf_counter() - at) * 1000)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
        print(json.dumps({"cpu": cpu, "wall": wall, "grown": grown, "loss": value.item()}), flush=True)


if __name__ == "__main__":
    main()
