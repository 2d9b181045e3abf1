"""What onnx itself says of a rewritten file: the checker, shape inference, and what stands in it."""

import hashlib
import json
from collections import Counter

import numpy as np
import onnx
import pytest
from onnx import ModelProto, numpy_helper

from evaluator import evaluate
from feeds import feeds_for
from graphs import batch_norms, graphs_of, initializers, is_batch_norm
from models import Rewrite, load, rewrite_named, rewrites, rewrites_of_nodes
from norms import source_norms, statistics
from precision import unit_roundoff

# gn-swap does not infer what an If makes, and spells what follows it for any rank.
RANK_UNKNOWN_TO_US = {"if-one-captures"}

ALL = [pytest.param(it, id=it.name) for it in rewrites()]
OF_NODES = [pytest.param(it, id=it.name) for it in rewrites_of_nodes()]
# Its norms share γ, β, μ and σ², and so what takes their place.
TIED = frozenset({"shared-everything"})

# Below this IR version every initializer is listed as an input, which only the main graph can do.
FIRST_IR_WITH_FREE_INITIALIZERS = 4


def tensors(model: ModelProto) -> list[onnx.ValueInfoProto]:
    return [*model.graph.input, *model.graph.output]


def lacks_shape(info: onnx.ValueInfoProto) -> bool:
    return not info.type.tensor_type.HasField("shape")


def repair(model: ModelProto, rewrite: Rewrite) -> bool:
    """Mends what the source brought along and the checker would stop at. Says whether there was anything."""
    keys = Counter(entry.key for entry in model.metadata_props)
    twice = max(keys.values(), default=0) > 1
    if twice:
        kept = {entry.key: entry.value for entry in model.metadata_props}
        del model.metadata_props[:]
        for key, value in kept.items():
            model.metadata_props.add(key=key, value=value)
    if not any(lacks_shape(it) for it in tensors(model)):
        return twice
    feeds = feeds_for(rewrite.source, model)
    values = dict(zip([it.name for it in model.graph.output], evaluate(model, feeds))) | feeds
    for info in tensors(model):
        if lacks_shape(info):
            info.type.tensor_type.shape.CopyFrom(
                onnx.helper.make_tensor_type_proto(0, values[info.name].shape).tensor_type.shape
            )
    return True


@pytest.mark.parametrize("rewrite", ALL)
def test_checker(rewrite: Rewrite):
    model = load(rewrite.path)
    if repair(model, rewrite):
        with pytest.raises(onnx.checker.ValidationError):
            onnx.checker.check_model(rewrite.source.path, full_check=True)
        onnx.checker.check_model(model, full_check=True)
    else:
        onnx.checker.check_model(rewrite.path, full_check=True)


def known_ranks(model: ModelProto, **options) -> dict[str, int]:
    """Ranks of the values of the main graph, by shape inference."""
    graph = onnx.shape_inference.infer_shapes(model, **options).graph
    stated = [*graph.input, *graph.value_info, *graph.output]
    return {it.name: len(it.type.tensor_type.shape.dim) for it in stated if not lacks_shape(it)}


@pytest.mark.parametrize("rewrite", ALL)
def test_shape_inference(rewrite: Rewrite):
    """Strict inference finds nothing wrong, and the usual one knows the rank of all that it knew in the source."""
    model = load(rewrite.path)
    known_ranks(model, check_type=True, strict_mode=True, data_prop=True)
    before, after = known_ranks(load(rewrite.source.path)), known_ranks(model)
    gone = before.keys() - {name for node in model.graph.node for name in node.output}
    assert {name: rank for name, rank in before.items() if name not in gone} == {
        name: after.get(name) for name in before if name not in gone
    }


@pytest.mark.parametrize("rewrite", ALL)
def test_no_batch_norm_but_those_refused(rewrite: Rewrite):
    model = load(rewrite.path)
    assert len(batch_norms(model)) == rewrite.left.count("BatchNormalization")
    assert not any(is_batch_norm(node) for function in model.functions for node in function.node)


