"""onnx2torch imports `instance-conv`, answers as ONNX Runtime does, and PyTorch trains γ′ and β′ of every site."""

import numpy as np
import pytest
import torch
import torchvision_stand_in  # noqa: F401
import onnx2torch
from onnx import ModelProto, numpy_helper

from evaluator import evaluate
from feeds import feeds_for
from graphs import initializers, required_inputs
from models import Rewrite, load, norm_rewrite_named, rewrite_named, rewrites, rewrites_in
from precision import relative_error, tolerance
from runtime import run

FORM = "instance-conv"
# onnx2torch knows the Reshape of opset 14, not that of 19.
LAST_OPSET = 18

# What it does not import has nothing to do with a norm, and is the same in the source.
REFUSED = {
    "if-": "operation_type='If'",
    "function-in-branch": "operation_type='If'",
    "loop-": "operation_type='Loop'",
    "scan": "operation_type='Scan'",
    "function-without-norm": "domain='local'",
    "domain-foreign": "domain='com.example'",
    # It looks for '' among the imported domains.
    "domain-ai-onnx": "''",
    "empty-optional-inputs": "Dynamic value of min/max",
    "linear-bias-computed": "operation_type='CastLike'",
    # β is an output of the model too.
    "shared-output": "'beta'",
}
# PyTorch has no tensors of strings.
NOT_FED = {"inputs-of-other-types"}
# ONNX Runtime's CPU provider has no InstanceNormalization of float64.
NOT_IN_RUNTIME = {"type-float64"}
# A gradient of zero: nothing reads the norm's output.
NO_GRADIENT = {"bn-dead"}


def refusal(name: str) -> str | None:
    return next((reason for start, reason in REFUSED.items() if name.startswith(start)), None)


FIXTURES = rewrites_in(FORM, real=False, last_opset=LAST_OPSET)
READ = [pytest.param(it, id=it.name) for it in FIXTURES if refusal(it.source.name) is None]
READ = [it for it in READ if it.values[0].source.name not in NOT_FED]
NOT_READ = [pytest.param(it, id=it.name) for it in FIXTURES if refusal(it.source.name) is not None]


def torch_inputs(model: ModelProto, feeds) -> list[torch.Tensor]:
    return [torch.from_numpy(feeds[it.name]) for it in required_inputs(model.graph)]


def answers(net: torch.nn.Module, model: ModelProto, feeds) -> list[torch.Tensor]:
    result = net(*torch_inputs(model, feeds))
    return [result] if isinstance(result, torch.Tensor) else list(result)


def assert_agrees(net, rewrite: Rewrite, model: ModelProto, feeds) -> None:
    in_runtime = rewrite.source.name not in NOT_IN_RUNTIME
    wanted = run(rewrite.path, feeds) if in_runtime else evaluate(load(rewrite.path), feeds)
    for actual, expected in zip(answers(net, model, feeds), wanted, strict=True):
        assert relative_error(actual.detach().numpy(), expected) <= tolerance(rewrite.source.real, expected.dtype)


def site_parameters(net: torch.nn.Module, rewrite: Rewrite, model: ModelProto) -> dict[str, torch.nn.Parameter]:
    """The trainable parameters that hold γ′ and β′, by the initializer's name; each a parameter of its own."""
    tensors = initializers(model.graph)
    left = [it for it in net.parameters() if it.requires_grad]
    found = {}
    for name in [name for site in rewrite.sites for name in (site.scale, site.bias)]:
        value = numpy_helper.to_array(tensors[name])
        index = next(
            i for i, it in enumerate(left) if it.shape == value.shape and np.array_equal(it.detach().numpy(), value)
        )
        found[name] = left.pop(index)
    return found


def assert_trains(net, rewrite: Rewrite, model: ModelProto, feeds) -> None:
    """One step of SGD, and every γ′ and β′ has moved."""
    parameters = site_parameters(net, rewrite, model)
    before = {name: it.detach().clone() for name, it in parameters.items()}
    net.train()
    random = torch.Generator().manual_seed(0)
    loss = sum(
        ((answer - torch.randn(answer.shape, generator=random)) ** 2).mean()
        for answer in answers(net, model, feeds)
        if answer.dtype.is_floating_point
    )
    loss.backward()
    # So large that the least of the gradients moves its parameter by a thousandth, which float16 can tell.
    rate = max(float(1e-3 * it.detach().abs().max() / it.grad.abs().max()) for it in parameters.values())
    torch.optim.SGD(net.parameters(), lr=rate).step()
    for name, parameter in parameters.items():
        assert bool((parameter.detach() != before[name]).any()), name


@pytest.mark.parametrize("rewrite", READ)
def test_agrees(rewrite: Rewrite):
    model = load(rewrite.path)
    assert_agrees(onnx2torch.convert(load(rewrite.path)), rewrite, model, feeds_for(rewrite.source, model))


