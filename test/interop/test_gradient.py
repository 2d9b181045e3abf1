"""What onnx says of the gradient model of every operator case: the checker, strict inference, and its reference evaluator.

The files come from test/operators, which leaves them in out/interop/gradients (GN_SWAP_GRADIENTS), with what was fed and what came out
of ONNX Runtime.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

FOLDER = Path("out/interop/gradients")
FILES = sorted(FOLDER.glob("*.onnx"))

# Two implementations in float32, on sums of a few hundred terms.
TOLERANCE = 1e-4

# What the evaluator does not compute as the operator's page says, in the source's own node. Each must go on failing: what is mended
# is taken off the list.
EVALUATOR_LACKS = {
    r"Conv(Transpose)?_.*(groups|depthwise|two_outputs|taken_whole_groups)": "groups",
    r"ConvTranspose_output_shape": "output_shape",
    r"(Gather|Scatter)Elements_.*(last_axis_by_1|columns)": "an axis below 0 of an array that is not square",
    r"GlobalLpPool": "the operator, which it has not",
    r"GlobalMaxPool_1-D": "one axis: it takes the maximum of the channels too",
    r"GridSample_bilinear": "the name that linear had before opset 20",
    r"LRN_an_odd_number": "sums of squares for as many channels as there are samples, and no more",
    r"LpNormalization_p_1": "the sum of absolute values",
    r"MaxPool_SAME_LOWER": "SAME_LOWER",
    r"MaxPool_stride_1_as_in_SPPF": "indices of windows that reach over the border",
    r"Mean_(a_scalar|both_are_broadcast|three_inputs\.)": "broadcasting in Mean",
    r"Pad_constant_cutting": "a negative count",
    r"Resize_linear_axes_from_the_end": "axes below 0",
    r"TopK_in_any_order": "the order of ONNX Runtime, which may be any",
}


def reason(path: Path) -> str | None:
    return next((why for pattern, why in EVALUATOR_LACKS.items() if re.match(pattern, path.name)), None)


def recorded(path: Path, prefix: str) -> dict[str, np.ndarray]:
    with np.load(path.with_suffix(".npz")) as arrays:
        return {name[len(prefix) :].replace("|", "/"): arrays[name] for name in arrays if name.startswith(prefix)}


def differences(path: Path) -> dict[str, float]:
    """Of each float output, relative to its largest entry."""
    model = onnx.load(path)
    taken = {it.name for it in model.graph.input}
    feeds = {name: value for name, value in recorded(path, "in:").items() if name in taken}
    made = ReferenceEvaluator(model).run(None, feeds)
    wanted = recorded(path, "out:")
    found = {}
    for info, value in zip(model.graph.output, made, strict=True):
        want = wanted[info.name]
        assert np.shape(value) == want.shape
        if want.dtype.kind == "f" and want.size > 0:
            found[info.name] = float(np.abs(value - want).max() / max(np.abs(want).max(), 1e-30))
    return found


def test_there_are_files():
    assert len(FILES) >= 400


# One test a file would be a thousand lines in a report; a failure names its file.
@pytest.mark.parametrize("part", range(10))
def test_checker_and_strict_inference(part: int):
    for path in FILES[part::10]:
        model = onnx.load(path)
        assert {it.domain for it in model.opset_import} <= {"", "ai.onnx"}, path.name
        try:
            onnx.checker.check_model(model, full_check=True)
            onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        except Exception as error:
            raise AssertionError(path.name) from error


@pytest.mark.parametrize("part", range(10))
def test_reference_evaluator_agrees(part: int):
    for path in FILES[part::10]:
        if reason(path) is not None:
            continue
        try:
            found = differences(path)
        except Exception as error:
            raise AssertionError(path.name) from error
        assert all(it < TOLERANCE for it in found.values()), (path.name, found)


@pytest.mark.parametrize("pattern", EVALUATOR_LACKS)
def test_what_the_evaluator_lacks_is_still_lacking(pattern: str):
    def fails(path: Path) -> bool:
        try:
            return not all(it < TOLERANCE for it in differences(path).values())
        except (TypeError, ValueError, IndexError, RuntimeError):
            return True

    listed = [path for path in FILES if re.match(pattern, path.name)]
    assert listed and any(fails(path) for path in listed)


def test_damage_is_noticed():
    """A sign that is wrong in a gradient shows."""
    path = next(it for it in FILES if it.name.startswith("Sub_"))
    model = onnx.load(path)
    [negation] = [node for node in model.graph.node if node.op_type == "Neg"]
    negation.op_type = "Abs"
    damaged = path.with_name("damaged.onnx")
    onnx.save(model, damaged)
    damaged.with_suffix(".npz").write_bytes(path.with_suffix(".npz").read_bytes())
    try:
        assert any(it > TOLERANCE for it in differences(damaged).values())
    finally:
        damaged.unlink()
        damaged.with_suffix(".npz").unlink()
