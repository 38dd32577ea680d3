"""The quick way through a canvas's PNG gives what Pillow and the plain way give, or nothing."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink.colour import opaque, to_grey
from model.ink.png import canvas_sheet, grey_canvas
from tests.support import encoded, paeth

Plane = NDArray[np.uint8]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels: Plane, filters: list[int], extra: bytes = b"") -> bytes:
    """An RGBA file whose rows are filtered as told, straight from the specification's formulas."""
    height, width, _ = pixels.shape
    rows = np.zeros((height + 1, width * 4 + 4), np.int64)
    rows[1:, 4:] = pixels.reshape(height, -1)
    out = bytearray()
    for y, kind in enumerate(filters, start=1):
        out.append(kind)
        for x in range(4, width * 4 + 4):
            a, b, c = int(rows[y, x - 4]), int(rows[y - 1, x]), int(rows[y - 1, x - 4])
            guess = (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]
            out.append((int(rows[y, x]) - guess) % 256)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(bytes(out))
    parts = chunk(b"IHDR", header) + extra + chunk(b"IDAT", body[:50]) + chunk(b"IDAT", body[50:])
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def drawing(seed: int, see_through: bool, side: int = 72) -> Plane:
    """Black, white or grey lines on white paper, on black, or on nothing."""
    chance = np.random.default_rng(seed)
    ink = Image.new("L", (side * 2, side * 2))
    points = [tuple(chance.uniform(10, side * 2 - 10, 2)) for _ in range(4)]
    ImageDraw.Draw(ink).line(points, fill=255, width=int(chance.integers(2, 14)))
    cover = np.asarray(ink.resize((side, side), Image.Resampling.BOX))
    pixels = np.zeros((side, side, 4), np.uint8)
    if see_through:
        pixels[cover > 0, :3] = chance.choice([0, 60, 255])
        pixels[:, :, 3] = cover
    else:
        pixels[:, :, :3] = (255 - cover if seed % 2 else cover)[:, :, None]
        pixels[:, :, 3] = 255
    return pixels


def by_pillow(data: bytes) -> Plane:
    return to_grey(opaque(np.asarray(Image.open(io.BytesIO(data)))))


KINDS = [(0, 1, 2, 3, 4), (0, 1, 2, 4), (1, 2, 4), (1, 2, 4), (2,), (1, 2)]
"""Filters that occur in one file."""


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.sampled_from(KINDS),
    st.tuples(*[st.one_of(st.just(0), st.integers(-40, 40))] * 2),
)
def test_every_filter_is_undone(
    seed: int, see_through: bool, kinds: tuple[int, ...], to: tuple[int, int]
) -> None:
    pixels = drawing(seed, see_through)
    paper = pixels[0, 0].copy()
    pixels = np.roll(pixels, to, (0, 1))  # cut off at the edges, as people do who need more room
    if seed % 3:
        pixels[slice(0, to[0]) if to[0] > 0 else slice(72 + to[0], None)] = paper
        pixels[:, slice(0, to[1]) if to[1] > 0 else slice(72 + to[1], None)] = paper
    if see_through and not (pixels[:, :, 3] > 0).any():
        return
    filters = np.random.default_rng(seed).choice(kinds, 72).tolist()
    file = png(pixels, filters)
    found = grey_canvas(file)
    assert found is not None
    np.testing.assert_array_equal(found, by_pillow(file))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS), st.integers(0, 30))
