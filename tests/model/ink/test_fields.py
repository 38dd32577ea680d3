"""The quick way for fields gives what Pillow and the normaliser give."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from model.ink import InkError, normalise_image
from model.ink.fields import FieldReader, are_fields, is_field
from tests.support import Digits, encoded

SMALL = st.binary(min_size=784, max_size=784) | st.binary(min_size=49, max_size=49).map(
    lambda some: some * 16
)


@pytest.fixture(scope="module")
def reader() -> FieldReader:
    return FieldReader(4)


def png(pixels: NDArray[np.uint8], filters: bytes) -> bytes:
    """A PNG of (28, 28) pixels whose rows are filtered as told (PNG specification, section 9)."""
    rows = []
    for at, kind in enumerate(filters):
        x = pixels[at].astype(int)
        a = np.concatenate([[0], x[:-1]])
        b = pixels[at - 1].astype(int) if at else np.zeros(28, int)
        c = np.concatenate([[0], b[:-1]])
        p = a + b - c
        paeth = np.where(
            (abs(p - a) <= abs(p - b)) & (abs(p - a) <= abs(p - c)),
            a,
            np.where(abs(p - b) <= abs(p - c), b, c),
        )
        rows.append(
            bytes([kind]) + ((x - (0, a, b, (a + b) // 2, paeth)[kind]) % 256).astype(np.uint8).tobytes()
        )
    plain = encoded(pixels)
    chunk = b"IDAT" + zlib.compress(b"".join(rows))
    data = (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    return plain[:33] + data + plain[-12:]


@settings(deadline=None, database=None, max_examples=300)
@given(SMALL, st.binary(min_size=28, max_size=28), st.integers(0, 3))
def test_any_28x28_grey_png_is_read(pixels: bytes, filters: bytes, place: int) -> None:
    reader = FieldReader(4)
    expected = np.frombuffer(pixels, np.uint8).reshape(28, 28)
    for data in (encoded(expected), png(expected, bytes(kind % 5 for kind in filters))):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), expected)
        reader.pictures[:] = 99
        assert reader.read(place, data)
        assert np.array_equal(reader.pictures[place], expected)
        assert (np.delete(reader.pictures, place, axis=0) == 99).all()


def test_what_is_broken_or_of_another_kind_is_not_read(reader: FieldReader, mnist: Digits) -> None:
    digit = mnist.images[0]
    whole = encoded(digit)
    chance = np.random.default_rng(0)
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= int(chance.integers(1, 256))
        assert not reader.read(0, bytes(broken)), at
        assert not reader.read(0, whole[:at])
    assert not reader.read(0, whole + b"x")
    assert not reader.read(0, whole[:33] + whole[33:-12] * 2 + whole[-12:])
    for other in (np.stack([digit] * 3, axis=2), digit[:27], np.pad(digit, 2)):
        assert not reader.read(0, encoded(other))
    assert not reader.read(0, encoded(digit, "GIF"))
    assert not reader.read(0, encoded(digit, transparency=0))
    assert reader.read(0, whole)


def test_image_data_that_ends_early_is_read_as_pillow_reads_it(mnist: Digits) -> None:
    reader = FieldReader(1)
    head, end = encoded(mnist.images[0])[:33], encoded(mnist.images[0])[-12:]
    rows = b"".join(b"\0" + row.tobytes() for row in mnist.images[0])
    for some in (rows[: 29 * 14], rows[: 29 * 14 + 5], rows[:-1], rows + rows, b"", b"\x09" + rows[1:]):
        chunk = b"IDAT" + zlib.compress(some)
        data = (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        reader.pictures[:] = 99
        try:
            expected = np.asarray(Image.open(io.BytesIO(head + data + end)))
        except OSError:
            assert not reader.read(0, head + data + end)
            continue
        if reader.read(0, head + data + end):
            assert np.array_equal(reader.pictures[0], expected)


def test_fields_are_those_that_the_normaliser_takes_as_they_are(mnist: Digits) -> None:
    chance = np.random.default_rng(1)
    digits = mnist.images[:400]
    pictures = [*digits[:200], *(255 - digits[:10]), *(digits[:10] // 3)]
    pictures += [np.roll(digit, chance.integers(-4, 5, 2), axis=(0, 1)) for digit in digits[200:]]
    pictures += [np.repeat(np.repeat(digit[::2, ::2], 2, 0), 2, 1) for digit in digits[:40]]
    pictures += [
        np.where(chance.random((28, 28)) < share, 255, 0) for share in (0, 0.001, 0.01, 0.1, 0.4, 0.6, 1)
    ]
    fields = np.stack(pictures).astype(np.uint8)
    found = are_fields(fields)
    assert found[:200].mean() > 0.99
    assert not found[200:210].any()
    for picture, taken in zip(fields, found, strict=True):
        try:
            ink = normalise_image(encoded(picture))
        except InkError:
            assert not taken
            continue
        if taken:
            assert np.array_equal(ink.field, picture)
            assert ink.pieces == 1


def test_one_picture_is_told_as_among_others(mnist: Digits) -> None:
    chance = np.random.default_rng(4)
    some = mnist.images[:80]
    pictures = [some, 255 - some[:5], some // 2, np.where(some > 100, some, 0).astype(np.uint8)]
    pictures += [np.roll(some, shift, axis) for shift in (-5, -2, -1, 1, 2, 5) for axis in (1, 2)]
    # Taller and wider, from just too small to just too large.
    pictures += [
        np.insert(some[:, :26], (14, 14), 90, axis=1),
        np.insert(some[:, :, :25], (14,) * 3, 90, axis=2),
    ]
    pictures += [np.delete(np.pad(some, ((0, 0), (0, 4), (0, 0))), slice(10, 14), axis=1)]
    pictures += [some[:, 4:18, 4:18].repeat(2, axis=1).repeat(2, axis=2)]
    pictures += [np.zeros((2, 28, 28), np.uint8), np.full((2, 28, 28), 255, np.uint8)]
    pictures += [chance.integers(0, high, (20, 28, 28)).astype(np.uint8) for high in (2, 128, 129, 256)]
    pictures += [
        (chance.random((60, 28, 28)) < share).astype(np.uint8) * 255 for share in (0.01, 0.49, 0.5, 0.51)
    ]
    everything = np.concatenate(pictures)
    together = are_fields(everything)
    assert 100 < together.sum() < len(everything) - 500
    assert [is_field(picture) for picture in everything] == together.tolist()
    assert [bool(are_fields(picture[None])[0]) for picture in everything] == together.tolist()
