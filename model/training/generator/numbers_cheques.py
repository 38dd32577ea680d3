"""Whole amounts on bank cheques: the picture, the text, and a box for each digit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from model.training.generator.items import Bytes, Floats, Part, part_of
from model.training.idx import DataError


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount's file, grey picture (H, W), text, and digits' boxes (n, 4): x, y, width, height."""

    path: Path
    pixels: Bytes
    text: str
    boxes: Floats
    group: int


def load_amounts(data: Path, part: Part) -> list[Amount]:
    """The amounts of one part; files are held apart, by their name's hash (`part_of`).

    `data` holds cheques/labels.json and its images. Raises DataError if they are missing.
    """
    folder = data / "cheques"
    try:
        images = json.loads((folder / "labels.json").read_text())["images"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{folder / 'labels.json'}: not the cheques' labels ({error})") from None
    found: list[Amount] = []
    for number, entry in enumerate(images):
        name, text = entry["file"], entry["text"]
        if part_of(name) != part or len(text) != len(entry["boxes"]) or not text.isdigit():
            continue
        pixels = np.asarray(Image.open(folder / name).convert("L"))
        found.append(Amount(folder / name, pixels, text, np.array(entry["boxes"], np.float64), number))
    return found


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
