"""What is sent: HTTP requests with digits as people upload, draw and photograph them."""

import json
import zlib
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tests.support import encoded, mnist_test, png_chunk

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
    """A 280x280 RGBA canvas as PNG: black on white or on nothing, filtered as Chromium or libpng does it."""
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
    return all_up(pixels) if number // 2 % 2 else encoded(pixels)


def all_up(pixels: NDArray[np.uint8]) -> bytes:
    """RGBA pixels (H, W, 4) as a PNG whose rows are all filtered by Up, as Chromium writes a canvas."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 4 * width), np.uint8)
    rows[:, 0] = 2
    rows[:, 1:] = np.diff(pixels.reshape(height, -1), axis=0, prepend=np.zeros((1, 4 * width), np.uint8))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 6, 0, 0, 0))
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)


def written(number: int, text: str) -> bytes:
    """A PNG of a number on white paper: a digit of MNIST for each letter of `text`, and marks as they are."""
    chance = np.random.default_rng(number)
    page = Image.new("L", (60 + 70 * len(text), 160))
    pen = ImageDraw.Draw(page)
    left = 30.0
    for letter in text:
        if letter.isdigit():
            some = np.flatnonzero(mnist_test().labels[:1000] == int(letter))
            digit = Image.fromarray(mnist_test().images[int(chance.choice(some))]).resize((90, 90))
            page.paste(digit, (int(left) - 15, 30 + int(chance.integers(-5, 6))), digit)
            left += 64 + chance.uniform(-3, 6)
        else:
            pen.line([(left + 14, 108), (left + (6 if letter == "," else 15), 124)], fill=255, width=7)
            left += 26
    return encoded(255 - np.asarray(page))


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
    """The requests of one kind: see `tests.benchmarks.rounds.TITLES`."""
    chance = np.random.default_rng(0)
    if kind == "strokes":
        bodies = [json.dumps({"strokes": strokes(number)}).encode() for number in range(DIFFERENT)]
        return [request("/predict/strokes", body, "application/json") for body in bodies]
    if kind == "photograph":
        return [upload("/predict", [photograph(number)], "image/jpeg") for number in range(8)]
    if kind == "batch":
        return [upload("/predict/batch", [encoded(digit) for digit in digits()] * 4)]
    if kind == "number":
        texts = [str(value) for value in chance.integers(10_000, 100_000, 16)]
        return [upload("/read", [written(number, text)]) for number, text in enumerate(texts)]
    if kind == "amount":
        texts = [f"{value / 100:,.2f}" for value in chance.integers(100_000, 10_000_000, 16)]
        return [upload("/read", [written(number, text)]) for number, text in enumerate(texts)]
    images = map(canvas, range(DIFFERENT)) if kind == "canvas" else map(encoded, digits())
    return [upload("/predict", [image]) for image in images]
