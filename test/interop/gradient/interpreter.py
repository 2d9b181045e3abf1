"""Runs an ONNX graph in PyTorch, in float64 and with autograd: the independent gradient of any file.

It shares no code with gn-swap, and its forward pass is compared with ONNX Runtime's before its gradients are believed.
"""

import math
from contextlib import contextmanager

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional as F

# The type that floats are computed in: float64, unless it is asked what PyTorch itself loses in float32.
WIDE = torch.float64


@contextmanager
def computing_in(kind: torch.dtype):
    global WIDE
    before, WIDE = WIDE, kind
    try:
        yield
    finally:
        WIDE = before


def attributes(node: onnx.NodeProto) -> dict:
    found = {it.name: onnx.helper.get_attribute_value(it) for it in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in found.items()}


def tensor_of(array: np.ndarray) -> torch.Tensor:
    made = torch.from_numpy(np.array(array))
    return made.to(WIDE) if made.is_floating_point() else made


def ints(value: torch.Tensor) -> list[int]:
    return [int(it) for it in value.flatten()]


def pads_of(a: dict, extents, kernel, strides, dilations) -> list[tuple[int, int]]:
    rank = len(kernel)
    auto = a.get("auto_pad", "NOTSET")
    if auto.startswith("SAME"):
        pairs = []
        for extent, k, s, d in zip(extents, kernel, strides, dilations):
            total = max((math.ceil(extent / s) - 1) * s + (k - 1) * d + 1 - extent, 0)
            small, large = total // 2, total - total // 2
            pairs.append((small, large) if auto == "SAME_UPPER" else (large, small))
        return pairs
    pads = a.get("pads", [0] * 2 * rank) if auto == "NOTSET" else [0] * 2 * rank
    return list(zip(pads[:rank], pads[rank:]))


def padded(x: torch.Tensor, pairs, value: float = 0.0) -> torch.Tensor:
    flat = [it for pair in reversed(pairs) for it in pair]
    return F.pad(x, flat, value=value) if any(flat) else x


def conv(a, x, w, b=None):
    kernel = w.shape[2:]
    rank = len(kernel)
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    x = padded(x, pads_of(a, x.shape[2:], kernel, strides, dilations))
    return getattr(F, f"conv{rank}d")(x, w, b, stride=strides, dilation=dilations, groups=a.get("group", 1))


def conv_transpose(a, x, w, b=None):
    rank = w.dim() - 2
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    more = a.get("output_padding", [0] * rank)
    whole = getattr(F, f"conv_transpose{rank}d")(
        x, w, b, stride=strides, dilation=dilations, groups=a.get("group", 1), output_padding=more
    )
    pairs = pads_of(a, x.shape[2:], w.shape[2:], strides, dilations)
    return padded(whole, [(-low, -high) for low, high in pairs])


def max_pool(a, x):
    kernel = a["kernel_shape"]
    rank = len(kernel)
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    pairs = pads_of(a, x.shape[2:], kernel, strides, dilations)
    x = padded(x, with_ceil(a, x, pairs, kernel, strides, dilations), -math.inf)
    return getattr(F, f"max_pool{rank}d")(x, kernel, strides, dilation=dilations)


def with_ceil(a, x, pairs, kernel, strides, dilations):
    """The padding that lets the last window of ceil_mode fit."""
    if not a.get("ceil_mode", 0):
        return pairs
    made = []
    for extent, (low, high), k, s, d in zip(x.shape[2:], pairs, kernel, strides, dilations):
        reach = (k - 1) * d + 1
        steps = math.ceil((extent + low + high - reach) / s)
        if steps * s >= extent + low:
            steps -= 1
        made.append((low, max(high, steps * s + reach - extent - low)))
    return made


def average_pool(a, x):
    kernel = a["kernel_shape"]
    rank = len(kernel)
    strides = a.get("strides", [1] * rank)
    pairs = pads_of(a, x.shape[2:], kernel, strides, [1] * rank)
    wider = with_ceil(a, x, pairs, kernel, strides, [1] * rank)
    pool = getattr(F, f"avg_pool{rank}d")
    ones = torch.ones_like(x)
    if a.get("count_include_pad", 0):
        ones = padded(ones, pairs, 1.0)
        wider_ones = [(w[0] - p[0], w[1] - p[1]) for w, p in zip(wider, pairs)]
    else:
        wider_ones = wider
    return pool(padded(x, wider), kernel, strides) / pool(padded(ones, wider_ones), kernel, strides)


def along_channels(value: torch.Tensor, rank: int) -> torch.Tensor:
    return value.reshape(1, -1, *[1] * (rank - 2))


