"""Compares gradients that gn-swap wrote with PyTorch's autograd in float64, parameter by parameter.

    python test/interop/gradient/compare.py FOLDER [NAME...]

FOLDER holds NAME.onnx, NAME.grad.onnx and gradients.json, as write.ts leaves them. The independent gradient is that of interpreter.py;
for NETWORK.ts.onnx, beside it, that of the network itself. An error is the largest difference over the largest entry. Where a model is so
sure of its answer that its gradient is a small difference of large numbers, float32 loses digits whoever computes it: so PyTorch's own
float32 gradient is held against the same figures. Where a ReLU is nearly at 0, the gradient jumps, and it is chance on which side float32
comes out: if a limit is exceeded, the float64 gradient is taken again at inputs that were moved by 1e-6 of themselves, and held against too.
Prints a table, writes compared.json, and ends with 1 if a limit is exceeded.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

import interpreter
from networks import NETWORKS, make

# Of every parameter, and of the median one: what float32 gives through some hundred layers.
LARGEST, MEDIAN = 5e-4, 1e-5
# Below this share of the largest gradient in the model, a parameter's gradient is the rounding of a sum that is exactly 0.
NOISE = 1e-7
# How far inputs are moved to see how far gradients jump, in parts of themselves: what float32 loses in some fifty layers.
MOVED, MOVES = 1e-6, 3


def relative(got: np.ndarray, want: np.ndarray) -> float:
    return float(np.abs(got - want).max() / max(np.abs(want).max(), 1e-300))


def feeds_of(model: onnx.ModelProto, gradient: onnx.ModelProto, given: Path) -> dict:
    """Inputs of the network: those that lie beside it, or seeded ones in the sizes that the gradient was written for."""
    if given.exists():
        with np.load(given) as arrays:
            return dict(arrays)
    generator = np.random.default_rng(1)
    own = {it.name for it in model.graph.input} - {it.name for it in model.graph.initializer}
    feeds = {}
    for info in gradient.graph.input:
        if info.name not in own:
            continue
        dims = [it.dim_value for it in info.type.tensor_type.shape.dim]
        kind = onnx.helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)
        shape = generator.standard_normal(dims) if kind.kind == "f" else generator.integers(0, 4, dims)
        feeds[info.name] = np.asarray(shape, kind)
    return feeds


def stored_in(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Tensors of the file by name, whether they are initializers or Constant nodes."""
    found = {it.name: numpy_helper.to_array(it) for it in model.graph.initializer}
    for node in model.graph.node:
        for it in node.attribute:
            if node.op_type == "Constant" and it.name == "value":
                found[node.output[0]] = numpy_helper.to_array(it.t)
    return found


def by_runtime(gradient: onnx.ModelProto, feeds: dict, names: dict[str, str], outputs: list[str]) -> dict:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(gradient.SerializeToString(), options)
    wanted = [*outputs, *names.values()]
    made = dict(zip(wanted, session.run(wanted, feeds)))
    return {**{it: made[it] for it in outputs}, **{of: made[name] for of, name in names.items()}}


def by_interpreter(model: onnx.ModelProto, feeds: dict, weights: dict, dys: dict) -> tuple[list, dict]:
    parameters = {name: interpreter.tensor_of(it).requires_grad_() for name, it in weights.items()}
    outputs = interpreter.run(model, {name: interpreter.tensor_of(it) for name, it in feeds.items()}, parameters)
    loss = sum(
        (y * interpreter.tensor_of(dys[info.name])).sum() for info, y in zip(model.graph.output, outputs) if info.name in dys
    )
    grads = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
    return outputs, {name: it for name, it in zip(parameters, grads) if it is not None}


def by_network(network_name: str, folder: Path, feeds: dict, dys: dict) -> dict:
    network, _ = make(network_name)
    network.load_state_dict(torch.load(folder / f"{network_name}.pt")["weights"])
    network = network.double()
    [x], [dy] = feeds.values(), dys.values()
    torch.set_default_dtype(torch.float64)
    (network(torch.from_numpy(x).double()) * torch.from_numpy(dy).double()).sum().backward()
    torch.set_default_dtype(torch.float32)
    return {name: it.grad for name, it in network.named_parameters() if it.grad is not None}


