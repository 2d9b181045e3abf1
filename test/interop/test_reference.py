"""onnx's reference evaluator: every site against GroupNormalization in float64, and ONNX Runtime against whole models."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from evaluator import evaluate
from feeds import branches, feeds_for
from graphs import initializers
from models import Rewrite, load, rewrite_named, rewrites, rewrites_of_nodes
from precision import relative_error, tolerance
from runtime import open_session
from sites import SITE_BOUND, worst_error

ALL = [pytest.param(it, id=it.name) for it in rewrites()]
OF_NODES = [pytest.param(it, id=it.name) for it in rewrites_of_nodes()]

# What the CPU provider has no kernel for: sources and forms.
NOT_IN_RUNTIME = {
    "type-float64": ("instance", "instance-conv"),
    "type-float64-native": ("instance", "instance-conv"),
    "type-bfloat16": ("reduce", "instance", "instance-conv"),
    "type-bfloat16-native": ("native", "reduce", "instance", "instance-conv"),
    "domain-foreign": ("reduce", "instance", "instance-conv"),
}


@pytest.mark.parametrize("rewrite", OF_NODES)
def test_sites(rewrite: Rewrite):
    worst, ran = worst_error(rewrite, load(rewrite.path))
    assert ran == set(rewrite.sites)
    assert worst <= SITE_BOUND


def replace(model: onnx.ModelProto, name: str, change) -> None:
    tensor = initializers(model.graph)[name]
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor).copy()), name))


def swap_two(values: np.ndarray) -> np.ndarray:
    values[[0, 1]] = values[[1, 0]]
    return values


def change_square(model: onnx.ModelProto) -> None:
    [node] = [it for it in model.graph.node if it.op_type == "Mul" and it.input[0] == it.input[1]]
    [difference] = [it for it in model.graph.node if node.input[0] in it.output]
    # Both: the mean of d·x is that of d·d.
    node.input[:] = [difference.input[0]] * 2


@pytest.mark.parametrize(
    ("form", "damage"),
    [
        ("reduce", lambda model, site: replace(model, site.scale, lambda it: it * np.float32(1 + 1e-5))),
        ("reduce", lambda model, site: replace(model, site.scale, swap_two)),
        ("reduce", lambda model, site: replace(model, site.bias, swap_two)),
        ("reduce", lambda model, site: replace(model, "gn_swap/epsilon", lambda it: it * np.float32(10))),
        ("reduce", lambda model, _site: change_square(model)),
        ("instance", lambda model, site: replace(model, "gn_swap/ones_2", lambda it: it * np.float32(1.001))),
        ("instance-conv", lambda model, site: replace(model, site.bias, lambda it: it + np.float32(1e-4))),
    ],
    ids=["γ", "two γ", "two β", "ε", "square", "scale of the groups", "β of the Conv"],
)
def test_damage_is_noticed(form, damage):
    """The comparison is one that can fail."""
    rewrite = rewrite_named(f"opset-17.{form}")
    model = load(rewrite.path)
    assert worst_error(rewrite, model)[0] <= SITE_BOUND
    damage(model, rewrite.sites[0])
    assert worst_error(rewrite, model)[0] > SITE_BOUND


@pytest.mark.parametrize("rewrite", ALL)
def test_onnxruntime(rewrite: Rewrite):
    if rewrite.form in NOT_IN_RUNTIME.get(rewrite.source.name, ()):
        with pytest.raises(Exception, match="NOT_IMPLEMENTED|is not a registered function/op"):
            open_session(rewrite.path)
        return
    session = open_session(rewrite.path)
    model = load(rewrite.path)
    for feeds in branches(feeds_for(rewrite.source, model)):
        for actual, expected in zip(session.run(None, feeds), evaluate(model, feeds), strict=True):
            assert relative_error(actual, expected) <= tolerance(rewrite.source.real, expected.dtype)
