"""The pieces of examples/finetune: what they train is what the files hold, and BatchNormalization behaves as people meet it."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "finetune"))

import nets  # noqa: E402
import tasks  # noqa: E402
import train  # noqa: E402
from models import rewrite_named  # noqa: E402
from precision import relative_error, tolerance  # noqa: E402
from runtime import run  # noqa: E402

REWRITE = rewrite_named("paddleocr-classifier.for-pytorch")
SOURCE = REWRITE.source.path


def inputs(batch: int) -> torch.Tensor:
    return torch.randn(batch, 3, 48, 192, generator=torch.Generator().manual_seed(batch))


def of_type(net: nn.Module, kind) -> list[nn.Module]:
    return [it for it in net.modules() if isinstance(it, kind)]


def first_norm(net: nn.Module, x: torch.Tensor) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """The first BatchNormalization, what it was given and what it answered."""
    [norm, *_] = of_type(net, nn.BatchNorm2d)
    seen = []
    handle = norm.register_forward_hook(lambda _module, given, answer: seen.append((given[0], answer)))
    with torch.no_grad():
        net(x)
    handle.remove()
    [(given, answer)] = seen
    return norm, given, answer


def normalised(norm: nn.Module, x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
    spread = (variance.double() + norm.eps).sqrt()
    parts = (it.double()[None, :, None, None] for it in (mean, spread, norm.weight, norm.bias))
    m, s, scale, shift = parts
    return ((x.double() - m) / s * scale + shift).detach()


def assert_close(actual, expected):
    assert relative_error(np.asarray(actual), np.asarray(expected)) <= 1e-5  # float32 against float64, sums of 4608 numbers


@pytest.mark.parametrize("batch", [1, 4])
def test_batch_norm_in_training_mode(batch: int):
    """By the batch's statistics, and the running ones move a tenth of the way; afterwards by the running ones."""
    net, x = nets.load(SOURCE), inputs(batch)
    mean, variance = (it.clone() for it in first_norm(net.eval(), x)[0].buffers() if it.ndim == 1)
    nets.train_mode(net, frozen=False)
    norm, given, answer = first_norm(net, x)
    biased, unbiased = (given.var((0, 2, 3), unbiased=it) for it in (False, True))
    assert_close(answer, normalised(norm, given, given.mean((0, 2, 3)), biased))
    assert_close(norm.running_mean, 0.9 * mean + 0.1 * given.mean((0, 2, 3)))
    assert_close(norm.running_var, 0.9 * variance + 0.1 * unbiased)
    norm, given, answer = first_norm(net.eval(), x)
    assert_close(answer, normalised(norm, given, norm.running_mean, norm.running_var))
    assert not torch.equal(norm.running_mean, mean)


def test_batch_norm_frozen():
    """By its running statistics, which stay; its γ and β are trained."""
    net, x = nets.load(SOURCE), inputs(2)
    before = {name: it.clone() for name, it in net.named_buffers()}
    with torch.no_grad():
        wanted = net.eval()(x)
    nets.train_mode(net, frozen=True)
    answer = net(x)
    assert torch.equal(answer, wanted)
    answer[:, 0].sum().backward()
    assert all(torch.equal(it, before[name]) for name, it in net.named_buffers())
    assert all(bool(it.weight.grad.any()) and bool(it.bias.grad.any()) for it in of_type(net, nn.BatchNorm2d))


def test_group_norms_are_what_the_file_says():
    net, x = nets.load(REWRITE.path).eval(), inputs(2)
    found = of_type(net, nn.GroupNorm)
    assert [it.num_groups for it in found] == [site.groups for site in REWRITE.sites]
    assert of_type(net, (nn.BatchNorm2d, nn.InstanceNorm1d)) == []
    with torch.no_grad():
        answer = net(x).numpy()
    assert relative_error(answer, run(REWRITE.path, {"x": x.numpy()})[0]) <= tolerance(True, answer.dtype)


def test_as_many_parameters_are_trained_as_in_the_source():
    source, rewritten = ([it.shape.numel() for it in nets.load(path).parameters()] for path in (SOURCE, REWRITE.path))
    assert sorted(source) == sorted(rewritten)


def test_other_convs_are_left():
    assert of_type(nets.load(SOURCE), nn.GroupNorm) == []


def test_scores():
    chances = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    assert tasks.is_right(chances, torch.tensor([0, 0])).tolist() == [1, 0]
    found = torch.tensor([0.9, 0.9, 0.1, 0.1]).view(1, 1, 2, 2).repeat(2, 1, 1, 1)
    wanted = torch.tensor([[0.9, 0.1, 0.9, 0.1], [0.9, 0.9, 0.1, 0.1]]).view(2, 1, 2, 2)
    assert tasks.overlap(found, wanted).tolist() == [pytest.approx(1 / 3), 1]
    assert tasks.overlap(0 * found, 0 * wanted).tolist() == [1, 1]


def test_losses_are_least_where_all_is_right():
    labels = torch.tensor([0, 1])
    losses = [float(tasks.class_loss(torch.tensor([[1 - p, p], [p, 1 - p]]), labels)) for p in (0.0, 0.3, 0.6)]
    assert losses == sorted(losses) and losses[0] < 1e-6
    wanted = torch.tensor([1.0, 0, 0, 1]).view(1, 1, 2, 2)
    losses = [float(tasks.map_loss((wanted - p).abs(), wanted)) for p in (0.0, 0.3, 0.6)]
    assert losses == sorted(losses)


def samples(count: int) -> tasks.Samples:
    return tasks.Samples(inputs(count), torch.arange(count) % 2)


def trained(batch: int, seed: int) -> torch.Tensor:
    net = nets.load(REWRITE.path)
    train.fine_tune(net, tasks.TASKS["classifier"], samples(8), False, batch, 1e-3, 1, seed)
    with torch.no_grad():
        return net.eval()(inputs(2))


def test_training_repeats_itself():
    torch.set_num_threads(1)
    assert torch.equal(trained(2, 0), trained(2, 0))
    assert not torch.equal(trained(2, 0), trained(2, 1))


@pytest.mark.parametrize(("batch", "passes", "steps"), [(1, 1, 8), (2, 1, 4), (8, 1, 1), (2, 3, 12)])
def test_every_batch_sees_every_sample_once_a_pass(batch: int, passes: int, steps: int):
    seen = []
    task = tasks.TASKS["classifier"]
    spy = tasks.Task(lambda chances, labels: seen.append(labels) or task.loss(chances, labels), task.score)
    data = tasks.Samples(inputs(8), torch.arange(8) % 2)
    train.fine_tune(nets.load(REWRITE.path), spy, data, False, batch, 1e-3, passes, 0)
    assert len(seen) == steps
    assert sorted(torch.cat(seen).tolist()) == sorted(passes * data.targets.tolist())


def test_evaluation_by_a_batch_is_another():
    """At a batch of 1 the source's own statistics and those of one sample are told apart."""
    net, task, data = nets.load(SOURCE), tasks.TASKS["classifier"], samples(8)
    spread = tasks.Task(task.loss, lambda chances, _labels: chances[:, 0].double())
    assert train.evaluate(net, spread, data) != train.evaluate(net, spread, data, by_batch=1)
