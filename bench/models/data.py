"""Rendered pictures: shapes on a cluttered, noisy ground. Everything is a numpy expression over a whole batch.

A shape is a function of its own coordinates (u, v), within about [-1, 1], that is negative inside.
n is the number of pictures, s their side in pixels; coordinates of a picture run from -1 to 1.
"""

import numpy as np

MEAN, STD = 0.5, 0.25


def box(u, v, u0, v0, u1, v1):
    return np.maximum(np.maximum(u0 - u, u - u1), np.maximum(v0 - v, v - v1))


def disc(u, v, radius=0.85):
    return np.sqrt(u * u + v * v) - radius


def polygon(u, v, corners):
    step = 2 * np.pi / corners
    angle = np.mod(np.arctan2(v, u), step) - step / 2
    return np.sqrt(u * u + v * v) * np.cos(angle) - 0.95 * np.cos(step / 2)


def star(u, v):
    return np.sqrt(u * u + v * v) - 0.68 - 0.27 * np.cos(5 * np.arctan2(v, u))


def ring(u, v):
    return np.maximum(disc(u, v), -disc(u, v, 0.5))


def crescent(u, v):
    return np.maximum(disc(u, v), -disc(u - 0.4, v, 0.65))


def half_disc(u, v):
    return np.maximum(disc(u, v - 0.4, 0.95), v - 0.4)


def frame(u, v):
    return np.maximum(polygon(u, v, 4), -polygon(u / 0.55, v / 0.55, 4))


def cross(u, v):
    return np.minimum(box(u, v, -0.9, -0.28, 0.9, 0.28), box(u, v, -0.28, -0.9, 0.28, 0.9))


def letter_l(u, v):
    return np.minimum(box(u, v, -0.6, -0.85, -0.1, 0.85), box(u, v, -0.6, 0.4, 0.65, 0.85))


def letter_t(u, v):
    return np.minimum(box(u, v, -0.75, -0.8, 0.75, -0.35), box(u, v, -0.25, -0.8, 0.25, 0.85))


def triangle(u, v):
    return polygon(u, v, 3)


def square(u, v):
    return polygon(u, v, 4)


def hexagon(u, v):
    return polygon(u, v, 6)


SHAPES = [disc, triangle, star, cross, ring, crescent, half_disc, square, hexagon, frame, letter_l, letter_t]
SEGMENTED = SHAPES[:4]  # mask value k + 1; the others are clutter there, and 0 is the ground


def classification(rng, n, size=32):
    """One shape a picture. Returns pictures [n, 3, size, size] (standardised) and classes [n] (int64)."""
    image = ground(rng, n, size)
    strokes(rng, image, 2)
    kinds = rng.integers(len(SHAPES), size=n)
    paint(image, cover(rng, SHAPES, kinds, size, (0.45, 0.75)), contrasting(rng, image))
    strokes(rng, image, 1)
    return finish(rng, image), kinds.astype(np.int64)


def segmentation(rng, n, size=64, shapes=4):
    """Several shapes a picture. Returns pictures [n, 3, size, size] and masks [n, size, size] (uint8)."""
    image = ground(rng, n, size)
    mask = np.zeros((n, size, size), np.uint8)
    strokes(rng, image, 2)
    for _ in range(shapes):
        kinds = rng.integers(len(SHAPES), size=n)
        kinds = np.where(rng.random(n) < 0.6, kinds % len(SEGMENTED), kinds)
        alpha = cover(rng, SHAPES, kinds, size, (0.25, 0.5), spread=0.7)
        paint(image, alpha, contrasting(rng, image))
        value = np.where(kinds < len(SEGMENTED), kinds + 1, 0).astype(np.uint8)
        mask = np.where(alpha > 0.5, value[:, None, None], mask)
    strokes(rng, image, 1)
    return finish(rng, image), mask


def grid(size):
    axis = (np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1
    return np.meshgrid(axis, axis)


def per_picture(values):
    return np.asarray(values, np.float32)[:, None, None]


def uniform(rng, low, high, n):
    return per_picture(rng.uniform(low, high, n))


def cover(rng, shapes, kinds, size, scales, spread=0.25):
    """How much of each pixel the shape of each picture covers, under a random affine map: [n, s, s]."""
    n = len(kinds)
    x, y = grid(size)
    scale, stretch = uniform(rng, *scales, n), uniform(rng, 0.75, 1.33, n)
    shear, turn = uniform(rng, -0.3, 0.3, n), uniform(rng, -0.8, 0.8, n)
    x, y = x - uniform(rng, -spread, spread, n), y - uniform(rng, -spread, spread, n)
    u = (np.cos(turn) * x + np.sin(turn) * y) / (scale * stretch)
    v = (np.cos(turn) * y - np.sin(turn) * x) / (scale / stretch)
    u = u + shear * v
    inside = np.empty_like(u)
    for k, shape in enumerate(shapes):
        chosen = kinds == k
        inside[chosen] = shape(u[chosen], v[chosen])
    return np.clip(0.5 - inside * scale * size / 2, 0, 1)


def colours(rng, n):
    return rng.random((n, 3), dtype=np.float32)


def contrasting(rng, image, tries=4):
    """For each picture, of some random colours the one furthest from the picture's mean colour."""
    n = len(image)
    tried = rng.random((n, tries, 3), dtype=np.float32)
    distance = np.abs(tried - image.mean((2, 3))[:, None]).sum(2)
    return tried[np.arange(n), distance.argmax(1)]


def paint(image, alpha, colour):
    image += alpha[:, None] * (colour[:, :, None, None] - image)


def ground(rng, n, size):
    """A plane wave between two random colours."""
    x, y = grid(size)
    turn, waves, phase = (uniform(rng, 0, high, n) for high in (2 * np.pi, 6, 2 * np.pi))
    wave = 0.5 + 0.5 * np.sin(waves * (np.cos(turn) * x + np.sin(turn) * y) + phase)
    image = np.empty((n, 3, size, size), np.float32)
    image[:] = colours(rng, n)[:, :, None, None]
    paint(image, wave.astype(np.float32), colours(rng, n))
    return image


def strokes(rng, image, count):
    """Line segments of random place, length, width and colour."""
    n, _, _, size = image.shape
    x, y = grid(size)
    for _ in range(count):
        turn, length = uniform(rng, 0, 2 * np.pi, n), uniform(rng, 0.1, 1, n)
        dx, dy = x - uniform(rng, -1, 1, n), y - uniform(rng, -1, 1, n)
        along = np.clip(np.cos(turn) * dx + np.sin(turn) * dy, -length, length)
        distance = np.hypot(dx - along * np.cos(turn), dy - along * np.sin(turn))
        alpha = np.clip((uniform(rng, 0.02, 0.07, n) - distance) * size / 2 + 0.5, 0, 1)
        paint(image, alpha, colours(rng, n))


def finish(rng, image):
    """Random contrast and brightness, then noise of random strength, then standardised."""
    n = len(image)
    contrast, brightness, noise = (uniform(rng, *r, n)[:, None] for r in ((0.6, 1), (-0.15, 0.15), (0.02, 0.1)))
    image = 0.5 + contrast * (image - 0.5) + brightness
    image += noise * rng.standard_normal(image.shape, dtype=np.float32)
    return ((np.clip(image, 0, 1) - MEAN) / STD).astype(np.float32)
