"""Sources of what is no single legible digit, each drawn with the same pens as the digits are."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PIL import Image

from model.generator.chance import either, one_of
from model.generator.items import Bytes, Item, Rng, Source, Strokes
from model.generator.outliers import spoiled
from model.generator.outliers.scripts import coverage
from model.generator.paper.camera import turned
from model.generator.paper.canvas import as_mnist, pasted, placed_on_page, present, resized, stretched
from model.generator.paper.cheques import ChequeDigit, inked
from model.generator.paper.desk import photographed
from model.generator.paper.fonts import Font, glyph, picker
from model.generator.paper.inks import Ink, InkMaker, any_image, pen_ink, sharp
from model.generator.paper.surroundings import as_strokes, on_canvas, printed
from model.generator.pens.hands import Drawing, Hand
from model.generator.pens.rendering import draw, fit
from model.generator.pens.templates import draw_digit
from model.generator.pens.vectors import bounds, to_unit
from model.training.data import NO_DIGIT, LabelledImages

LOOKS_ALIKE = 0.83
"""A printed character with a cosine above this to a printed digit is used for neither side."""


def drawn(hand: Hand, vectors: float = 0.55) -> Source:
    """A drawing as vectors, with some chance, as a photograph of paper, or on a canvas."""
    return either(vectors, as_strokes(hand), either(0.33, photographed(pen_ink(hand)), on_canvas(hand)))


def printed_or_photographed(ink: InkMaker) -> Source:
    """A printed character on a page, or on a photograph of one."""
    return either(0.15, photographed(ink), printed(ink, room=1.8))


def rows(hand: Hand, gaps: tuple[float, float], most: int) -> Hand:
    """Two digits of one size beside each other, or up to `most`; the room between, in heights, is `gaps`."""

    def row(rng: Rng) -> Drawing:
        digits = [hand(rng) for _ in range(2 if rng.random() < 0.75 else most)]
        placed, right = [], 0.0
        for digit in digits:
            low, high = bounds(digit.strokes)
            scale = np.exp(rng.normal(0, 0.08)) / max(high[1] - low[1], 0.5 * (high[0] - low[0]))
            at = np.array([right, rng.normal(0, 0.05)])
            placed += [(stroke - [low[0], high[1]]) * scale + at for stroke in digit.strokes]
            right = bounds(placed)[1][0] + rng.uniform(*gaps)
        return Drawing(to_unit(placed), NO_DIGIT, digits[0].group)

    return row


def spoiled_digits(hand: Hand, spoil: Callable[[int, Strokes, Rng], Strokes | None]) -> Hand:
    """Digits of `hand` that are no digits any more, of those for which `spoil` gives strokes."""

    def spoiler(rng: Rng) -> Drawing:
        while True:
            strokes, label, group = hand(rng)
            found = spoil(label, to_unit(strokes), rng)
            if found is not None:
                return Drawing(to_unit(found), NO_DIGIT, group)

    return spoiler


def overlapping_digits(hand: Hand) -> Hand:
    """Two different digits written over each other. No 1: it might be a stroke of the other."""

    def both(rng: Rng) -> Drawing:
        while True:
            first, second = hand(rng), hand(rng)
            if first.label != second.label and 1 not in (first.label, second.label):
                strokes = spoiled.overlapping(to_unit(first.strokes), to_unit(second.strokes), rng)
                return Drawing(strokes, NO_DIGIT, first.group)

    return both


def image_pairs(images: LabelledImages) -> Source:
    """Two of MNIST's digits that touch."""

    def source(rng: Rng) -> Item:
        chosen = [images.images[int(index)] for index in rng.integers(len(images), size=2)]
        left, right = (image[:, np.flatnonzero(image.max(axis=0) > 60)] for image in chosen)
        # A thin 1 may be narrower than the touch that was drawn: it cannot reach beyond its neighbour.
        touch = min(int(rng.integers(0, 4)), left.shape[1] - 1, right.shape[1] - 1)
        start = left.shape[1] - touch
        wide = 28, start + right.shape[1]
        both = np.maximum(pasted(left, wide, 0, 0), pasted(right, wide, 0, start))
        page = placed_on_page(stretched(both, 3), rng, room=1.6)
        return Item(NO_DIGIT, 0, pixels=present(page, rng), clean=page, parts=tuple(chosen))

    return source


