"""Contact sheets of raw items and the first proposal for each: to be looked at after every change."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from model.generator.items import Item
from model.generator.pens.rendering import draw, fit
from model.recognition.review_sheet import grid
from model.training.data import NO_DIGIT


def contact_sheet(items: Sequence[Item]) -> Image.Image:
    """Each item in a square, its field in the corner, over its label ("-": no digit), or "no ink"."""
    return grid([_entry(item) for item in items])


def _entry(item: Item) -> tuple[Image.Image, tuple[str, str]]:
    ink, picture = item.ink(), Image.new("RGB", (192, 192), "white")
    if item.strokes is None:
        raw = Image.fromarray(np.asarray(item.pixels)).convert("RGBA")
        raw.thumbnail((192, 134))
        picture.paste(raw, (0, 0), raw)
    else:
        rng = np.random.default_rng(0)
        placed = fit(item.strokes, (134, 134), rng, fill=(1.0, 1.0), margin=8)
        picture.paste(Image.fromarray(255 - draw(placed, (134, 134), 4.0, rng)), (0, 0))
    if ink is not None:
        picture.paste(Image.fromarray(ink.field).resize((56, 56)), (136, 136))
    label = "-" if item.label == NO_DIGIT else str(item.label)
    return picture, (label, "" if ink else "no ink")