def test_whatever_the_filters_left_it_is_what_pillow_gives(
    seed: int, kinds: tuple[int, ...], changes: int
) -> None:
    """Filtered rows that no encoder would write: they need not end in paper, or begin with it."""
    chance = np.random.default_rng(seed)
    rows = np.zeros((72, 1 + 4 * 72), np.uint8)
    rows[:, 0] = chance.choice(kinds, 72)
    rows[0, 1:5] = (*[chance.choice([0, 90, 255])] * 3, 255)
    if seed % 4:  # each row begins with the same paper
        rows[np.isin(rows[:, 0], (0, 1)), 1:5] = rows[0, 1:5]
        if rows[0, 0] in (0, 2):
            rows[0, 1:] = np.tile(rows[0, 1:5], 72)
    for _ in range(changes):
        y, x = chance.integers(0, 72, 2)
        rows[y, 1 + 4 * x : 4 + 4 * x] = chance.integers(0, 256)
    header = struct.pack(">IIBBBBB", 72, 72, 8, 6, 0, 0, 0)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes()))
    file += chunk(b"IEND", b"")
    found = grey_canvas(file)
    if found is not None:
        np.testing.assert_array_equal(found, by_pillow(file))


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize("see_through", [False, True])
def test_one_filter_all_over(kind: int, see_through: bool) -> None:
    file = png(drawing(kind, see_through), [kind] * 72)
    found = grey_canvas(file)
    assert found is not None
    np.testing.assert_array_equal(found, by_pillow(file))


@pytest.mark.parametrize("kinds", [*KINDS, (0,), (3,), (4,)])
@pytest.mark.parametrize("see_through", [False, True])
def test_only_the_part_with_ink_is_decoded(kinds: tuple[int, ...], see_through: bool) -> None:
    pixels = np.pad(drawing(7, see_through), ((30, 40), (20, 50), (0, 0)), "edge")
    height = len(pixels)
    file = png(pixels, np.random.default_rng(7).choice(kinds, height).tolist())
    sheet = canvas_sheet(file)
    assert sheet is not None
    np.testing.assert_array_equal(sheet.whole(), by_pillow(file))
    # The ink's box, with a row and a column of paper after it and one more that tells it from the ink.
    rows, columns = (np.flatnonzero((sheet.whole() != sheet.paper).any(axis=axis)) for axis in (1, 0))
    assert (sheet.top, sheet.left) == (rows[0], columns[0])
    assert sheet.part.shape[0] <= rows[-1] - rows[0] + 3
    assert sheet.part.shape[1] <= columns[-1] - columns[0] + 3


def test_a_chunk_that_changes_nothing_is_passed_over() -> None:
    file = png(drawing(1, False), [1] * 72, chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)))
    assert grey_canvas(file) is not None


@pytest.mark.parametrize("kind", [b"tRNS", b"acTL", b"eXIf", b"iTXt", b"PLTE"])
def test_a_chunk_that_may_change_the_picture_is_left_to_pillow(kind: bytes) -> None:
    assert grey_canvas(png(drawing(1, False), [1] * 72, chunk(kind, bytes(6)))) is None


def test_other_files_are_left_to_pillow() -> None:
    grey = drawing(3, False)
    colour = grey.copy()
    colour[5, 5] = (200, 10, 10, 255)
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 4), dtype=np.uint8)
    mostly_seen = np.zeros((80, 80, 4), np.uint8)
    mostly_seen[5:70, 5:70] = (0, 0, 0, 255)
    nothing = np.zeros((80, 80, 4), np.uint8)
    for pixels in (colour, noise, mostly_seen, nothing, grey[:, :, :3], grey[:, :, 0], grey[:40, :40]):
        assert grey_canvas(encoded(np.ascontiguousarray(pixels))) is None
    assert grey_canvas(encoded(grey, "WEBP")) is None
    assert grey_canvas(b"") is None


def test_a_broken_file_is_left_to_pillow() -> None:
    file = png(drawing(3, True), [2] * 72)
    assert grey_canvas(file) is not None
    for end in range(len(file)):
        assert grey_canvas(file[:end]) is None
    chance = np.random.default_rng(0)
    for at in chance.integers(0, len(file), 300):
        spoiled = bytearray(file)
        spoiled[at] ^= int(chance.integers(1, 256))
        assert grey_canvas(bytes(spoiled)) is None
