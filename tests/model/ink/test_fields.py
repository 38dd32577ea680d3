"""Images that are fields already are read as Pillow reads them, and taken as they are."""

import io
import re
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from model.ink import ImageTooLarge, InkError, Limits, NotAnImage, normalise_image, normalise_images
from model.ink.fields import boxes_of_fields, read_png
from tests.robustness.corpus import filtered_png, png
from tests.support import Digits, encoded

SMALL = st.binary(min_size=784, max_size=784) | st.binary(min_size=49, max_size=49).map(
    lambda some: some * 16
)


@settings(deadline=None, max_examples=200)
@given(SMALL, st.binary(min_size=28, max_size=28))
def test_any_28x28_grey_png_is_read(pixels: bytes, filters: bytes) -> None:
    expected = np.frombuffer(pixels, np.uint8).reshape(28, 28)
    for data in (encoded(expected), filtered_png(expected, [kind % 5 for kind in filters])):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), expected)
        found = read_png(data)
        assert found is not None
        assert np.array_equal(found, expected)


def test_what_is_broken_or_of_another_kind_is_not_read(mnist: Digits) -> None:
    digit = mnist.images[0]
    whole = encoded(digit)
    chance = np.random.default_rng(0)
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= int(chance.integers(1, 256))
        assert read_png(bytes(broken)) is None, at
        assert read_png(whole[:at]) is None
    assert read_png(whole + b"x") is None
    assert read_png(whole[:33] + whole[33:-12] * 2 + whole[-12:]) is None
    for other in (np.stack([digit] * 3, axis=2), digit[:27], np.pad(digit, 2)):
        assert read_png(encoded(other)) is None
    assert read_png(encoded(digit, "GIF")) is None
    assert read_png(encoded(digit, transparency=0)) is None
    assert read_png(encoded(digit, exif=b"MM\0*\0\0\0\x08\0\0\0\0\0\0")) is None
    assert read_png(whole) is not None


def test_image_data_that_ends_early_is_read_as_pillow_reads_it(mnist: Digits) -> None:
    rows = b"".join(b"\0" + row.tobytes() for row in mnist.images[0])
    for some in (rows[: 29 * 14], rows[: 29 * 14 + 5], rows[:-1], rows + rows, b"", b"\x09" + rows[1:]):
        data = png(28, 28, zlib.compress(some))
        found = read_png(data)
        try:
            expected = np.asarray(Image.open(io.BytesIO(data)))
        except OSError:
            assert found is None
        else:
            assert found is None or np.array_equal(found, expected)


def test_fields_are_digits_framed_as_mnist_s_are(mnist: Digits) -> None:
    digits = mnist.images[:200]
    boxes = boxes_of_fields(list(digits))
    assert sum(box is not None for box in boxes) > 197
    for digit, box in zip(digits, boxes, strict=True):
        rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
        sides = columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]
        assert box is None or box == (columns[0], rows[0], *sides)
    some = digits[:20]
    others = [255 - some, some // 3, np.roll(some, 4, axis=1), np.roll(some, -3, axis=2)]
    assert not any(boxes_of_fields([picture for group in others for picture in group]))
    assert boxes_of_fields([]) == []


def test_a_picture_is_judged_as_among_others(mnist: Digits) -> None:
    chance = np.random.default_rng(4)
    some = mnist.images[:60]
    noise = [chance.integers(0, high, (20, 28, 28)).astype(np.uint8) for high in (2, 128, 129, 256)]
    rolled = [np.roll(some, shift, axis) for shift in (-2, -1, 1, 2) for axis in (1, 2)]
    pictures = list(np.concatenate([some, *noise, *rolled, np.zeros((2, 28, 28), np.uint8)]))
    together = boxes_of_fields(pictures)
    assert 100 < sum(box is not None for box in together) < len(pictures) - 100
    assert [boxes_of_fields([picture])[0] for picture in pictures] == together


def test_many_files_give_what_each_gives(mnist: Digits) -> None:
    digits = mnist.images[:30]
    files = [encoded(digit) for digit in digits]
    files[3:3] = [
        b"",
        encoded(np.pad(255 - digits[0], 40, constant_values=255)),
        encoded(np.zeros((28, 28), np.uint8)),
    ]
    for file, found in zip(files, normalise_images(files), strict=True):
        if isinstance(found, InkError):
            assert found.__traceback__ is None  # its frames hold the pixels
            with pytest.raises(type(found), match=re.escape(str(found))):
                normalise_image(file)
            continue
        alone = normalise_image(file)
        assert np.array_equal(found.field, alone.field)
        assert (found.box, found.pieces) == (alone.box, alone.pieces)


def test_the_bound_on_pixels_holds_for_fields_too(mnist: Digits) -> None:
    (found,) = normalise_images([encoded(mnist.images[0])], limits=Limits(pixels=783))
    assert isinstance(found, ImageTooLarge)
    assert isinstance(normalise_images([b"x"])[0], NotAnImage)
