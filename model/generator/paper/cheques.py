"""Amounts on bank cheques: whole, and their digits cut out with their box or with what stands around them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.generator.items import Bytes, Floats, Item, Part, Rng, Source, between, one_of, part_of
from model.generator.paper.camera import jpeg
from model.generator.paper.masks import stretched
from model.generator.tables import table
from model.training.data import DataError

MISLABELLED: dict[str, list[int]] = table("mislabelled")["cheques"]
"""In each file the places of boxes whose label is wrong or that hold no legible digit, found by eye."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount's file, grey picture (H, W), text, and a box (n, 4) for each sign: x, y, width, height.

    `group` is its number among all amounts.
    """

    path: Path
    pixels: Bytes
    text: str
    boxes: Floats
    group: int


@dataclass(frozen=True, slots=True)
class ChequeDigit:
    """A digit's place in an amount, its label, and its box there (x, y, width, height)."""

    amount: Amount
    place: int
    label: int
    box: NDArray[np.int64]


def load_amounts(data: Path, part: Part) -> list[Amount]:
    """The amounts of one part, except those with a different number of boxes and of signs.

    A file's part follows from its name's hash (`part_of`). `data` holds cheques/labels.json and its images.

    Raises:
        DataError: they are missing.
    """
    folder = data / "cheques"
    try:
        images = json.loads((folder / "labels.json").read_text())["images"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{folder / 'labels.json'}: not the cheques' labels ({error})") from None
    amounts = []
    for number, entry in enumerate(images):
        name, text, boxes = entry["file"], entry["text"], np.array(entry["boxes"], np.float64)
        if part_of(name) == part and len(text) == len(boxes):
            pixels = np.asarray(Image.open(folder / name).convert("L"))
            amounts.append(Amount(folder / name, pixels, text, boxes, number))
    return amounts


def load_digits(data: Path, part: Part) -> list[ChequeDigit]:
    """The legible digits of one part's amounts; see `load_amounts`."""
    return [
        ChequeDigit(amount, place, int(sign), box)
        for amount in load_amounts(data, part)
        for place, (sign, box) in enumerate(zip(amount.text, amount.boxes.astype(int), strict=True))
        if box[2] >= 4 and box[3] >= 8 and sign.isdigit()
        if place not in MISLABELLED.get(amount.path.name, ())
    ]


def on_cheque(digits: Sequence[ChequeDigit], *, wide: bool) -> Source:
    """Digits cut out tightly, or (`wide`) with margins that show neighbours and rules."""

    def source(rng: Rng) -> Item:
        digit = one_of(rng, digits)
        margins = rng.uniform(0.04, 0.4, 4) if wide else rng.uniform(0.0, 0.06, 4)
        whole = cut_out([digit], margins * digit.box[2:].max())
        pixels = jpeg(varied(whole, np.zeros((0, 4)), rng, (0.8, 3.0))[0], rng, 0.3)
        return Item(digit.label, digit.amount.group, pixels=pixels, clean=inked(digit))

    return source


def inked(digit: ChequeDigit) -> Bytes:
    """The digit's ink, 255 on 0: whatever in its box is clearly darker than the paper."""
    tight = cut_out([digit], np.ones(4)).astype(np.float32)
    ink, paper = np.percentile(tight, (2, 75)).tolist()
    return np.asarray(np.clip(400 * (paper - tight) / max(paper - ink, 1.0) - 125, 0, 255), np.uint8)


def cut_out(digits: Sequence[ChequeDigit], margins: Floats) -> Bytes:
    """Neighbours with margins (pixels; left, top, right, bottom), as far as the picture goes."""
    boxes = np.array([digit.box for digit in digits])
    low = np.maximum(boxes[:, :2].min(axis=0) - margins[:2], 0).round().astype(int)
    high = ((boxes[:, :2] + boxes[:, 2:]).max(axis=0) + margins[2:]).round().astype(int)
    return digits[0].amount.pixels[low[1] : high[1], low[0] : high[0]]


def varied(
    pixels: Bytes, boxes: Floats, rng: Rng, zoom: tuple[float, float] = (0.8, 1.65)
) -> tuple[Bytes, Floats]:
    """A grey picture (H, W) as another hand or scanner might give it, and the boxes (n, 4) of its signs."""
    scale, squeeze = between(rng, *zoom), np.exp(rng.normal(0, 0.085))
    across, down = scale * squeeze, scale / squeeze
    pixels, boxes = stretched(pixels, (down, across), least=12), boxes * [across, down, across, down]
    if rng.random() < 0.65:  # another slant: x per y, about the middle
        slant, image = rng.normal(0, 0.11), Image.fromarray(pixels)
        boxes[:, 0] -= slant * (boxes[:, 1] + boxes[:, 3] / 2 - image.height / 2)
        way = Image.Transform.AFFINE, (1, slant, -slant * image.height / 2, 0, 1, 0), Image.Resampling.BICUBIC
        pixels = np.asarray(image.transform(image.size, *way, fillcolor=int(np.median(pixels))))
    low, high = np.sort(rng.uniform(0, 255, 2))
    if rng.random() < 0.4 and high - low > 100:  # between two other greys
        pixels = np.asarray(low + pixels.astype(np.float32) * ((high - low) / 255), np.uint8)
    return pixels, boxes
