"""Displays: seven segments, and dots in a matrix of 5 by 7, as on meters, clocks and tickets; their light."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from model.generator.items import Bytes, Floats, Rng, Source, between, one_of
from model.generator.paper.camera import photographs
from model.generator.paper.inks import Ink, InkMaker
from model.generator.paper.light import glare
from model.generator.paper.masks import Reals, cover_of, mask_of, moved, soft
from model.generator.paper.scene import Scene, area, paint, ring, tinted
from model.generator.tables import table

_TABLE = table("displays")
"""The segments (a on top, then clockwise to f, and g in the middle) and the seven rows of five dots that are
lit for 0 to 9 (for some digits in a second way, which some displays have), for marks, and for "all"."""
SECOND_WAY = 0.3
"""The chance of the second way of a digit."""
# fmt: off
ENDS = {
    "a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1)),
}
# fmt: on
"""Where each segment begins and ends: x in widths, y in half heights."""
HUES = ((1, 0.1, 0.05), (1, 0.35, 0.05), (0.2, 1, 0.25), (0.4, 1, 0.9), (0.35, 0.55, 1), (1, 1, 0.95))
"""Hues of light: red, amber, green, cyan, blue, white."""

Outlines: TypeAlias = list[Reals]
Look: TypeAlias = Callable[[str], tuple[Outlines, float]]
"""Gives the outlines (n, 2) of what is lit, in pixels from the sign's corner, and the step to the next."""


def display(signs: Sequence[str], tall: float, rng: Rng) -> tuple[Bytes, Bytes, float]:
    """Signs on one display: digits, "-", "." and ":", `tall` pixels high, with room around them.

    Returns the ink of each (n, H, W), all that could be lit (H, W), and a segment's or dot's width. Segments
    are bevelled or not, upright or leaning; dots round or square, apart or touching.
    """
    kind = "segments" if rng.random() < 0.72 else "dots"
    look, width, lean = (_segments if kind == "segments" else _dots)(tall, rng)
    margin, x = width + lean * tall, 0.0
    lit_by_sign: list[Outlines] = []
    every: Outlines = []

    def placed(outlines: Outlines) -> Outlines:
        corner = [margin + x + lean * tall / 2, margin]
        return [outline @ [[1, 0], [-lean, 1]] + corner for outline in outlines]

    for sign in signs:
        ways: list[str] = _TABLE[kind][sign]
        lit, step = look(ways[-1] if rng.random() < SECOND_WAY else ways[0])
        lit_by_sign.append(placed(lit))
        every += placed(lit if sign in ".:" else look(_TABLE[kind]["all"][0])[0])
        x += step
    wide, high = np.ceil(np.concatenate(every).max(axis=0) + margin).astype(int).tolist()
    outlines = [*lit_by_sign, every]
    free = (rng.uniform(0.03, 0.5, (2, 2)) * high).astype(int)
    masks = np.pad([mask_of(area((high, wide), *each)) for each in outlines], ((0, 0), *free))
    return masks[:-1], masks[-1], width


def _segments(tall: float, rng: Rng) -> tuple[Look, float, float]:
    """Bars between the corners of two squares; their width, and how much they lean, x per y."""
    thick, wide = tall * rng.uniform(0.06, 0.16), tall * rng.uniform(0.38, 0.68)
    gap = min(thick * rng.choice([0.0, *rng.uniform(0.05, [0.4, 1.2])]), 0.2 * min(wide, tall / 2))
    bevel, lean = rng.choice([0.0, 0.5, 1.0]), rng.choice([0.0, rng.uniform(0.03, 0.25)])
    step, room = thick * rng.uniform(2.6, 3.8), rng.uniform(0.2, 1.2) * thick
    power = one_of(rng, (0.01, 1.0))

    def look(lit: str) -> tuple[Outlines, float]:
        if lit in ".:":  # it stands in the gap behind its digit
            heights = (1.0,) if lit == "." else (0.28, 0.72)
            at = (0.5 * room - 0.5 * step, tall)
            dots = [ring((at[0], share * tall), 0.6 * thick, power=power) for share in heights]
            return dots, room + thick * (lit == ":")
        ends = [np.array(ENDS[name]) * [wide, tall / 2] for name in lit]
        return [_bar(first, last, thick, gap, bevel) for first, last in ends], wide + step

    return look, thick, lean


