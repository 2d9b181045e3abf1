"""Two small networks written here: a U-Net, and a detector with the blocks, the neck and the head of YOLOv8."""

import torch
from torch import nn
from torch.nn import functional


class Twice(nn.Sequential):
    def __init__(self, taken: int, made: int):
        super().__init__(
            nn.Conv2d(taken, made, 3, padding=1, bias=False),
            nn.BatchNorm2d(made),
            nn.ReLU(),
            nn.Conv2d(made, made, 3, padding=1, bias=False),
            nn.BatchNorm2d(made),
            nn.ReLU(),
        )


class UNet(nn.Module):
    """Three steps down by MaxPool; up by ConvTranspose, bilinear and nearest Resize, one of each."""

    def __init__(self, width: int = 8):
        super().__init__()
        self.down = nn.ModuleList([Twice(3, width), Twice(width, 2 * width), Twice(2 * width, 4 * width)])
        self.bottom = Twice(4 * width, 8 * width)
        self.up = nn.ModuleList(
            [
                nn.ConvTranspose2d(8 * width, 4 * width, 2, stride=2),
                nn.Sequential(
                    nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), nn.Conv2d(4 * width, 2 * width, 1)
                ),
                nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(2 * width, width, 1)),
            ]
        )
        self.join = nn.ModuleList([Twice(8 * width, 4 * width), Twice(4 * width, 2 * width), Twice(2 * width, width)])
        self.head = nn.Conv2d(width, 2, 1)

    def forward(self, x):
        kept = []
        for block in self.down:
            x = block(x)
            kept.append(x)
            x = functional.max_pool2d(x, 2)
        x = self.bottom(x)
        for up, join in zip(self.up, self.join):
            x = join(torch.cat([up(x), kept.pop()], dim=1))
        return self.head(x)


class Unit(nn.Sequential):
    def __init__(self, taken: int, made: int, kernel: int = 1, stride: int = 1):
        super().__init__(
            nn.Conv2d(taken, made, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(made, eps=1e-3), nn.SiLU()
        )


class C2f(nn.Module):
    def __init__(self, taken: int, made: int, count: int, shortcut: bool):
        super().__init__()
        half = made // 2
        self.first = Unit(taken, made)
        self.blocks = nn.ModuleList([nn.Sequential(Unit(half, half, 3), Unit(half, half, 3)) for _ in range(count)])
        self.last = Unit((2 + count) * half, made)
        self.shortcut = shortcut

    def forward(self, x):
        parts = list(self.first(x).chunk(2, 1))
        for block in self.blocks:
            parts.append(parts[-1] + block(parts[-1]) if self.shortcut else block(parts[-1]))
        return self.last(torch.cat(parts, 1))


class Sppf(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.first, self.last = Unit(width, width // 2), Unit(2 * width, width)

    def forward(self, x):
        parts = [self.first(x)]
        for _ in range(3):
            parts.append(functional.max_pool2d(parts[-1], 5, stride=1, padding=2))
        return self.last(torch.cat(parts, 1))


class Yolo(nn.Module):
    """Boxes (centre and size, in pixels) and class probabilities of every cell: [N, 4 + classes, cells]."""

    BINS = 16

    def __init__(self, classes: int, width: int = 16):
        super().__init__()
        a, b, c, d, e = (width * it for it in (1, 2, 4, 8, 8))
        self.stem = nn.Sequential(Unit(3, a, 3, 2), Unit(a, b, 3, 2), C2f(b, b, 1, True))
        self.stage3 = nn.Sequential(Unit(b, c, 3, 2), C2f(c, c, 2, True))
        self.stage4 = nn.Sequential(Unit(c, d, 3, 2), C2f(d, d, 2, True))
        self.stage5 = nn.Sequential(Unit(d, e, 3, 2), C2f(e, e, 1, True), Sppf(e))
        self.up4, self.up3 = C2f(d + e, d, 1, False), C2f(c + d, c, 1, False)
        self.down4, self.to4 = Unit(c, c, 3, 2), C2f(c + d, d, 1, False)
        self.down5, self.to5 = Unit(d, d, 3, 2), C2f(d + e, e, 1, False)
        widths = (c, d, e)
        self.box = nn.ModuleList([self.branch(it, 4 * self.BINS, 32) for it in widths])
        self.score = nn.ModuleList([self.branch(it, classes, 32) for it in widths])
        self.dfl = nn.Conv2d(self.BINS, 1, 1, bias=False).requires_grad_(False)
        self.dfl.weight.data[:] = torch.arange(self.BINS, dtype=torch.float).view(1, self.BINS, 1, 1)

    @staticmethod
    def branch(taken: int, made: int, width: int):
        return nn.Sequential(Unit(taken, width, 3), Unit(width, width, 3), nn.Conv2d(width, made, 1))

    def features(self, x):
        p3 = self.stage3(self.stem(x))
        p4 = self.stage4(p3)
        p5 = self.stage5(p4)
        n4 = self.up4(torch.cat([functional.interpolate(p5, scale_factor=2.0, mode="nearest"), p4], 1))
        n3 = self.up3(torch.cat([functional.interpolate(n4, scale_factor=2.0, mode="nearest"), p3], 1))
        n4 = self.to4(torch.cat([self.down4(n3), n4], 1))
        return n3, n4, self.to5(torch.cat([self.down5(n4), p5], 1))

    def forward(self, x):
        levels, cells, strides = [], [], []
        for feature, box, score, stride in zip(self.features(x), self.box, self.score, (8, 16, 32)):
            levels.append(torch.cat([box(feature), score(feature)], 1).flatten(2))
            rows = torch.arange(feature.shape[2], dtype=x.dtype) + 0.5
            columns = torch.arange(feature.shape[3], dtype=x.dtype) + 0.5
            grid = torch.meshgrid(rows, columns, indexing="ij")
            cells.append(torch.stack([grid[1].flatten(), grid[0].flatten()]))
            strides.append(torch.full((1, cells[-1].shape[1]), float(stride), dtype=x.dtype))
        boxes, scores = torch.cat(levels, 2).split([4 * self.BINS, levels[0].shape[1] - 4 * self.BINS], 1)
        bins = boxes.view(boxes.shape[0], 4, self.BINS, -1).transpose(1, 2)
        distances = self.dfl(bins.softmax(1)).view(boxes.shape[0], 4, -1)
        low, high = distances.chunk(2, 1)
        cells, strides = torch.cat(cells, 1), torch.cat(strides, 1)
        start, end = cells.unsqueeze(0) - low, cells.unsqueeze(0) + high
        return torch.cat([torch.cat([(start + end) / 2, end - start], 1) * strides, scores.sigmoid()], 1)
