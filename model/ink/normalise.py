"""The one normaliser: an image or a drawing -> the network's input."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.ink.canvas import LARGEST, read_canvas
from model.ink.decode import DEFAULT_LIMITS, Decoded, Limits, decode
from model.ink.errors import InkError, NoInk
from model.ink.fields import Box, boxes_of_fields, read_png
from model.ink.finding import NEAR_SIDE, Found, Observe, locate, unobserved
from model.ink.frame import FIELD_SIDE, Field, frame
from model.ink.morphology import largest_around
from model.ink.pieces import Choice
from model.ink.plain_drawing import locate_on_canvas
from model.ink.polarity import Grey
from model.ink.strokes import Drawing, Drawings, Strokes, read

SCALES = (120, 40), (192, NEAR_SIDE)
"""A JPEG is first decoded at the smallest scale that keeps its longer side at least so long (pixels): at an
eighth where it has 1000. Where the digit is smaller than the second number it is located again at the next
scale, and at last in full."""

UNSURE = 6.0
"""Below these odds (logarithmic) both dark and light ink are looked for."""

LEAST_BLOCKS = 8
"""An image of fewer blocks than this is not an enlarged scan."""


@dataclass(frozen=True, slots=True)
class NormalisedInk:
    """A digit as the network takes it."""

    field: Field
    """(28, 28), white ink (255) on black (0)."""
    box: Box
    """x, y, width, height of the ink, in the pixels or units sent."""
    pieces: int
    """How many digit-sized groups of ink were seen; 2 or more look like several digits."""
    other: "NormalisedInk | None" = None
    """The candidate of the other polarity, where it is not plain whether the ink is dark or light (see
    `model.recognition.candidates`)."""
    log_odds: float = math.inf
    """Of this candidate against the other, as far as the picture tells."""

    def scaled(self, scale: float) -> "NormalisedInk":
        """The same with its box in other pixels, `scale` of them for one."""
        x, y, width, height = (scale * value for value in self.box)
        other = None if self.other is None else self.other.scaled(scale)
        return NormalisedInk(self.field, (x, y, width, height), self.pieces, other, self.log_odds)


def normalise_quickly(
    files: Sequence[bytes], *, limits: Limits = DEFAULT_LIMITS
) -> list[NormalisedInk | None]:
    """Normalise those of many image files that take well under a millisecond; None for the others.

    These are fields already, or usual drawings on canvases.
    """
    if limits.pixels < LARGEST * LARGEST:
        return [None] * len(files)
    pictures = [read_png(file) for file in files]
    boxes = iter(boxes_of_fields([picture for picture in pictures if picture is not None]))
    inks: list[NormalisedInk | None] = []
    for file, picture in zip(files, pictures, strict=True):
        if picture is not None:
            box = next(boxes)
            inks.append(None if box is None else NormalisedInk(picture, box, 1))
            continue
        canvas = read_canvas(file)
        found = None if canvas is None else locate_on_canvas(canvas, unobserved)
        inks.append(None if found is None else _framed(found, unobserved))
    return inks


def normalise_images(
    files: Sequence[bytes], *, limits: Limits = DEFAULT_LIMITS
) -> list[NormalisedInk | InkError]:
    """Normalise many image files; an error stands in the place of one without ink."""
    quick = normalise_quickly(files, limits=limits)
    return [ink or _ink_or_error(file, limits) for file, ink in zip(files, quick, strict=True)]


def _ink_or_error(file: bytes, limits: Limits) -> NormalisedInk | InkError:
    try:
        return normalise_image(file, limits=limits)
    except InkError as error:
        # The frames that it came through hold the image's pixels: many such errors would keep them all.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        return error


def normalise_image(
    data: bytes, *, limits: Limits = DEFAULT_LIMITS, observe: Observe = unobserved
) -> NormalisedInk:
    """Normalise an image file. Raises `InkError`: see `model.ink.errors`."""
    if limits.pixels >= LARGEST * LARGEST:
        picture, canvas = read_png(data), read_canvas(data)
        if picture is not None:
            return normalise_pixels(picture, observe=observe)
        if canvas is not None:
            found = locate_on_canvas(canvas, observe)
            return _framed(found, observe) if found else normalise_pixels(canvas.whole(), observe=observe)
    decoded, ink = _normalise_by_scale(data, limits, observe)
    return ink if decoded.scale == 1.0 else ink.scaled(decoded.scale)


def _normalise_by_scale(data: bytes, limits: Limits, observe: Observe) -> tuple[Decoded, NormalisedInk]:
    """Normalise an image file with as few of its pixels as will do; gives those too."""
    longer = 0
    for side, least in SCALES:
        if longer >= side:
            continue  # the scale before had as many
        decoded = decode(data, limits, least_side=side)
        if not decoded.reduced:
            return decoded, normalise_pixels(decoded.pixels, observe=observe)
        ink = _normalise_at_scale(decoded.pixels, least, observe)
        if ink is not None:
            return decoded, ink
        longer = max(decoded.pixels.shape[:2])
    decoded = decode(data, limits)
    return decoded, normalise_pixels(decoded.pixels, observe=observe)


def normalise_pixels(pixels: NDArray[np.uint8], *, observe: Observe = unobserved) -> NormalisedInk:
    """Normalise (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA pixels, 0 to 255. Raises `NoInk`."""
    observe("picture", pixels)
    block = block_side(pixels)
    if block > 1:
        scan = normalise_pixels(np.ascontiguousarray(pixels[::block, ::block]), observe=observe)
        return scan.scaled(block)
    box = boxes_of_fields([pixels])[0] if pixels.shape == (FIELD_SIDE, FIELD_SIDE) else None
    if box is not None:
        observe("field", pixels)
        return NormalisedInk(pixels, box, 1)
    return _both_sides(pixels, locate(pixels, observe), observe)


def _normalise_at_scale(pixels: NDArray[np.uint8], least: int, observe: Observe) -> NormalisedInk | None:
    """Normalise an image that was decoded at a reduced scale; None if its digit has fewer pixels than
    `least`."""
    observe("picture", pixels)
    try:
        found = locate(pixels, observe)
    except NoInk:
        return None
    return None if max(found.choice.box[2:]) < least else _both_sides(pixels, found, observe)


def _both_sides(pixels: NDArray[np.uint8], found: Found, observe: Observe) -> NormalisedInk:
    """Normalise what was found, and the candidate of the other polarity where the odds are small."""
    ink = _framed(found, observe)
    if found.log_odds >= UNSURE:
        return ink

    def observe_other(name: str, picture: NDArray[np.uint8]) -> None:
        observe(f"{name}, the other way round", picture)

    try:
        other = _framed(locate(pixels, observe_other, dark=not found.dark), observe_other)
    except NoInk:
        return ink
    return replace(ink, other=other, log_odds=found.log_odds)


def _framed(found: Found, observe: Observe) -> NormalisedInk:
    factor, choice, (left, top) = found.factor, found.choice, found.origin
    x, y, width, height = choice.box
    box = float(left + x * factor), float(top + y * factor), float(width * factor), float(height * factor)
    ink = _own(found.ink, choice)
    observe("the digit's own", ink)
    field = frame(ink)
    observe("field", field)
    return NormalisedInk(field, box, choice.pieces)


def normalise_strokes(strokes: Strokes) -> NormalisedInk:
    """Normalise pen strokes. Raises `InvalidStrokes` or `NoInk`."""
    (ink,) = normalise_drawings([strokes])
    if isinstance(ink, InkError):
        raise ink
    return ink


def normalise_drawings(drawings: Sequence[Strokes]) -> list[NormalisedInk | InkError]:
    """Normalise the pen strokes of many drawings; an error stands in the place of one without ink."""
    checked = [_checked(strokes) for strokes in drawings]
    good = [drawing for drawing in checked if isinstance(drawing, Drawing)]
    inks: Iterator[NormalisedInk] = iter(())
    if good:
        together = Drawings(good)
        inks = map(NormalisedInk, together.fields(), together.boxes(), together.pieces())
    return [next(inks) if isinstance(drawing, Drawing) else drawing for drawing in checked]


def _checked(strokes: Strokes) -> Drawing | InkError:
    try:
        return read(strokes)
    except InkError as error:
        return error


def block_side(pixels: NDArray[np.uint8]) -> int:
    """The side of the blocks of equal pixels that an image is made of; 1 where it is made of pixels.

    A small scan that was enlarged by repeating its pixels has stairs, which are not strokes.
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


def _own(ink: Grey, chosen: Choice) -> Grey:
    """The chosen ink, cut out with its faint rim."""
    x, y, width, height = chosen.box
    rows = slice(max(0, y - 1), y + height + 1)
    columns = slice(max(0, x - 1), x + width + 1)
    return ink[rows, columns] * largest_around(chosen.mask[rows, columns].view(np.uint8), 3)
