"""Networks whose gradients are compared with PyTorch's: small inputs, seeded random weights, settled running statistics."""

import torch
from torch import nn

from own_networks import Unit, UNet, Yolo


def torchvision_model(name: str, **options):
    import torchvision

    return lambda: torchvision.models.get_model(name, weights=None, **options)


def timm_model(name: str, **options):
    import timm

    return lambda: timm.create_model(name, pretrained=False, num_classes=10, **options)


# Name: how to make it, and the shape of its input.
NETWORKS = {
    "resnet18": (torchvision_model("resnet18", num_classes=10), (2, 3, 64, 64)),
    "resnet50": (torchvision_model("resnet50", num_classes=10), (2, 3, 64, 64)),
    "mobilenet_v3_small": (torchvision_model("mobilenet_v3_small", num_classes=10), (2, 3, 64, 64)),
    "efficientnet_b0": (torchvision_model("efficientnet_b0", num_classes=10), (2, 3, 64, 64)),
    "convnext_tiny": (torchvision_model("convnext_tiny", num_classes=10), (1, 3, 64, 64)),
    "swin_t": (torchvision_model("swin_t", num_classes=10), (1, 3, 64, 64)),
    "vit_tiny": (timm_model("vit_tiny_patch16_224", img_size=64), (2, 3, 64, 64)),
    "unet": (lambda: UNet(), (1, 3, 64, 64)),
    "units": (lambda: nn.Sequential(Unit(3, 8, 3), Unit(8, 16, 3, 2), Unit(16, 16, 3), nn.Conv2d(16, 2, 1)), (4, 3, 32, 32)),
    "yolo": (lambda: Yolo(classes=4), (1, 3, 64, 64)),
}


def make(name: str) -> tuple[nn.Module, torch.Tensor]:
    """The network in evaluation mode, and an input."""
    factory, shape = NETWORKS[name]
    torch.manual_seed(0)
    network = factory()
    settle(network, shape)
    return network.eval(), torch.randn(shape)


def settle(network: nn.Module, shape: tuple[int, ...]) -> None:
    """Gives every BatchNorm the statistics of random inputs, and parameters that are 0, 1 or 1e-6 everywhere a spread.

    Without, a network in evaluation mode answers by numbers that no trained one has: gradients of 0, or of 1e30.
    """
    norms = [it for it in network.modules() if isinstance(it, nn.modules.batchnorm._BatchNorm)]
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.numel() > 1 and bool((parameter == parameter.flatten()[0]).all()):
                scale = 0.2 if float(parameter.flatten()[0]) == 0 or float(parameter.flatten()[0]) > 0.5 else 0.0
                start = parameter.flatten()[0] if scale else 0.3
                parameter.copy_(start + (scale or 0.1) * torch.randn_like(parameter))
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        network.train()
        for _ in range(2 if norms else 0):
            network(torch.randn((8, *shape[1:])))
    for norm in norms:
        norm.momentum = 0.1
