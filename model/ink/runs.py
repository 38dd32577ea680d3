"""A quick proof that all of a mask hangs together, from where its runs of pixels begin and end.

Labelling components takes a time for each pixel. Here the mask is one large integer with a bit for each
pixel, row after row, and a sum or a shift is done to all rows at once.
"""

import numpy as np
from numpy.typing import NDArray

MOST_ENDS = 8
"""With more tops, or bottoms, than these a drawing is no simple one."""


def is_one_piece(mask: NDArray[np.bool_]) -> bool:
    """Whether all that is true in a (H, W) mask hangs together, corners too, for certain. False: who knows.

    A run is what is true in a row without a break; a top is a run that touches none in the row above, a
    bottom one that touches none below. Every piece has a top, and a bottom no higher than that. All pieces
    that cross a row with a single run are one. So a further piece lies between two such rows, and has a top
    and a bottom there; or it takes over from one row to the next but one, and between them the one has a
    bottom and the other a top. If no top shares its place between such rows with a bottom, there is but one
    piece. With a digit that is so nine times in ten.
    """
    height, width = mask.shape
    # One column without ink that the runs end in, one for a guard, and rows of whole bytes.
    step = (width + 2 + 7) // 8 * 8
    room = np.zeros((height, step), np.bool_)
    room[:, :width] = mask
    ink = int.from_bytes(np.packbits(room, bitorder="little").tobytes(), "little")
    ends = ink << 1
    ends &= ends ^ ink
    tops = _untouched(ink, ends, ink << step)
    if tops.bit_count() <= 1:
        return tops != 0
    tops_at, bottoms_at = _rows(tops, step), _rows(_untouched(ink, ends, ink >> step), step)
    if len(tops_at) > MOST_ENDS or len(bottoms_at) > MOST_ENDS:
        return False
    single = _single(ends, height, step)
    for top in tops_at:
        for bottom in bottoms_at:
            first, last = (top, bottom) if top <= bottom else (bottom + 1, top - 1)
            if not single >> first * step & (1 << (last + 1 - first) * step) - 1:
                return False
    return True


def _untouched(ink: int, ends: int, beside: int) -> int:
    """The ends of those runs that nothing touches in the next row, whose ink is `beside`."""
    beside |= beside << 1 | beside >> 1
    # A sum carries over from wherever a run is touched to its end.
    return ends & ~(ink + (ink & beside))


def _rows(bits: int, step: int) -> list[int]:
    """In which rows there are bits; of many rows some."""
    rows: list[int] = []
    while bits and len(rows) <= MOST_ENDS:
        row = (bits.bit_length() - 1) // step
        rows.append(row)
        bits &= (1 << row * step) - 1
    return rows


def _single(ends: int, height: int, step: int) -> int:
    """A bit in each row with the end of one run, and no more."""
    first = int.from_bytes((b"\x01" + bytes(step // 8 - 1)) * height, "little")
    guard = first << step - 1
    # One less takes the lowest bit of a row away; the guard sees to it that nothing is borrowed elsewhere.
    guarded = ends | guard
    others = guarded & (guarded - first)
    return (guard - (others & ~guard)) & others & guard
