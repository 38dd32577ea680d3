"""Which ink is the digit's: rules, frames, neighbours and specks are left out.

Connected components of the ink are sorted into the digit's own, other digits beside it, and the rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.components import STRONG, WEAK, Component, components_of, union
from model.ink.lines import beside_a_pen, without_lines, without_underline
from model.ink.morphology import EIGHT, bounding_box, largest_around, smallest_around
from model.ink.neighbours import without_neighbours
from model.ink.polarity import Grey

Mask = NDArray[np.bool_]

_FRAME_FILL = 0.12
"""What touches three edges and fills less of its box than this is the frame of a cell."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The ink that is taken to be the digit's."""

    mask: Mask
    box: tuple[int, int, int, int]
    """x, y, width, height in pixels."""
    pieces: int
    """How many groups of ink of a digit's size there are, the chosen one included."""


def choose_only(ink: Grey) -> Choice | None:
    """What `choose` gives where all ink hangs together; None where it does not, or there is none.

    The ink's place in the picture makes no difference.
    """
    mask = ink >= WEAK
    return _whole(mask, ink) if ndimage.label(mask, structure=EIGHT)[1] == 1 else None


def choose(ink: Grey, join: int = 0, *, cut: bool = True) -> Choice | None:
    """Choose the digit's ink in a (H, W) map; None when no ink is strong enough.

    `join` is how many pixels apart the fragments of one faint stroke may lie.
    """
    mask = ink >= WEAK
    if join:
        size = 2 * join + 1
        room = np.zeros((mask.shape[0] + 2 * join, mask.shape[1] + 2 * join), np.uint8)
        room[join:-join, join:-join] = mask
        near = largest_around(room, size)
        mask = mask | (smallest_around(near, size)[join:-join, join:-join] > 0)
    alone = not (cut and (mask[:, 0].any() or mask[:, -1].any()))  # nobody's neighbour: the usual case
    labels, count = ndimage.label(mask, structure=EIGHT)
    if count == 0 or (count == 1 and alone):
        return _whole(mask, ink)
    height, width = ink.shape
    found = components_of(labels, count, ink)
    if not found:
        return None
    main = max(found, key=lambda c: _prominence(c, width, height))
    digit = beside_a_pen(main, found, labels)
    if digit is not None:
        found.remove(main)
        main = digit
    if cut and (main.left == 0 or main.right == width):
        one = np.where(labels == main.label, ink, 0).astype(np.uint8)
        kept = without_neighbours(one)
        if kept is not None:
            return choose(
                np.where((labels == main.label) & (kept == 0), 0, ink).astype(np.uint8), join, cut=False
            )
    if count == 1:
        return _whole(mask, ink)
    found = without_lines(main, found, labels, ink)
    group = without_underline(_broken(found) or _grow(main, found))
    rest = [c for c in found if c not in group]
    whole = left, top, right, bottom = union(group)
    beside = sum(_is_another_digit(c, whole) and _is_well_inside(c, width, height) for c in rest)
    if len(group) == 1:
        own = labels == main.label
    else:
        chosen = np.zeros(count + 1, dtype=bool)
        chosen[[c.label for c in group]] = True
        own = chosen[labels]
    return Choice(own, (left, top, right - left, bottom - top), 1 + beside)


def _whole(mask: Mask, ink: Grey) -> Choice | None:
    """The choice where there is but one component: the usual case."""
    box = bounding_box(mask) if int(np.maximum.reduce(ink, axis=None)) >= STRONG else None
    if box is None:
        return None
    rows, columns = box
    width, height = columns.stop - columns.start, rows.stop - rows.start
    return Choice(mask, (columns.start, rows.start, width, height), 1)


def _prominence(part: Component, width: int, height: int) -> float:
    """How much a component looks like what the picture was taken of: large, and away from the edge."""
    x = (part.left + part.right) / (2 * width) - 0.5
    y = (part.top + part.bottom) / (2 * height) - 0.5
    centrality = 1.0 - 0.9 * min(1.0, (x * x + y * y) ** 0.5 / 0.7)
    # What runs out of the picture is a neighbour, a rule, a frame or the desk, if anything else is there;
    # but a digit that was cut close touches the edge too, and then it reaches over the middle.
    within = 1.0
    if part.edges:
        over_middle = part.left < width / 2 < part.right and part.top < height / 2 < part.bottom
        solid = part.mass > _FRAME_FILL * 255 * part.width * part.height
        within = 0.5 if over_middle and (solid or part.edges < 3) else 0.1
    flat = 0.3 if part.height * 5 < part.width else 1.0
    return float((part.mass * part.size) ** 0.5 * centrality * within * flat)


