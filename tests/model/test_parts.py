"""How many parts an image file is made of."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from model.ink import NotAnImage, normalise_image
from model.parts import MOST_CHUNKS, MOST_ENTRIES, MOST_FILL, MOST_SEGMENTS, MOST_STRIPS, too_many_parts
from tests.support import Digits, encoded, png_chunk

COMMENT = b"\xff\xfe\x00\x02"
HEADS = (b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0")


@pytest.fixture(scope="module")
def digit(mnist: Digits) -> Image.Image:
    """A digit of 200x200 pixels."""
    return Image.fromarray(255 - mnist.images[0]).resize((200, 200))


def assert_bound(most: bytes, more: bytes) -> None:
    """What has the most parts is read, what has more is not."""
    assert not too_many_parts(most)
    assert normalise_image(most).field.any()
    assert too_many_parts(more)
    with pytest.raises(NotAnImage, match="too many parts"):
        normalise_image(more)


def test_segments_of_a_jpeg(digit: Image.Image) -> None:
    jpeg = encoded(digit, "JPEG")
    has = 0
    at = 2
    while jpeg[at + 1] != 0xDA:
        at, has = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4]), has + 1
    room = MOST_SEGMENTS - has - 1  # the scan is one too
    assert_bound(jpeg[:2] + COMMENT * room + jpeg[2:], jpeg[:2] + COMMENT * (room + 1) + jpeg[2:])
    assert not too_many_parts(jpeg[:at] + jpeg[at:] + COMMENT * 10_000)


@pytest.mark.parametrize("filler", [b"\xff", b"\xff\x00", b"\xff\xd0"])
def test_what_stands_between_segments(digit: Image.Image, filler: bytes) -> None:
    jpeg = encoded(digit, "JPEG")
    most = 500 if filler == b"\xff\xd0" else MOST_FILL // len(filler)
    assert_bound(jpeg[:2] + filler * most + jpeg[2:], jpeg[:2] + filler * (most + 2000) + jpeg[2:])


def test_chunks_of_a_png(digit: Image.Image) -> None:
    png = encoded(digit.convert("RGB"), "PNG")
    has = 3
    assert [png.count(kind) for kind in (b"IHDR", b"IDAT", b"IEND")] == [1] * has
    end = png.index(b"IDAT") - 4
    room, empty = MOST_CHUNKS - has, png_chunk(b"abCd", b"")
    assert_bound(png[:end] + empty * room + png[end:], png[:end] + empty * (room + 2) + png[end:])
    assert not too_many_parts(png + empty * 2 * MOST_CHUNKS)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("strips", [1, MOST_STRIPS, MOST_STRIPS + 1])
@pytest.mark.parametrize("order", ["<", ">"])
def test_strips_of_a_tiff(digit: Image.Image, order: str, strips: int, *, big: bool) -> None:
    width, height = digit.size
    rows = -(-height // strips)
    # Width, height, bits, compression, light is high, samples, rows a strip; offsets and lengths of strips.
    values = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 277: 1, 278: rows}
    number, entry, counted = ("Q", "HHQQ", "Q") if big else ("I", "HHII", "H")
    start = 16 if big else 8
    entries = len(values) + 2
    size = {form: struct.calcsize(order + form) for form in (number, entry, counted)}
    behind = start + size[counted] + entries * size[entry] + size[number]
    pixels = behind + 2 * strips * size[number]
    kind = 16 if big else 4
    fields = [(tag, kind, 1, value) for tag, value in values.items()]
    offsets = [min(pixels + width * rows * strip, pixels + width * height) for strip in range(strips)]
    lengths = [max(0, min(width * rows, pixels + width * height - offset)) for offset in offsets]
    for tag, numbers, place in ((273, offsets, behind), (279, lengths, behind + strips * size[number])):
        fields.append((tag, kind, strips, numbers[0] if strips == 1 else place))
    data = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "H", 43 if big else 42)
    data += struct.pack(order + ("HHQ" if big else "I"), *([8, 0, start] if big else [start]))
    data += struct.pack(order + counted, entries)
    data += b"".join(struct.pack(order + entry, *field) for field in sorted(fields))
    data += struct.pack(order + number, 0)
    data += struct.pack(f"{order}{strips}{number}", *offsets)
    data += struct.pack(f"{order}{strips}{number}", *lengths) + digit.tobytes()
    if strips > MOST_STRIPS:
        assert too_many_parts(data)
        with pytest.raises(NotAnImage, match="too many parts"):
            normalise_image(data)
    else:
        assert not too_many_parts(data)
        if strips == 1 and not (big and order == ">"):  # Pillow reads no such file
            assert (normalise_image(data).field == normalise_image(encoded(digit, "PNG")).field).all()


def test_entries_of_a_tiff(digit: Image.Image) -> None:
    plain = encoded(digit, "TIFF")
    (at,) = struct.unpack_from("<I", plain, 4)
    (entries,) = struct.unpack_from("<H", plain, at)
    own = plain[at + 2 : at + 2 + 12 * entries]
    for count, refused in ((MOST_ENTRIES, False), (MOST_ENTRIES + 1, True)):
        more = b"".join(struct.pack("<HHII", 60_000 + n, 4, 1, 0) for n in range(count - entries))
        directory = struct.pack("<H", count) + own + more + bytes(4)
        data = plain[:4] + struct.pack("<I", len(plain)) + plain[8:] + directory
        assert too_many_parts(data) is refused
        if not refused:
            assert (normalise_image(data).field == normalise_image(plain).field).all()


@given(st.sampled_from(HEADS), st.binary(max_size=400))
def test_any_bytes_are_counted_to_an_end(head: bytes, rest: bytes) -> None:
    assert too_many_parts(head + rest) in (True, False)
    assert too_many_parts(head + rest * 50) in (True, False)