@pytest.mark.parametrize("rewrite", OF_NODES)
def test_parameters_are_initializers(rewrite: Rewrite):
    """γ′ and β′: one initializer each, with a value a channel, and one a site unless sites share them."""
    model = load(rewrite.path)
    graphs = dict(graphs_of(model.graph))
    ranks = known_ranks(model)
    in_main = model.ir_version < FIRST_IR_WITH_FREE_INITIALIZERS
    seen = set()
    for site, norm in source_norms(rewrite).items():
        graph = graphs["" if in_main else site.path]
        for name, expected in zip((site.scale, site.bias), statistics(norm, site.groups)):
            assert (site.path, name) not in seen or rewrite.source.name in TIED
            seen.add((site.path, name))
            tensor = initializers(graph)[name]
            assert name in [it.name for it in graph.input] or not in_main
            assert np.prod(tensor.dims) == tensor.dims[0] == len(expected)
            values = numpy_helper.to_array(tensor)
            # Rounded to nearest once, from float64 sums whose order need not be the one here.
            slack = 2 * unit_roundoff(values.dtype) * np.abs(expected) + 1e-12 * np.abs(expected).max()
            assert (np.abs(values.astype(np.float64).reshape(-1) - expected) <= slack).all()
            is_rank_known = site.input in ranks and rewrite.source.name not in RANK_UNKNOWN_TO_US
            if rewrite.form in ("instance", "reduce") and is_rank_known:
                assert len(tensor.dims) == ranks[site.input] - 1


def digest(values: np.ndarray) -> str:
    """Of the numbers, and of the same numbers in ascending order."""
    wide = values.astype(np.float64).reshape(-1)
    return ":".join(hashlib.sha256(it.tobytes()).hexdigest()[:20] for it in (wide, np.sort(wide)))


@pytest.mark.parametrize("rewrite", OF_NODES)
def test_provenance(rewrite: Rewrite):
    model = onnx.load(rewrite.path)
    [text] = [entry.value for entry in model.metadata_props if entry.key == "gn-swap"]
    provenance = json.loads(text)
    source = hashlib.sha256(rewrite.source.path.read_bytes()).hexdigest()
    [opset] = [it.version for it in model.opset_import if it.domain in ("", "ai.onnx")]
    assert {key: provenance[key] for key in ("schema", "source", "norm", "init", "opset")} == {
        "schema": 2,
        "source": f"sha256:{source}",
        "norm": "group",
        "init": "statistics",
        "opset": opset,
    }
    norms = source_norms(rewrite)
    keys = ("name", "input", "output", "groups", "epsilon", "form")
    assert [{key: site[key] for key in keys} for site in provenance["sites"]] == [
        {
            "name": site.name,
            "input": site.input,
            "output": site.output,
            "groups": site.groups,
            "epsilon": norms[site].epsilon,
            "form": rewrite.form,
        }
        for site in rewrite.sites
    ]
    stored = initializers(model.graph)
    for recorded, site in zip(provenance["sites"], rewrite.sites):
        for role, name in (("scale", site.scale), ("bias", site.bias)):
            if name in stored:
                assert recorded[role] == digest(numpy_helper.to_array(stored[name]))


@pytest.mark.parametrize("damage", ["no γ", "γ of another type", "γ of another length"])
def test_damage_is_noticed(damage: str):
    """The checker is one that can fail."""
    rewrite = rewrite_named("opset-17.reduce")
    model = load(rewrite.path)
    scale = initializers(model.graph)[rewrite.sites[0].scale]
    if damage == "no γ":
        model.graph.initializer.remove(scale)
    elif damage == "γ of another type":
        scale.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(scale).astype(np.float64), scale.name))
    else:
        scale.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(scale)[:31], scale.name))
    with pytest.raises((onnx.checker.ValidationError, onnx.shape_inference.InferenceError)):
        onnx.checker.check_model(model, full_check=True)
