"""Writes arrays.npz and refused.npz beside this file, which npz.test.ts reads; those kept in the repository are NumPy 2.4.6's."""

from pathlib import Path

import numpy as np

VALUES = np.array([[0, 1, 2], [100, 101, 102]])

arrays = {name: VALUES.astype(name) for name in "f2 f4 f8 i1 u1 i2 u2 i4 u4".split()}
arrays["b1"] = VALUES % 2 == 1
arrays["i8"] = np.array([-(2**63), 2**63 - 1])
arrays["u8"] = np.array([0, 2**64 - 1], np.uint64)
arrays["special"] = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
arrays["scalar"] = np.float32(7.5)
arrays["empty"] = np.zeros((0, 3), np.float32)
arrays["fortran"] = np.asfortranarray(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
arrays["folder/name with spaces"] = np.float32([1])
np.savez_compressed(Path(__file__).with_suffix(".npz"), **arrays)

refused = {
    "big-endian": VALUES.astype(">f4"),
    "complex": VALUES.astype("c8"),
    "text": np.array(["a", "bc"]),
    "bytes": np.array([b"a"]),
    "record": np.zeros(2, [("a", "f4")]),
    "date": np.zeros(2, "M8[s]"),
}
np.savez(Path(__file__).with_name("refused.npz"), **refused)
