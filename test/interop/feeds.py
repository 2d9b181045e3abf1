"""Inputs for a model: those that come with it, else legal ones made from a seed."""

import numpy as np
import onnx
from onnx import ModelProto, TensorProto

from graphs import required_inputs
from models import Source

BATCH = 2
# For open sizes of fixtures, and of real models: PaddleOCR wants multiples of 32 or a height of 48.
OPEN_SIZES = {False: 8, True: 96}


def feeds_for(source: Source, model: ModelProto, seed: int = 0, batch: int = BATCH) -> dict[str, np.ndarray]:
    """A value for every required input. Standard normal floats; integers are 0 or 1, which index any table."""
    if source.inputs is not None:
        with np.load(source.inputs) as arrays:
            return dict(arrays)
    random = np.random.default_rng(seed)
    return {it.name: make(it, random, batch, OPEN_SIZES[source.real]) for it in required_inputs(model.graph)}


def make(info: onnx.ValueInfoProto, random: np.random.Generator, batch: int, size: int) -> np.ndarray:
    tensor = info.type.tensor_type
    shape = [
        dim.dim_value if dim.HasField("dim_value") else batch if axis == 0 else size
        for axis, dim in enumerate(tensor.shape.dim)
    ]
    if tensor.elem_type == TensorProto.STRING:
        return random.choice(np.array(["a", "b"], dtype=object), shape)
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
    if dtype == np.bool_ or np.issubdtype(dtype, np.integer):
        return np.asarray(random.integers(0, 2, shape), dtype)
    return np.asarray(random.standard_normal(shape), dtype)


def branches(feeds: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """The feeds, and where one is a scalar bool the same with that negated: the other branch of an If."""
    choices = [name for name, value in feeds.items() if value.dtype == np.bool_ and value.ndim == 0]
    return [feeds, {**feeds, **{name: np.asarray(~feeds[name]) for name in choices}}] if choices else [feeds]
