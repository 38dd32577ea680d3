"""Count the parts of an image file before it is decoded, to refuse a file that has too many.

The parts are segments and scans of a JPEG (ITU-T T.81, annexes B and G), chunks of a PNG (third edition,
section 5), entries and strips of a TIFF (revision 6.0, section 2). The smallest have a few bytes, and Pillow
takes a microsecond or more for each of a million; a scan has a hundred bytes and goes over the whole picture.
Cameras and programs write a few tens of parts, or as many as an image has rows.
"""

import re
import struct
from collections.abc import Iterator
from itertools import takewhile

PNG = b"\x89PNG\r\n\x1a\n"
"""The signature with which every PNG file begins."""
MOST_SEGMENTS, MOST_FILL, MOST_SCANS = 1024, 65_536, 64
"""The most segments before a JPEG's first scan (a colour profile has up to 255), the most bytes between them
that belong to no segment, and the most scans (encoders write up to 14)."""
MOST_CHUNKS = 16_384
"""The most chunks of a PNG; libpng writes one for every 8 kilobytes."""
MOST_ENTRIES, MOST_STRIPS = 1024, 32_768
"""The most entries of a TIFF's first directory, and the most strips or tiles."""

# A marker as Pillow finds it, after any junk: 0xFF may be repeated, and 0xFF 0 is not a marker.
_MARKER = re.compile(rb"\xff[^\x00\xff]")
_LONE = frozenset({0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)})
"""Markers after which Pillow looks for the next one at once, whether or not they have a length."""
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers within the picture that have no length."""

_OF_STRIPS = frozenset({258, 273, 279, 324, 325, 338, 339})
"""BitsPerSample, StripOffsets, StripByteCounts, TileOffsets, TileByteCounts, ExtraSamples, SampleFormat."""


def too_many_parts(data: bytes) -> bool:
    """Whether bytes that may be an image file have more parts than a genuine picture has."""
    if data.startswith(b"\xff\xd8"):
        return _too_many_segments(data)
    if data.startswith(PNG):
        return _too_many_chunks(data)
    return data[:2] in (b"II", b"MM") and _too_many_strips(data)


def _too_many_segments(data: bytes) -> bool:
    fill = 0
    for count, (kind, between) in enumerate(_segments(data, _LONE), start=1):
        fill += between
        if kind == _START_OF_SCAN or count > MOST_SEGMENTS or fill > MOST_FILL:
            return count > MOST_SEGMENTS or fill > MOST_FILL
    return False


def too_many_scans(data: bytes) -> bool:
    """Whether bytes that may be a JPEG have more than `MOST_SCANS` scans, up to the end of its picture."""
    # Most files have few in all; a film or further pictures behind the first one bring more.
    if not data.startswith(b"\xff\xd8") or data.count(b"\xff\xda") <= MOST_SCANS:
        return False
    # Between markers lies entropy-coded data, where 0xFF is followed by 0 or is a restart marker.
    kinds = (kind for kind, _ in _segments(data, _STANDALONE))
    return sum(kind == _START_OF_SCAN for kind in takewhile(_END_OF_IMAGE.__ne__, kinds)) > MOST_SCANS


def _segments(data: bytes, lone: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Give each JPEG segment's kind and the number of stray bytes before it; at last 0, and those at the end.

    Markers in `lone` have no length.
    """
    at = 2
    while marker := _MARKER.search(data, at):
        kind, between, at = data[marker.end() - 1], marker.start() - at, marker.end()
        if kind not in lone:
            at += int.from_bytes(data[at : at + 2])
        yield kind, between
    yield 0, len(data) - at


def _too_many_chunks(data: bytes) -> bool:
    if len(data) < 12 * MOST_CHUNKS:
        return False
    at = len(PNG)
    for _ in range(MOST_CHUNKS):
        if at + 12 > len(data) or data[at + 4 : at + 8] == b"IEND":
            return False
        at += 12 + int.from_bytes(data[at : at + 4])
    return at + 12 <= len(data)


def _too_many_strips(data: bytes) -> bool:
    order = "<" if data[:2] == b"II" else ">"
    # BigTIFF has the same layout with numbers of eight bytes.
    big = int.from_bytes(data[2:4], "little" if order == "<" else "big") == 43
    start, counted, entry = (8, "Q", "HHQQ") if big else (4, "H", "HHII")
    try:
        (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, start)
        (entries,) = struct.unpack_from(order + counted, data, at)
    except (struct.error, OverflowError):
        return False
    if entries > MOST_ENTRIES:
        return True
    each = struct.Struct(order + entry)
    at += struct.calcsize(order + counted)
    some = data[at : at + entries * each.size]
    whole = len(some) // each.size * each.size
    return any(
        tag in _OF_STRIPS and count > MOST_STRIPS for tag, _, count, _ in each.iter_unpack(some[:whole])
    )
