"""The networks: each a different way in which a BatchNormalization (BN) meets the rest of a graph."""

import torch
from torch import nn
from torch.nn import functional as F


def conv(inputs, outputs, kernel=3, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


def conv_bn(inputs, outputs, kernel=3, stride=1, groups=1, activation=nn.ReLU):
    return nn.Sequential(conv(inputs, outputs, kernel, stride, groups), nn.BatchNorm2d(outputs), activation())


def head(channels, classes):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


class Basic(nn.Module):
    """Conv-BN-ReLU-Conv-BN, added to its input (or to a 1x1 Conv-BN of it), then ReLU."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            conv_bn(inputs, outputs, 3, stride), conv_bn(outputs, outputs, activation=nn.Identity)
        )
        same = stride == 1 and inputs == outputs
        self.skip = nn.Identity() if same else conv_bn(inputs, outputs, 1, stride, activation=nn.Identity)

    def forward(self, x):
        return F.relu(self.body(x) + self.skip(x))


def resnet(classes, widths=(32, 64, 128), blocks=5):
    """ResNet-32 (He et al. 2015) with a stem of stride 2: 33 BN."""
    layers, inputs = [conv_bn(3, widths[0], stride=2)], widths[0]
    for stage, width in enumerate(widths):
        for block in range(blocks):
            layers.append(Basic(inputs, width, 2 if stage and not block else 1))
            inputs = width
    return nn.Sequential(*layers, head(inputs, classes))


class Bottleneck(nn.Module):
    """1x1 reduce, 3x3, 1x1 expand by four: BN after each; added to its input (or to a 1x1 Conv-BN of it), then ReLU."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.body = nn.Sequential(
            conv_bn(inputs, width, 1),
            conv_bn(width, width, 3, stride),
            conv_bn(width, outputs, 1, activation=nn.Identity),
        )
        same = stride == 1 and inputs == outputs
        self.skip = nn.Identity() if same else conv_bn(inputs, outputs, 1, stride, activation=nn.Identity)

    def forward(self, x):
        return F.relu(self.body(x) + self.skip(x))


def resnet50(classes, widths=(16, 32, 64, 128)):
    """ResNet-50 (He et al. 2015) at a quarter of its width, for small pictures: 16 bottlenecks, 53 BN."""
    layers, inputs = [conv_bn(3, widths[0], stride=2)], widths[0]
    for width, blocks, stride in zip(widths, (3, 4, 6, 3), (1, 2, 2, 1)):
        for block in range(blocks):
            layers.append(Bottleneck(inputs, width, 1 if block else stride))
            inputs = 4 * width
    return nn.Sequential(*layers, head(inputs, classes))


class Inverted(nn.Module):
    """1x1 expand, 3x3 depthwise, 1x1 project: BN after each, ReLU6 after the first two."""

    def __init__(self, inputs, outputs, stride, expand):
        super().__init__()
        hidden = inputs * expand
        self.add = stride == 1 and inputs == outputs
        self.body = nn.Sequential(
            conv_bn(inputs, hidden, 1, activation=nn.ReLU6),
            conv_bn(hidden, hidden, 3, stride, groups=hidden, activation=nn.ReLU6),
            conv_bn(hidden, outputs, 1, activation=nn.Identity),
        )

    def forward(self, x):
        return x + self.body(x) if self.add else self.body(x)


def mobilenet(classes):
    """MobileNetV2 (Sandler et al. 2018), small: 32 BN."""
    plan = [(24, 1, 2), (24, 1, 4), (24, 1, 4), (48, 2, 4), (48, 1, 4), (48, 1, 4), (48, 1, 4), (80, 2, 4), (80, 1, 4), (80, 1, 4)]
    layers, inputs = [conv_bn(3, 24, stride=2, activation=nn.ReLU6)], 24
    for width, stride, expand in plan:
        layers.append(Inverted(inputs, width, stride, expand))
        inputs = width
    return nn.Sequential(*layers, conv_bn(inputs, 256, 1, activation=nn.ReLU6), head(256, classes))


class Dense(nn.Module):
    """BN-ReLU-Conv1x1-BN-ReLU-Conv3x3 of everything so far; the raw result is put beside it."""

    def __init__(self, inputs, growth):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.ReLU(), conv(inputs, 4 * growth, 1),
            nn.BatchNorm2d(4 * growth), nn.ReLU(), conv(4 * growth, growth),
        )

    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


def densenet(classes, growth=16, blocks=(5, 5, 5)):
    """DenseNet-BC (Huang et al. 2016): 33 BN, half of them straight after a Concat of raw branches."""
    layers, width = [conv(3, 2 * growth, stride=2)], 2 * growth
    for block, depth in enumerate(blocks):
        if block:
            layers += [nn.BatchNorm2d(width), nn.ReLU(), conv(width, width // 2, 1), nn.AvgPool2d(2)]
            width //= 2
        for _ in range(depth):
            layers.append(Dense(width, growth))
            width += growth
    return nn.Sequential(*layers, nn.BatchNorm2d(width), nn.ReLU(), head(width, classes))


class UNet(nn.Module):
    """U-Net (Ronneberger et al. 2015) with BN after each Conv: 14 BN, skips joined by Concat."""

    def __init__(self, classes, widths=(16, 32, 64, 96)):
        super().__init__()
        double = lambda inputs, outputs: nn.Sequential(conv_bn(inputs, outputs), conv_bn(outputs, outputs))
        pairs = list(zip(widths, widths[1:]))
        self.stem = double(3, widths[0])
        self.down = nn.ModuleList(double(a, b) for a, b in pairs)
        self.up = nn.ModuleList(double(a + b, a) for a, b in reversed(pairs))
        self.out = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        levels = [self.stem(x)]
        for down in self.down:
            levels.append(down(F.max_pool2d(levels[-1], 2)))
        x = levels.pop()
        for up in self.up:
            x = up(torch.cat([F.interpolate(x, scale_factor=2.0), levels.pop()], 1))
        return self.out(x)
