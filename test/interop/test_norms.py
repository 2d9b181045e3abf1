"""Other norms than group: legal for onnx's checker, and what its evaluator and ONNX Runtime answer against float64 and the source."""

from dataclasses import replace

import numpy as np
import onnx
import pytest

from evaluator import evaluate
from feeds import branches, feeds_for
from graphs import batch_norms
from models import NormRewrite, load, norm_rewrite_named, norm_rewrites
from norms import BatchNorm, source_norms
from precision import relative_error, tolerance, unit_roundoff
from re_estimated import samples_of, statistics_error, stored
from runtime import open_session
from sites import SITE_BOUND, worst_error
from test_checker import known_ranks, repair

ALL = [pytest.param(it, id=it.name) for it in norm_rewrites()]
FIXTURES = [pytest.param(it, id=it.name) for it in norm_rewrites() if not it.source.real]
# Norms that compute what the source does, and how far they may be from it.
SAME = {"frozen": 1e-5, "weight": 1e-4}
# What the CPU provider has no kernel for.
NOT_IN_RUNTIME = ("type-float64", "type-float64-native")


def of_norms(names, real: bool | None = None) -> list:
    found = [it for it in norm_rewrites() if it.norm in names and real in (None, it.source.real)]
    return [pytest.param(it, id=it.name) for it in found]


@pytest.mark.parametrize("rewrite", ALL)
def test_checker(rewrite: NormRewrite):
    model = load(rewrite.path)
    repaired = repair(model, rewrite)
    onnx.checker.check_model(model if repaired else rewrite.path, full_check=True)
    known_ranks(model, check_type=True, strict_mode=True, data_prop=True)
    written = len(rewrite.sites) if rewrite.norm == "batch" else 0
    assert len(batch_norms(model)) == written + rewrite.left.count("BatchNormalization")


@pytest.mark.parametrize("rewrite", of_norms(SAME))
def test_answers_as_the_source_does(rewrite: NormRewrite):
    model = load(rewrite.path)
    source = open_session(rewrite.source.path)
    for feeds in branches(feeds_for(rewrite.source, model)):
        for actual, expected in zip(evaluate(model, feeds), source.run(None, feeds), strict=True):
            # 16-bit types round by as much more.
            coarser = max(1, unit_roundoff(expected.dtype) / 2**-24)
            assert relative_error(actual, expected) <= SAME[rewrite.norm] * coarser


def batch_renorm(x: np.ndarray, norm: BatchNorm, limits: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """y in float64, and the size that roundoff is relative to."""
    wide = x.astype(np.float64)
    axes = (0, *range(2, x.ndim))
    shape = (1, -1) + (1,) * (x.ndim - 2)
    gamma, beta, mu, variance = (it.reshape(shape) for it in (norm.scale, norm.bias, norm.mean, norm.variance))
    mean = wide.mean(axis=axes, keepdims=True)
    deviation = np.sqrt(wide.var(axis=axes, keepdims=True) + norm.epsilon)
    moving = np.sqrt(variance + norm.epsilon)
    r = np.clip(deviation / moving, 1 / limits[0], limits[0])
    d = np.clip((mean - mu) / moving, -limits[1], limits[1])
    y = gamma * ((wide - mean) / deviation * r + d) + beta
    largest = np.abs(wide).max(axis=axes, keepdims=True)
    size = np.abs(gamma) * (largest * r / deviation + (largest + np.abs(mu)) / moving) + np.abs(beta) + np.abs(y)
    return y, size


def batch_norm(x: np.ndarray, norm: BatchNorm, statistics) -> tuple[np.ndarray, np.ndarray]:
    """As `batch_renorm`, with the μ and σ² that a model holds."""
    shape = (-1,) + (1,) * (x.ndim - 2)
    mean, variance, gamma, beta = (it.astype(np.float64).reshape(shape) for it in (*statistics, norm.scale, norm.bias))
    slope = gamma / np.sqrt(variance + norm.epsilon)
    y = slope * (x.astype(np.float64) - mean) + beta
    return y, np.abs(slope) * (np.abs(x) + np.abs(mean)) + np.abs(beta) + np.abs(y)


def error_of(rewrite: NormRewrite) -> tuple[float, set]:
    model = load(rewrite.path)
    if rewrite.norm == "batch-renorm":
        return worst_error(rewrite, model, lambda x, _site, norm: batch_renorm(x, norm, rewrite.limits))
    if rewrite.norm == "batch":
        held = stored(model)
        return worst_error(rewrite, model, lambda x, site, norm: batch_norm(x, norm, held[site.output]))
    return worst_error(rewrite, model)


@pytest.mark.parametrize("rewrite", of_norms(("layer", "instance", "batch", "batch-renorm"), real=False))
def test_sites(rewrite: NormRewrite):
    worst, ran = error_of(rewrite)
    assert ran == set(rewrite.sites)
    assert worst <= SITE_BOUND


@pytest.mark.parametrize("norm", ["layer", "instance"])
def test_groups_are_one_or_as_many_as_channels(norm: str):
    found = [(it, site) for it in norm_rewrites() if it.norm == norm for site in it.sites]
    assert found
    for rewrite, site in found:
        channels = len(source_norms(rewrite)[site].scale)
        assert site.groups == (1 if norm == "layer" else channels)


@pytest.mark.parametrize("rewrite", FIXTURES)
def test_onnxruntime(rewrite: NormRewrite):
    if rewrite.source.name in NOT_IN_RUNTIME and rewrite.norm == "instance" and rewrite.form == "auto":
        with pytest.raises(Exception, match="NOT_IMPLEMENTED"):
            open_session(rewrite.path)
        return
    session = open_session(rewrite.path)
    model = load(rewrite.path)
    for feeds in branches(feeds_for(rewrite.source, model)):
        for actual, expected in zip(session.run(None, feeds), evaluate(model, feeds), strict=True):
            assert relative_error(actual, expected) <= tolerance(rewrite.source.real, expected.dtype)


# In units of roundoff, of σ and of σ²: a layer of a fixture and the mean behind it make a few, 35 layers of the classifier more.
# The largest seen are 5 and 17.
STATISTICS_BOUND = {False: 16, True: 64}


@pytest.mark.parametrize("rewrite", of_norms(("batch",)))
def test_statistics(rewrite: NormRewrite):
    """μ and σ² of every site, against Python's own."""
    assert statistics_error(rewrite, samples_of(rewrite)) <= STATISTICS_BOUND[rewrite.source.real]


@pytest.mark.parametrize("name", ["opset-17.batch.auto", "shared-everything.batch.auto", "paddleocr-classifier.batch.auto"])
@pytest.mark.parametrize("change", ["one is missing", "the held-out one too", "others"])
def test_damage_of_samples_is_noticed(name: str, change: str):
    """The comparison is one that can fail."""
    rewrite = norm_rewrite_named(name)
    samples = samples_of(rewrite)
    assert len(samples) == 5
    if change == "one is missing":
        samples.pop()
    elif change == "the held-out one too":
        samples = samples_of(replace(rewrite, solved_on=tuple(range(6))))
    else:
        samples[0] = {key: array * np.float32(1.01) for key, array in samples[0].items()}
    assert statistics_error(rewrite, samples) > 10 * STATISTICS_BOUND[rewrite.source.real]


def test_damage_is_noticed():
    """The comparison is one that can fail: the limits of another model."""
    rewrite = next(it for it in norm_rewrites() if it.name == "opset-17.batch-renorm.auto")
    other = replace(rewrite, limits=(1.1, 0.1))
    assert error_of(rewrite)[0] <= SITE_BOUND
    assert error_of(other)[0] > SITE_BOUND
