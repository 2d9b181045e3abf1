"""Holds the table of src/plan/onnx2torch.ts against the converters of onnx2torch 1.5.15: first and last opset of each operator.

    python onnx2torch_reads.py

Prints the table; the exit status is 1 if the file says something else.
"""
import re
import sys
from pathlib import Path

import onnx
import onnx2torch  # noqa: F401
from onnx2torch.node_converters.registry import _CONVERTER_REGISTRY

FIRST, LAST = 7, 18
TABLE = Path(__file__).parents[2] / "src" / "plan" / "onnx2torch.ts"


def ranges():
    known = {}
    for it in _CONVERTER_REGISTRY:
        known.setdefault(it.operation_type, set()).add(it.version)
    for operator, versions in known.items():
        read = []
        for opset in range(FIRST, LAST + 1):
            try:
                schema = onnx.defs.get_schema(operator, max_inclusive_version=opset)
            except onnx.defs.SchemaError:
                continue
            if schema.since_version in versions:
                read.append(opset)
        if read != list(range(read[0], read[-1] + 1)):
            sys.exit(f"{operator} is read at {read}")
        yield operator, (1 if read[0] == FIRST else read[0], read[-1])


found = dict(ranges())
table = {}
for first, last, operators in re.findall(r"\[\s*(\d+),\s*(\d+),\s*'([\w ]+)',?\s*\]", TABLE.read_text()):
    table.update({it: (int(first), int(last)) for it in operators.split()})
groups = {}
for operator, key in sorted(found.items()):
    groups.setdefault(key, []).append(operator)
for (first, last), operators in sorted(groups.items()):
    print(f"[{first}, {last}, '{' '.join(operators)}'],")
sys.exit(0 if table == found else f"the table differs: {set(table.items()) ^ set(found.items())}")
