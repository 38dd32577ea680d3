"""Digits on bank cheques, cut out with their box or with what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from model.generator.items import Bytes, Part
from model.generator.paper.camera import jpeg
from model.generator.paper.cheque_files import read_amounts

MISLABELLED = frozenset(
    {
        ("a_car_000227.jpg", 1),
        ("a_car_000285.jpg", 1),
        ("a_car_000302.jpg", 2),
        ("a_car_000316.jpg", 2),
        ("a_car_000330.jpg", 2),
        ("a_car_000334.jpg", 1),
        ("a_car_000339.jpg", 0),
        ("a_car_000372.jpg", 3),
        ("a_car_000390.jpg", 0),
        ("a_car_000402.jpg", 0),
        ("a_car_000410.jpg", 1),
        ("a_car_000421.jpg", 1),
        ("a_car_000429.jpg", 4),
        ("a_car_000478.jpg", 0),
        ("a_car_000499.jpg", 3),
        ("a_car_000513.jpg", 2),
        ("a_car_000525.jpg", 0),
        ("a_car_000555.jpg", 2),
        ("a_car_000562.jpg", 0),
        ("a_car_000584.jpg", 3),
        ("a_car_000612.jpg", 1),
        ("a_car_000628.jpg", 0),
        ("a_car_000631.jpg", 0),
        ("a_car_000633.jpg", 0),
        ("a_car_000672.jpg", 4),
        ("a_car_000692.jpg", 4),
        ("a_car_000698.jpg", 3),
        ("a_car_000711.jpg", 4),
        ("a_car_000726.jpg", 3),
        ("a_car_000750.jpg", 2),
        ("a_car_000750.jpg", 3),
        ("a_car_000751.jpg", 1),
        ("a_car_000768.jpg", 2),
        ("a_car_000814.jpg", 2),
        ("a_car_000817.jpg", 3),
        ("a_car_000830.jpg", 4),
        ("a_car_000863.jpg", 1),
        ("a_car_000902.jpg", 2),
        ("a_car_000911.jpg", 2),
        ("a_car_000915.jpg", 3),
        ("a_car_000956.jpg", 0),
        ("a_car_000977.jpg", 1),
        ("a_car_000981.jpg", 4),
        ("a_car_000985.jpg", 1),
        ("a_car_000995.jpg", 0),
        ("a_car_001002.jpg", 4),
        ("a_car_001016.jpg", 3),
        ("a_car_001023.jpg", 1),
        ("a_car_001027.jpg", 1),
        ("a_car_001065.jpg", 4),
        ("a_car_001076.jpg", 2),
        ("a_car_001125.jpg", 2),
        ("a_car_001163.jpg", 3),
        ("a_car_001165.jpg", 2),
        ("a_car_001167.jpg", 0),
        ("a_car_001188.jpg", 0),
        ("a_car_001205.jpg", 3),
        ("a_car_001209.jpg", 5),
        ("a_car_001217.jpg", 2),
        ("a_car_001226.jpg", 2),
    }
)
"""(file, place in the amount) of boxes whose label is wrong or that hold no legible digit, found by eye."""


@dataclass(frozen=True, slots=True)
class ChequeDigit:
    """A digit's label, its box (x, y, width, height) and the grey image of the amount it stands in."""

    amount: Bytes
    box: tuple[int, int, int, int]
    label: int
    group: int
    name: str
    place: int


def load_cheques(data: Path, part: Part) -> list[ChequeDigit]:
    """The digits of one part; see `cheque_files.read_amounts`. Raises DataError if there are none."""
    digits: list[ChequeDigit] = []
    for amount in read_amounts(data, part):
        name = amount.path.name
        for place, (letter, box) in enumerate(zip(amount.text, amount.boxes, strict=True)):
            x, y, width, height = (int(value) for value in box)
            if width < 4 or height < 8 or not letter.isdigit() or (name, place) in MISLABELLED:
                continue
            place_of = (x, y, width, height)
            digits.append(ChequeDigit(amount.pixels, place_of, int(letter), amount.group, name, place))
    return digits


def _cut(amount: Bytes, left: float, top: float, right: float, bottom: float) -> Bytes:
    height, width = amount.shape
    return amount[
        max(0, round(top)) : min(height, round(bottom)), max(0, round(left)) : min(width, round(right))
    ]


def cut(digit: ChequeDigit, rng: np.random.Generator, *, wide: bool) -> tuple[Bytes, Bytes]:
    """The digit cut out tightly, or (`wide`) with margins that show neighbours and rules: (pixels, clean).

    `clean` is the tight cut, for comparison.
    """
    x, y, width, height = digit.box
    tight = _cut(digit.amount, x - 1, y - 1, x + width + 1, y + height + 1)
    if wide:
        sides = rng.uniform(0.04, 0.4, 4) * max(width, height)
        pixels = _cut(digit.amount, x - sides[0], y - sides[1], x + width + sides[2], y + height + sides[3])
    else:
        jitter = rng.uniform(0.0, 0.06, 4) * max(width, height)
        pixels = _cut(
            digit.amount, x - jitter[0], y - jitter[1], x + width + jitter[2], y + height + jitter[3]
        )
    image = Image.fromarray(pixels)
    scale = float(np.exp(rng.uniform(np.log(0.8), np.log(3.0))))
    squeeze = float(np.exp(rng.normal(0.0, 0.1)))
    size = (max(10, round(image.width * scale * squeeze)), max(10, round(image.height * scale / squeeze)))
    image = image.resize(size, Image.Resampling.BICUBIC)
    if rng.random() < 0.7:  # another writer's slant; the paper's tone fills the corners
        slant, turn = float(rng.normal(0, 0.12)), float(rng.normal(0, 0.06))
        middle_x, middle_y = image.width / 2, image.height / 2
        coefficients = (1, slant + turn, -(slant + turn) * middle_y, -turn, 1, turn * middle_x)
        fill = int(np.median(np.asarray(image)))
        image = image.transform(
            image.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC, fillcolor=fill
        )
    out = np.asarray(image)
    if rng.random() < 0.4:
        low, high = np.sort(rng.uniform(0, 255, 2))
        if high - low > 90:
            out = (low + out.astype(np.float32) * ((high - low) / 255)).astype(np.uint8)
    if rng.random() < 0.3:
        out = jpeg(out, int(rng.integers(30, 95)))
    return out, tight
