"""Paper: blank, ruled or squared sheets, pens on them, printed cells, a desk beyond the edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.generator.items import Bytes, Rng
from model.generator.paper.camera import expose, light, smooth_field, turned

PADDING = 0.09
"""Share of a page's side that is drawn beyond the picture, for a turned view to look at."""

PEN_COLOURS = (0.1, 0.15, 0.5), (0.08, 0.08, 0.12), (0.15, 0.2, 0.6), (0.65, 0.12, 0.12), (0.1, 0.35, 0.2)
"""Blue, black, light blue, red and green ball pens: RGB, 0-1."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of a page, uint8 (H, W) or (H, W, 3), and the ink alone as seen from there (H, W)."""

    pixels: Bytes
    clean: Bytes


def _rules(rng: Rng, size: tuple[int, int], digit: float) -> NDArray[np.float32] | None:
    """Coverage of printed lines, 0-1 (H, W): ruled or squared; none on half of the sheets.

    `digit` is the height of what is written, in pixels: people write within lines, or over small squares.
    """
    way = rng.random()
    if way < 0.5:
        return None
    height, width = size
    image = Image.new("L", (width, height))
    pen = ImageDraw.Draw(image)
    thick = max(1, round(digit * float(rng.uniform(0.01, 0.04))))
    tilt = float(rng.normal(0.0, 0.02))
    squared = way > 0.72
    step = digit * float(rng.uniform(0.35, 1.1) if squared else rng.uniform(0.8, 1.6))
    step = max(step, 6.0)
    for y in np.arange(float(rng.uniform(0, step)), height * 1.1, step):
        pen.line((0, y, width, y + tilt * width), fill=255, width=thick)
    if squared:
        for x in np.arange(float(rng.uniform(0, step)), width * 1.1, step):
            pen.line((x, 0, x - tilt * height, height), fill=255, width=thick)
    elif rng.random() < 0.15:  # the margin line
        x = float(rng.choice([rng.uniform(0, 0.12), rng.uniform(0.88, 1)])) * width
        pen.line((x, 0, x - tilt * height, height), fill=255, width=thick)
    return np.asarray(image).astype(np.float32) / np.float32(255)


def _grain(rng: Rng, size: tuple[int, int]) -> NDArray[np.float32]:
    fine = rng.standard_normal(size, np.float32)
    return fine * np.float32(rng.uniform(0.002, 0.02)) + np.float32(rng.uniform(0.0, 0.015)) * smooth_field(
        rng, size, 24
    )


def _ink(mask: NDArray[np.float32], rng: Rng) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much of the paper the pen covers (H, W), and the pen's colour (3,)."""
    way = rng.random()
    if way < 0.3:  # pencil: grey, grainy, pale
        tooth = rng.standard_normal(mask.shape, np.float32)
        cover = mask * np.clip(np.float32(rng.uniform(0.55, 0.95)) + 0.22 * tooth, 0.15, 1)
        return cover, np.full(3, rng.uniform(0.2, 0.42), np.float32)
    if way < 0.75:  # ball pen: blue, black or red, with places where it runs dry
        dry = np.clip(1.1 + 0.22 * smooth_field(rng, mask.shape, 16), 0.55, 1)
        colour = np.array(PEN_COLOURS[int(rng.choice(5, p=[0.35, 0.35, 0.15, 0.1, 0.05]))], np.float32)
        return mask * dry, np.clip(colour + rng.normal(0, 0.05, 3).astype(np.float32), 0, 1)
    return mask * np.float32(rng.uniform(0.85, 1.0)), np.clip(  # a marker
        rng.choice([0.05, 0.1, 0.25]) * rng.uniform(0.2, 1.5, 3).astype(np.float32), 0, 1
    ).astype(np.float32)


def _paper_colour(rng: Rng) -> NDArray[np.float32]:
    if rng.random() < 0.75:
        return np.float32(rng.uniform(0.82, 1.0)) * rng.uniform(0.95, 1.0, 3).astype(np.float32)
    return rng.uniform(0.55, 1.0, 3).astype(np.float32)


def _desk(page: NDArray[np.float32], rng: Rng, free: float) -> None:
    """Let a darker or lighter desk be seen beyond one edge, in place; at most `free` of the side."""
    height, width = page.shape[:2]
    colour = rng.uniform(0.05, 0.6) * rng.uniform(0.6, 1.0, 3).astype(np.float32)
    share = float(rng.uniform(0.2, 1.0)) * free
    tilt = float(rng.normal(0.0, 0.04))
    y = np.arange(height, dtype=np.float32)[:, None] / height
    x = np.arange(width, dtype=np.float32)[None, :] / width
    side = int(rng.integers(4))
    along, across = (x, y) if side < 2 else (y, x)
    place = across if side % 2 == 0 else 1 - across
    beyond = place + tilt * along < share
    texture = 1 + np.float32(0.1) * smooth_field(rng, (height, width), 9)
    page[beyond] = (colour * texture[..., None])[beyond]