def compare(folder: Path, name: str, names: dict[str, str]) -> dict:
    model = onnx.load(folder / f"{name}.onnx")
    gradient = onnx.load(folder / f"{name}.grad.onnx")
    stored = stored_in(model)
    weights = {of: stored[of] for of in names if of in stored}
    feeds = feeds_of(model, gradient, folder / f"{name}.npz")
    generator = np.random.default_rng(2)
    inputs = {it.name: it for it in gradient.graph.input}
    dys = {}
    for info in model.graph.output:
        seed = inputs.get(f"d/{info.name}")
        if seed is not None:
            dims = [it.dim_value for it in seed.type.tensor_type.shape.dim]
            dys[info.name] = generator.standard_normal(dims).astype(np.float32)
    fed = feeds | {it: stored[it] for it in stored if it in inputs} | {f"d/{it}": dy for it, dy in dys.items()}
    made = by_runtime(gradient, fed, names, list(dys))
    outputs, wanted = by_interpreter(model, feeds, weights, dys)
    forward = max(
        relative(made[info.name], y.detach().numpy()) for info, y in zip(model.graph.output, outputs) if info.name in dys
    )
    top = max(float(it.abs().max()) for it in wanted.values())
    with interpreter.computing_in(torch.float32):
        _, narrow = by_interpreter(model, feeds, weights, dys)
    errors, own_errors = {}, {}
    for of, want in wanted.items():
        if of in names and float(want.abs().max()) > NOISE * top:
            errors[of] = relative(made[of], want.numpy())
            own_errors[of] = relative(narrow[of].double().numpy(), want.numpy())
    missing = [of for of, want in wanted.items() if of not in names and float(want.abs().max()) > NOISE * top]
    result = summary(errors) | {"pytorch": summary(own_errors), "forward": forward, "missing": missing, "nodes": len(gradient.graph.node)}
    base, _, kind = name.partition(".")
    if base in NETWORKS and kind == "ts":
        own = by_network(base, folder, feeds, dys)
        felt = {of: want for of, want in own.items() if float(want.abs().max()) > NOISE * top}
        shared = {of: relative(made[of], want.numpy()) for of, want in felt.items() if of in names}
        result["missing"] += [of for of in felt if of not in names]
        result["network"] = summary(shared) | {"of": len(own)}
    if not holds(result):
        result["moved"] = moved(model, feeds, weights, dys, wanted)
    return result


def moved(model: onnx.ModelProto, feeds: dict, weights: dict, dys: dict, wanted: dict) -> dict:
    """How far the float64 gradient goes when inputs are moved by what float32 rounds away: the most of some seeded moves."""
    found = []
    for seed in range(MOVES):
        generator = np.random.default_rng(seed)
        near = {
            name: it.astype(np.float64) * (1 + MOVED * generator.standard_normal(it.shape)) if it.dtype.kind == "f" else it
            for name, it in feeds.items()
        }
        _, grads = by_interpreter(model, near, weights, dys)
        found.append(summary({of: relative(grads[of].numpy(), want.numpy()) for of, want in wanted.items()}))
    return {kind: max(it[kind] for it in found) for kind in ("median", "largest")}


def summary(errors: dict[str, float]) -> dict:
    worst = max(errors, key=errors.get)
    return {
        "parameters": len(errors),
        "median": float(np.median(list(errors.values()))),
        "largest": errors[worst],
        "worst": worst,
    }


def holds(result: dict) -> bool:
    """Within the limits, or where PyTorch in float32 or a float64 gradient nearby is not, no worse than that."""
    others = [result["pytorch"], *([result["moved"]] if "moved" in result else [])]
    largest, median = (max(limit, *(2 * it[kind] for it in others)) for limit, kind in ((LARGEST, "largest"), (MEDIAN, "median")))
    figures = [result, *([result["network"]] if "network" in result else [])]
    return not result["missing"] and all(it["largest"] <= largest and it["median"] <= median for it in figures)


def line(name: str, result: dict) -> str:
    """One row of the table."""
    parts = [
        f"{name:28} {result['parameters']:4} parameters, median {result['median']:.1e}, largest {result['largest']:.1e} ({result['worst']})",
        f"PyTorch float32 {result['pytorch']['median']:.1e}, {result['pytorch']['largest']:.1e}",
        f"outputs {result['forward']:.1e}",
    ]
    if "network" in result:
        own = result["network"]
        parts.append(f"network itself: {own['parameters']} of {own['of']}, {own['median']:.1e}, {own['largest']:.1e}")
    if "moved" in result:
        parts.append(f"inputs moved by {MOVED}: {result['moved']['median']:.1e}, {result['moved']['largest']:.1e}")
    if result["missing"]:
        parts.append(f"without a gradient: {result['missing']}")
    return "; ".join(parts)


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    listed = json.loads((folder / "gradients.json").read_text())
    results, failed = {}, []
    for entry in listed:
        name = entry["name"]
        if len(sys.argv) > 2 and not any(name == it or name.startswith(f"{it}.") for it in sys.argv[2:]):
            continue
        if "refused" in entry:
            print(f"{name:28} refused: {entry['refused'][:200]}", flush=True)
            failed.append(name)
            continue
        try:
            result = compare(folder, name, entry["gradients"])
        except Exception as error:  # noqa: BLE001: one model must not end the others
            print(f"{name:28} {type(error).__name__}: {str(error)[:300]}", flush=True)
            failed.append(name)
            continue
        results[name] = result
        if not holds(result):
            failed.append(name)
        print(line(name, result), "ok" if holds(result) else "FAILED", flush=True)
    (folder / "compared.json").write_text(json.dumps(results, indent=1))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
