"""What gn-swap promises of a site, computed here from the source model alone, in float64.

γ′ = γ √(V + ε)/√(σ² + ε), β′ = β + γ (m − μ)/√(σ² + ε), with m = mean(μ) and V = mean(σ² + μ²) − m² over a group's
channels; then y = γ′ (x − mean(x))/√(var(x) + ε) + β′ over each sample and group.
"""

from dataclasses import dataclass

import numpy as np
import onnx
import onnx.inliner
from onnx import GraphProto, ModelProto, NodeProto, numpy_helper

from evaluator import evaluate_node
from graphs import attribute, batch_norms, graphs_of
from models import Rewrite, Site


@dataclass(frozen=True)
class BatchNorm:
    """One BatchNormalization of a source; [C] each, float64."""

    scale: np.ndarray
    bias: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    epsilon: float


def source_norms(rewrite: Rewrite) -> dict[Site, BatchNorm]:
    """The BatchNormalization that stood at each site of a rewrite."""
    source = onnx.load(rewrite.source.path)
    functions = len(source.functions) > 0
    if functions:
        source = onnx.inliner.inline_local_functions(with_defaults(source))
    norms = batch_norms(source)
    if functions:
        # Whoever inlines names the values, so these sites are told by their order.
        assert len(norms) == len(rewrite.sites), rewrite.name
        pairs = zip(rewrite.sites, norms)
    else:
        by_place = {(path, node.output[0]): (path, node) for path, node in norms}
        pairs = ((site, by_place[site.path, site.output]) for site in rewrite.sites)
    return {site: batch_norm(source, path, node) for site, (path, node) in pairs}


def with_defaults(model: ModelProto) -> ModelProto:
    """Writes the defaults of functions' attributes into the calls: onnx.inliner leaves them out, and changes the model."""
    functions = {(it.domain, it.name, it.overload): it for it in model.functions}
    for _path, graph in graphs_of(model.graph):
        for node in graph.node:
            called = functions.get((node.domain, node.op_type, node.overload))
            given = {it.name for it in node.attribute}
            defaults = called.attribute_proto if called is not None else []
            node.attribute.extend(it for it in defaults if it.name not in given)
    return model


def batch_norm(model: ModelProto, path: str, node: NodeProto) -> BatchNorm:
    graphs = dict(graphs_of(model.graph))
    # From the node's own graph outwards.
    scopes = [graphs[it] for it in sorted(graphs, key=len, reverse=True) if it == "" or f"{path}/".startswith(f"{it}/")]
    values = [constant(name, scopes, model.opset_import).astype(np.float64) for name in node.input[1:5]]
    # The attribute is a float32: 1e-5 is that number, not the decimal one.
    return BatchNorm(*values, epsilon=float(np.float32(attribute(node, "epsilon", 1e-5))))


def constant(name: str, scopes: list[GraphProto], opsets) -> np.ndarray:
    """The value of a constant expression, seen from the innermost of the graphs."""
    for at, graph in enumerate(scopes):
        for tensor in graph.initializer:
            if tensor.name == name:
                return numpy_helper.to_array(tensor)
        for sparse in graph.sparse_initializer:
            if sparse.values.name == name:
                return dense(sparse)
        for node in graph.node:
            if name in node.output:
                given = attribute(node, "sparse_value", None) if node.op_type == "Constant" else None
                if given is not None:
                    return dense(given)
                arguments = {it: constant(it, scopes[at:], opsets) for it in node.input if it}
                return evaluate_node(node, arguments, opsets)[name]
        for value in graph.input:
            if value.name == name:
                return stand_in(value)
    raise KeyError(name)


def stand_in(value: onnx.ValueInfoProto) -> np.ndarray:
    """Of an input's type and fixed sizes, which is all that a constant may take of it: its numbers would spoil what used them."""
    tensor = value.type.tensor_type
    dims = [dim.dim_value if dim.HasField("dim_value") else 1 for dim in tensor.shape.dim]
    return np.full(dims, np.nan, onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type))


def dense(sparse: onnx.SparseTensorProto) -> np.ndarray:
    """onnx has no function for this."""
    values, indices = numpy_helper.to_array(sparse.values), numpy_helper.to_array(sparse.indices)
    result = np.zeros(tuple(sparse.dims), values.dtype)
    if indices.ndim == 1:
        result.reshape(-1)[indices] = values
    else:
        result[tuple(indices.T)] = values
    return result


def statistics(norm: BatchNorm, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """γ′ and β′ of the `statistics` init."""
    mean, variance = norm.mean.reshape(groups, -1), norm.variance.reshape(groups, -1)
    size = mean.shape[1]
    m = mean.mean(axis=1)
    # As in the formula, but about m: the plain one cancels where the means are large.
    v = (variance + (mean - m[:, None]) ** 2).mean(axis=1)
    m, v = np.repeat(m, size), np.repeat(v, size)
    deviation = np.sqrt(norm.variance + norm.epsilon)
    # A channel with σ² = ε = 0 has no slope: its output is β.
    slope = np.divide(norm.scale, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return slope * np.sqrt(v + norm.epsilon), norm.bias + slope * (m - norm.mean)


def group_norm(x: np.ndarray, groups: int, scale, bias, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """y in float64, and for each element |γ′|·max|x|/√(v + ε) + |y|, the size that roundoff is relative to."""
    wide = x.astype(np.float64)
    grouped = wide.reshape(x.shape[0], groups, -1)
    mean = grouped.mean(axis=2, keepdims=True)
    deviation = np.sqrt(((grouped - mean) ** 2).mean(axis=2, keepdims=True) + epsilon)
    with np.errstate(invalid="ignore"):
        normalized = ((grouped - mean) / deviation).reshape(x.shape)
    largest = np.broadcast_to(np.abs(grouped).max(axis=2, keepdims=True) / deviation, grouped.shape).reshape(x.shape)
    per_channel = (1, -1) + (1,) * (x.ndim - 2)
    scale, bias = scale.reshape(per_channel), bias.reshape(per_channel)
    y = normalized * scale + bias
    return y, np.abs(scale) * largest + np.abs(y)
