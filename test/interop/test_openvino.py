"""OpenVINO on the CPU reads every form and answers as onnx's reference evaluator does."""

from functools import cache

import numpy as np
import openvino
import pytest

from evaluator import evaluate
from feeds import branches, feeds_for
from models import Rewrite, load, rewrite_named, rewrites
from precision import relative_error, tolerance

# What it does not read has nothing to do with a norm, and is the same in the source.
REFUSED = {
    "rank-unknown-input": "dynamic rank",
    "rank-unknown-reshape": "dynamic rank",
    "rank-from-consumer": "rank has to be known",
    "domain-foreign": "No conversion rule found for operations: com.example.BatchNormalization",
    "function-without-norm": "No conversion rule found for operations: local.Double",
}
# The shape of an unknown rank is computed in a rewrite, by operators that name the same lack in other words.
REWRITE_REFUSED = {
    name: r"dynamic rank|rank\(\)\.(is_static|compatible)" for name in ("rank-unknown-input", "rank-unknown-reshape")
}
# Its Python binding takes no array of strings.
NOT_FED = {"inputs-of-other-types"}

READ = [pytest.param(it, id=it.name) for it in rewrites() if it.source.name not in REFUSED.keys() | NOT_FED]
NOT_READ = [pytest.param(it, id=it.name) for it in rewrites() if it.source.name in REFUSED]


@cache
def core() -> openvino.Core:
    return openvino.Core()


def compile_model(path) -> openvino.CompiledModel:
    # Some CPU would choose 16 bits for what is float32 in the file.
    return core().compile_model(core().read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def tensor(value: np.ndarray):
    """NumPy has no bfloat16 of its own: the binding wants its bits, and hands bits back."""
    is_bfloat16 = str(value.dtype) == "bfloat16"
    return openvino.Tensor(value.view(np.uint16), value.shape, openvino.Type.bf16) if is_bfloat16 else value


@pytest.mark.parametrize("rewrite", READ)
def test_agrees(rewrite: Rewrite):
    compiled = compile_model(rewrite.path)
    model = load(rewrite.path)
    for feeds in branches(feeds_for(rewrite.source, model)):
        results = compiled({name: tensor(value) for name, value in feeds.items()})
        for output, expected in zip(compiled.outputs, evaluate(model, feeds), strict=True):
            actual = results[output]
            if str(expected.dtype) == "bfloat16":
                actual = actual.view(expected.dtype)
            # It computes float64 in float32.
            dtype = "float32" if expected.dtype == np.float64 else expected.dtype
            assert relative_error(actual, expected) <= tolerance(rewrite.source.real, dtype)


@pytest.mark.parametrize("rewrite", NOT_READ)
def test_does_not_read(rewrite: Rewrite):
    name = rewrite.source.name
    with pytest.raises(RuntimeError, match=REFUSED[name]):
        compile_model(rewrite.source.path)
    with pytest.raises(RuntimeError, match=REWRITE_REFUSED.get(name, REFUSED[name])):
        compile_model(rewrite.path)


@pytest.mark.parametrize(("form", "operator"), [("native", "GroupNormalization"), ("instance", "MVN")])
def test_operator(form: str, operator: str):
    """What a norm is to it. (It has a pass that makes GroupNormalization of `instance` again, for GPU alone.)"""
    model = core().read_model(rewrite_named(f"opset-21.{form}").path)
    assert [it.get_type_name() for it in model.get_ops()].count(operator) == 1
