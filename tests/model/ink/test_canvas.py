"""The quick way through a canvas's PNG gives what Pillow and the plain way give, or nothing."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink import NoInk, NormalisedInk, normalise_images, normalise_pixels
from model.ink.canvas import Canvas, read_canvas
from model.ink.colour import opaque, to_grey
from model.ink.plain_drawing import frame_canvas
from tests.robustness.corpus import filtered_png, png
from tests.support import encoded, png_chunk

Plane = NDArray[np.uint8]

KINDS = [(0, 1, 2, 3, 4), (0, 1, 2, 4), (1, 2, 4), (0,), (1,), (2,), (3,), (4,)]
"""Filters that occur in one file."""


def drawing(seed: int, see_through: bool, side: int = 72, pens: tuple[int, ...] = (0, 60, 255)) -> Plane:
    """Black, white or grey lines on white paper, on black, or on nothing."""
    chance = np.random.default_rng(seed)
    ink = Image.new("L", (side * 2, side * 2))
    points = [tuple(chance.uniform(0.15, 0.85, 2) * side * 2) for _ in range(4)]
    ImageDraw.Draw(ink).line(points, fill=255, width=int(side * chance.uniform(0.03, 0.2)))
    cover = np.asarray(ink.resize((side, side), Image.Resampling.BOX))
    pixels = np.zeros((side, side, 4), np.uint8)
    if see_through:
        pixels[cover > 0, :3] = chance.choice(pens)
        pixels[:, :, 3] = cover
    else:
        pixels[:, :, :3] = (255 - cover if seed % 2 else cover)[:, :, None]
        pixels[:, :, 3] = 255
    return pixels


def whole(canvas: Canvas) -> Plane:
    """The (H, W) picture."""
    height, width = canvas.part.shape
    picture = np.full(canvas.shape, canvas.paper, np.uint8)
    picture[canvas.top : canvas.top + height, canvas.left : canvas.left + width] = canvas.part
    return picture


def by_pillow(data: bytes) -> Plane:
    return to_grey(opaque(np.asarray(Image.open(io.BytesIO(data)))))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from(KINDS))
def test_every_filter_is_undone(seed: int, see_through: bool, kinds: tuple[int, ...]) -> None:
    pixels = drawing(seed, see_through)
    file = filtered_png(pixels, np.random.default_rng(seed).choice(kinds, 72).tolist())
    found = read_canvas(file)
    # Where rows are predicted in several ways, the last row of ink may look like paper: that is for Pillow.
    assert found is not None or len(kinds) > 1
    if found is not None:
        np.testing.assert_array_equal(whole(found), by_pillow(file))


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
    file = png(72, 72, zlib.compress(rows.tobytes()), colour=6, cut=50)
    found = read_canvas(file)
    if found is not None:
        np.testing.assert_array_equal(whole(found), by_pillow(file))


@pytest.mark.parametrize("kinds", KINDS)
@pytest.mark.parametrize("see_through", [False, True])
def test_only_the_part_with_ink_is_decoded(kinds: tuple[int, ...], see_through: bool) -> None:
    pixels = np.pad(drawing(7, see_through), ((30, 40), (20, 50), (0, 0)), "edge")
    height = len(pixels)
    found = read_canvas(filtered_png(pixels, np.random.default_rng(7).choice(kinds, height).tolist()))
    assert found is not None
    # The ink's box, with a row and a column of paper after it and one more that tells it from the ink.
    rows, columns = (np.flatnonzero((whole(found) != found.paper).any(axis=axis)) for axis in (1, 0))
    assert (found.top, found.left) == (rows[0], columns[0])
    assert found.part.shape[0] <= rows[-1] - rows[0] + 3
    assert found.part.shape[1] <= columns[-1] - columns[0] + 3


@pytest.mark.parametrize("pens", [(0,), (255,), (51,), (180,)])
def test_what_is_drawn_on_nothing_is_laid_on_paper_as_the_plain_way_lays_it(pens: tuple[int, ...]) -> None:
    for seed in range(4):
        pixels = drawing(seed, True, 130, pens)
        # Browsers take the opacity out of the colours again: where there is little, they are rough.
        for picture in (pixels, np.asarray(Image.fromarray(pixels).convert("RGBa").convert("RGBA"))):
            found = read_canvas(encoded(picture))
            assert found is not None
            np.testing.assert_array_equal(whole(found), to_grey(opaque(picture)))


def test_a_chunk_that_changes_nothing_is_passed_over() -> None:
    file = filtered_png(drawing(1, False), [1] * 72, png_chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)))
    assert read_canvas(file) is not None


@pytest.mark.parametrize("kind", [b"tRNS", b"acTL", b"eXIf", b"iTXt", b"PLTE"])
def test_a_chunk_that_may_change_the_picture_is_left_to_pillow(kind: bytes) -> None:
    assert read_canvas(filtered_png(drawing(1, False), [1] * 72, png_chunk(kind, bytes(6)))) is None


def test_other_files_are_left_to_pillow() -> None:
    grey = drawing(3, False)
    colour = grey.copy()
    colour[5, 5] = (200, 10, 10, 255)
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 4), dtype=np.uint8)
    nothing = np.zeros((80, 80, 4), np.uint8)
    for pixels in (
        colour,
        noise,
        nothing,
        grey[:, :, :3],
        grey[:, :, 0],
        grey[:40, :40],
        drawing(3, True, 560),
    ):
        assert read_canvas(encoded(np.ascontiguousarray(pixels))) is None
    assert read_canvas(encoded(grey, "WEBP")) is None
    assert read_canvas(b"") is None


def test_a_broken_file_is_left_to_pillow() -> None:
    file = filtered_png(drawing(3, True), [2] * 72)
    assert read_canvas(file) is not None
    for end in range(len(file)):
        assert read_canvas(file[:end]) is None
    chance = np.random.default_rng(0)
    for at in chance.integers(0, len(file), 300):
        spoiled = bytearray(file)
        spoiled[at] ^= int(chance.integers(1, 256))
        assert read_canvas(bytes(spoiled)) is None


def picture(seed: int) -> Plane:
    """Lines of any grey, width and place on paper of any grey; sometimes two drawings, or a faint one."""
    chance = np.random.default_rng(seed)
    size = (int(chance.integers(70, 600)), int(chance.integers(70, 600)))
    paper, pen = (int(level) for level in chance.integers(0, 256, 2))
    image = Image.new("L", size, paper)
    draw = ImageDraw.Draw(image)
    low, high = sorted(chance.uniform(0.02, 0.98, 2))
    for _ in range(int(chance.integers(1, 3))):
        points = [(x * size[0], y * size[1]) for x, y in chance.uniform(low, high, (4, 2))]
        draw.line(points, fill=pen, width=int(max(size) * chance.uniform(0.005, 0.1)) + 1, joint="curve")
    if seed % 3 == 0:
        image = image.resize((size[0] // 2 + 40, size[1] // 2 + 40), Image.Resampling.BICUBIC)
    grey = np.asarray(image)
    if seed % 5 == 0:  # an enlarged scan of black and white
        grey = np.where(grey > 128, 255, 0).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    return grey


def canvas_of(grey: Plane) -> bytes:
    canvas = np.full((*grey.shape, 4), 255, np.uint8)
    canvas[:, :, :3] = grey[:, :, None]
    return encoded(canvas)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_canvas_gives_what_its_pixels_give(seed: int) -> None:
    grey = picture(seed)
    (found,) = normalise_images([canvas_of(grey)])
    with suppress(NoInk):
        expected = normalise_pixels(grey)
        assert isinstance(found, NormalisedInk)
        np.testing.assert_array_equal(found.field, expected.field)
        assert (found.box, found.pieces) == (expected.box, expected.pieces)
        return
    assert isinstance(found, NoInk)


def test_plates_rules_and_what_is_cut_off_are_left_to_the_plain_way() -> None:
    blank = np.full((200, 200), 255, np.uint8)
    ruled, plate, cut, two = (blank.copy() for _ in range(4))
    ruled[50:52, 5:195] = 0
    plate[50:150, 60:140] = 90
    cut[100:, 90:110] = 0
    two[50:100, 50:60] = two[50:100, 120:130] = 0
    for pixels in (ruled, plate, cut, two):
        canvas = read_canvas(canvas_of(pixels))
        assert canvas is None or frame_canvas(canvas) is None
