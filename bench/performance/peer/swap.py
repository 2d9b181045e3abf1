"""The least that a rewrite in Python does: load, replace each BatchNormalization by five nodes, save.

    python swap.py FROM TO

No verification, no calibration, no provenance: γ and β stay as they are, and so do the tensors that nothing reads any more.
"""

import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

GROUPS = 32


def main(source: str, target: str) -> None:
    model = onnx.load(source)
    graph = model.graph
    channels = {it.name: it.dims[0] for it in graph.initializer if len(it.dims) == 1}
    shapes: set[str] = set()

    def shape(*dims: int) -> str:
        name = "shape_" + "_".join(map(str, dims))
        if name not in shapes:
            shapes.add(name)
            graph.initializer.append(numpy_helper.from_array(np.array(dims, dtype=np.int64), name))
        return name

    nodes = []
    for index, node in enumerate(graph.node):
        if node.op_type != "BatchNormalization":
            nodes.append(node)
            continue
        x, scale, bias = node.input[:3]
        c = channels[scale]
        groups = max(g for g in range(1, min(GROUPS, c) + 1) if c % g == 0)
        one, zero = f"ones_{groups}", f"zeros_{groups}"
        if one not in shapes:
            shapes.add(one)
            graph.initializer.append(numpy_helper.from_array(np.ones(groups, np.float32), one))
            graph.initializer.append(numpy_helper.from_array(np.zeros(groups, np.float32), zero))
        epsilon = next((it.f for it in node.attribute if it.name == "epsilon"), 1e-5)
        a, b, back, wide, wide_bias, scaled = (f"gn{index}_{i}" for i in range(6))
        size = f"gn{index}_size"
        nodes += [
            helper.make_node("Reshape", [x, shape(0, groups, -1)], [a]),
            helper.make_node("InstanceNormalization", [a, one, zero], [b], epsilon=epsilon),
            helper.make_node("Shape", [x], [size]),
            helper.make_node("Reshape", [b, size], [back]),
            helper.make_node("Reshape", [scale, shape(-1, 1, 1)], [wide]),
            helper.make_node("Reshape", [bias, shape(-1, 1, 1)], [wide_bias]),
            helper.make_node("Mul", [back, wide], [scaled]),
            helper.make_node("Add", [scaled, wide_bias], [node.output[0]]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, target)


main(sys.argv[1], sys.argv[2])
