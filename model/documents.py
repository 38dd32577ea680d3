"""Files of several pictures, or in formats that need a library: pages of TIFF and PDF, animations, HEIC.

`pages` turns such a file into files of one picture each, which `model.ink` reads; it passes on any other
file unchanged. PDF and HEIC need the extra `documents`.
"""

import io
import math
import re
import struct
from base64 import b64decode
from dataclasses import dataclass
from threading import Lock

import numpy as np
from PIL import Image

from model.ink import DEFAULT_LIMITS, ImageTooLarge, InkError, Limits, NotAnImage, UnsupportedFormat

DOTS_PER_INCH = 200
"""The resolution at which a page of a PDF is drawn."""
MOST_DRAWN = 16_000_000
"""The most pixels of a drawn page; a larger one is drawn at a lower resolution."""
MOST_PAGES = 1000
"""The most pages that are read of a file at once; a TIFF may have no more in all."""
FIRST_FRAME = "The image is animated; its first frame is answered."
MOST_ENTRIES = 65_536
"""The most entries of all directories of a TIFF together."""

_TIFF = {b"II*\0": ("<", 4, "H", 12, "I"), b"MM\0*": (">", 4, "H", 12, "I")}
_TIFF |= {b"II+\0": ("<", 8, "Q", 20, "Q"), b"MM\0+": (">", 8, "Q", 20, "Q")}
"""By a TIFF's first four bytes: the byte order, the place of the first directory's offset, the type of
counts, the bytes of an entry, and the type of offsets (TIFF 6.0, section 2, and BigTIFF)."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/_\s-]+={0,2}\s*")
_pdfium = Lock()
"""Held while pdfium works: it is not thread-safe."""


class NoSuchPage(InkError):
    """The file has fewer pages than the one asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """A file of one picture: page `number`, from 1, of the `count` pages of the original file."""

    data: bytes
    number: int = 1
    count: int = 1
    animated: bool = False
    """Whether it is the first frame of an animation."""


def from_text(data: bytes) -> bytes:
    """Decode base64 or a data URL to the file in it; any other bytes are returned unchanged."""
    text = data.partition(b";base64,")[2] if data[:5].lower() == b"data:" else data
    # No image file begins with so much plain text, so the first bytes settle most cases.
    if not (_BASE64.fullmatch(text[:64]) and _BASE64.fullmatch(text)):
        return data
    try:
        return b64decode(text.translate(bytes.maketrans(b"-_", b"+/")) + b"==")
    except ValueError:
        return data


def file_of(value: object) -> bytes:
    """The image file that a value of JSON stands for: base64, an object that holds it, or rows of pixels.

    Raises:
        NotAnImage: it is something else.
    """
    while isinstance(value, dict):
        value = next((value[key] for key in ("b64", "image", "image_bytes", "data") if key in value), None)
    if isinstance(value, str):
        return from_text(value.encode("utf-8", "replace"))
    try:
        pixels = np.array(value, np.float64).squeeze()
        side = math.isqrt(pixels.size)
        if pixels.ndim == 1 and side * side == pixels.size:
            pixels = pixels.reshape(side, side)
        grey = np.clip(pixels.round(), 0, 255)
        if pixels.ndim in (2, 3) and side > 0 and np.array_equal(grey, pixels):
            return _file(Image.fromarray(grey.astype(np.uint8)))
    except (ValueError, TypeError, OverflowError):
        pass
    raise NotAnImage("an image is base64, {'b64': base64}, or rows of pixels from 0 to 255")


def is_plain(data: bytes) -> bool:
    """Whether a file is a single picture that can be read as it is; the check takes microseconds."""
    return not (
        data.startswith((b"%PDF", b"GIF8")) or data[:4] in _TIFF or _is_heic(data) or _is_animated(data)
    )


def pages(
    data: bytes, wanted: int | None = None, *, limits: Limits = DEFAULT_LIMITS, most: int = MOST_PAGES
) -> list[Page]:
    """Open page `wanted`, from 1, of a file, or all of its pages; of an animation, the first frame.

    Raises:
        InkError: `NoSuchPage`; `ImageTooLarge` for more pages than `most`, or too large a picture;
            `UnsupportedFormat` where the library is missing; `NotAnImage` for a broken file.
    """
    if data.startswith(b"%PDF"):
        return _pdf(data, wanted, limits, most)
    if data[:4] in _TIFF:
        return _tiff(data, wanted, most)
    _chosen(wanted, 1, most)
    if _is_heic(data):
        return [Page(_heic(data, limits))]
    return [Page(data, animated=_is_animated(data) or (data.startswith(b"GIF8") and _has_frames(data)))]


