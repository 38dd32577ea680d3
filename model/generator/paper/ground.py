"""What lies below and behind: sheets of paper of every sort, desks, walls, cloth."""

import numpy as np

from model.generator.chance import between
from model.generator.items import Rng
from model.generator.paper.masks import Reals, soft
from model.generator.paper.scene import Scene, Size, fractal, paint, smooth_field, tinted


def sheet(rng: Rng, size: Size) -> Reals:
    """Paper (H, W, 3): white, grey, old or coloured; smooth, grainy, printed in dots, or seen through."""
    way, value = rng.random(), max(rng.uniform(0.35, 1.0, 2))
    old = tinted(value, (1.06, 1.0, rng.uniform(0.65, 0.95)))
    colour = old if way < 0.2 else paint(rng, value, value, 0.08 if way < 0.75 else 0.5)
    paper = np.ones(size)
    if rng.random() < 0.6:  # grain
        paper = paper + between(rng, 0.003, 0.05) * rng.standard_normal(size)
    if rng.random() < 0.4:  # clouds, stains
        paper = paper + between(rng, 0.01, 0.08) * fractal(rng, size)
    if rng.random() < 0.12:  # halftone
        y, x = np.indices(size) * (2 * np.pi / rng.uniform(2.2, 5.0))
        slope = rng.uniform(-1, 1)
        paper = paper - rng.uniform(0.02, 0.15) * np.sin(x + slope * y) * np.sin(y - slope * x)
    if rng.random() < 0.1:  # the other side's print
        words = smooth_field(rng, size, int(rng.integers(4, 14)), int(rng.integers(6, 30))) > 0.9
        paper = paper - rng.uniform(0.02, 0.12) * soft(words * 1.0, 1.5)
    return colour * paper[..., None]


def rule(made: Scene, rng: Rng, tall: float) -> None:
    """Print the lines of a ruled or squared sheet for writing `tall` pixels high, at times a margin's too."""
    height, width = made.size
    squared, tilt = rng.random() < 0.55, rng.normal(0.0, 0.02)
    step = max(6.0, tall * (rng.uniform(0.35, 1.1) if squared else rng.uniform(0.8, 1.6)))
    columns = np.arange(rng.uniform(0, step), width * 1.1, step)
    if not squared:
        columns = columns[:1] if rng.random() < 0.15 else columns[:0]
    level = [[(0, y), (width, y + tilt * width)] for y in np.arange(rng.uniform(0, step), height * 1.1, step)]
    upright = [[(x, 0), (x - tilt * height, height)] for x in columns]
    colour = made.page.mean() * (tinted(0.58, (0.45, 0.6, 0.85)) if rng.random() < 0.6 else 0.5)
    made.trace(colour, tall * rng.uniform(0.01, 0.04), *level, *upright, thin=rng.uniform(0.15, 0.6))


def wood(rng: Rng, size: Size) -> Reals:
    """Boards with their grain."""
    y, x = np.indices(size) / max(size)
    knots = (size[0] // 2 + 2, 6)
    if rng.random() < 0.5:
        x, y, knots = y, x, (6, size[1] // 2 + 2)
    bend = rng.uniform(0.02, 0.15) * smooth_field(rng, size, 3) + rng.uniform(-0.3, 0.3) * x
    rings = np.sin((y + bend) * rng.uniform(20, 120))
    fibre = smooth_field(rng, size, *knots)
    grain: Reals = 1 + rng.uniform(0.03, 0.15) * rings + rng.uniform(0.02, 0.08) * fibre
    return tinted(rng.uniform(0.12, 0.7), (1.25, 0.95, rng.uniform(0.4, 0.85))) * grain[..., None]


def surface(rng: Rng, size: Size) -> Reals:
    """One colour: smooth plastic; clouded as stone and plaster are; woven cloth."""
    way = rng.random()
    shade = 1 + (0.03 if way < 0.4 else rng.uniform(0.05, 0.35)) * fractal(rng, size, 3, 0.6)
    if way > 0.75:
        y, x = np.indices(size) * (2 * np.pi / rng.uniform(2.5, 7.0))
        shade = shade + rng.uniform(0.02, 0.12) * (np.sin(x) * np.sin(y) + 0.3 * rng.standard_normal(size))
    return paint(rng, 0.03, 0.9, 0.6) * shade[..., None]


def desk(rng: Rng, size: Size) -> Reals:
    """Wood, stone, plastic or cloth (H, W, 3), 0 to about 1.2."""
    return wood(rng, size) if rng.random() < 0.35 else surface(rng, size)
