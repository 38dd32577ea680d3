"""The one normaliser: an image or a drawing -> the network's input."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.ink import strokes as pen
from model.ink.boxed import inside_boxes
from model.ink.cell import inside_frame
from model.ink.colour import opaque, to_grey
from model.ink.components import STRONG
from model.ink.decode import DEFAULT_LIMITS, Limits, decode
from model.ink.drawn import Drawn, aligned, drawn, drawn_on
from model.ink.edges import has_edges, is_strip
from model.ink.errors import NoInk
from model.ink.frame import FIELD_SIDE, Field, frame, to_size
from model.ink.pieces import Choice, choose, choose_only
from model.ink.png import MOST_PIXELS, canvas_sheet
from model.ink.polarity import Grey
from model.ink.rules import without_rules
from model.ink.sheet import Sheet
from model.ink.tone import SMALL_SIDE, ink_map, plain_paper

Box = tuple[float, float, float, float]
Observe = Callable[[str, NDArray[np.uint8]], None]
"""Told of each step of the way: its name and the picture after it."""

WORKING_SIDE = 512
"""The digit is looked for in an image no longer than this (pixels)."""
PHOTO_SIDE = 256
"""On paper that is not plain it is looked for in an image of about this length (pixels)."""
GLANCE_SIDE = 192
"""A JPEG is first decoded at the smallest scale that keeps its longer side at least this long (pixels)."""
NEAR_SIDE = 60
"""A digit found smaller than this (pixels) in a reduced image is looked at again, closer."""
FINE_SIDE = 64
"""A digit on even paper that is twice as large or more is averaged down to no less than this."""

LEAST_BLOCKS = 8
"""An image of fewer blocks than this is a plain one, and no enlarged scan."""

_ONES = np.ones(FIELD_SIDE, dtype=np.float32)
_INDEX = np.arange(FIELD_SIDE, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class NormalisedInk:
    """A digit as the network takes it."""

    field: Field
    """(28, 28) or (32, 32), white ink (255) on black (0)."""
    box: Box
    """x, y, width, height of the ink, in the pixels or units sent."""
    pieces: int
    """How many digit-sized groups of ink were seen; 2 or more look like several digits."""


def _unobserved(name: str, picture: NDArray[np.uint8]) -> None:
    """Let a step go by."""


def normalise_image(
    data: bytes, *, size: int = 28, limits: Limits = DEFAULT_LIMITS, observe: Observe = _unobserved
) -> NormalisedInk:
    """Normalise an image file. Raises `InkError`: see `model.ink.errors`."""
    if observe is _unobserved and limits.pixels >= MOST_PIXELS:
        sheet = canvas_sheet(data)
        if sheet is not None:
            return _on_sheet(sheet, size) or normalise_pixels(sheet.whole(), size=size)
    decoded = decode(data, limits, glance=GLANCE_SIDE)
    found = _at_a_glance(decoded.pixels, size, observe) if decoded.glanced else None
    if found is None:
        decoded = decode(data, limits) if decoded.glanced else decoded
        found = normalise_pixels(decoded.pixels, size=size, observe=observe)
    x, y, width, height = (decoded.scale * value for value in found.box)
    return NormalisedInk(found.field, (x, y, width, height), found.pieces)


def normalise_pixels(
    pixels: NDArray[np.uint8], *, size: int = 28, observe: Observe = _unobserved
) -> NormalisedInk:
    """Normalise (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA pixels, 0 to 255. Raises `NoInk`."""
    observe("picture", pixels)
    block = block_side(pixels)
    if block > 1:
        scan = normalise_pixels(np.ascontiguousarray(pixels[::block, ::block]), size=size, observe=observe)
        x, y, width, height = (block * value for value in scan.box)
        return NormalisedInk(scan.field, (x, y, width, height), scan.pieces)
    box = _field_box(pixels)
    if box is not None:
        observe("field", pixels)
        return NormalisedInk(to_size(pixels, size), box, 1)
    factor = -(-max(pixels.shape[:2]) // WORKING_SIDE)
    found = _find(_reduced(pixels, factor), factor, observe)
    if found.is_far:
        found = _closer(pixels, found, observe)
    return _normalised(found, size, observe)


def _on_sheet(sheet: Sheet, size: int) -> NormalisedInk | None:
    """What `normalise_pixels` gives of the whole picture, where all there is is one piece of ink.

    Raises `NoInk`.
    """
    if _may_be_blocks(sheet):
        return None
    factor = -(-max(sheet.shape) // WORKING_SIDE)
    reduced = sheet.reduced(factor)
    found = _find_drawn(drawn_on(reduced), factor)
    return None if found is None or found.is_far else _normalised(found, size, _unobserved)


def _may_be_blocks(sheet: Sheet) -> bool:
    """Whether lines through the middle of the part leave it open that `block_side` is more than 1."""
    side = math.gcd(*sheet.shape)
    height, width = sheet.part.shape
    for line, start in ((sheet.part[height // 2], sheet.left), (sheet.part[:, width // 2], sheet.top)):
        changes = (line[1:] != line[:-1]).nonzero()[0] + (start + 1)
        side = math.gcd(side, *changes.tolist())
    return side > 1


def _at_a_glance(pixels: NDArray[np.uint8], size: int, observe: Observe) -> NormalisedInk | None:
    """Normalise an image of which there are more pixels; None where a closer look is due."""
    observe("picture", pixels)
    factor = -(-max(pixels.shape[:2]) // WORKING_SIDE)
    try:
        found = _find(_reduced(pixels, factor), factor, observe)
    except NoInk:
        return None
    if found.is_far:
        found = _closer(pixels, found, observe)
    return None if max(found.choice.box[2:]) < NEAR_SIDE else _normalised(found, size, observe)


def _normalised(found: "_Found", size: int, observe: Observe) -> NormalisedInk:
    x, y, width, height = (float(value * found.factor) for value in found.choice.box)
    left, top = found.origin
    field = _framed(found.ink, found.choice, size)
    observe("field", field)
    return NormalisedInk(field, (left + x, top + y, width, height), found.choice.pieces)


def normalise_strokes(strokes: pen.Strokes, *, size: int = 28) -> NormalisedInk:
    """Normalise pen strokes. Raises `InvalidStrokes` or `NoInk`."""
    drawing = pen.read(strokes)
    return NormalisedInk(to_size(pen.draw(drawing), size), drawing.box, pen.pieces(drawing))


def is_field(pixels: NDArray[np.uint8]) -> bool:
    """Whether an image is a field already: 28x28, black border, a digit framed as MNIST's are."""
    return _field_box(pixels) is not None


def _field_box(pixels: NDArray[np.uint8]) -> Box | None:
    """Of what is a field already, the box of the ink; else None."""
    # Half of it black (the median is 0) rules out what is inverted; a grey paper or noise has no pure black.
    if pixels.shape != (FIELD_SIDE, FIELD_SIDE) or np.count_nonzero(pixels) >= pixels.size / 2:
        return None
    if int(pixels.max()) < 128:
        return None
    ink = pixels.astype(np.float32)
    # All of these sums are whole numbers below 2^24, and exact.
    along_x, along_y = _ONES @ ink, ink @ _ONES
    columns, rows = along_x.nonzero()[0], along_y.nonzero()[0]
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    mass = float(along_x @ _ONES)
    x, y = float(along_x @ _INDEX) / mass, float(along_y @ _INDEX) / mass
    if 17 <= max(width, height) <= 22 and abs(x - 14.0) < 1.0 and abs(y - 14.0) < 1.0:
        return float(left), float(top), float(width), float(height)
    return None


def block_side(pixels: NDArray[np.uint8]) -> int:
    """The side of the blocks of equal pixels that an image is made of; 1 where it is made of pixels.

    A small scan that was enlarged by repeating its pixels is the small scan: its stairs are no strokes.
    """
    height, width = pixels.shape[:2]
    side = _step(pixels[height // 2], math.gcd(height, width))
    if side > 1:
        side = _step(pixels[:, width // 2], side)
    if side == 1 or max(height, width) < LEAST_BLOCKS * side:
        return 1
    for axis in (0, 1):
        changed = (np.diff(pixels.astype(np.int16), axis=axis) != 0).any(
            axis=tuple({0, 1, 2} - {axis})[: pixels.ndim - 1]
        )
        side = math.gcd(side, *(np.flatnonzero(changed) + 1).tolist())
    return side if max(height, width) >= LEAST_BLOCKS * side else 1


def _step(line: NDArray[np.uint8], side: int) -> int:
    """The greatest common divisor of `side` and the places where a line of pixels changes."""
    changed = line[1:] != line[:-1]
    places = np.flatnonzero(changed if changed.ndim == 1 else changed.any(axis=1)) + 1
    return math.gcd(side, *places.tolist())


def _reduced(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).reduce(factor)) if factor > 1 else pixels


@dataclass(frozen=True, slots=True)
class _Found:
    """The digit's ink in a reduced part of an image."""

    ink: Grey
    choice: Choice
    factor: int
    """Pixels of the image for one of the ink map's."""
    origin: tuple[int, int] = (0, 0)
    """Where the part begins in the image (x, y)."""

    @property
    def is_far(self) -> bool:
        """Whether the digit is small here, and there are more pixels of it in the image."""
        return self.factor > 1 and max(self.choice.box[2:]) < NEAR_SIDE


def _find(pixels: NDArray[np.uint8], factor: int, observe: Observe) -> _Found:
    """Find the ink of an image that was reduced by `factor`, and which of it is the digit's."""
    grey = to_grey(opaque(pixels))
    if observe is _unobserved:
        quick = _find_drawn(drawn(grey), factor)
        if quick is not None:
            return quick
    rows, columns = inside_boxes(grey)
    origin = columns.start * factor, rows.start * factor
    grey = np.ascontiguousarray(grey[rows, columns])
    plain = plain_paper(grey) is not None
    if not plain:
        more = max(1, round(max(grey.shape) / PHOTO_SIDE))
        grey, factor = _reduced(grey, more), factor * more
    observe("contrast in grey", grey)
    tone = ink_map(grey)
    observe("ink on even paper" if tone.even else "ink on uneven paper", tone.ink)
    ink, shorter = tone.ink, min(tone.ink.shape)
    if tone.even:
        more = _spare_resolution(ink)
        ink, factor = _reduced(ink, more), factor * more
    inside = inside_frame(ink)
    if inside is not None:
        ink = _blank_outside(ink, inside)
    if shorter >= SMALL_SIDE:
        ink = without_rules(ink)
    observe("without frame and rules", ink)
    choice = choose(ink, join=0 if tone.even or shorter < 120 else max(1, shorter // 160))
    if choice is None:
        raise NoInk("nothing legible stands out from the paper")
    if not plain and (is_strip(choice.mask) or not has_edges(ink * choice.mask)):
        raise NoInk("nothing but light and shade is seen")
    if observe is not _unobserved:
        observe("the digit's own", ink * choice.mask)
    return _Found(ink, choice, factor, origin)


def _find_drawn(found: Drawn | None, factor: int) -> _Found | None:
    """What `_find` finds, sooner, where all there is is one piece of ink on plain paper."""
    if found is None:
        return None
    more = _spare_resolution(found.ink)
    if more > 1:
        found = aligned(found, more)
    ink = _reduced(found.ink, more)
    choice = choose_only(ink)
    if choice is None:
        return None
    return _Found(ink, choice, factor * more, (found.left * factor, found.top * factor))


def _blank_outside(ink: Grey, inside: tuple[slice, slice]) -> Grey:
    inner = np.zeros_like(ink)
    inner[inside] = ink[inside]
    return inner


def _spare_resolution(ink: Grey) -> int:
    """By what factor ink may be averaged down: a digit keeps FINE_SIDE pixels, a stroke one."""
    strong = ink >= STRONG
    rows, columns = (np.logical_or.reduce(strong, axis=axis).nonzero()[0] for axis in (1, 0))
    if rows.size == 0:
        return 1
    longer = int(max(rows[-1] - rows[0], columns[-1] - columns[0])) + 1
    if longer < 2 * FINE_SIDE:
        return 1
    # A digit's strokes are some three times as long as its box, so this is about their width.
    width = int(np.count_nonzero(strong)) // (3 * longer)
    return max(1, min(longer // FINE_SIDE, width))


def _closer(pixels: NDArray[np.uint8], far: _Found, observe: Observe) -> _Found:
    """Look again, nearer to full scale, at the surroundings of what was found at a reduced one."""
    x, y, width, height = (value * far.factor for value in far.choice.box)
    x, y = x + far.origin[0], y + far.origin[1]
    margin = max(width, height) // 2 + 2 * far.factor
    top, left = max(0, y - margin), max(0, x - margin)
    part = np.ascontiguousarray(pixels[top : y + height + margin, left : x + width + margin])
    step = max(1, max(part.shape[:2]) // WORKING_SIDE)
    if step >= far.factor:
        return far
    near_part = _reduced(part, step)
    observe("closer", near_part)
    near = _find(near_part, step, observe)
    # How many digits there are was seen from farther away.
    choice = Choice(near.choice.mask, near.choice.box, far.choice.pieces)
    return _Found(near.ink, choice, near.factor, (left + near.origin[0], top + near.origin[1]))


def _framed(ink: Grey, chosen: Choice, size: int) -> Field:
    """Frame the chosen ink, its faint rim included."""
    x, y, width, height = chosen.box
    rows = slice(max(0, y - 1), y + height + 1)
    columns = slice(max(0, x - 1), x + width + 1)
    mask = chosen.mask[rows, columns]
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= grown[:, :-1].copy()
    grown[:, :-1] |= grown[:, 1:].copy()
    return to_size(frame(ink[rows, columns] * grown), size)
