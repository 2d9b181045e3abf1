"""ONNX Runtime on the CPU, quiet: what it can't load is expected by name."""

import numpy as np
import onnxruntime
from onnx import ModelProto


def open_session(model) -> onnxruntime.InferenceSession:
    """Of a path or a model."""
    options = onnxruntime.SessionOptions()
    # Fatal errors only.
    options.log_severity_level = 4
    loadable = model.SerializeToString() if isinstance(model, ModelProto) else str(model)
    return onnxruntime.InferenceSession(loadable, options, providers=["CPUExecutionProvider"])


def run(model, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    return open_session(model).run(None, feeds)
