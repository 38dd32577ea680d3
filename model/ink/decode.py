"""Bytes of an image file -> an upright array of pixels, within bounds.

Nothing that a client says about a file is trusted: the format is detected from the content, and
the number of pixels is checked before any of them is decoded.
"""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from model.ink.errors import ImageTooLarge, NotAnImage, UnsupportedFormat
from model.parts import too_many_parts, too_many_scans

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
"""The formats that are read; no other decoder of Pillow's is used."""

# Pillow warns of odd metadata and of large images. `Limits` bounds the pixels, and nobody reads the rest.
# The filter is set once for the process, as `warnings.catch_warnings` is not thread-safe.
warnings.filterwarnings("ignore", module=r"PIL\.")
DRAFT_SIDE = 1024
"""A JPEG is decoded at the smallest scale that keeps its shorter side at least this long (pixels)."""
REDUCED_SIDE = 2048
"""Any other image is averaged down until its longer side is below twice this (pixels)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most pixels (width times height) of an image, checked before it is decoded; 48 megapixels pass."""

    pixels: int = 50_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Decoded:
    """An image's pixels, upright: (H, W), (H, W, 3) RGB or (H, W, 4) RGBA.

    A pixel spans `scale` of the file's, 1 or more; `reduced` says that a `least_side` cost resolution.
    """

    pixels: NDArray[np.uint8]
    scale: float
    reduced: bool = False


def decode(data: bytes, limits: Limits = DEFAULT_LIMITS, *, least_side: int | None = None) -> Decoded:
    """Decode the first frame of an image file, turned upright by its EXIF orientation.

    With a `least_side` a JPEG is decoded at the smallest scale that keeps its longer side at least this long
    (pixels). At an eighth of its sides it takes half the time, and leaves far fewer pixels to look at.
    Raises `NotAnImage`, `UnsupportedFormat` or `ImageTooLarge`.
    """
    if too_many_scans(data):
        raise NotAnImage("the JPEG has too many scans")
    if too_many_parts(data):
        raise NotAnImage("the image file has too many parts")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"the image has more than {limits.pixels:,} pixels") from error
    except Exception as error:
        raise _refusal(data) from error
    with image:
        width, height = image.size
        if width * height > limits.pixels:
            raise ImageTooLarge(
                f"the image has {width:,} x {height:,} pixels; at most {limits.pixels:,} are read"
            )
        try:
            return _pixels(image, least_side)
        except MemoryError:
            raise
        except Exception as error:  # hostile bytes may make a decoder raise anything
            raise NotAnImage("the image is broken or incomplete") from error


def _refusal(data: bytes) -> NotAnImage | UnsupportedFormat:
    """Say whether the bytes are an image of some other format or none at all."""
    names = {b"%PDF": "PDF", b"<svg": "SVG", b"<?xml": "SVG", b"\0\0\0\x0cjP": "JPEG 2000", b"8BPS": "PSD"}
    known = next((name for magic, name in names.items() if data.startswith(magic)), None)
    if name := "HEIC" if data[4:8] == b"ftyp" else known:
        return UnsupportedFormat(f"{name} is not read here; send one of {', '.join(FORMATS)}")
    return NotAnImage("the bytes are not an image" if data else "the image is empty")


def _pixels(image: Image.Image, least_side: int | None) -> Decoded:
    full = max(image.size)
    reduced = False
    if image.format == "JPEG":
        shorter = DRAFT_SIDE if least_side is None else max(1, least_side * min(image.size) // full)
        image.draft(None, (shorter, shorter))
        reduced = least_side is not None and max(image.size) < full
    image.load()
    if (factor := max(image.size) // REDUCED_SIDE) > 1:
        image = _plain(image).reduce(factor)
    scale = full / max(image.size)
    if image.info and image.getexif().get(0x0112, 1) != 1:
        image = ImageOps.exif_transpose(image)
    return Decoded(np.asarray(_plain(image)), scale, reduced)


def _plain(image: Image.Image) -> Image.Image:
    """Bring any of Pillow's modes to L, RGB or RGBA."""
    if image.mode.startswith(("I", "F")):
        return _deep(image)
    if image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "RGBA") else image.convert("L" if image.mode == "1" else "RGB")


def _deep(image: Image.Image) -> Image.Image:
    """Bring 16-bit, 32-bit and floating point grey to 8 bits, whatever part of its range is used."""
    values = np.nan_to_num(np.asarray(image).astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return Image.new("L", image.size)
    # A 12-bit scan in a 16-bit file, or a float image in 0..1, would be nearly black if cut to 8 bits.
    return Image.fromarray(((values - low) * (255.0 / (high - low))).round().astype(np.uint8))