def batch_norm(a, x, scale, bias, mean, var):
    scale, bias, mean, var = (along_channels(it, x.dim()) for it in (scale, bias, mean, var))
    return (x - mean) / torch.sqrt(var + a.get("epsilon", 1e-5)) * scale + bias


def instance_norm(a, x, scale, bias):
    axes = tuple(range(2, x.dim()))
    centred = x - x.mean(axes, keepdim=True)
    var = (centred * centred).mean(axes, keepdim=True)
    shaped = (along_channels(it, x.dim()) for it in (scale, bias))
    gain, shift = shaped
    return centred / torch.sqrt(var + a.get("epsilon", 1e-5)) * gain + shift


def group_norm(a, x, scale, bias):
    return F.group_norm(x, a["num_groups"], scale, bias, a.get("epsilon", 1e-5))


def layer_norm(a, x, scale, bias=None):
    axis = a.get("axis", -1) % x.dim()
    return F.layer_norm(x, x.shape[axis:], None, None, a.get("epsilon", 1e-5)) * scale + (0 if bias is None else bias)


def gemm(a, x, y, c=None):
    x = x.T if a.get("transA", 0) else x
    y = y.T if a.get("transB", 0) else y
    product = a.get("alpha", 1.0) * (x @ y)
    return product if c is None else product + a.get("beta", 1.0) * c


def reshape(a, x, shape):
    dims = ints(shape)
    if not a.get("allowzero", 0):
        dims = [x.shape[at] if dim == 0 else dim for at, dim in enumerate(dims)]
    return x.reshape(dims)


def flatten(a, x):
    axis = a.get("axis", 1)
    axis = axis + x.dim() if axis < 0 else axis
    return x.reshape(math.prod(x.shape[:axis]), -1)


def squeeze(a, x, axes=None):
    given = a.get("axes") if axes is None else ints(axes)
    given = [at for at, dim in enumerate(x.shape) if dim == 1] if given is None else [it % x.dim() for it in given]
    return x.reshape([dim for at, dim in enumerate(x.shape) if at not in given])


def unsqueeze(a, x, axes=None):
    given = a["axes"] if axes is None else ints(axes)
    rank = x.dim() + len(given)
    for axis in sorted(it % rank for it in given):
        x = x.unsqueeze(axis)
    return x


def slice_(a, x, starts=None, ends=None, axes=None, steps=None):
    starts, ends = (a["starts"], a["ends"]) if starts is None else (ints(starts), ints(ends))
    axes = a.get("axes", list(range(len(starts)))) if axes is None else ints(axes)
    steps = [1] * len(starts) if steps is None else ints(steps)
    for start, end, axis, step in zip(starts, ends, axes, steps):
        places = range(x.shape[axis])[slice(start, None if step < 0 and end < -x.shape[axis] else end, step)]
        x = x.index_select(axis, torch.tensor(list(places), dtype=torch.long))
    return x


def split(a, x, sizes=None, count=1):
    axis = a.get("axis", 0)
    given = a.get("split") if sizes is None else ints(sizes)
    return x.split(given if given is not None else math.ceil(x.shape[axis] / a.get("num_outputs", count)), axis)


def pad(a, x, pads=None, value=None, axes=None):
    pads = a["pads"] if pads is None else ints(pads)
    axes = list(range(x.dim())) if axes is None else [it % x.dim() for it in ints(axes)]
    mode = a.get("mode", "constant")
    pairs = [(0, 0)] * x.dim()
    for at, axis in enumerate(axes):
        pairs[axis] = (pads[at], pads[len(axes) + at])
    if mode == "constant":
        return padded(x, pairs, a.get("value", 0.0) if value is None else float(value))
    for axis, (low, high) in enumerate(pairs):
        places = np.pad(np.arange(x.shape[axis]), (low, high), mode)
        x = x.index_select(axis, torch.from_numpy(places))
    return x


def gather(a, x, indices):
    axis = a.get("axis", 0) % x.dim()
    flat = (indices % x.shape[axis]).flatten().long()
    return x.index_select(axis, flat).reshape([*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]])


def gather_elements(a, x, indices):
    axis = a.get("axis", 0)
    return torch.gather(x, axis, indices % x.shape[axis])


def gather_nd(a, x, indices):
    batch, depth = a.get("batch_dims", 0), indices.shape[-1]
    lead = math.prod(x.shape[:batch])
    flat, places = x.reshape(lead, *x.shape[batch:]), indices.reshape(lead, -1, depth)
    rows = torch.arange(lead).reshape(-1, 1).expand(places.shape[:2])
    made = flat[(rows, *places.unbind(-1))]
    return made.reshape(*indices.shape[:-1], *x.shape[batch + depth :])


