"""onnx's reference evaluator, with every value that it computes on the way."""

import numpy as np
import onnx
from onnx import ModelProto
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from onnx.reference.ops.op_conv_transpose import ConvTranspose as OneGroup

from graphs import attribute, graphs_of, is_batch_norm


class BatchNormalization(OpRun):
    """com.example's, which one fixture has beside the standard one: stands for any operator that is none of ours."""

    op_domain = "com.example"

    def _run(self, x, *_parameters, **_attributes):
        return (x,)


class BatchInInference(OpRun):
    """onnx's own BatchNormalization takes the batch's statistics up to opset 13, whatever the mode."""

    op_domain = "interop"

    def _run(self, x, *parameters, epsilon=None, **_attributes):
        scale, bias, mean, variance = (it.reshape(-1, *[1] * (x.ndim - 2)) for it in parameters)
        deviation = np.sqrt(variance + np.float32(1e-5 if epsilon is None else epsilon))
        return ((scale * (x - mean) / deviation + bias).astype(x.dtype),)


class ConvTranspose(OneGroup):
    """onnx's own knows one group."""

    def _run(self, x, w, b=None, group=None, **attributes):
        groups = group or 1
        parts = zip(np.split(x, groups, axis=1), np.split(w, groups, axis=0), strict=True)
        run = super()._run
        y = np.concatenate([run(*part, None, group=1, **attributes)[0] for part in parts], axis=1)
        return (y if b is None else y + b.reshape((1, -1) + (1,) * (y.ndim - 2)),)


class Recorder(ReferenceEvaluator):
    """Appends (bytes of the graph, all its values) to the list that its class has, at the end of every run of a graph."""

    records: list = []

    def run(self, output_names, feed_inputs, **options):
        values = super().run(None, feed_inputs, **{**options, "intermediate": True})
        if self.onnx_graph_ is not None:
            self.records.append((self.onnx_graph_.SerializeToString(deterministic=True), values))
        return [values[name] for name in output_names or self.output_names]


def evaluable(model: ModelProto) -> ModelProto:
    """A copy that says the same in the way that the evaluator understands.

    1. It knows the standard domain as '' alone, not as 'ai.onnx'.
    2. It takes an absent condition of a Loop for false, where the operator has it as true.
    3. It knows no inference mode of BatchNormalization before opset 14; ours has no other.
    """
    result = ModelProto()
    result.CopyFrom(model)
    result.graph.initializer.append(onnx.helper.make_tensor("interop/true", onnx.TensorProto.BOOL, [], [True]))
    for opset in result.opset_import:
        if opset.domain == "ai.onnx":
            opset.domain = ""
    result.opset_import.append(onnx.helper.make_opsetid(BatchInInference.op_domain, 1))
    for _path, graph in graphs_of(result.graph):
        for node in graph.node:
            if node.domain == "ai.onnx":
                node.domain = ""
            if node.op_type == "Loop" and node.input[1] == "":
                node.input[1] = "interop/true"
            if is_batch_norm(node) and len(node.output) == 1 and attribute(node, "training_mode", 0) == 0:
                node.domain, node.op_type = BatchInInference.op_domain, BatchInInference.__name__
    return result


OURS = [BatchNormalization, BatchInInference, ConvTranspose]


def evaluate(model: ModelProto, feeds) -> list:
    """The model's outputs."""
    # Its Sigmoid overflows on the way to the right answer.
    with np.errstate(over="ignore"):
        return ReferenceEvaluator(evaluable(model), new_ops=OURS).run(None, feeds)


def evaluate_all(model: ModelProto, feeds) -> dict[str, list[dict]]:
    """For the path of each graph that ran: its values by name, once a run."""
    model = evaluable(model)

    class Run(Recorder):
        records = []

    with np.errstate(over="ignore"):
        Run(model, new_ops=OURS).run(None, feeds)
    paths: dict[bytes, list[str]] = {}
    for path, graph in graphs_of(model.graph):
        paths.setdefault(graph.SerializeToString(deterministic=True), []).append(path)
    found: dict[str, list[dict]] = {}
    for key, values in Run.records:
        for path in paths[key]:
            found.setdefault(path, []).append(values)
    return found


def evaluate_node(node: onnx.NodeProto, arguments: dict, opsets) -> dict:
    """The outputs of one node by name, its inputs given."""
    typed = [
        onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in arguments.items()
    ]
    outputs = [onnx.ValueInfoProto(name=name) for name in node.output if name]
    graph = onnx.helper.make_graph([node], "node", typed, outputs)
    model = onnx.helper.make_model(graph, opset_imports=opsets)
    return dict(zip([it.name for it in outputs], evaluate(model, arguments)))
