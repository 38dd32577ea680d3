"""Where in a picture the digit is: from pixels to the ink that is its own.

Which of it is ink, and whether dark or light, says `model.ink.tone`; which of that is the digit's,
`model.ink.pieces`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.ink.acutance import has_edges, is_strip
from model.ink.boxed import inside_boxes
from model.ink.cell import inside_frame
from model.ink.colour import opaque, to_grey
from model.ink.components import STRONG
from model.ink.document import crop_document, find_document
from model.ink.errors import NoInk
from model.ink.morphology import bounding_box
from model.ink.pieces import Choice, choose
from model.ink.pillow import grey_of, image_of
from model.ink.plate import on_plate
from model.ink.polarity import Grey
from model.ink.ring import inside_ring
from model.ink.rules import without_rules
from model.ink.tone import SMALL_SIDE, ink_map, plain_paper

Observe = Callable[[str, NDArray[np.uint8]], None]
"""Called after each step with its name and the picture as it is then."""

WORKING_SIDE = 512
"""The digit is looked for in an image no longer than this (pixels)."""
PHOTO_SIDE = 256
"""On paper that is not plain it is looked for in an image of about this length (pixels)."""
NEAR_SIDE = 60
"""A digit found smaller than this (pixels) in a reduced image is located again, closer."""
FINE_SIDE = 64
"""A digit on even paper that is twice as large or more is averaged down to no less than this."""
MOST_AROUND = 3
"""So many plates and rings, one in the other, are opened."""


def unobserved(name: str, picture: NDArray[np.uint8]) -> None:
    """Let a step go by."""


@dataclass(frozen=True, slots=True)
class Found:
    """The digit's ink in a reduced part of an image."""

    ink: Grey
    choice: Choice
    factor: int
    """Pixels of the image for one of the ink map's."""
    origin: tuple[int, int] = (0, 0)
    """Where the part begins in the image (x, y)."""
    dark: bool = True
    """Whether the ink is darker than the paper."""
    log_odds: float = math.inf
    """The odds (logarithmic) that it is so; infinite where it is plain to see."""

    @property
    def is_far(self) -> bool:
        """Whether the digit is small here, and there are more pixels of it in the image."""
        return self.factor > 1 and max(self.choice.box[2:]) < NEAR_SIDE


def locate(pixels: NDArray[np.uint8], observe: Observe, *, dark: bool | None = None) -> Found:
    """Locate the digit's ink in an image: at a reduced scale first, and closer where it is small.

    `dark` says whether the ink is darker than the paper, if that is known. Raises `NoInk`.
    """
    factor = -(-max(pixels.shape[:2]) // WORKING_SIDE)
    found = _locate_at_scale(reduced(pixels, factor), factor, observe, dark)
    return _rescan(pixels, found, observe, dark) if found.is_far else found


def _locate_at_scale(pixels: NDArray[np.uint8], factor: int, observe: Observe, dark: bool | None) -> Found:
    """Find the ink of an image that was reduced by `factor`, and which of it is the digit's."""
    pixels = opaque(pixels)
    grey = to_grey(pixels)
    left, top = 0, 0
    sheet = find_document(grey) if plain_paper(grey) is None else None
    if sheet is not None:
        pixels, (left, top) = crop_document(pixels, sheet)
        observe("on its sheet of paper", pixels)
        grey = to_grey(pixels)
    rows, columns = inside_boxes(grey)
    origin = (left + columns.start) * factor, (top + rows.start) * factor
    grey = np.ascontiguousarray(grey[rows, columns])
    plain = plain_paper(grey) is not None
    if not plain:
        more = max(1, round(max(grey.shape) / PHOTO_SIDE))
        grey, factor = reduced(grey, more), factor * more
    observe("contrast in grey", grey)
    tone = ink_map(grey, dark=dark)
    observe("ink on even paper" if tone.even else "ink on uneven paper", tone.ink)
    ink, shorter = tone.ink, min(tone.ink.shape)
    if tone.even:
        more = spare_resolution(ink)
        ink, grey, factor = reduced(ink, more), reduced(grey, more), factor * more
    inside = inside_frame(ink)
    if inside is not None:
        ink = _blank_outside(ink, inside)
    if shorter >= SMALL_SIDE:
        ink = without_rules(ink)
    observe("without frame and rules", ink)
    join = 0 if tone.even or shorter < 120 else max(1, shorter // 160)
    choice = choose(ink, join)
    if choice is None:
        raise NoInk("nothing legible stands out from the paper")
    # On even paper the levels say more than the ink, all of which may be full.
    ink, choice = _within(grey if tone.even else ink, ink, choice, observe)
    if not tone.pure and (is_strip(choice.mask) or not has_edges(ink * choice.mask)):
        raise NoInk("nothing but light and shade is seen")
    return Found(ink, choice, factor, origin, tone.dark, tone.log_odds)


def _within(levels: Grey, ink: Grey, choice: Choice, observe: Observe) -> tuple[Grey, Choice]:
    """Replace a plate or a ring, or one in the other as on a sign, by the digit on or in it.

    `levels` are those in which a digit on a plate shows.
    """
    for _ in range(MOST_AROUND):
        for around, cut_out in (
            ("a plate", on_plate(levels, choice.mask, choice.box)),
            ("a ring", inside_ring(ink, choice.mask, choice.box)),
        ):
            within = None if cut_out is None else choose(cut_out)
            if cut_out is not None and within is not None:
                levels, ink, choice = cut_out, cut_out, within
                observe(f"cut out of {around}", ink)
                break
        else:
            break
    return ink, choice


def _blank_outside(ink: Grey, inside: tuple[slice, slice]) -> Grey:
    inner = np.zeros_like(ink)
    inner[inside] = ink[inside]
    return inner


def spare_resolution(ink: Grey) -> int:
    """By what factor ink may be averaged down: a digit keeps FINE_SIDE pixels, a stroke one."""
    if max(ink.shape) < 2 * FINE_SIDE:
        return 1
    strong = ink >= STRONG
    box = bounding_box(strong)
    longer = 0 if box is None else max(part.stop - part.start for part in box)
    if longer < 2 * FINE_SIDE:
        return 1
    # A digit's strokes are some three times as long as its box, so this is about their width.
    width = int(np.count_nonzero(strong)) // (3 * longer)
    return max(1, min(longer // FINE_SIDE, width))


def _rescan(pixels: NDArray[np.uint8], far: Found, observe: Observe, dark: bool | None) -> Found:
    """Look again, nearer to full scale, at the surroundings of what was found at a reduced one."""
    x, y, width, height = (value * far.factor for value in far.choice.box)
    x, y = x + far.origin[0], y + far.origin[1]
    margin = max(width, height) // 2 + 2 * far.factor
    top, left = max(0, y - margin), max(0, x - margin)
    part = np.ascontiguousarray(pixels[top : y + height + margin, left : x + width + margin])
    step = max(1, max(part.shape[:2]) // WORKING_SIDE)
    if step >= far.factor:
        return far
    near_part = reduced(part, step)
    observe("closer", near_part)
    near = _locate_at_scale(near_part, step, observe, dark)
    # How many digits there are was seen from farther away.
    choice = Choice(near.choice.mask, near.choice.box, far.choice.pieces)
    origin = left + near.origin[0], top + near.origin[1]
    return Found(near.ink, choice, near.factor, origin, near.dark, near.log_odds)


def reduced(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average an image down by a whole factor."""
    if factor <= 1:
        return pixels
    if pixels.ndim == 3:
        return np.asarray(Image.fromarray(pixels).reduce(factor))
    return grey_of(image_of(pixels).reduce(factor))