def scatter_nd(a, x, indices, updates):
    return x.index_put(indices.unbind(-1), updates, accumulate=a.get("reduction", "none") == "add")


def scatter_elements(a, x, indices, updates):
    axis = a.get("axis", 0)
    places = indices % x.shape[axis]
    if a.get("reduction", "none") == "add":
        return x.scatter_add(axis, places, updates)
    return x.scatter(axis, places, updates)


def reduced(fold):
    def run(a, x, axes=None):
        given = a.get("axes") if axes is None else ints(axes)
        if not given:
            if axes is not None and a.get("noop_with_empty_axes", 0):
                return x
            given = list(range(x.dim()))
        return fold(x, tuple(given), bool(a.get("keepdims", 1)))

    return run


def softmax(log: bool, opset: int):
    fold = F.log_softmax if log else F.softmax

    def run(a, x):
        if opset >= 13:
            return fold(x, a.get("axis", -1))
        axis = a.get("axis", 1) % x.dim()
        return fold(x.reshape(math.prod(x.shape[:axis]), -1), 1).reshape(x.shape)

    return run


def resize(a, x, *inputs):
    """By PyTorch's own where that is the same map, else by matrices from the formulas of the operator's page."""
    sizes = [ints(it) for it in inputs[2:3] if it is not None]
    scales = [it for it in inputs[1:2] if it is not None and it.numel() > 0]
    rank = x.dim()
    if sizes:
        made = sizes[0]
        factors = [made_dim / dim for made_dim, dim in zip(made, x.shape)]
    else:
        factors = [float(it) for it in scales[0]]
        made = [math.floor(dim * it) for dim, it in zip(x.shape, factors)]
    for axis in range(rank):
        if made[axis] != x.shape[axis] or factors[axis] != 1:
            matrix = resize_matrix(a, x.shape[axis], made[axis], factors[axis])
            x = torch.movedim(torch.movedim(x, axis, -1) @ matrix.T, -1, axis)
    return x


def resize_matrix(a, taken: int, made: int, factor: float) -> torch.Tensor:
    how, mode = a.get("coordinate_transformation_mode", "half_pixel"), a.get("mode", "nearest")
    matrix = torch.zeros(made, taken, dtype=WIDE)
    for at in range(made):
        if how == "asymmetric":
            place = at / factor
        elif how == "align_corners":
            place = 0.0 if made == 1 else at * (taken - 1) / (made - 1)
        elif how == "pytorch_half_pixel":
            place = (at + 0.5) / factor - 0.5 if made > 1 else 0.0
        else:
            place = (at + 0.5) / factor - 0.5
        if mode == "nearest":
            kind = a.get("nearest_mode", "round_prefer_floor")
            nearest = {
                "floor": math.floor(place),
                "ceil": math.ceil(place),
                "round_prefer_floor": math.ceil(place - 0.5),
                "round_prefer_ceil": math.floor(place + 0.5),
            }[kind]
            matrix[at, min(max(nearest, 0), taken - 1)] = 1
        elif mode == "linear":
            low = math.floor(place)
            for near, weight in ((low, 1 - (place - low)), (low + 1, place - low)):
                matrix[at, min(max(near, 0), taken - 1)] += weight
        else:
            low, bend = math.floor(place), a.get("cubic_coeff_a", -0.75)
            for near in range(low - 1, low + 3):
                distance = abs(place - near)
                if distance <= 1:
                    weight = ((bend + 2) * distance - (bend + 3)) * distance**2 + 1
                else:
                    weight = ((bend * distance - 5 * bend) * distance + 8 * bend) * distance - 4 * bend
                matrix[at, min(max(near, 0), taken - 1)] += weight
    return matrix


