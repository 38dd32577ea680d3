import asyncio
import time
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.decoding import DRAWN_BYTES, SLOW_SECONDS, WARY_TIMES, Decoder, Quickness
from app.settings import Settings
from app.together import Together
from model.ink import InkError, normalise_image
from tests.support import encoded


def test_a_refused_image_of_a_batch_keeps_none_of_its_pixels() -> None:
    decoder = Decoder(Settings.read())
    blank = encoded(np.full((2000, 3000), 200, np.uint8))
    try:
        asyncio.run(decoder.images([blank]))  # what is made once and kept is made here
        tracemalloc.start()
        found = asyncio.run(decoder.images([blank] * 12))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        decoder.stop()
    assert len(found) == 12
    assert all(isinstance(error, InkError) for error in found)
    assert kept < 1_000_000


def canvas(side: int, *, digits: int = 1) -> bytes:
    """A drawing of ones on a white canvas."""
    image = Image.new("RGBA", (side, side), "white")
    for digit in range(digits):
        x = side * (digit + 1) // (digits + 1)
        ImageDraw.Draw(image).line([(x, side // 5), (x, side * 4 // 5)], "black", width=side // 20)
    return encoded(np.asarray(image))


@pytest.mark.parametrize("side", [280, 560, 840])
def test_the_pad_of_any_screen_is_looked_at_at_once(side: int) -> None:
    decoder = Decoder(Settings.read())
    together = Together(decoder, Settings.read(), 10)
    try:
        one, two = canvas(side), canvas(side, digits=2)
        assert decoder.sheet_at_once(one) is not None
        assert together.add_image(b"image/png", one)
        assert together.add_image(b"image/png", two)
        good, _, fields = together.finish()
        # What is not quick to see is for a thread where the picture is large.
        assert list(good) == ([0, 1] if side == 280 else [0])
        assert (fields[0] == normalise_image(one).field).all()
        assert (decoder.image_at_once(two) is None) is (side > 280)
        assert decoder.sheet_at_once(one + bytes(DRAWN_BYTES)) is None or side == 280
    finally:
        decoder.stop()
    assert decoder.sheet_at_once(canvas(844)) is None


def test_large_canvases_fill_a_turn_sooner() -> None:
    decoder = Decoder(Settings.read())
    together = Together(decoder, Settings.read(), 100)
    for side, most in ((280, 10), (560, 3), (840, 2)):
        together.begin()
        count = 0
        while not together.full:
            assert together.add_image(b"image/png", canvas(side))
            count += 1
        assert count == most
    decoder.stop()


def test_after_a_slow_picture_its_kind_is_not_quick_for_as_long_as_it_deserves() -> None:
    quick, slow = Quickness(), Quickness()
    quick.took(SLOW_SECONDS)
    assert quick.likely
    before = time.monotonic()
    slow.took(2 * SLOW_SECONDS)
    while not slow.likely:
        time.sleep(0.001)
    assert time.monotonic() - before >= 2 * SLOW_SECONDS * WARY_TIMES
