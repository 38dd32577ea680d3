"""Bending drawn pictures: what `vectors.handwarp` does to strokes, for ink that is an image."""

import numpy as np
from PIL import Image

from model.generator.items import Bytes, Rng


def bent(mask: Bytes, rng: Rng, strength: float = 1.0) -> Bytes:
    """Slant, turn (at most 12 degrees), squeeze and bend an ink mask (H, W); black comes in at the sides."""
    pad = max(3, int(0.12 * max(mask.shape)))
    image = Image.fromarray(np.pad(mask, pad))
    width, height = image.size
    grid = 3
    x, y = np.meshgrid(np.linspace(0, width, grid + 1), np.linspace(0, height, grid + 1))
    places = np.stack([x, y], axis=-1) - [width / 2, height / 2]
    turn = float(np.clip(rng.normal(0, 0.07 * strength), -0.2, 0.2))
    slant = float(np.clip(rng.normal(0, 0.12 * strength), -0.4, 0.4))
    aspect = float(np.exp(rng.normal(0, 0.1 * strength)))
    cos, sin = np.cos(turn), np.sin(turn)
    places = places @ np.array([[aspect, 0.0], [slant, 1 / aspect]]) @ np.array([[cos, sin], [-sin, cos]])
    places = places + rng.normal(0, 0.018 * strength, places.shape) * max(width, height)
    places += np.array([width / 2, height / 2])
    mesh = []
    for row in range(grid):
        for column in range(grid):
            left, right = (round(x[row, place]) for place in (column, column + 1))
            top, bottom = (round(y[place, column]) for place in (row, row + 1))
            corners = places[[row, row + 1, row + 1, row], [column, column, column + 1, column + 1]]
            mesh.append(((left, top, right, bottom), tuple(corners.ravel().tolist())))
    return np.asarray(image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR))