def _broken(found: list[Component]) -> list[Component]:
    """All significant components where they are the parts of one broken digit, else none.

    They lie well inside the picture, close together, and no two of them are as tall as a digit.
    """
    total = sum(c.mass for c in found)
    parts = [c for c in found if c.mass > 0.03 * total]
    if len(parts) < 2 or any(c.edges for c in parts):
        return []
    left, top, right, bottom = union(parts)
    tall = bottom - top
    if right - left > tall or sum(c.height > 0.6 * tall for c in parts) > 1:
        return []
    if any(c.width > 6 * c.height and not any(_over(c, o) for o in parts if o is not c) for c in parts):
        return []
    # From part to part, each must be near what was gathered so far.
    gathered, waiting = [parts[0]], parts[1:]
    while waiting:
        near = next((c for c in waiting if any(_distance(c, o) < 0.15 * tall for o in gathered)), None)
        if near is None:
            return []
        waiting.remove(near)
        gathered.append(near)
    return gathered


def _over(part: Component, other: Component) -> bool:
    """Whether a part lies above the lower end of another."""
    return part.bottom < other.bottom


def _distance(part: Component, other: Component) -> int:
    """How far apart two boxes are (pixels), along the axis where they are farther."""
    apart_x = max(part.left - other.right, other.left - part.right)
    apart_y = max(part.top - other.bottom, other.top - part.bottom)
    return max(apart_x, apart_y, 0)


def _grow(main: Component, found: list[Component]) -> list[Component]:
    """The main component and the fragments that belong to it, such as the hat of a 5."""
    group = [main]
    changed = True
    while changed:
        changed = False
        left, top, right, bottom = union(group)
        size = max(right - left, bottom - top)
        for part in found:
            if part in group:
                continue
            apart_x = max(part.left - right, left - part.right)
            apart_y = max(part.top - bottom, top - part.bottom)
            shared = -apart_x / part.width
            shorter = part.height < 0.6 * (bottom - top)
            # Boxes of slanted neighbours overlap; what is tall and stands mostly beside is one of them.
            inside = apart_x < 0 and apart_y < 0 and (shorter or shared > 0.6)
            # A break in a stroke leaves hardly a gap; the hat of a 5 may float, but it is small.
            stacked = (
                shared > 0.4 and apart_y < (0.15 if shorter or not main.edges + part.edges else 0.06) * size
            )
            adjoining = apart_y < 0 and apart_x < 0.1 * size and (shorter or _makes_a_four(part, group))
            if part.edges and not (inside and (main.edges or shared >= 0.9)):
                # A neighbour that reaches in from the side, unless it lies right over or under the digit.
                over = min(part.right, right) - max(part.left, left) > 0.6 * part.width
                if not (main.edges and over and stacked and part.mass > 0.08 * main.mass):
                    continue
            if (inside or stacked or adjoining) and part.mass > 0.02 * main.mass:
                group.append(part)
                changed = True
    return group


def _makes_a_four(part: Component, group: list[Component]) -> bool:
    """Whether a tall stroke close beside the digit is its own, as in a 4 whose strokes do not meet.

    Together they are no wider than a digit is, and neither runs out of the picture.
    """
    left, top, right, bottom = union([*group, part])
    return right - left < 0.9 * (bottom - top) and not any(c.edges for c in [*group, part])


def _is_well_inside(part: Component, width: int, height: int) -> bool:
    """Whether it does not lie along the picture's edge, as what is left of a frame or of a neighbour."""
    x, y = (part.left + part.right) / 2 / width, (part.top + part.bottom) / 2 / height
    return 0.1 < x < 0.9 and 0.1 < y < 0.9


def _is_another_digit(part: Component, digit: tuple[int, int, int, int]) -> bool:
    """A component of about the digit's height that stands clear of it and of the image's edge."""
    left, top, right, bottom = digit
    tall = bottom - top
    if part.edges or not 0.55 * tall <= part.height <= 2.0 * tall:
        return False
    return part.left >= right or part.right <= left or part.top >= bottom or part.bottom <= top
