"""Steps that a trainer needs and that are not about a norm, so that `--for` does not take them; each as small as it can be."""

import numpy as np
import onnx
from onnx import ModelProto, helper, numpy_helper, version_converter

from graphs import attribute


def lift_constants(model: ModelProto) -> ModelProto:
    """Constant nodes of the main graph → initializers of the same name."""
    kept = []
    for node in model.graph.node:
        value = attribute(node, "value", None) if node.op_type == "Constant" else None
        if value is None:
            kept.append(node)
        else:
            tensor = model.graph.initializer.add()
            tensor.CopyFrom(value)
            tensor.name = node.output[0]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model


def raise_opset(model: ModelProto, opset: int) -> ModelProto:
    return version_converter.convert_version(model, opset)


def fix_sizes(model: ModelProto, feeds: dict[str, np.ndarray], outputs: dict[str, np.ndarray]) -> ModelProto:
    """States the shapes of these inputs and outputs, and infers the rest."""
    for info in [*model.graph.input, *model.graph.output]:
        value = {**feeds, **outputs}[info.name]
        info.type.tensor_type.shape.CopyFrom(helper.make_tensor_type_proto(0, value.shape).tensor_type.shape)
    return onnx.shape_inference.infer_shapes(model, data_prop=True)


def spell_hard_sigmoid(model: ModelProto) -> ModelProto:
    """HardSigmoid(x) = max(0, min(1, αx + β)) → Relu(αx + β) − Relu(αx + β − 1)."""
    nodes = []
    for index, node in enumerate(model.graph.node):
        if node.op_type != "HardSigmoid":
            nodes.append(node)
            continue
        [x], [y] = node.input, node.output
        stem = f"interop/{index}"
        numbers = {"alpha": attribute(node, "alpha", 0.2), "beta": attribute(node, "beta", 0.5), "one": 1.0}
        for name, number in numbers.items():
            tensor = numpy_helper.from_array(np.array(number, np.float32), f"{stem}/{name}")
            model.graph.initializer.append(tensor)
        nodes += [
            helper.make_node("Mul", [x, f"{stem}/alpha"], [f"{stem}/product"]),
            helper.make_node("Add", [f"{stem}/product", f"{stem}/beta"], [f"{stem}/line"]),
            helper.make_node("Sub", [f"{stem}/line", f"{stem}/one"], [f"{stem}/above"]),
            helper.make_node("Relu", [f"{stem}/line"], [f"{stem}/rise"]),
            helper.make_node("Relu", [f"{stem}/above"], [f"{stem}/excess"]),
            helper.make_node("Sub", [f"{stem}/rise", f"{stem}/excess"], [y]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model
