"""Takes steps of a gradient model in Python's ONNX Runtime, for bench/gradient.ts.

    python test/interop/gradient/stepper.py MODEL.grad.onnx MODEL.init.onnx THREADS default|lean

Each line that comes in is a number of steps to take; what goes out is a JSON line with their CPU and wall times in ms. `lean` turns ONNX Runtime's
arena and its memory patterns off, which it holds on to more memory for.
"""

import json
import resource
import sys
import time

import numpy as np
import onnxruntime as ort

from peer import resident


def session(path: str, threads: str, kind: str) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = int(threads), 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = options.enable_mem_pattern = kind != "lean"
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def main() -> None:
    model, init, threads, kind = sys.argv[1:5]
    before = resident()
    # The first values go as soon as they are read: their session holds the parameters once more.
    first = session(init, threads, kind)
    state = dict(zip([it.name for it in first.get_outputs()], first.run(None, {})))
    del first
    own = session(model, threads, kind)
    data = {}
    for it in own.get_inputs():
        if it.name not in state:
            size = int(np.prod(it.shape))
            values = np.sin(np.arange(size)).astype(np.float32) if it.type == "tensor(float)" else np.zeros(size, np.int64)
            data[it.name] = values.reshape(it.shape)
    data["lr"] = np.array(1e-4, np.float32)
    names = [f"next/{name}" for name in state]
    count = 0
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        cpu, wall = [], []
        for _ in range(int(line)):
            count += 1
            at, used = time.perf_counter(), time.process_time()
            loss, *values = own.run(["loss", *names], {**data, **state, "step": np.array(count)})
            state = dict(zip(state, values))
            del values
            cpu.append((time.process_time() - used) * 1000)
            wall.append((time.perf_counter() - at) * 1000)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
        print(json.dumps({"cpu": cpu, "wall": wall, "grown": grown, "loss": float(loss)}), flush=True)


if __name__ == "__main__":
    main()
