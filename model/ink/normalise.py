"""The one normaliser: an image or a drawing -> the network's input."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.ink.decode import DEFAULT_LIMITS, Decoded, Limits, decode
from model.ink.drawn import drawn_on
from model.ink.errors import InkError, NoInk
from model.ink.finding import NEAR_SIDE, WORKING_SIDE, Found, Observe, find_drawn, look, unobserved
from model.ink.frame import FIELD_SIDE, Field, frame
from model.ink.pieces import Choice
from model.ink.png import MOST_PIXELS, canvas_sheet
from model.ink.polarity import Grey
from model.ink.sheet import Sheet
from model.ink.strokes import Drawing, Drawings, Strokes, read

Box = tuple[float, float, float, float]
GLANCES = (120, 40), (192, NEAR_SIDE)
"""A JPEG is first decoded at the smallest scale that keeps its longer side at least so long (pixels): at an
eighth where it has 1000. A digit smaller than the second number is looked at again at the next scale, and
at last in full."""

UNSURE = 6.0
"""Below such odds (logarithmic) both dark and light ink are looked for."""

LEAST_BLOCKS = 8
"""An image of fewer blocks than this is a plain one, and no enlarged scan."""

_ONES = np.ones(FIELD_SIDE, dtype=np.float32)
_INDEX = np.arange(FIELD_SIDE, dtype=np.float32)


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
    """The same picture the other way round, where it is not plain whether what is dark or what is light is
    the ink (see `model.recognition.candidates`)."""
    log_odds: float = math.inf
    """Those of this side against the other, as far as the picture tells."""

    def scaled(self, scale: float) -> "NormalisedInk":
        """The same with the boxes in other pixels, of which there are `scale` for one of these."""
        x, y, width, height = (scale * value for value in self.box)
        other = None if self.other is None else self.other.scaled(scale)
        return NormalisedInk(self.field, (x, y, width, height), self.pieces, other, self.log_odds)


def normalise_image(
    data: bytes, *, limits: Limits = DEFAULT_LIMITS, observe: Observe = unobserved
) -> NormalisedInk:
    """Normalise an image file. Raises `InkError`: see `model.ink.errors`."""
    sheet = canvas_sheet(data) if limits.pixels >= MOST_PIXELS else None
    if sheet is not None:
        found = _found_on(sheet, observe)
        if found is not None:
            return _normalised(found, observe)
        if sheet.final:
            return normalise_pixels(sheet.whole(), observe=observe)
    decoded, ink = _glance(data, limits, observe)
    if ink is None:
        ink = normalise_pixels(decoded.pixels, observe=observe)
    return ink if decoded.scale == 1.0 else ink.scaled(decoded.scale)


def _glance(data: bytes, limits: Limits, observe: Observe) -> tuple[Decoded, NormalisedInk | None]:
    """An image file with as few of its pixels as will do, and what is found; None where it takes all."""
    seen = 0
    for side, least in GLANCES:
        if seen >= side:
            continue  # the scale before had as many
        decoded = decode(data, limits, glance=side)
        if not decoded.glanced:
            return decoded, None
        found = _at_a_glance(decoded.pixels, least, observe)
        if found is not None:
            return decoded, found
        seen = max(decoded.pixels.shape[:2])
    return decode(data, limits), None


def normalise_pixels(pixels: NDArray[np.uint8], *, observe: Observe = unobserved) -> NormalisedInk:
    """Normalise (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA pixels, 0 to 255. Raises `NoInk`."""
    observe("picture", pixels)
    block = block_side(pixels)
    if block > 1:
        scan = normalise_pixels(np.ascontiguousarray(pixels[::block, ::block]), observe=observe)
        return scan.scaled(block)
    box = _field_box(pixels)
    if box is not None:
        observe("field", pixels)
        return NormalisedInk(pixels, box, 1)
    return _both_sides(pixels, look(pixels, observe), observe)


def normalise_sheets(sheets: Sequence[Sheet]) -> list[NormalisedInk | None]:
    """What `normalise_image` gives of canvases (`canvas_sheet`) that have one piece of ink; else None.

    Step by step for all: what a processor has at hand of one picture's step serves the next one's.
    """
    everything = [_found_on(sheet, unobserved) for sheet in sheets]
    return [None if found is None else _normalised(found, unobserved) for found in everything]


def _found_on(sheet: Sheet, observe: Observe) -> Found | None:
    """What `look` finds in the whole picture, where all there is is one piece of ink."""
    observe("the part with ink", sheet.part)
    if _may_be_blocks(sheet):
        return None
    factor = -(-max(sheet.shape) // WORKING_SIDE)
    try:
        found = find_drawn(drawn_on(sheet.reduced(factor)), factor, observe)
    except NoInk:
        return None
    return None if found is None or found.is_far else found


def _may_be_blocks(sheet: Sheet) -> bool:
    """Whether lines through the middle of the part leave it open that `block_side` is more than 1."""
    side = math.gcd(*sheet.shape)
    height, width = sheet.part.shape
    for line, start in ((sheet.part[height // 2], sheet.left), (sheet.part[:, width // 2], sheet.top)):
        changes = (line[1:] != line[:-1]).nonzero()[0] + (start + 1)
        side = math.gcd(side, *changes.tolist())
        if side == 1:
            return False
    return True


def _at_a_glance(pixels: NDArray[np.uint8], least: int, observe: Observe) -> NormalisedInk | None:
    """Normalise an image of which there are more pixels; None where its digit has less than `least`."""
    observe("picture", pixels)
    try:
        found = look(pixels, observe)
    except NoInk:
        return None
    return None if max(found.choice.box[2:]) < least else _both_sides(pixels, found, observe)


def _both_sides(pixels: NDArray[np.uint8], found: Found, observe: Observe) -> NormalisedInk:
    """Normalise what was found, and what is found the other way round where that may be the ink."""
    ink = _normalised(found, observe)
    if found.log_odds >= UNSURE:
        return ink

    def told(name: str, picture: NDArray[np.uint8]) -> None:
        observe(f"{name}, the other way round", picture)

    try:
        other = _normalised(look(pixels, told, dark=not found.dark), told)
    except NoInk:
        return ink
    return replace(ink, other=other, log_odds=found.log_odds)


def _normalised(found: Found, observe: Observe) -> NormalisedInk:
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


def _own(ink: Grey, chosen: Choice) -> Grey:
    """The chosen ink, cut out with its faint rim."""
    x, y, width, height = chosen.box
    rows = slice(max(0, y - 1), y + height + 1)
    columns = slice(max(0, x - 1), x + width + 1)
    return ink[rows, columns] * _grown(chosen.mask[rows, columns])


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A (H, W) mask with the eight neighbours of each pixel."""
    height, width = mask.shape
    # With a gap after each row, neighbours are so many places on in one array without a break.
    step = width + 1
    room = np.zeros((height, step), np.bool_)
    room[:, :width] = mask
    flat = room.ravel()
    wide = flat.copy()
    wide[1:] |= flat[:-1]
    wide[:-1] |= flat[1:]
    high = wide.copy()
    high[step:] |= wide[:-step]
    high[:-step] |= wide[step:]
    return high.reshape(height, step)[:, :width]
