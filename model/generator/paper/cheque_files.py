"""The bank cheques' amounts as they lie in their folder: pictures, texts, and a box for each digit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from model.generator.items import Bytes, Floats, Part, part_of
from model.training.data import DataError


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


def read_amounts(data: Path, part: Part) -> Iterator[Amount]:
    """The amounts of one part, those left out whose boxes are not as many as their signs.

    Files are held apart by their name's hash (`part_of`). `data` holds cheques/labels.json and its images.

    Raises:
        DataError: they are missing.
    """
    folder = data / "cheques"
    try:
        images = json.loads((folder / "labels.json").read_text())["images"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{folder / 'labels.json'}: not the cheques' labels ({error})") from None
    for number, entry in enumerate(images):
        name, text, boxes = entry["file"], entry["text"], np.array(entry["boxes"], np.float64)
        if part_of(name) == part and len(text) == len(boxes):
            yield Amount(
                folder / name, np.asarray(Image.open(folder / name).convert("L")), text, boxes, number
            )
