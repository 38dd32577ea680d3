"""Digits of displays: seven segments, and dots in a matrix of 5 by 7, as on meters, clocks and tickets."""

from typing import Literal

import numpy as np

from model.generator.items import Bytes, Floats, Rng
from model.generator.paper.inks import Ink, InkMaker
from model.generator.paper.masks import mask_of
from model.generator.paper.scene import area, ring
from model.generator.tables import table

_TABLE = table("displays")
"""The segments (a on top, then clockwise to f, and g in the middle) and the seven rows of five dots that are
lit for 0 to 9; of some a second way, which some displays have."""
Kind = Literal["segments", "dots"]
SECOND_WAY = {"segments": 0.2, "dots": 0.4}
"""The chance of the second way of a digit."""
ALL_DOTS = " ".join(["11111"] * 7)
# fmt: off
ENDS = {
    "a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1)),
}
# fmt: on
"""Where each segment begins and ends: x in widths, y in half heights."""


def display_ink() -> InkMaker:
    """Digits of displays, 40 to 130 pixels tall, with room around them, all digits alike often."""

    def ink(rng: Rng) -> Ink:
        digit, tall = int(rng.integers(10)), rng.uniform(40, 130)
        lit, _, width = display(digit, tall, rng)
        return Ink(np.pad(lit, int(tall * rng.uniform(0.1, 0.4))), digit, 0, width)

    return ink


def display(digit: int, tall: float, rng: Rng) -> tuple[Bytes, Bytes, float]:
    """A digit alone, and with all else that could be lit, (H, W) each; a segment's or a dot's width.

    Segments are bevelled or not, upright or leaning; dots round or square, apart or touching.
    """
    kind: Kind = "segments" if rng.random() < 0.7 else "dots"
    lit = lit_of(kind, digit, rng)
    if kind == "segments":
        thick, wide = tall * rng.uniform(0.05, 0.17), tall * rng.uniform(0.36, 0.7)
        gap = min(thick * rng.choice([0.0, *rng.uniform(0.05, [0.4, 1.2])]), 0.2 * min(wide, tall / 2))
        bevel, lean = rng.choice([0.0, 0.5, 1.0]), rng.choice([0.0, rng.uniform(0.03, 0.25)])
        look = {"tall": tall, "wide": wide, "thick": thick, "gap": gap, "bevel": bevel, "lean": lean}
        return draw_segments(lit, **look), draw_segments("abcdefg", **look), thick
    pitch = max(3.0, tall / 7)
    dot = max(1.5, pitch * rng.choice([1.0, *rng.uniform(0.35, 0.98, 2)]))
    square = dot == pitch or rng.random() < 0.4
    return draw_dots(lit, pitch, dot, square=square), draw_dots(ALL_DOTS, pitch, dot, square=square), dot


def lit_of(kind: Kind, digit: int, rng: Rng) -> str:
    """The segments that are lit, or seven rows of five dots, "1" or "0" each."""
    ways: list[str] = _TABLE[kind][str(digit)]
    return ways[-1] if rng.random() < SECOND_WAY[kind] else ways[0]


def draw_segments(
    lit: str, *, tall: float, wide: float, thick: float, gap: float, bevel: float, lean: float
) -> Bytes:
    """Draw the segments `lit`, of "abcdefg": ink 255 on 0 (H, W), the same size whichever they are.

    Sizes are in pixels; `bevel` is that of a segment's ends, 0 to 1, and `lean` x per y.
    """
    margin, outlines = thick + lean * tall, []
    for name in lit:
        first, last = np.array(ENDS[name]) * [wide, tall / 2]
        x, y = _bar(first, last, thick, gap, bevel).T
        outlines.append(np.stack([x + margin + lean * (tall / 2 - y), y + margin], axis=1))
    return mask_of(area((round(tall + 2 * margin), round(wide + 2 * margin)), *outlines))


def _bar(first: Floats, last: Floats, thick: float, gap: float, bevel: float) -> Floats:
    """The outline (6, 2) of a segment between two corners, its ends cut off at the gap and bevelled."""
    along = (last - first) / np.hypot(*(last - first))
    across = np.array([-along[1], along[0]]) * thick / 2
    # Without a bevel they overlap at the corners, with a whole one only their points meet there.
    tip = along * (gap - (1.0 - bevel) * thick / 2)
    shoulder = tip + along * bevel * thick / 2
    ends = first + tip, first + shoulder + across, last - shoulder + across
    return np.array([*ends, last - tip, last - shoulder - across, first + shoulder - across])


def draw_dots(shown: str, pitch: float, dot: float, *, square: bool) -> Bytes:
    """Draw the dots of rows of "1" and "0", `pitch` apart and `dot` wide, in pixels: ink 255 on 0 (H, W)."""
    places = np.argwhere([[dot == "1" for dot in row] for row in shown.split()])
    dots = (ring(at, dot / 2, power=0.01 if square else 1.0) for at in (places[:, ::-1] + 0.5) * pitch)
    return np.pad(mask_of(area((round(7 * pitch), round(5 * pitch)), *dots)), 2)