def _bar(first: Floats, last: Floats, thick: float, gap: float, bevel: float) -> Floats:
    """The outline (6, 2) of a segment between two corners, its ends cut off at the gap and bevelled."""
    along = (last - first) / np.hypot(*(last - first))
    across = np.array([-along[1], along[0]]) * thick / 2
    # Without a bevel they overlap at the corners, with a whole one only their points meet there.
    tip = along * (gap - (1.0 - bevel) * thick / 2)
    shoulder = tip + along * bevel * thick / 2
    ends = first + tip, first + shoulder + across, last - shoulder + across
    return np.array([*ends, last - tip, last - shoulder - across, first + shoulder - across])


def _dots(tall: float, rng: Rng) -> tuple[Look, float, float]:
    """Dots of a matrix; their width, and a lean of 0."""
    pitch = max(3.0, tall / 7)
    dot = max(1.5, pitch * rng.choice([1.0, *rng.uniform(0.45, 0.98, 2)]))
    power = 0.01 if dot == pitch or rng.random() < 0.4 else 1.0

    def look(lit: str) -> tuple[Outlines, float]:
        rows = lit.split()
        places = np.argwhere([[one == "1" for one in row] for row in rows])[:, ::-1] * pitch
        return [ring(at, dot / 2, power=power) for at in places], (len(rows[0]) + 1) * pitch

    return look, dot, 0.0


def display_ink() -> InkMaker:
    """Digits of displays, 40 to 130 pixels tall, with room around them, all digits equally often."""

    def ink(rng: Rng) -> Ink:
        (lit,), _, width = display(digit := str(rng.integers(10)), rng.uniform(40, 130), rng)
        return Ink(lit, int(digit), 0, width)

    return ink


def panel(signs: Sequence[str], tall: float, rng: Rng) -> tuple[Scene, Bytes]:
    """A liquid-crystal or lit display, sometimes with faint unlit parts; and each sign's ink (n, H, W)."""
    parts, every, width = display(signs, tall, rng)
    lit, way = parts.max(axis=0), rng.random()
    if way < 0.45:  # liquid crystal: dark on grey, green or yellow
        ground = tinted(rng.uniform(0.35, 1.0), (0.9, 1.05, rng.uniform(0.6, 1.1)))
        ink = ground * rng.uniform(0.04, 0.42)
    elif way < 0.55:  # lit from behind
        ground, ink = tinted(0.15, (0.1, 0.2, 1)), paint(rng, 0.7, 1.0)
    else:
        ground, ink = paint(rng, 0, 0.25, 0.2), np.array(one_of(rng, HUES)) * rng.uniform(0.6, 1)
    made = Scene.plain(lit.shape, ground)
    made.pen = width
    made.lay(cover_of(every) * rng.choice([0, between(rng, 0.02, 0.18)]), ink)
    if way > 0.55:
        glow = soft(cover_of(lit), rng.uniform(0.2, 1.0) * width) * rng.uniform(0, 0.5)
        made.page = made.page + glow[..., None] * ink
    elif rng.random() < 0.4:  # the shadow that the crystal casts on its mirror
        made.lay(soft(moved(cover_of(lit), rng, 1 + width / 3), 0.5) * rng.uniform(0.1, 0.4), ink)
    made.write(lit, ink, rng.uniform(0.75, 1.0))
    return made, parts


def panels() -> Source:
    """Single digits on liquid-crystal and lit displays, all equally often, sometimes with a point."""

    def scene(rng: Rng) -> Scene:
        digit = int(rng.integers(10))
        signs = f"{digit}." if rng.random() < 0.12 else str(digit)
        made, parts = panel(signs, between(rng, 26, 110), rng)
        made.clean = parts[0]
        if rng.random() < 0.3:
            made.shade(glare(rng, made.size))
        made.label, made.lit, made.padding = digit, rng.random() < 0.5, 0.02
        return made

    return photographs(scene)
