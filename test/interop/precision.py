"""Units of roundoff, and the comparison of whole models."""

import numpy as np

# Half of the distance between 1 and the next number.
UNITS = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}


def unit_roundoff(dtype) -> float:
    return UNITS[str(dtype)]


def relative_error(actual, expected) -> float:
    """The largest difference, relative to the largest value: 0 where both are the same. Shapes must be equal."""
    assert actual.shape == expected.shape
    if expected.dtype.kind not in "fV" and str(expected.dtype) != "bfloat16":
        return float((actual != expected).any())
    wide, reference = actual.astype(np.float64), expected.astype(np.float64)
    difference = np.abs(wide - reference).max(initial=0)
    return float(difference / np.abs(reference).max()) if difference != 0 else 0.0


def tolerance(real: bool, dtype) -> float:
    """For outputs of two runtimes, relative to the largest value.

    Fixtures are a handful of layers with sums of at most 32 terms: 16 units of roundoff, where the largest seen are 7. The
    real models are dozens of layers deep, and the recogniser and detector end in a sigmoid or softmax of large numbers:
    1e-4, where the largest seen is 5e-5.
    """
    return 1e-4 if real else 16 * unit_roundoff(dtype) if str(dtype) in UNITS else 0
