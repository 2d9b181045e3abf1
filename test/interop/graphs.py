"""Graphs inside a model: subgraphs with the paths that gn-swap gives them, and what they hold."""

from collections.abc import Iterator

import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto


def graphs_of(graph: GraphProto, path: str = "") -> Iterator[tuple[str, GraphProto]]:
    """The graph and every subgraph in it, outer before inner, with its path; '' is the outermost."""
    yield path, graph
    for index, node in enumerate(graph.node):
        for attribute in node.attribute:
            step = f"{node.name or f'{node.op_type}_{index}'}/{attribute.name}"
            if attribute.type == AttributeProto.GRAPH:
                yield from graphs_of(attribute.g, f"{path}/{step}" if path else step)


def is_batch_norm(node: NodeProto) -> bool:
    return node.op_type == "BatchNormalization" and node.domain in ("", "ai.onnx")


def batch_norms(model: ModelProto) -> list[tuple[str, NodeProto]]:
    """The BatchNormalization of the main graph and its subgraphs, with the path of the graph."""
    return [(path, node) for path, graph in graphs_of(model.graph) for node in graph.node if is_batch_norm(node)]


def attribute(node: NodeProto, name: str, default):
    found = [onnx.helper.get_attribute_value(it) for it in node.attribute if it.name == name]
    return found[0] if found else default


def initializers(graph: GraphProto) -> dict[str, onnx.TensorProto]:
    return {it.name: it for it in graph.initializer}


def required_inputs(graph: GraphProto) -> list[onnx.ValueInfoProto]:
    """The inputs that no initializer backs."""
    backed = initializers(graph)
    return [it for it in graph.input if it.name not in backed]
