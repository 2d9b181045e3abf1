"""Writes docs/gradient-models.md from what compare.py and coverage.py measured.

    python test/interop/gradient/page.py COMPARED_FOLDER COVERAGE_FOLDER
"""

import json
import sys
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "gradient-models.md"

KINDS = {
    "ts": "TorchScript exporter, opset 17, BatchNormalization kept",
    "folded": "the same, BatchNormalization folded",
    "dynamo": "newer exporter, opset 20",
}

HEAD = """# Models with a gradient

Measured, not promised: `npm run test:interop:gradient` repeats the first table, and `test/interop/gradient/coverage.py` the second.

## Against PyTorch

The gradient of every parameter, for a random gradient of the outputs, against PyTorch's autograd in float64. An error is the largest
difference over the largest entry of the parameter's gradient. *PyTorch, float32* is the error of PyTorch's own gradient in float32 on the
same file: where a model is so sure of its answer that its gradient is a small difference of large numbers, float32 loses digits
whoever computes it.

| model | parameters | median | largest | PyTorch, float32: median | largest |
| --- | ---: | ---: | ---: | ---: | ---: |
"""

COVERAGE = """
## timm and torchvision

Architectures of timm {timm}, one model of each, the smallest by its name, and models of torchvision {torchvision}: exported with random
weights, then `gradientOf` for all parameters. {count} of {all} were exported; the others have more than 32 million parameters and were not tried, but
for those at the end. **{done} of {count} have a gradient.** Whether its numbers are right is shown above, and for every operator in `test/operators`.
"""


def name_of(name: str) -> str:
    network, _, kind = name.partition(".")
    return f"{network} ({KINDS[kind]})" if kind else network


def compared(folder: Path) -> str:
    rows = json.loads((folder / "compared.json").read_text())
    return "".join(
        f"| {name_of(name)} | {it['parameters']} | {it['median']:.1e} | {it['largest']:.1e} "
        f"| {it['pytorch']['median']:.1e} | {it['pytorch']['largest']:.1e} |\n"
        for name, it in rows.items()
    )


def coverage(folder: Path) -> str:
    import timm
    import torchvision
    from coverage import architectures

    rows = json.loads((folder / "coverage.json").read_text())
    exported = [it for it in rows if "exporter" in it]
    done = [it for it in exported if "gradients" in it]
    refused = [it for it in exported if "refused" in it]
    left = [it for it in rows if "not exported" in it]
    text = COVERAGE.format(
        timm=timm.__version__,
        torchvision=torchvision.__version__.split("+")[0],
        done=len(done),
        count=len(exported),
        all=len(architectures()),
    )
    if refused:
        words = "".join(f"- {it['model']} ({it['library']}): {it['refused'].split('; ')[0]}\n" for it in refused)
        text += "\nRefused, with the first node that gn-swap names:\n\n" + words
    for library in ("timm", "torchvision"):
        names = sorted(it["model"] for it in done if it["library"] == library)
        text += f"\n{library}: {', '.join(names)}.\n"
    if left:
        text += "\nNot exported here:\n\n" + "".join(f"- {it['model']} ({it['library']}): {it['not exported']}\n" for it in left)
    return text


def main() -> None:
    PAGE.write_text(HEAD + compared(Path(sys.argv[1])) + coverage(Path(sys.argv[2])), "utf-8")


if __name__ == "__main__":
    main()
