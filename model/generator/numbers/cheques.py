"""Whole amounts on bank cheques: the picture, the text, and a box for each digit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from model.generator.items import Bytes, Floats, Part
from model.generator.paper.cheque_files import Amount, read_amounts


def load_amounts(data: Path, part: Part) -> list[Amount]:
    """The amounts of one part that are written in digits alone. Raises DataError if they are missing."""
    return [amount for amount in read_amounts(data, part) if amount.text.isdigit()]


def varied(amount: Amount, rng: np.random.Generator) -> tuple[Bytes, Floats]:
    """The amount as another hand or scanner might give it, and its digits' boxes in it."""
    image = Image.fromarray(amount.pixels)
    scale, squeeze = float(np.exp(rng.uniform(-0.2, 0.5))), float(np.exp(rng.normal(0, 0.07)))
    across, down = scale * squeeze, scale / squeeze
    image = image.resize(
        (max(20, round(image.width * across)), max(20, round(image.height * down))), Image.Resampling.BICUBIC
    )
    boxes = amount.boxes * [across, down, across, down]
    if rng.random() < 0.6:
        slant = float(rng.normal(0, 0.1))
        middle = image.height / 2
        fill = int(np.median(np.asarray(image)))
        image = image.transform(
            image.size,
            Image.Transform.AFFINE,
            (1, slant, -slant * middle, 0, 1, 0),
            Image.Resampling.BICUBIC,
            fillcolor=fill,
        )
        boxes[:, 0] -= slant * (boxes[:, 1] + boxes[:, 3] / 2 - middle)
    pixels = np.asarray(image)
    if rng.random() < 0.4:
        low, high = np.sort(rng.uniform(0, 255, 2))
        if high - low > 110:
            pixels = (low + pixels.astype(np.float32) * ((high - low) / 255)).astype(np.uint8)
    return pixels, boxes
