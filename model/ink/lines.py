"""Straight lines beside a digit that are not its own: bits of rules, an underline, a pen on the paper."""

import numpy as np
from numpy.typing import NDArray

from model.ink.components import Component, thinness, union
from model.ink.frame import stroke_width
from model.ink.polarity import Grey

Labels = NDArray[np.signedinteger]

_LINE_ZONE = 0.1
"""Bits of lines lie within this share of the side from the edge."""
_LINE_THIN = 0.8
"""They are thinner than this share of a stroke's width, or they lie under the digit."""

_BAR = 0.1
"""A bar is no wider than this share of its length."""
_SHORTER, _HEAVY = (0.25, 0.67), 0.25
"""A digit beside a pen has a length between these shares of the pen's, and at least this share of its
mass."""
_CLEAR = 0.15
"""Around it so much is clear of the pen (share of its size)."""
_FLAT, _WIDER = 4, 1.25
"""An underline is so much wider than high, and wider than this share of the digit's width."""


def beside_a_pen(main: Component, found: list[Component], labels: Labels) -> Component | None:
    """The digit where the main component is a long bar: a pen that lies on the paper, or its edge.

    It is not a 1 if something else stands clear of it, half as long, heavy, and not a bar. Otherwise None.
    """
    if len(found) < 2 or thinness(main, labels) > _BAR:
        return None
    for other in found:
        shorter = _SHORTER[0] * main.size < other.size < _SHORTER[1] * main.size
        if other.edges or not shorter or other.mass < _HEAVY * main.mass:
            continue
        reach = round(_CLEAR * other.size)
        rows = slice(max(0, other.top - reach), other.bottom + reach)
        columns = slice(max(0, other.left - reach), other.right + reach)
        if not (labels[rows, columns] == main.label).any() and thinness(other, labels) > 2 * _BAR:
            return other
    return None


def without_lines(main: Component, found: list[Component], labels: Labels, ink: Grey) -> list[Component]:
    """Leave out bits of straight lines along the edge, thinner than the main component's strokes."""
    height, width = ink.shape
    lines = [c for c in found if c is not main and _runs_along_edge(c, width, height)]
    if not lines:
        return found
    rows, columns = slice(main.top, main.bottom), slice(main.left, main.right)
    stroke = stroke_width(
        np.where(labels[rows, columns] == main.label, ink[rows, columns], 0).astype(np.uint8)
    )
    dropped = []
    for line in lines:
        thin = line.mass / 255 / line.size < _LINE_THIN * stroke
        under = line.width > line.height and line.top >= main.bottom
        if thin or under:
            dropped.append(line)
    return [c for c in found if c not in dropped]


def _runs_along_edge(part: Component, width: int, height: int) -> bool:
    """Whether a component is straight and lies beside an edge of the picture that it is parallel to."""
    thick, long = min(part.width, part.height), part.size
    if long < 4 * thick or thick > max(3, 0.05 * min(width, height)):
        return False
    if part.width > part.height:
        return min(part.top, height - part.bottom) < _LINE_ZONE * height
    return min(part.left, width - part.right) < _LINE_ZONE * width


def without_underline(group: list[Component]) -> list[Component]:
    """Leave out flat strokes under the digit that are wider than it is."""
    for line in sorted((c for c in group if c.width > _FLAT * c.height), key=lambda c: -c.top):
        rest = [c for c in group if c is not line]
        if not rest:
            break
        # Short pieces beside a tall one do not count: they may be a neighbour's.
        tall = max(c.bottom for c in rest) - min(c.top for c in rest)
        left, _, right, bottom = union([c for c in rest if c.height > 0.5 * tall] or rest)
        if line.top >= bottom and line.width > _WIDER * (right - left):
            group = rest
    return group
