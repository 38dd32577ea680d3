"""What the gallery's pictures are made of: a hand of their own, pens, paper, light and files.

These strokes are in no training material.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Real = NDArray[np.float32]
Pixels = NDArray[np.uint8]

HAND = {
    0: "52,4 30,10 12,35 12,66 28,94 52,96 72,70 70,32 52,4 40,6",
    1: "20,30 48,4 46,50 42,98",
    2: "12,26 28,4 56,4 68,24 54,52 10,92 40,88 78,94",
    3: "14,12 42,2 62,18 52,40 34,46 60,54 70,76 46,98 12,88",
    4: "40,2 10,58 76,54 | 56,34 50,98",
    5: "66,4 24,6 16,44 46,38 70,60 56,92 12,92",
    6: "60,2 28,28 10,66 26,96 58,92 64,66 42,54 14,68",
    7: "8,10 40,8 74,6 48,50 36,98 | 24,52 66,48",
    8: "62,18 36,2 16,22 38,46 64,70 46,98 16,82 32,54 60,34 62,18",
    9: "66,20 38,6 14,28 32,50 62,36 68,16 64,60 54,98",
}
"""A digit's strokes: points "x,y" of a smooth curve, in hundredths of its height; "|" lifts the pen."""


def strokes_of(digit: int) -> list[Real]:
    """The hand's strokes of a digit as dense curves (n, 2), about 0.8 wide and 1 high."""
    strokes = []
    for part in HAND[digit].split("|"):
        points = np.array([[float(value) / 100 for value in pair.split(",")] for pair in part.split()])
        ends = np.concatenate([points[:1], points, points[-1:]])
        t = np.linspace(0, 1, 24, endpoint=False)[None, :, None]
        a, b, c, d = ends[:-3, None], ends[1:-2, None], ends[2:-1, None], ends[3:, None]
        curve = 0.5 * (
            2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        )
        strokes.append(np.concatenate([curve.reshape(-1, 2), points[-1:]]).astype(np.float32))
    return strokes


def ink(
    digit: int,
    size: tuple[int, int],
    tall: float,
    pen: float,
    *,
    at: tuple[float, float] = (0.5, 0.5),
    lean: float = 0.0,
) -> Real:
    """How much of each pixel the pen covers, 0 to 1 (H, W), of a picture of `size` (width, height).

    `tall` is the digit's height and `pen` the pen's width, in pixels; `at` is where its middle is, as shares.
    """
    scale = 4
    image = Image.new("L", (size[0] * scale, size[1] * scale))
    draw = ImageDraw.Draw(image)
    radius = pen * scale / 2
    for stroke in strokes_of(digit):
        x = (stroke[:, 0] - 0.4 + lean * (0.5 - stroke[:, 1])) * tall + at[0] * size[0]
        y = (stroke[:, 1] - 0.5) * tall + at[1] * size[1]
        points = [(float(px) * scale, float(py) * scale) for px, py in zip(x, y, strict=True)]
        draw.line(points, fill=255, width=max(1, round(2 * radius)))
        for px, py in points:
            draw.ellipse((px - radius, py - radius, px + radius, py + radius), fill=255)
    return np.asarray(image.reduce(scale), np.float32) / np.float32(255)


def line_of(points: list[tuple[float, float]], size: tuple[int, int], width: float) -> Real:
    """How much of each pixel a line through points (pixels) covers, 0 to 1 (H, W)."""
    image = Image.new("L", (size[0] * 4, size[1] * 4))
    ImageDraw.Draw(image).line(
        [(4 * x, 4 * y) for x, y in points], fill=255, width=round(4 * width), joint="curve"
    )
    return np.asarray(image.reduce(4), np.float32) / np.float32(255)


def area_of(corners: list[tuple[float, float]], size: tuple[int, int]) -> Real:
    """How much of each pixel lies between corners (pixels), 0 to 1 (H, W)."""
    image = Image.new("L", (size[0] * 4, size[1] * 4))
    ImageDraw.Draw(image).polygon([(4 * x, 4 * y) for x, y in corners], fill=255)
    return np.asarray(image.reduce(4), np.float32) / np.float32(255)


def noise(size: tuple[int, int], strength: float, seed: int) -> Real:
    """Normal noise (H, W)."""
    return np.random.default_rng(seed).normal(0, strength, (size[1], size[0])).astype(np.float32)


def lines(size: tuple[int, int], step: float, *, squared: bool, tilt: float = 0.0) -> Real:
    """Ruled or squared paper: how much of each pixel is printed (H, W)."""
    image = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(image)
    for y in np.arange(step / 2, size[1] * 1.2, step):
        draw.line((0, 2 * y, 2 * size[0], 2 * (y - tilt * size[0])), fill=255, width=3)
    for x in np.arange(step / 3, size[0] * 1.2, step) if squared else ():
        draw.line((2 * x, 0, 2 * (x + tilt * size[1]), 2 * size[1]), fill=255, width=3)
    return np.asarray(image.reduce(2), np.float32) / np.float32(255)


def soft(mask: Real, radius: float) -> Real:
    """A mask with soft edges."""
    image = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(image, np.float32) / np.float32(255)


def half(size: tuple[int, int], a: float, b: float, c: float) -> Real:
    """1 where a x + b y > c, x and y from 0 to 1 over the picture (H, W)."""
    x = np.linspace(0, 1, size[0], dtype=np.float32)[None, :]
    y = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    return np.asarray(a * x + b * y > c, np.float32)


def over(page: Real, colour: tuple[float, float, float], share: Real) -> Real:
    """Lay a colour (0 to 255) over a page (H, W, 3) by a share (H, W)."""
    return np.asarray(page + (np.array(colour, np.float32) - page) * share[..., None], np.float32)


def paper(size: tuple[int, int], colour: tuple[float, float, float] = (240, 238, 230)) -> Real:
    """A blank page (H, W, 3)."""
    return np.broadcast_to(np.array(colour, np.float32), (size[1], size[0], 3)).copy()


def bytes_of(
    page: Real | Pixels, *, quality: int | None = None, exif: int | None = None, mode: str = ""
) -> bytes:
    """A page as a JPEG of a quality, or as a PNG."""
    image = Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
    image = image.convert(mode) if mode else image
    buffer = io.BytesIO()
    if quality is None:
        image.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()
    tags = Image.Exif()
    if exif:
        tags[0x0112] = exif
    image.save(buffer, "JPEG", quality=quality, exif=tags)
    return buffer.getvalue()
