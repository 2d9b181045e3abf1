"""Exports one model of every architecture in timm and torchvision, and asks gn-swap for its gradient.

    python test/interop/gradient/coverage.py FOLDER [PATTERN...]
    LARGEST=40000000 python test/interop/gradient/coverage.py FOLDER    leaves models of more parameters for another run

Writes coverage.json: for each model the exporter that took it, and the number of gradients or gn-swap's refusal; models that
PyTorch itself does not export are listed with its reason and do not count. Files are removed as it goes.
"""

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import torch

BATCH = 6
# Parameters; with the two files and two runs of a model, a machine of 16 GB takes them.
LARGEST = 120_000_000
# The small member of a family, by what its name says; what comes first wins.
SMALL = "400mf atto femto pico nano xxtiny xtiny tiny xxs xs micro mini small _s lite _0 b0 018 18 _t a0 c0 m0 f0 _ti 26 32 34".split()


def smallest(names: list[str]) -> str:
    rank = {name: next((at for at, it in enumerate(SMALL) if it in name), len(SMALL)) for name in names}
    return min(names, key=lambda name: (rank[name], len(name), name))


def architectures() -> list[tuple[str, str]]:
    """(library, model): the smallest of each module."""
    import timm
    import torchvision

    found = []
    for module in sorted(timm.list_modules()):
        names = [it for it in timm.list_models(module=module) if not it.startswith("test_")]
        if names:
            found.append(("timm", smallest(names)))
    families: dict[str, list[str]] = {}
    for name in torchvision.models.list_models():
        builder = torchvision.models.get_model_builder(name)
        families.setdefault(builder.__module__, []).append(name)
    # Each of the classifiers' files, and all detectors and segmenters: they differ in more than size.
    for module, names in families.items():
        if ".quantization" in module:
            continue
        several = any(it in module for it in (".detection", ".segmentation", ".optical_flow", ".video"))
        found += [("torchvision", name) for name in (names if several else [smallest(names)])]
    return found


def made(library: str, name: str):
    torch.manual_seed(0)
    if library == "timm":
        import timm

        network = timm.create_model(name, pretrained=False)
        return network, torch.randn(1, *network.default_cfg["input_size"])
    import torchvision

    options = {"weights": None}
    if "detection" in torchvision.models.get_model_builder(name).__module__:
        options |= {"weights_backbone": None}
    if "segmentation" in torchvision.models.get_model_builder(name).__module__:
        options |= {"weights_backbone": None}
    network = torchvision.models.get_model(name, **options)
    module = torchvision.models.get_model_builder(name).__module__
    if ".video" in module:
        return network, torch.randn(1, 3, 8 if "mvit" not in name else 16, *(224, 224) if "mvit" in name else (112, 112))
    if ".optical_flow" in module:
        return network, (torch.randn(1, 3, 128, 128), torch.randn(1, 3, 128, 128))
    size = 128 if ".detection" in module else 224 if "inception" not in name else 299
    return network, torch.randn(1, 3, size, size)


class Postponed(Exception):
    """Left for a run that takes larger models."""


def export(library: str, name: str, folder: Path) -> str:
    """The exporter that took it. Raises what the last one said."""
    network, example = made(library, name)
    size = sum(it.numel() for it in network.parameters())
    if size > int(os.environ.get("LARGEST", size)):
        raise Postponed(f"{size:,} parameters")
    if size > LARGEST:
        raise MemoryError(f"{size:,} parameters, more than this comparison takes ({LARGEST:,})")
    network.eval()
    example = example if isinstance(example, tuple) else (example,)
    path = folder / f"{library}.{name}.onnx"
    try:
        torch.onnx.export(network, example, str(path), dynamo=False, opset_version=17)
        return "TorchScript, opset 17"
    except Exception:  # noqa: BLE001: the other exporter may know better
        program = torch.onnx.export(network, example, dynamo=True, opset_version=20, verbose=False)
        program.save(str(path), external_data=False)
        return "dynamo, opset 20"


def reason(error: BaseException) -> str:
    return re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")[:200]


def gradients(folder: Path) -> dict[str, dict]:
    script = Path(__file__).with_name("write.ts")
    subprocess.run(["node", "--import", "tsx", str(script), str(folder)], check=True)
    return {it["name"]: it for it in json.loads((folder / "gradients.json").read_text())}


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    wanted = [it for it in architectures() if len(sys.argv) == 2 or any(word in it[1] for word in sys.argv[2:])]
    results = json.loads((folder / "coverage.json").read_text()) if (folder / "coverage.json").exists() else []
    seen = {(it["library"], it["model"]) for it in results}
    wanted = [it for it in wanted if it not in seen]
    for start in range(0, len(wanted), BATCH):
        exported = {}
        for library, name in wanted[start : start + BATCH]:
            entry = {"library": library, "model": name}
            try:
                entry["exporter"] = export(library, name, folder)
                exported[f"{library}.{name}"] = entry
            except Postponed as error:
                print(f"{library} {name}: left for another run: {error}", flush=True)
            except Exception as error:  # noqa: BLE001: listed
                entry["not exported"] = reason(error)
                results.append(entry)
                print(f"{library} {name}: not exported: {entry['not exported']}", flush=True)
        for file, written in (gradients(folder) if exported else {}).items():
            entry = exported[file]
            if "refused" in written:
                entry["refused"] = written["refused"]
            else:
                entry |= {"gradients": len(written["gradients"])}
            results.append(entry)
        for file in folder.glob("*.onnx*"):
            file.unlink()
        (folder / "coverage.json").write_text(json.dumps(results, indent=1))
    count = sum("exporter" in it for it in results)
    done = sum("gradients" in it for it in results)
    print(f"{done} of {count} exported models have a gradient; {len(results) - count} are not exported by PyTorch")


if __name__ == "__main__":
    main()
