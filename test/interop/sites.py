"""Every site of a rewritten model against its norm in float64, as onnx's reference evaluator computes it."""

import numpy as np
import onnx

from evaluator import evaluate_all
from feeds import branches, feeds_for
from models import Rewrite, Site
from norms import BatchNorm, group_norm, source_norms, statistics
from precision import unit_roundoff

# In units of roundoff of the site's type, relative to |γ′|·max|x|/√(v + ε) + |y|: the difference, γ′/√(v + ε), the product,
# the sum, γ′ and β′ themselves are rounded once each, m and v by a few units more. The largest seen is 2.5.
SITE_BOUND = 8


def by_statistics(x: np.ndarray, site: Site, norm: BatchNorm) -> tuple[np.ndarray, np.ndarray]:
    """A norm over groups with the `statistics` init: y in float64, and the size that roundoff is relative to."""
    return group_norm(x, site.groups, *statistics(norm, site.groups), norm.epsilon)


def worst_error(rewrite: Rewrite, model: onnx.ModelProto, reference=by_statistics) -> tuple[float, set]:
    """The largest error of any site in any run, in the units of `SITE_BOUND`, and the sites that ran."""
    norms = source_norms(rewrite)
    worst, ran = 0.0, set()
    for feeds in branches(feeds_for(rewrite.source, model)):
        values = evaluate_all(model, feeds)
        for site, norm in norms.items():
            for run in values.get(site.path, []):
                x, y = run[site.input], run[site.output]
                expected, size = reference(x, site, norm)
                assert y.dtype == x.dtype
                assert y.shape == expected.shape
                with np.errstate(invalid="ignore"):
                    error = np.abs(y.astype(np.float64) - expected) / (unit_roundoff(x.dtype) * size)
                # 0/0 is a channel that is exactly what it should be.
                worst = max(worst, float(np.where((size == 0) & (y == expected), 0, error).max()))
                ran.add(site)
    return worst, ran