def photograph(mask: Bytes, rng: Rng, *, width: float, free: float = 0.0) -> Photo:
    """Write the ink `mask` (H, W) on a sheet and photograph it.

    `width` is the pen's width in pixels. `free` is the share of every side of the mask that holds no ink:
    a desk may be seen there.
    """
    size = (mask.shape[0], mask.shape[1])
    rows = np.flatnonzero(mask.max(axis=1) > 60)
    digit = float(rows[-1] - rows[0] + 1) if len(rows) else size[0] / 2
    page = np.empty((*size, 3), np.float32)
    page[:] = _paper_colour(rng) * (1 + _grain(rng, size))[..., None]
    rules = _rules(rng, size, digit)
    if rules is not None:
        faint = np.float32(rng.uniform(0.15, 0.6))
        blue = np.array([0.45, 0.6, 0.85], np.float32) if rng.random() < 0.6 else np.full(3, 0.5, np.float32)
        page += (blue - page) * (rules * faint)[..., None]
    cover, colour = _ink(mask.astype(np.float32) / np.float32(255), rng)
    page += (colour - page) * cover[..., None]
    if free > 0.12 and rng.random() < 0.3:
        _desk(page, rng, free - PADDING)
    page *= light(rng, size)[..., None]
    clean = Image.fromarray(mask)
    scene = Image.fromarray((np.clip(page, 0, 1) * 255).astype(np.uint8))
    if rng.random() < 0.4:
        scene = scene.convert("L")
    if rng.random() < 0.6:
        scene, clean = turned([scene, clean], rng, padding=PADDING)
    pixels = expose(np.asarray(scene).astype(np.float32) / np.float32(255), rng, ink=width)
    return Photo(pixels, np.asarray(clean))


def form_cell(mask: Bytes, rng: Rng, *, borders: bool) -> Bytes:
    """A scanned form's cell around the ink `mask` (H, W): box lines around it, or cutting along its edges.

    Without `borders` the cell was cut inside its lines, as form readers try to do, leaving bits of them.
    """
    height, width = mask.shape
    image = Image.new("L", (width, height))
    pen = ImageDraw.Draw(image)
    thick = max(1, round(min(height, width) * float(rng.uniform(0.01, 0.05))))
    inset = float(rng.uniform(0.0, 0.05)) * min(height, width)
    tilt = float(rng.normal(0.0, 0.012))
    left, top, right, bottom = (inset * float(rng.uniform(0, 2)) for _ in range(4))
    right, bottom = width - 1 - right, height - 1 - bottom
    upright = [(x, 0, x + tilt * height, height) for x in (left, right)]
    level = [(0, y, width, y - tilt * width) for y in (top, bottom)]
    for side, (x0, y0, x1, y1) in enumerate((*upright, *level)):
        if borders and rng.random() < (0.85 if side < 2 else 0.75):
            pen.line((x0, y0, x1, y1), fill=255, width=thick)
        elif not borders and rng.random() < 0.3:  # what a cut left: a short piece along the edge
            start, stop = np.sort(rng.random(2))
            out = width - 1 - x0 if side == 1 else 0.0
            first = x0 + (x1 - x0) * start + out, y0 + (y1 - y0) * start
            pen.line((*first, x0 + (x1 - x0) * stop + out, y0 + (y1 - y0) * stop), fill=255, width=1)
    lines = np.asarray(image, np.float32) / 255
    if rng.random() < 0.15:  # dotted or dropped-out colour
        lines = lines * (rng.random(lines.shape) < 0.6)
    paper, ink = float(rng.uniform(0.85, 1.0)), float(rng.uniform(0.0, 0.35))
    printed = float(rng.uniform(0.0, 0.6))
    page = np.full((height, width), paper, np.float32)
    page += (np.float32(printed) - page) * lines
    page += (np.float32(ink) - page) * (mask.astype(np.float32) / 255)
    page += np.float32(rng.uniform(0.0, 0.03)) * rng.standard_normal(page.shape, np.float32)
    pixels = (np.clip(page, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.3:  # scanned in black and white
        pixels = np.where(pixels > rng.uniform(110, 170), 255, 0).astype(np.uint8)
    return 255 - pixels if rng.random() < 0.15 else pixels
