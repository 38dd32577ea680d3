"""What is sent: HTTP requests with digits as people upload, draw and photograph them."""

import json
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tests.support import encoded, mnist_test

DIFFERENT = 64
"""Different digits are sent of each kind, so that nothing is measured that was kept from the last time."""

CANVAS = 280
PHOTOGRAPH = 1000
BOUNDARY = b"----digits-benchmark-7d1f"


def digits() -> NDArray[np.uint8]:
    """MNIST's first test images, (64, 28, 28), 255 is ink."""
    return mnist_test().images[:DIFFERENT]


def strokes(number: int) -> list[list[list[float]]]:
    """A drawing of some 60 points, as a mouse gives them: a wobbly 7, each time of another size."""
    chance = np.random.default_rng(number)
    corners = np.array([[60, 60], [200, 62], [150, 130], [115, 225]]) * chance.uniform(0.7, 1.1)
    corners = corners + chance.normal(0, 6, corners.shape)
    at = np.linspace(0, 3, 60)
    points = np.stack([np.interp(at, range(4), corners[:, axis]) for axis in (0, 1)], axis=1)
    return [np.round(points + chance.normal(0, 0.6, points.shape), 1).tolist()]


def canvas(number: int) -> bytes:
    """A 280x280 RGBA canvas as PNG: black on white paper and black on nothing in turn."""
    large = Image.new("L", (CANVAS * 2, CANVAS * 2))
    line = [(2 * x, 2 * y) for x, y in strokes(number)[0]]
    ImageDraw.Draw(large).line(line, fill=255, width=36, joint="curve")
    ink = np.asarray(large.resize((CANVAS, CANVAS), Image.Resampling.BOX))
    pixels = np.zeros((CANVAS, CANVAS, 4), np.uint8)
    if number % 2:
        pixels[:, :, 3] = ink
    else:
        pixels[:, :, :3] = 255 - ink[:, :, None]
        pixels[:, :, 3] = 255
    return encoded(pixels)


def photograph(number: int) -> bytes:
    """A 1000x1000 JPEG of a digit on paper: light from one side, a grain, soft edges."""
    chance = np.random.default_rng(number)
    digit = Image.fromarray(digits()[number]).resize((560, 560), Image.Resampling.BICUBIC)
    page = Image.new("L", (PHOTOGRAPH, PHOTOGRAPH))
    page.paste(digit, (220, 220))
    ink = np.asarray(page.filter(ImageFilter.GaussianBlur(2)), np.float32)[:, :, None] / 255
    across = np.linspace(0.75, 1.0, PHOTOGRAPH, dtype=np.float32)[None, :, None]
    paper, pen = np.array([236, 230, 216], np.float32), np.array([40, 48, 92], np.float32)
    grain = chance.normal(0, 4, (PHOTOGRAPH, PHOTOGRAPH, 1)).astype(np.float32)
    colours = (paper * (1 - ink) + pen * ink) * across + grain
    return encoded(np.clip(colours, 0, 255).astype(np.uint8), "JPEG", quality=88)


def form(images: list[bytes], kind: str = "image/png") -> bytes:
    """A multipart/form-data body with fields `image`, as curl and browsers send it."""
    parts = []
    for image in images:
        parts.append(b"--" + BOUNDARY + b"\r\n")
        parts.append(b'Content-Disposition: form-data; name="image"; filename="digit.png"\r\n')
        parts.append(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + image + b"\r\n")
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def request(path: str, body: bytes, kind: str) -> bytes:
    """A whole HTTP request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def upload(path: str, images: list[bytes], kind: str = "image/png") -> bytes:
    """A request that uploads images in a form."""
    return request(path, form(images, kind), f"multipart/form-data; boundary={BOUNDARY.decode()}")


@cache
def requests_of(kind: str) -> list[bytes]:
    """The requests of one kind: `png`, `strokes`, `canvas`, `photograph` or `batch` (of 256 images)."""
    everyone = range(DIFFERENT)
    match kind:
        case "png":
            return [upload("/predict", [encoded(digit)]) for digit in digits()]
        case "strokes":
            bodies = [json.dumps({"strokes": strokes(number)}).encode() for number in everyone]
            return [request("/predict/strokes", body, "application/json") for body in bodies]
        case "canvas":
            return [upload("/predict", [canvas(number)]) for number in everyone]
        case "photograph":
            return [upload("/predict", [photograph(number)], "image/jpeg") for number in range(8)]
        case "batch":
            return [upload("/predict/batch", [encoded(digit) for digit in digits()] * 4)]
    raise ValueError(kind)