def cheque_pairs(digits: list[ChequeDigit]) -> Source:
    """Two neighbours on a cheque, cut out together."""
    neighbours = [
        (first, second)
        for first, second in pairwise(digits)
        if first.amount is second.amount and second.place == first.place + 1
    ]

    def source(rng: Rng) -> Item:
        pair = one_of(rng, neighbours)
        boxes = np.array([digit.box for digit in pair])
        boxes[:, 2:] += boxes[:, :2]
        left, top = np.maximum(boxes[:, :2].min(axis=0) - 1, 0)
        right, bottom = boxes[:, 2:].max(axis=0) + 1
        pixels = pair[0].amount.pixels[top:bottom, left:right]
        pixels = stretched(pixels, rng.uniform(1.0, 2.5), least=10)
        return Item(NO_DIGIT, pair[0].amount.group, pixels=pixels, parts=tuple(map(inked, pair)))

    return source


def printed_characters(fonts: list[Font], digit_fonts: list[Font], scripts: tuple[str, ...] = ()) -> InkMaker:
    """Characters of `scripts` (none named: all but Latin, each as often as the others), warped a little.

    Whatever comes near a digit of any of `digit_fonts` is left out. The group is the script.
    """
    resembles = like_digits(digit_fonts)
    covered = coverage(fonts)
    names = [name for name in (scripts or tuple(n for n in covered if n != "latin")) if name in covered]
    numbers = {name: number for number, name in enumerate(covered)}
    pickers = {name: picker([font for font, _ in covered[name]]) for name in names}
    codes = {(name, font.path): codes for name in names for font, codes in covered[name]}

    def ink(rng: Rng) -> Ink:
        mask = np.zeros((1, 1), np.uint8)
        # Some fonts have blanks where their map promises a character.
        while mask.max() < 128 or resembles(mask):
            name = one_of(rng, names)
            font = pickers[name](rng)
            mask = glyph(font, chr(one_of(rng, codes[name, font.path])), one_of(rng, (24, 36, 48, 64)))
        pen, mask = mask.shape[0] * 0.06, np.pad(mask, max(mask.shape) // 3)
        if rng.random() < 0.6:
            mask = np.asarray(turned([Image.fromarray(mask)], rng, padding=0.08, angle=12.0)[0])
        return Ink(mask, NO_DIGIT, numbers[name], pen)

    return ink


def like_digits(fonts: list[Font]) -> Callable[[Bytes], bool]:
    """Tells whether a printed shape (H, W) is nearly the same as a digit of some font or stroke model."""
    families = {font.family: font for font in fonts}
    shapes = [glyph(font, text, 48) for font in list(families.values())[:80] for text in font.digits]
    rng = np.random.default_rng(0)
    for digit in np.repeat(np.arange(10), 40):  # written by hand, too: printed zeros are narrow
        placed = fit(draw_digit(int(digit), rng), (60, 60), rng, fill=(1.0, 1.0), margin=6)
        shapes.append(draw(placed, (60, 60), 5.0, rng))
    known = np.stack([as_mnist(shape).ravel() for shape in shapes]).astype(np.float32)
    known /= np.linalg.norm(known, axis=1, keepdims=True)

    def resembles(mask: Bytes) -> bool:
        field = as_mnist(mask).astype(np.float32).ravel()
        return bool((known @ field).max() > LOOKS_ALIKE * np.linalg.norm(field))

    return resembles


def fabrics(images: LabelledImages) -> Source:
    """Clothes of Fashion-MNIST, as they are, enlarged, or with edges as crisp as silhouettes have them."""

    def source(rng: Rng) -> Item:
        (cloth, label), way = any_image(images, rng), rng.random()
        if way < 0.4:
            side = int(rng.integers(48, 140))
            cloth = resized(cloth, (side, side))
        elif way < 0.6:
            cloth = sharp(cloth, rng.uniform(2.0, 4.0), rng.uniform(40, 160), rng.uniform(15, 90))
        return Item(NO_DIGIT, label, pixels=255 - cloth if rng.random() < 0.4 else cloth)

    return source