@pytest.mark.parametrize("rewrite", READ)
def test_trains_at_batch_1(rewrite: Rewrite):
    model = load(rewrite.path)
    net = onnx2torch.convert(load(rewrite.path))
    feeds = feeds_for(rewrite.source, model)
    # Also where a file says 2, which PyTorch does not look at; what is no batch of images stays as it is.
    one = {name: value[:1] if value.ndim > 1 else value for name, value in feeds.items()}
    if rewrite.source.name in NO_GRADIENT:
        assert len(site_parameters(net, rewrite, model)) == 2 * len(rewrite.sites)
    else:
        assert_trains(net, rewrite, model, one)


@pytest.mark.parametrize("rewrite", NOT_READ)
def test_does_not_read(rewrite: Rewrite):
    for path in (rewrite.source.path, rewrite.path):
        with pytest.raises((NotImplementedError, KeyError), match=refusal(rewrite.source.name)):
            onnx2torch.convert(load(path))


@pytest.mark.parametrize("opset", [19, 20, 21, 22])
def test_newer_opsets_are_not_read(opset: int):
    with pytest.raises(NotImplementedError, match="operation_type='(Reshape|Conv)'"):
        onnx2torch.convert(load(rewrite_named(f"opset-{opset}.{FORM}").path))


def test_damage_is_noticed():
    """The comparison is one that can fail."""
    rewrite = rewrite_named(f"opset-17.{FORM}")
    model = load(rewrite.path)
    net = onnx2torch.convert(load(rewrite.path))
    site_parameters(net, rewrite, model)[rewrite.sites[0].scale].data *= 1.001
    with pytest.raises(AssertionError):
        assert_agrees(net, rewrite, model, feeds_for(rewrite.source, model))


@pytest.mark.parametrize("form", ["instance", "reduce"])
def test_other_forms_do_not_train(form: str):
    """Why `instance-conv`: an initializer of Mul or Add becomes a buffer."""
    rewrite = rewrite_named(f"opset-17.{form}")
    model = load(rewrite.path)
    net = onnx2torch.convert(load(rewrite.path))
    assert_agrees(net, rewrite, model, feeds_for(rewrite.source, model))
    with pytest.raises(StopIteration):
        site_parameters(net, rewrite, model)
    scale = numpy_helper.to_array(initializers(model.graph)[rewrite.sites[0].scale])
    assert any(it.shape == scale.shape and np.array_equal(it.numpy(), scale) for it in net.buffers())


OTHER_NORMS = [
    "rank-2-gemm.layer.auto",
    "opset-17.layer.reduce",
    "opset-17.instance.auto",
    "opset-17.instance.reduce",
    "opset-17.frozen.auto",
    "opset-17.frozen.fold",
    "rank-2-gemm.weight.auto",
    "opset-17.batch-renorm.auto",
]


@pytest.mark.parametrize("name", OTHER_NORMS)
def test_other_norms_agree(name: str):
    rewrite = norm_rewrite_named(name)
    model = load(rewrite.path)
    assert_agrees(onnx2torch.convert(load(rewrite.path)), rewrite, model, feeds_for(rewrite.source, model))


def test_weight_norm_of_a_conv_is_not_read():
    """Its weight is computed, and onnx2torch looks for an initializer."""
    with pytest.raises(KeyError, match="weight/Weight"):
        onnx2torch.convert(load(norm_rewrite_named("opset-17.weight.auto").path))


def test_broadcast_of_layer_normalization_is_not_run_by_old_runtimes():
    """Why docs/norms/layer.md has `--form reduce` for them."""
    rewrite = norm_rewrite_named("opset-17.layer.auto")
    with pytest.raises(Exception, match="LayerNormalization"):
        run(rewrite.path, feeds_for(rewrite.source, load(rewrite.path)))


REAL = [pytest.param(it, id=it.name) for it in rewrites_in(FORM, real=True, last_opset=LAST_OPSET)]
FOR_PYTORCH = [pytest.param(it, id=it.name) for it in rewrites() if it.consumer == "pytorch"]


@pytest.mark.parametrize("rewrite", REAL)
def test_constant_nodes_for_weights_are_not_read(rewrite: Rewrite):
    """PaddleOCR's models have every weight in a Constant node, and onnx2torch looks for initializers: why `--for` lifts."""
    with pytest.raises(KeyError, match="w_0"):
        onnx2torch.convert(load(rewrite.path))


@pytest.mark.parametrize("rewrite", FOR_PYTORCH)
def test_real_models(rewrite: Rewrite):
    """They import and train as `--for pytorch` writes them; those of opset 9 are raised to 10 first, as their Slice is refused."""
    model = load(rewrite.path)
    net = onnx2torch.convert(ModelProto.FromString(model.SerializeToString()))
    feeds = feeds_for(rewrite.source, model, batch=1)
    assert_agrees(net, rewrite, model, feeds)
    assert_trains(net, rewrite, model, feeds)
