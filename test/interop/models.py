"""What models.ts wrote: source models and their rewrites."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import onnx

FOLDER = Path(os.environ.get("GN_SWAP_MODELS", Path(__file__).parents[2] / "out" / "interop"))


@dataclass(frozen=True)
class Site:
    """Where a norm was replaced. `scale` and `bias` name the initializers of γ′ and β′."""

    name: str
    path: str
    input: str
    output: str
    groups: int
    scale: str
    bias: str


@dataclass(frozen=True)
class Source:
    name: str
    real: bool
    opset: int
    path: Path
    inputs: Path | None


@dataclass(frozen=True)
class Rewrite:
    """One source in one form. `left` has the operators of the sites that were refused."""

    source: Source
    form: str
    path: Path
    sites: tuple[Site, ...]
    left: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.source.name}.{self.form}"


@cache
def all_rewrites() -> tuple[Rewrite, ...]:
    found = []
    for entry in json.loads((FOLDER / "index.json").read_text("utf-8"))["models"]:
        inputs = entry.get("inputs")
        source = Source(
            name=entry["name"],
            real=entry["real"],
            opset=entry["opset"],
            path=FOLDER / entry["source"],
            inputs=None if inputs is None else FOLDER / inputs,
        )
        for rewrite in entry["rewrites"]:
            found.append(
                Rewrite(
                    source=source,
                    form=rewrite["form"],
                    path=FOLDER / rewrite["file"],
                    sites=tuple(Site(**site) for site in rewrite["sites"]),
                    left=tuple(rewrite["left"]),
                )
            )
    return tuple(found)


def rewrites(forms=None, real=None, last_opset=None) -> list[Rewrite]:
    """The rewrites in one of the forms, of real models or fixtures only, up to an opset. No limit where absent."""
    return [
        it
        for it in all_rewrites()
        if (forms is None or it.form in forms)
        and (real is None or it.source.real == real)
        and (last_opset is None or it.source.opset <= last_opset)
    ]


def rewrite_named(name: str) -> Rewrite:
    return next(it for it in all_rewrites() if it.name == name)


def load(path: Path) -> onnx.ModelProto:
    """A model with its external data inside."""
    return onnx.load(path)
