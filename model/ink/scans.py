"""How many scans a JPEG has, counted before it is decoded (ITU-T T.81, annex B and G).

A progressive JPEG comes in scans, some ten of them, and each goes through all of the picture. Nothing forbids
thousands: a scan that changes nothing takes a hundred bytes, and as long as any other to decode.
"""

import re

import numpy as np

MOST_SCANS = 64
"""Scans, at most, of a JPEG that is decoded; encoders write up to 14."""

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9

# Between scans stands what the arithmetic of the codes gives: 0xFF there is followed by 0, or restarts it.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def too_many_scans(data: bytes) -> bool:
    """Whether bytes that may be a JPEG have more than `MOST_SCANS` scans, up to the end of its picture."""
    # Most have few wherever one looks; those with a film or further pictures behind them have more.
    if not data.startswith(b"\xff\xd8") or starts_of_scans(data) <= MOST_SCANS:
        return False
    scans, at = 0, 2
    while marker := _MARKER.search(data, at):
        kind, at = data[marker.end() - 1], marker.end()
        if kind == _END_OF_IMAGE:
            return False
        if kind != 0x01:  # the one other that has no length
            at += int.from_bytes(data[at : at + 2])
        scans += kind == _START_OF_SCAN
        if scans > MOST_SCANS:
            return True
    return False


def starts_of_scans(data: bytes) -> int:
    """How often what begins a scan stands in two or more bytes: `bytes.count`, at a tenth of its price."""
    pairs = (np.frombuffer(data, "<u2", (len(data) - odd) // 2, odd) for odd in (0, 1))
    return sum(int(np.count_nonzero(pair == 0xDAFF)) for pair in pairs)
