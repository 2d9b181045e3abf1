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
    """One source in one form, or for one consumer. `left` has the operators of the sites that were refused."""

    source: Source
    form: str
    consumer: str | None
    path: Path
    sites: tuple[Site, ...]
    left: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.source.name}.{self.form if self.consumer is None else f'for-{self.consumer}'}"


@dataclass(frozen=True)
class NormRewrite(Rewrite):
    """One source by another norm than group.

    `limits` are those of batch-renorm; `inputs` and `solved_on` are the samples, and which of them were used, of a norm that
    takes its numbers from data.
    """

    norm: str
    limits: tuple[float, float]
    inputs: Path | None = None
    solved_on: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.source.name}.{self.norm}.{self.form}"


@cache
def entries() -> tuple[tuple[Source, dict], ...]:
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
        found.append((source, entry))
    return tuple(found)


def fields(source: Source, rewrite: dict) -> dict:
    return {
        "source": source,
        "form": rewrite["form"],
        "consumer": rewrite.get("consumer"),
        "path": FOLDER / rewrite["file"],
        "sites": tuple(Site(**site) for site in rewrite["sites"]),
        "left": tuple(rewrite["left"]),
    }


@cache
def rewrites() -> tuple[Rewrite, ...]:
    return tuple(Rewrite(**fields(source, it)) for source, entry in entries() for it in entry["rewrites"])


# Norms that an exporter spelled out over several nodes. What stood at a site is read from one node here, so these sources are
# checked for what they are, and their numbers by test/find/frozen.
SPELLED_OUT = frozenset({"folded-spelled-out", "frozen-torchvision", "frozen-centred", "frozen-shared"})


def rewrites_of_nodes() -> list[Rewrite]:
    """The rewrites of sources whose norms are BatchNormalization nodes."""
    return [it for it in rewrites() if it.source.name not in SPELLED_OUT]


@cache
def norm_rewrites() -> tuple[NormRewrite, ...]:
    return tuple(
        NormRewrite(**fields(source, it), **calibration(it), norm=it["norm"], limits=tuple(it["limits"]))
        for source, entry in entries()
        for it in entry["norms"]
    )


def calibration(rewrite: dict) -> dict:
    given = rewrite.get("calibration")
    return {} if given is None else {"inputs": FOLDER / given["inputs"], "solved_on": tuple(given["solvedOn"])}


def rewrites_in(form: str, real: bool, last_opset: int) -> list[Rewrite]:
    """The rewrites in a form that were made for nobody, of real models or of fixtures, up to an opset."""
    return [
        it
        for it in rewrites()
        if it.consumer is None and it.form == form and it.source.real == real and it.source.opset <= last_opset
    ]


def rewrite_named(name: str) -> Rewrite:
    return next(it for it in rewrites() if it.name == name)


def norm_rewrite_named(name: str) -> NormRewrite:
    return next(it for it in norm_rewrites() if it.name == name)


def load(path: Path) -> onnx.ModelProto:
    """A model with its external data inside."""
    return onnx.load(path)
