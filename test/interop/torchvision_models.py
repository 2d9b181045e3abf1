"""Writes torchvision's detection, segmentation and video models as ONNX, with the truth about their norms beside them.

    python torchvision_models.py FOLDER [--fresh] [MODEL...]

Each model is written in four styles: `kept` (BatchNormalization stands), `folded` (multiplied into the Conv before it), `chain`
(FrozenBatchNorm2d as Reshape, Add, Sqrt, Div, Mul and Sub over its four vectors) and `muladd` (the same, constants folded).
Weights are random; statistics and biases are drawn as if trained, so that no bias is 0 by chance alone; with --fresh they are as the
models are made, most of them 0. `NAME.STYLE.json` lists
the modules of the norms, and the modules of the Conv before them.
"""
import json
import sys
import warnings
from pathlib import Path

import torch
import torchvision
from torch import nn
from torchvision.models import segmentation, video
from torchvision.models import detection
from torchvision.ops.misc import FrozenBatchNorm2d

IMAGE = torch.Size((3, 256, 320))
MODELS = {
    "fasterrcnn_r50": (detection.fasterrcnn_resnet50_fpn, "list"),
    "fasterrcnn_r50_v2": (detection.fasterrcnn_resnet50_fpn_v2, "list"),
    "retinanet": (detection.retinanet_resnet50_fpn, "list"),
    "ssdlite": (detection.ssdlite320_mobilenet_v3_large, "list"),
    "maskrcnn": (detection.maskrcnn_resnet50_fpn, "list"),
    "keypointrcnn": (detection.keypointrcnn_resnet50_fpn, "list"),
    "lraspp": (segmentation.lraspp_mobilenet_v3_large, "picture"),
    "r3d_18": (video.r3d_18, "clip"),
    "mc3_18": (video.mc3_18, "clip"),
}
STYLES = ("kept", "folded", "chain", "muladd")


class Frozen(nn.Module):
    """FrozenBatchNorm2d of any rank; at rank 4 it is torchvision's own, operator by operator."""

    def __init__(self, norm):
        super().__init__()
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.register_buffer(name, getattr(norm, name).detach().clone())
        self.eps = norm.eps

    def forward(self, x):
        shape = (1, -1) + (1,) * (x.dim() - 2)
        w, b = self.weight.reshape(shape), self.bias.reshape(shape)
        scale = w * (self.running_var.reshape(shape) + self.eps).rsqrt()
        return x * scale + (b - self.running_mean.reshape(shape) * scale)


def build(name, fresh=False):
    make, _ = MODELS[name]
    keywords = {"weights": None}
    if "weights_backbone" in make.__code__.co_varnames or MODELS[name][1] != "clip":
        keywords["weights_backbone"] = None
    model = make(**keywords).eval()
    if fresh:
        return model
    generator = torch.Generator().manual_seed(1)

    def draw(tensor, low, high):
        tensor.data.copy_(torch.rand(tensor.shape, generator=generator) * (high - low) + low)

    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            draw(module.weight, 0.7, 1.3)
            draw(module.bias, -0.2, 0.2)
            draw(module.running_mean, -0.2, 0.2)
            draw(module.running_var, 0.5, 1.5)
        elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Conv3d)) and module.bias is not None:
            draw(module.bias, -0.05, 0.05)
    return model


def freeze(module):
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            frozen = FrozenBatchNorm2d(child.num_features, child.eps)
            frozen.load_state_dict({k: v for k, v in child.state_dict().items() if "tracked" not in k})
            setattr(module, name, frozen)
        elif isinstance(child, nn.modules.batchnorm._BatchNorm):
            setattr(module, name, Frozen(child))
        else:
            freeze(child)
    return module


def feeds(name):
    kind = MODELS[name][1]
    generator = torch.Generator().manual_seed(2)
    if kind == "clip":
        return (torch.rand((1, 3, 8, 64, 64), generator=generator),)
    size = (3, 320, 320) if name == "ssdlite" else IMAGE
    picture = torch.rand(size, generator=generator)
    return ([picture],) if kind == "list" else (picture[None],)


def truth(model, inputs):
    """Modules of all norms, and of the layer that makes what each normalises."""
    made, pairs, keep, hooks = {}, [], [], []
    norms = (nn.modules.batchnorm._BatchNorm, FrozenBatchNorm2d, Frozen)
    for path, module in model.named_modules():
        if isinstance(module, norms):
            hooks.append(module.register_forward_hook(
                lambda _, given, out, path=path: pairs.append((path, made.get(id(given[0]), "")))))
        elif isinstance(module, (nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d)):
            def note(_, given, out, path=path):
                keep.append(out)
                made[id(out)] = path
            hooks.append(module.register_forward_hook(note))
    with torch.no_grad():
        model(*inputs)
    for hook in hooks:
        hook.remove()
    return {"norms": [norm for norm, _ in pairs], "layers": [layer for _, layer in pairs]}


def write(name, style, folder, fresh):
    target = folder / f"{name}.{style}.onnx"
    if target.exists():
        return
    model, inputs = build(name, fresh), feeds(name)
    if style in ("chain", "muladd"):
        model = freeze(model)
    keywords = {"do_constant_folding": style not in ("kept", "chain")}
    if style == "kept":
        keywords["training"] = torch.onnx.TrainingMode.PRESERVE
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, inputs, str(target), dynamo=False, opset_version=17, **keywords)
    facts = {"torch": torch.__version__, "torchvision": torchvision.__version__, **truth(model, inputs)}
    (folder / f"{name}.{style}.json").write_text(json.dumps(facts))
    print(name, style, len(facts["norms"]), "norms", flush=True)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    fresh = "--fresh" in sys.argv
    for name in [it for it in sys.argv[2:] if it != "--fresh"] or MODELS:
        for style in STYLES:
            write(name, style, folder, fresh)
