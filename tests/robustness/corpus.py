"""Bodies that break services which read images: made here, from a seed, so that every run sends the same."""

import struct
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support import encoded, png_chunk

KINDS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


def png(
    width: int, height: int, data: bytes, *, depth: int = 8, colour: int = 0, extra: bytes = b"", cut: int = 0
) -> bytes:
    """A PNG put together by hand: any size may be declared, any bytes be the compressed rows.

    With `cut` the rows come in two chunks, the first of so many bytes.
    """
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    rows = [png_chunk(b"IDAT", part) for part in ([data[:cut], data[cut:]] if cut else [data])]
    parts = [png_chunk(b"IHDR", header), extra, *rows, png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def filtered_png(pixels: NDArray[np.uint8], filters: Sequence[int], extra: bytes = b"") -> bytes:
    """A PNG of grey or RGBA pixels whose rows are filtered as told (PNG specification, section 9)."""
    height, width = pixels.shape[:2]
    step = 1 if pixels.ndim == 2 else 4
    rows = np.pad(pixels.reshape(height, -1).astype(int), ((1, 0), (step, 0)))
    x, left, above, corner = rows[1:, step:], rows[1:, :-step], rows[:-1, step:], rows[:-1, :-step]
    near, far, other = (abs(left + above - corner - one) for one in (left, above, corner))
    paeth = np.where((near <= far) & (near <= other), left, np.where(far <= other, above, corner))
    guesses = np.stack([0 * x, left, above, (left + above) // 2, paeth])
    left_over = (x - guesses[list(filters), np.arange(height)]).astype(np.uint8)
    data = zlib.compress(np.column_stack([np.array(filters, np.uint8), left_over]).tobytes())
    return png(width, height, data, extra=extra, **({"colour": 6, "cut": 50} if step == 4 else {}))


def broken(digit: NDArray[np.uint8], seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Named bodies that are odd or broken; `digit` (28, 28) is in those that are nearly right."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(np.kron(255 - digit, np.ones((4, 4), np.uint8)))
    files = {kind: encoded(image.convert("RGB"), kind) for kind in KINDS}
    for kind, data in files.items():
        for share in (0.02, 0.1, 0.5, 0.9, 0.99):
            yield f"{kind} cut at {share}", data[: int(len(data) * share)]
        for spot in range(12):
            bent = bytearray(data)
            for at in rng.integers(0, len(data), 1 + spot):
                bent[at] = int(rng.integers(0, 256))
            yield f"{kind} with {1 + spot} bytes changed", bytes(bent)
        yield f"{kind} with a tail", data + b"\0" * 1000
        yield f"{kind} twice", data + data
        yield f"{kind} head on noise", data[:30] + rng.bytes(3000)
    rows = zlib.compress(b"\0" * 100_000)
    yield "bomb of 20,000 x 20,000", png(20_000, 20_000, rows)
    yield "bomb of 2^31 x 2^31", png(2**31 - 1, 2**31 - 1, rows)
    yield "no width", png(0, 28, rows)
    yield "no rows", png(28, 28, b"")
    yield "rows for another size", png(28, 280, rows[:50])
    yield "rows that are noise", png(28, 28, rng.bytes(500))
    yield "impossible depth", png(28, 28, rows, depth=7)
    yield "impossible colour", png(28, 28, rows, colour=9)
    text = png_chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 5_000_000))
    yield "text that inflates", png(28, 28, zlib.compress(b"\0" * 28 * 29), extra=text)
    profile = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(b"a" * 5_000_000))
    yield "profile that inflates", png(28, 28, zlib.compress(b"\0" * 28 * 29), extra=profile)
    yield "one pixel", encoded(Image.new("L", (1, 1), 0))
    yield "one row", encoded(Image.fromarray(rng.integers(0, 256, (1, 5000), dtype=np.uint8)))
    yield "one column", encoded(Image.fromarray(rng.integers(0, 256, (5000, 1), dtype=np.uint8)))
    yield "noise", encoded(Image.fromarray(rng.integers(0, 256, (300, 300), dtype=np.uint8)))
    yield "noise in colour", encoded(Image.fromarray(rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)))
    yield "blank", encoded(Image.new("L", (28, 28), 0))
    yield "transparent through and through", encoded(Image.new("RGBA", (100, 100), (0, 0, 0, 0)))
    yield "half transparent", encoded(Image.new("RGBA", (100, 100), (10, 20, 30, 128)))
    frames = [Image.new("L", (60, 60), value) for value in range(0, 255, 5)]
    yield "GIF of 51 frames", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield "TIFF of floats", encoded(Image.fromarray(np.full((30, 30), np.nan, np.float32)), "TIFF")
    yield "TIFF of infinite floats", encoded(Image.fromarray(np.full((30, 30), np.inf, np.float32)), "TIFF")
    yield "TIFF of 32-bit integers", encoded(Image.fromarray(np.full((30, 30), 2**31 - 1, np.int32)), "TIFF")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"):
        empty = Image.new(mode, (40, 30))
        for kind in KINDS:
            try:
                yield f"{mode} as {kind}", encoded(empty, kind)
            except (OSError, ValueError):
                continue  # this format has no such mode
    exif = Image.Exif()
    for orientation in (0, 1, 6, 8, 9, 65535):
        exif[0x0112] = orientation
        yield f"EXIF orientation {orientation}", encoded(image, "JPEG", exif=exif)
    yield "EXIF that is noise", encoded(image, "JPEG", exif=b"Exif\0\0" + rng.bytes(200))
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><text>7</text></svg>'
    yield "HTML", b"<html><body><img src=x onerror=alert(1)></body></html>"
    yield "PDF", b"%PDF-1.7\n" + rng.bytes(500)
    yield "PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 28 28\n(x) run\n"
    yield "ZIP", b"PK\x03\x04" + rng.bytes(500)
    yield (
        "pickle",
        b"\x80\x04\x95\x1a\0\0\0\0\0\0\0\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.",
    )
    yield "zip bomb's head", zlib.compress(b"\0" * 10_000_000)
    yield "nothing", b""
    yield "one byte", b"\0"
    for length in (10, 1000, 100_000):
        yield f"{length} bytes of noise", rng.bytes(length)


DRAWINGS: tuple[bytes, ...] = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"strokes": null}',
    b'{"strokes": {}}',
    b'{"strokes": [[]]}',
    b'{"strokes": [[], [], []]}',
    b'{"strokes": [[[1]]]}',
    b'{"strokes": [[[1, 2]]]}',
    b'{"strokes": [[[1, 2], [1, 2]]]}',
    b'{"strokes": [[[1, 2, 0], [5, 9, 0]]]}',
    b'{"strokes": [[[1, 2, -1], [5, 9, 1e300]]]}',
    b'{"strokes": [[[1e308, 1e308], [-1e308, -1e308]]]}',
    b'{"strokes": [[[1e-320, 0], [0, 1e-320]]]}',
    b'{"strokes": [[[0, 0], [1e308, 1e-308]]]}',
    b'{"strokes": [[[NaN, 1]]]}',
    b'{"strokes": [[[1e999, 1]]]}',
    b'{"strokes": [[["1", "2"]]]}',
    b'{"strokes": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    b'{"strokes": [[[0, 0], [9, 9]]], "strokes": "again"}',
    b"\xff\xfe\x00",
    b'{"strokes": "' + b"x" * 100_000 + b'"}',
)
"""Bodies that are no drawings, or odd ones."""
