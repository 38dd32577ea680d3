"""Random but legible changes to strokes: what another hand, another day or another device would do."""

import numpy as np

from model.generator.items import Floats, Rng, Strokes


def bounds(strokes: Strokes) -> tuple[Floats, Floats]:
    """The smallest and largest x, y over all strokes, each of shape (2,)."""
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


def to_unit(strokes: Strokes) -> Strokes:
    """Centre the strokes on 0, 0 and scale them so that the longer side is 1."""
    low, high = bounds(strokes)
    centre, side = (low + high) / 2, max(float((high - low).max()), 1e-6)
    return [(stroke - centre) / side for stroke in strokes]


def resample(stroke: Floats, spacing: float) -> Floats:
    """Points at equal distances along the polyline, about `spacing` apart, both ends kept."""
    if len(stroke) < 2:
        return stroke
    travelled = np.append(0.0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T)))
    if travelled[-1] < 1e-9:
        return stroke[:1]
    count = max(2, int(travelled[-1] / spacing) + 1)
    at = np.linspace(0.0, travelled[-1], count)
    return np.stack([np.interp(at, travelled, stroke[:, 0]), np.interp(at, travelled, stroke[:, 1])], axis=1)


def spline(points: Floats, steps: int = 6) -> Floats:
    """The Catmull-Rom curve through `points`, with `steps` points a span."""
    if len(points) < 3:
        return points
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    p0, p1, p2, p3 = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def affine(points: Floats, *, angle: float = 0.0, slant: float = 0.0, aspect: float = 1.0) -> Floats:
    """Shear by `slant` (x per y), stretch x by `aspect` (y by its inverse), turn by `angle` radians."""
    cos, sin, root = np.cos(angle), np.sin(angle), np.sqrt(aspect)
    both = np.array([[cos, -sin], [sin, cos]]) @ np.array([[root, -slant], [0.0, 1 / root]])
    return np.asarray(points @ both.T, np.float64)


def elastic(points: Floats, rng: Rng, amplitude: float) -> Floats:
    """Move points by three slow waves: a smooth field, the same for all strokes of a drawing."""
    waves, phases = rng.normal(0.0, 3.0, (3, 2)), rng.uniform(0.0, 2 * np.pi, 3)
    pushes = rng.normal(0.0, amplitude, (3, 2))
    return points + np.sin(points @ waves.T + phases) @ pushes


def handwarp(strokes: Strokes, rng: Rng, strength: float = 1.0) -> Strokes:
    """Redraw unit-sized strokes as another hand might: slant, aspect, turn (at most 12 degrees), bends.

    `strength` scales every change; at 1 all digits stay legible. The result is about unit-sized.
    """
    points, limit = np.concatenate(strokes), np.radians(12.0)
    points = affine(
        points,
        angle=float(np.clip(rng.normal(0.0, 0.08 * strength), -limit, limit)),
        slant=float(np.clip(rng.normal(0.05, 0.16 * strength), -0.5, 0.5)),
        aspect=float(np.exp(np.clip(rng.normal(0.0, 0.16 * strength), -0.4, 0.4))),
    )
    # A slow bend of each axis by the other's square, and a shift of weight between the halves.
    bend_x, bend_y, lean = rng.normal(0.0, 0.08 * strength, 3)
    x, y = points[:, 0], points[:, 1]
    points = np.stack([x + bend_x * y * y, y + bend_y * x * x + lean * y * y], axis=1)
    points = elastic(points, rng, 0.012 * strength)
    return list(np.split(points, np.cumsum([len(stroke) for stroke in strokes])[:-1]))


def resampled_hand(strokes: Strokes, rng: Rng) -> Strokes:
    """The same path as other devices report it: coarse, smooth, on a grid, or as it came."""
    way = rng.random()
    if way < 0.35:
        return strokes
    if way < 0.65:  # a tablet that reports often
        return [spline(resample(stroke, 0.06), 3) for stroke in strokes]
    if way < 0.85:  # a slow device: straight pieces
        return [resample(stroke, rng.uniform(0.05, 0.14)) for stroke in strokes]
    grid = rng.uniform(20, 60)  # a mouse on a small canvas: whole pixels
    return [np.round(stroke * grid) / grid for stroke in strokes]
