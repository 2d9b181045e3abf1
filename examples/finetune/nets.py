"""An ONNX file as a PyTorch network that can be trained. Needs test/interop on the path, which knows onnx2torch's ways."""

import warnings
from pathlib import Path

import onnx
import torch
import torchvision_stand_in  # noqa: F401
import onnx2torch
from onnx2torch.node_converters.reshape import OnnxReshape
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm

from preparation import lift_constants, raise_opset

# The oldest that onnx2torch reads whole; the converter leaves newer files as they are.
OPSET = 13

warnings.filterwarnings("ignore", message="Using a non-tuple sequence", category=UserWarning)


def load(path: Path) -> nn.Module:
    """Every weight, γ and β is a parameter; the running statistics of BatchNormalization are buffers."""
    model = onnx.load(path)
    if model.opset_import[0].version < OPSET:
        model = raise_opset(model, OPSET)
    return with_group_norms(onnx2torch.convert(lift_constants(model)))


def with_group_norms(net: torch.fx.GraphModule) -> torch.fx.GraphModule:
    """Reshape → InstanceNorm → Reshape → depthwise 1×1 Conv, which is how a file spells it, → torch.nn.GroupNorm.

    The same function in one operator: on one thread, PyTorch runs the Conv channel by channel. And the ones and zeros of the
    InstanceNorm, which the importer makes parameters of, are no longer trained beside γ and β.
    """
    for node in list(net.graph.nodes):
        found = spelled_group_norm(net, node)
        if found is None:
            continue
        x, instance, affine = found
        norm = nn.GroupNorm(instance.num_features, affine.out_channels, instance.eps)
        norm.weight.data, norm.bias.data = affine.weight.data.flatten(), affine.bias.data
        net.set_submodule(node.target, norm)
        node.args = (x,)
    net.graph.eliminate_dead_code()
    net.delete_all_unused_submodules()
    net.recompile()
    return net


def spelled_group_norm(net: torch.fx.GraphModule, node: torch.fx.Node):
    """What is normalised, the InstanceNorm, and the Conv with γ and β, where this node is that Conv."""
    affine = module_of(net, node)
    if not isinstance(affine, nn.Conv2d) or affine.groups != affine.out_channels or affine.kernel_size != (1, 1):
        return None
    restore = node.args[0]
    if not isinstance(module_of(net, restore), OnnxReshape):
        return None
    normalise = restore.args[0]
    instance = module_of(net, normalise)
    if not isinstance(instance, _InstanceNorm) or not isinstance(module_of(net, normalise.args[0]), OnnxReshape):
        return None
    return normalise.args[0].args[0], instance, affine


def module_of(net: torch.fx.GraphModule, node: torch.fx.Node) -> nn.Module | None:
    return net.get_submodule(node.target) if node.op == "call_module" else None


def train_mode(net: nn.Module, frozen: bool) -> None:
    """In training mode, BatchNormalization takes the batch's statistics and moves the running ones a tenth of the way towards
    them; frozen, it takes the running ones and leaves them. γ and β are trained either way."""
    net.train()
    if frozen:
        for module in net.modules():
            if isinstance(module, _BatchNorm):
                module.eval()
