"""Gradients of whole networks: every parameter's against PyTorch's in float64. FOLDER is made by scripts/interop.js."""

import json
from pathlib import Path

import onnx
import pytest

import compare

FOLDER = Path("out/interop-gradient")
LISTED = json.loads((FOLDER / "gradients.json").read_text())


@pytest.mark.parametrize("entry", LISTED, ids=[it["name"] for it in LISTED])
def test_every_parameter(entry: dict):
    assert "refused" not in entry, entry["refused"]
    result = compare.compare(FOLDER, entry["name"], entry["gradients"])
    print(compare.line(entry["name"], result))
    assert result["missing"] == []
    assert compare.holds(result), compare.line(entry["name"], result)


@pytest.mark.parametrize("entry", LISTED, ids=[it["name"] for it in LISTED])
def test_checker_and_strict_inference(entry: dict):
    path = FOLDER / f"{entry['name']}.grad.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    onnx.shape_inference.infer_shapes(onnx.load(path), check_type=True, strict_mode=True, data_prop=True)


def test_damage_is_noticed(tmp_path: Path):
    """A gradient of ReLU that is the input's own value, not 1 where it is positive."""
    [entry] = [it for it in LISTED if it["name"] == "unet.folded"]
    gradient = onnx.load(FOLDER / "unet.folded.grad.onnx")
    mask = next(node for node in gradient.graph.node if node.op_type == "HardSigmoid")
    mask.op_type = "Identity"
    del mask.attribute[:]
    (tmp_path / "unet.folded.onnx").write_bytes((FOLDER / "unet.folded.onnx").read_bytes())
    onnx.save(gradient, tmp_path / "unet.folded.grad.onnx")
    assert not compare.holds(compare.compare(tmp_path, "unet.folded", entry["gradients"]))