def _chosen(wanted: int | None, count: int, most: int) -> range:
    """The indices, from 0, of the pages asked for. Raises `NoSuchPage`, or `ImageTooLarge` for too many."""
    if wanted is None and count > most:
        raise ImageTooLarge(f"the file has {count:,} pages; at most {most:,} are read at once")
    if wanted is not None and wanted > count:
        raise NoSuchPage(f"the file has {count:,} page{'s' if count > 1 else ''}")
    return range(count) if wanted is None else range(wanted - 1, wanted)


def _tiff(data: bytes, wanted: int | None, most: int) -> list[Page]:
    """Give pages of a TIFF, each as the same file with a header that points to another directory."""
    order, start, counts, entry, offsets = _TIFF[data[:4]]
    found: list[int] = []
    try:
        (at,), entries = struct.unpack_from(order + offsets, data, start), 0
        while at and len(found) <= MOST_PAGES and entries <= MOST_ENTRIES:
            found.append(at)
            (count,) = struct.unpack_from(order + counts, data, at)
            entries += count
            (at,) = struct.unpack_from(order + offsets, data, at + struct.calcsize(counts) + entry * count)
    except (struct.error, OverflowError):
        found = found[:1]  # it ends too soon: only the first page can be read
    if len(found) > MOST_PAGES or (len(found) > 1 and entries > MOST_ENTRIES):
        raise NotAnImage("the TIFF has too many pages")
    count, size = max(1, len(found)), struct.calcsize(offsets)
    return [
        Page(
            data[:start] + struct.pack(order + offsets, found[at]) + data[start + size :] if at else data,
            at + 1,
            count,
        )
        for at in _chosen(wanted, count, most)
    ]


def _pdf(data: bytes, wanted: int | None, limits: Limits, most: int) -> list[Page]:
    try:
        import pypdfium2
    except ModuleNotFoundError:
        raise UnsupportedFormat("PDF is read with the extra: pip install 'digits[documents]'") from None
    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise NotAnImage("the PDF is broken, or has a password") from error
        with document:
            drawn = []
            for at in _chosen(wanted, len(document), most):
                width, height = document[at].get_size()
                pixels = min(MOST_DRAWN, limits.pixels)
                scale = min(DOTS_PER_INCH / 72, (pixels / max(1, width * height)) ** 0.5)
                picture = document[at].render(scale=scale, grayscale=True).to_pil()
                drawn.append(Page(_file(picture), at + 1, len(document)))
            return drawn


def _heic(data: bytes, limits: Limits) -> bytes:
    try:
        import pillow_heif
    except ModuleNotFoundError:
        raise UnsupportedFormat("HEIC is read with the extra: pip install 'digits[documents]'") from None
    try:
        opened = pillow_heif.open_heif(data)
        width, height = opened.size
        if width * height > limits.pixels:
            raise ImageTooLarge(
                f"the image has {width:,} x {height:,} pixels; at most {limits.pixels:,} are read"
            )
        return _file(opened.to_pillow())
    except (ValueError, OSError, RuntimeError, SyntaxError) as error:
        if isinstance(error, InkError):
            raise
        raise NotAnImage("the HEIC image is broken or incomplete") from error


def _file(picture: Image.Image) -> bytes:
    """A picture as an uncompressed TIFF, which is quick to write and to read."""
    file = io.BytesIO()
    picture.save(file, "TIFF", compression="raw")
    return file.getvalue()


def _is_heic(data: bytes) -> bool:
    """Whether a file begins with a box `ftyp` (ISO/IEC 23008-12) whose brands are not AVIF's."""
    return data[4:8] == b"ftyp" and not any(brand in data[8:64] for brand in (b"avif", b"avis"))


def _is_animated(data: bytes) -> bool:
    """Whether the header declares an animated WebP, an animated PNG or an AVIF sequence."""
    webp = data[:4] == b"RIFF" and data[12:16] == b"VP8X" and len(data) > 20 and bool(data[20] & 2)
    return webp or (data[1:4] == b"PNG" and data.find(b"acTL", 8, 2048) > 0) or data[4:12] == b"ftypavis"


def _has_frames(data: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(data), formats=("GIF",)) as image:
            return bool(getattr(image, "is_animated", False))
    except Exception:  # hostile bytes may raise anything: decoding says what is wrong
        return False
