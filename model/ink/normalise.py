"""The one normaliser: an image or a drawing -> proposals for the network's input, the likeliest first."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.ink.canvas import LARGEST, read_canvas
from model.ink.colour import opaque
from model.ink.decode import DEFAULT_LIMITS, Limits, decode
from model.ink.errors import InkError, NoInk
from model.ink.fields import boxes_of_fields, read_png
from model.ink.frame import FIELD_SIDE
from model.ink.plain_drawing import frame_canvas, frame_drawing
from model.ink.proposals import NEAR_SIDE, NormalisedInk, propose
from model.ink.strokes import Drawing, Drawings, Strokes, read

S = TypeVar("S")
T = TypeVar("T")

FEWEST, ENOUGH = 120, 512
"""The longer side (pixels) that a JPEG keeps when decoded for the first proposal, and for the others."""


def _once(make: Iterable[NormalisedInk]) -> Callable[[], list[NormalisedInk]]:
    """A function that gives the further proposals for a picture, and makes them when it is first called."""
    lock, made = Lock(), cache(lambda: list(make))

    def further() -> list[NormalisedInk]:
        with lock:
            return made()

    return further


def _scaled(ink: NormalisedInk, scale: float) -> NormalisedInk:
    """The same proposal with its box multiplied by `scale`."""
    x, y, width, height = (scale * value for value in ink.box)
    return replace(ink, box=(x, y, width, height))


def normalise_quickly(
    files: Sequence[bytes], *, limits: Limits = DEFAULT_LIMITS
) -> list[NormalisedInk | None]:
    """Normalise those of many image files that are fields already, or usual drawings; None for the others.

    Each of them takes well under a millisecond.
    """
    if limits.pixels < LARGEST * LARGEST:
        return [None] * len(files)
    inks: list[NormalisedInk | None] = [None] * len(files)
    pictures = {place: picture for place, file in enumerate(files) if (picture := read_png(file)) is not None}
    for (place, picture), box in zip(pictures.items(), boxes_of_fields([*pictures.values()]), strict=True):
        inks[place] = None if box is None else NormalisedInk(picture, box, 1)
    for place in set(range(len(files))).difference(pictures):
        canvas = read_canvas(files[place])
        framed = None if canvas is None else frame_canvas(canvas)
        inks[place] = None if framed is None else NormalisedInk(*framed, 1)
    return inks


def normalise_images(
    files: Sequence[bytes], *, limits: Limits = DEFAULT_LIMITS
) -> list[NormalisedInk | InkError]:
    """Normalise many image files; one that is unreadable or has no ink gets an `InkError` instead."""
    one = partial(normalise_image, limits=limits)
    pairs = zip(files, normalise_quickly(files, limits=limits), strict=True)
    return [_or_error(one, file) if ink is None else ink for file, ink in pairs]


def _or_error(make: Callable[[S], T], given: S) -> T | InkError:
    try:
        return make(given)
    except InkError as error:
        # The traceback's frames hold the image's pixels, and many such errors would keep them all.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        return error


def normalise_image(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> NormalisedInk:
    """Normalise an image file. Raises `InkError`: see `model.ink.errors`."""
    if (quick := normalise_quickly([data], limits=limits)[0]) is not None:
        return quick
    decoded = decode(data, limits, least_side=FEWEST)
    if decoded.reduced:
        # A JPEG is decoded at a small scale for the first proposal, at a larger one for the others, and in
        # full where its digit is small.
        with suppress(NoInk):
            ink = normalise_pixels(decoded.pixels, scale=decoded.scale)
            if max(ink.box[2:]) >= NEAR_SIDE * decoded.scale:
                return replace(ink, further=_once(_larger(data, limits)))
        decoded = decode(data, limits)
    return normalise_pixels(decoded.pixels, scale=decoded.scale)


def _larger(data: bytes, limits: Limits) -> Iterator[NormalisedInk]:
    """Decode a JPEG again, at a larger scale than for its first proposal, and give all its proposals."""
    decoded = decode(data, limits, least_side=ENOUGH)
    yield from (_scaled(ink, decoded.scale) for ink in propose(decoded.pixels))


def normalise_pixels(pixels: NDArray[np.uint8], *, scale: float = 1.0) -> NormalisedInk:
    """Normalise (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA pixels, 0 to 255. Raises `NoInk`.

    Boxes are multiplied by `scale`, the number of original pixels that a given one spans.
    """
    if pixels.shape == (FIELD_SIDE, FIELD_SIDE) and (box := boxes_of_fields([pixels])[0]) is not None:
        return _scaled(NormalisedInk(pixels, box, 1), scale)
    pixels = opaque(pixels)
    if (framed := frame_drawing(pixels)) is not None:
        return _scaled(NormalisedInk(*framed, 1), scale)
    proposals = (_scaled(ink, scale) for ink in propose(pixels))
    first = next(proposals, None)
    if first is None:
        raise NoInk("nothing legible stands out from the paper")
    return replace(first, further=_once(proposals))


def normalise_strokes(strokes: Strokes) -> NormalisedInk:
    """Normalise pen strokes. Raises `InvalidStrokes` or `NoInk`."""
    (ink,) = normalise_drawings([strokes])
    if isinstance(ink, InkError):
        raise ink
    return ink


def normalise_drawings(drawings: Sequence[Strokes]) -> list[NormalisedInk | InkError]:
    """Normalise the pen strokes of many drawings; an invalid or empty one gets an `InkError` instead."""
    checked = [_or_error(read, strokes) for strokes in drawings]
    good = [drawing for drawing in checked if isinstance(drawing, Drawing)]
    inks: Iterator[NormalisedInk] = iter(())
    if good:
        together = Drawings(good)
        inks = map(NormalisedInk, together.fields(), together.boxes(), together.pieces())
    return [next(inks) if isinstance(drawing, Drawing) else drawing for drawing in checked]