def depth_to_space(a, x):
    n, c, h, w = x.shape
    b = a["blocksize"]
    if a.get("mode", "DCR") == "DCR":
        x = x.reshape(n, b, b, c // b**2, h, w).permute(0, 3, 4, 1, 5, 2)
    else:
        x = x.reshape(n, c // b**2, b, b, h, w).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(n, c // b**2, h * b, w * b)


def space_to_depth(a, x):
    n, c, h, w = x.shape
    b = a["blocksize"]
    return x.reshape(n, c, h // b, b, w // b, b).permute(0, 3, 5, 1, 2, 4).reshape(n, c * b * b, h // b, w // b)


def clip(a, x, low=None, high=None):
    low = a.get("min") if low is None else float(low)
    high = a.get("max") if high is None else float(high)
    return x if low is None and high is None else x.clamp(low, high)


def div(a, x, y):
    return x / y if x.is_floating_point() else torch.div(x, y, rounding_mode="trunc")


def cast(a, x, to=None):
    kind = tensor_of(np.zeros(1, onnx.helper.tensor_dtype_to_np_dtype(a["to"]))).dtype
    return x.to(kind)


def power(a, x, y):
    return x ** y.to(x.dtype)


def einsum(a, *inputs):
    return torch.einsum(a["equation"], *inputs)


def top_k(a, x, k=None):
    count = a["k"] if k is None else int(k)
    return torch.topk(x, count, a.get("axis", -1), bool(a.get("largest", 1)))


def attention_free_gelu(a, x):
    return F.gelu(x, approximate=a.get("approximate", "none"))


def lp_norm(a, x):
    return x / x.norm(a.get("p", 2), a.get("axis", -1), keepdim=True)


def operators(opset: int) -> dict:
    def unary(f):
        return lambda a, x: f(x)

    def binary(f):
        return lambda a, x, y: f(x, y)

    table = {
        "Conv": conv, "ConvTranspose": conv_transpose, "MaxPool": max_pool, "AveragePool": average_pool,
        "GlobalAveragePool": lambda a, x: x.mean(tuple(range(2, x.dim())), keepdim=True),
        "GlobalMaxPool": lambda a, x: x.amax(tuple(range(2, x.dim())), keepdim=True),
        "BatchNormalization": batch_norm, "InstanceNormalization": instance_norm,
        "GroupNormalization": group_norm, "LayerNormalization": layer_norm, "LpNormalization": lp_norm,
        "Gemm": gemm, "MatMul": binary(torch.matmul), "Einsum": einsum,
        "Add": binary(torch.add), "Sub": binary(torch.sub), "Mul": binary(torch.mul), "Div": div, "Pow": power,
        "Mod": lambda a, x, y: torch.fmod(x, y) if a.get("fmod", 0) else torch.remainder(x, y),
        "Sum": lambda a, *all: sum(all[1:], all[0]), "Mean": lambda a, *all: sum(all[1:], all[0]) / len(all),
        "Max": lambda a, *all: largest(torch.maximum, all), "Min": lambda a, *all: largest(torch.minimum, all),
        "Where": lambda a, c, x, y: torch.where(c, x, y), "Clip": clip, "Cast": cast,
        "PRelu": lambda a, x, s: torch.where(x < 0, x * s, x),
        "Relu": unary(torch.relu), "Sigmoid": unary(torch.sigmoid), "Tanh": unary(torch.tanh), "Erf": unary(torch.erf),
        "Exp": unary(torch.exp), "Log": unary(torch.log), "Sqrt": unary(torch.sqrt), "Abs": unary(torch.abs),
        "Neg": unary(torch.neg), "Reciprocal": unary(torch.reciprocal), "Sign": unary(torch.sign),
        "Floor": unary(torch.floor), "Ceil": unary(torch.ceil), "Round": unary(torch.round),
        "Sin": unary(torch.sin), "Cos": unary(torch.cos), "Atan": unary(torch.atan),
        "Softplus": unary(lambda x: torch.log1p(torch.exp(-x.abs())) + torch.relu(x)), "Mish": unary(F.mish),
        "HardSwish": unary(F.hardswish), "Softsign": unary(F.softsign), "Gelu": attention_free_gelu,
        "HardSigmoid": lambda a, x: (a.get("alpha", 0.2) * x + a.get("beta", 0.5)).clamp(0, 1),
        "LeakyRelu": lambda a, x: F.leaky_relu(x, a.get("alpha", 0.01)), "Elu": lambda a, x: F.elu(x, a.get("alpha", 1.0)),
        "Selu": unary(F.selu), "Celu": lambda a, x: F.celu(x, a.get("alpha", 1.0)),
        "Swish": lambda a, x: x * torch.sigmoid(a.get("alpha", 1.0) * x),
        "Softmax": softmax(False, opset), "LogSoftmax": softmax(True, opset),
        "Identity": lambda a, x: x, "Dropout": lambda a, x, *_: x, "Reshape": reshape, "Flatten": flatten,
        "Squeeze": squeeze, "Unsqueeze": unsqueeze,
        "Transpose": lambda a, x: x.permute(a.get("perm", list(reversed(range(x.dim()))))),
        "Expand": lambda a, x, s: x.expand(torch.broadcast_shapes(x.shape, ints(s))),
        "Tile": lambda a, x, r: x.repeat(ints(r)),
        "Concat": lambda a, *all: torch.cat(all, a["axis"]), "Slice": slice_, "Pad": pad, "Gather": gather,
        "GatherElements": gather_elements, "GatherND": gather_nd, "ScatterND": scatter_nd,
        "ScatterElements": scatter_elements, "TopK": top_k,
        "Trilu": lambda a, x, k=None: (torch.triu if a.get("upper", 1) else torch.tril)(x, int(k) if k is not None else 0),
        "CumSum": lambda a, x, axis: torch.cumsum(x, int(axis)),
        "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth, "Resize": resize,
        "ReduceSum": reduced(lambda x, axes, keep: x.sum(axes, keepdim=keep)),
        "ReduceMean": reduced(lambda x, axes, keep: x.mean(axes, keepdim=keep)),
        "ReduceMax": reduced(lambda x, axes, keep: x.amax(axes, keepdim=keep)),
        "ReduceMin": reduced(lambda x, axes, keep: x.amin(axes, keepdim=keep)),
        "ReduceL1": reduced(lambda x, axes, keep: x.abs().sum(axes, keepdim=keep)),
        "ReduceL2": reduced(lambda x, axes, keep: (x * x).sum(axes, keepdim=keep).sqrt()),
        "ReduceSumSquare": reduced(lambda x, axes, keep: (x * x).sum(axes, keepdim=keep)),
        "ReduceProd": reduced(lambda x, axes, keep: x.prod() if len(axes) == x.dim() else x.prod(axes[0], keepdim=keep)),
        "ReduceLogSumExp": reduced(lambda x, axes, keep: torch.logsumexp(x, axes, keepdim=keep)),
        "Equal": binary(torch.eq), "Greater": binary(torch.gt), "Less": binary(torch.lt),
        "GreaterOrEqual": binary(torch.ge), "LessOrEqual": binary(torch.le),
        "And": binary(torch.logical_and), "Or": binary(torch.logical_or), "Not": unary(torch.logical_not),
        "Shape": lambda a, x: torch.tensor(list(x.shape))[a.get("start", 0) : a.get("end", x.dim())],
        "Size": lambda a, x: torch.tensor(x.numel()),
        "ConstantOfShape": lambda a, s: filled(a, ints(s)),
        "Range": lambda a, start, end, step: torch.arange(start.item(), end.item(), step.item(), dtype=start.dtype),
        "ArgMax": lambda a, x: x.argmax(a.get("axis", 0), keepdim=bool(a.get("keepdims", 1))),
        "NonZero": lambda a, x: x.nonzero().T,
    }  # fmt: skip
    return table


def largest(pick, all):
    found = all[0]
    for it in all[1:]:
        found = pick(found, it)
    return found


def filled(a, dims):
    value = tensor_of(numpy_helper.to_array(a["value"])) if "value" in a else torch.zeros(1, dtype=WIDE)
    return value.reshape(()).expand(dims).clone()


def constant(a) -> torch.Tensor:
    if "value" in a:
        return tensor_of(numpy_helper.to_array(a["value"]))
    if "value_float" in a or "value_floats" in a:
        return torch.tensor(a.get("value_float", a.get("value_floats")), dtype=WIDE)
    return torch.tensor(a.get("value_int", a.get("value_ints")))


def run(model: onnx.ModelProto, feeds: dict[str, torch.Tensor], parameters: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    """The outputs, with a gradient to whichever feeds and parameters want one. Parameters replace stored tensors."""
    [opset] = [it.version for it in model.opset_import if it.domain in ("", "ai.onnx")]
    table = operators(opset)
    values = {it.name: tensor_of(numpy_helper.to_array(it)) for it in model.graph.initializer}
    values |= feeds | parameters
    for node in model.graph.node:
        if any(name in parameters for name in node.output):
            continue
        a = attributes(node)
        if node.op_type == "Constant":
            made = constant(a)
        elif node.op_type == "Split":
            made = split(a, *[values[name] for name in node.input if name], count=len(node.output))
        else:
            inputs = [values[name] if name else None for name in node.input]
            try:
                made = table[node.op_type](a, *inputs)
            except KeyError as missing:
                raise NotImplementedError(f"the interpreter has no {node.op_type}") from missing
        made = made if isinstance(made, (tuple, list)) and not isinstance(made, torch.Tensor) else [made]
        values |= {name: value for name, value in zip(node.output, made) if name}
    return [values[it.name] for it in model.graph.output]
