"""Writes the networks as ONNX files, by both of PyTorch's exporters.

    python test/interop/gradient/export.py FOLDER [NAME...]

For each network NAME.ts.onnx (TorchScript exporter, opset 17, BatchNorm kept), NAME.folded.onnx (the same, BatchNorm folded into
Conv, as most files in the world are), NAME.dynamo.onnx (the newer exporter, opset 20), and NAME.pt with the weights and an input.
"""

import sys
import warnings
from pathlib import Path

import torch

from networks import NETWORKS, make

FOLDED = torch.onnx.TrainingMode.EVAL
KEPT = torch.onnx.TrainingMode.PRESERVE


def export(name: str, folder: Path) -> None:
    network, example = make(name)
    torch.save({"weights": network.state_dict(), "input": example}, folder / f"{name}.pt")
    for kind, training in (("ts", KEPT), ("folded", FOLDED)):
        torch.onnx.export(
            network,
            (example,),
            str(folder / f"{name}.{kind}.onnx"),
            dynamo=False,
            opset_version=17,
            training=training,
            do_constant_folding=training is FOLDED,
            input_names=["x"],
            output_names=["y"],
        )
    program = torch.onnx.export(
        network, (example,), dynamo=True, opset_version=20, input_names=["x"], output_names=["y"], verbose=False
    )
    program.save(str(folder / f"{name}.dynamo.onnx"), external_data=False)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    for name in sys.argv[2:] or NETWORKS:
        export(name, folder)
        print(name, flush=True)


if __name__ == "__main__":
    main()
