"""What `--to batch` promises of μ and σ², computed here from the source model and its samples alone, in float64.

Node after node in the order of the graph, with all samples at each: a site's μ and σ² are the mean and the biased variance of
its input over all samples and positions, and what it hands on is normalised by them. So everything upstream is re-estimated
already, and no batch is ever joined: whatever a model's batch is, all of it is one sample.
"""

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, numpy_helper

from evaluator import evaluate_node
from graphs import attribute, graphs_of, is_batch_norm, required_inputs
from models import NormRewrite, load
from norms import dense
from precision import unit_roundoff

# [C] each.
Statistics = tuple[np.ndarray, np.ndarray]
FLOATS = ("float16", "bfloat16", "float32")
# What every BatchNormalization here adds to σ².
EPSILON = 1e-5


def samples_of(rewrite: NormRewrite) -> list[dict[str, np.ndarray]]:
    """Those that gn-swap used, each alone."""
    with np.load(rewrite.inputs) as arrays:
        return [{name: array[it : it + 1] for name, array in arrays.items()} for it in rewrite.solved_on]


def re_estimated(model: ModelProto, samples: list[dict[str, np.ndarray]]) -> dict[str, Statistics]:
    """μ and σ² of every BatchNormalization of the main graph, by the value that it makes."""
    graph = model.graph
    batches = [{name: filled(array, name, graph) for name, array in it.items()} for it in samples]
    fixed = {it.name: numpy_helper.to_array(it) for it in graph.initializer}
    fixed |= {it.values.name: dense(it) for it in graph.sparse_initializer}
    runs = [{name: wide(array) for name, array in (fixed | batch).items()} for batch in batches]
    found = {}
    for node in graph.node:
        if not is_batch_norm(node):
            for values in runs:
                given = {name: values[name] for name in reads(node) if name in values}
                made = evaluate_node(node, given, model.opset_import)
                values.update({name: wide(value) for name, value in made.items()})
            continue
        x = [values[node.input[0]] for values in runs]
        mean, variance = moments(x)
        epsilon = float(np.float32(attribute(node, "epsilon", 1e-5)))
        for values, own in zip(runs, x):
            scale, bias = (values[name] for name in node.input[1:3])
            m, v, s, b = (it.reshape(-1, *[1] * (own.ndim - 2)) for it in (mean, variance, scale, bias))
            values[node.output[0]] = s * (own - m) / np.sqrt(v + epsilon) + b
        found[node.output[0]] = (mean, variance)
    return found


def moments(parts: list[np.ndarray]) -> Statistics:
    """Per channel over all positions of all parts; differences are taken before they are squared."""
    rows = np.concatenate([np.moveaxis(it, 1, 0).reshape(it.shape[1], -1) for it in parts], axis=1)
    mean = rows.mean(axis=1)
    return mean, ((rows - mean[:, None]) ** 2).mean(axis=1)


def wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if str(array.dtype) in FLOATS else array


def filled(array: np.ndarray, name: str, graph: GraphProto) -> np.ndarray:
    """The sample as often as the model's batch wants it."""
    [info] = [it for it in required_inputs(graph) if it.name == name]
    dims = info.type.tensor_type.shape.dim
    return np.repeat(array, dims[0].dim_value, axis=0) if dims and dims[0].dim_value > 0 else array


def reads(node: NodeProto) -> list[str]:
    """What a node reads, its subgraphs included."""
    inner = [graph for it in node.attribute if it.HasField("g") for _path, graph in graphs_of(it.g)]
    return [name for name in (*node.input, *(name for graph in inner for it in graph.node for name in it.input)) if name]


def stored(model: ModelProto) -> dict[str, Statistics]:
    """μ and σ² that a model holds as initializers, by the value that the BatchNormalization makes."""
    tensors = {it.name: it for it in model.graph.initializer}
    return {
        node.output[0]: tuple(numpy_helper.to_array(tensors[name]) for name in node.input[3:5])
        for node in model.graph.node
        if is_batch_norm(node)
    }


def statistics_error(rewrite: NormRewrite, samples: list[dict[str, np.ndarray]]) -> float:
    """How far μ and σ² of any site are from those of the samples, in σ and σ², in units of roundoff of the model's type."""
    expected, written = re_estimated(load(rewrite.source.path), samples), stored(load(rewrite.path))
    assert expected.keys() == written.keys() == {site.output for site in rewrite.sites}
    worst = 0.0
    for name, (mean, variance) in expected.items():
        own_mean, own_variance = (it.astype(np.float64) for it in written[name])
        unit = unit_roundoff(written[name][0].dtype)
        worst = max(worst, (np.abs(own_mean - mean) / np.sqrt(variance + EPSILON)).max() / unit)
        worst = max(worst, (np.abs(own_variance - variance) / (variance + EPSILON)).max() / unit)
    return float(worst)
