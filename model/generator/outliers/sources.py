"""Sources of what is no single legible digit: drawings of any sort, pairs cut out together, clothes."""

from itertools import pairwise

import numpy as np

from model.generator.chance import either, one_of
from model.generator.items import Item, Rng, Source
from model.generator.paper.cheques import ChequeDigit, inked
from model.generator.paper.desk import photographed
from model.generator.paper.inks import InkMaker, any_image, pen_ink, sharp
from model.generator.paper.masks import pasted, placed_on_page, resized, stretched
from model.generator.paper.pictures import as_strokes, on_canvas, present, printed
from model.generator.pens.hands import Hand
from model.training.data import NO_DIGIT, LabelledImages


def drawn(hand: Hand, vectors: float = 0.55) -> Source:
    """A drawing as vectors, with some chance, as a photograph of paper, or on a canvas."""
    return either(vectors, as_strokes(hand), either(0.33, photographed(pen_ink(hand)), on_canvas(hand)))


def printed_or_photographed(ink: InkMaker) -> Source:
    """A printed character on a page, or on a photograph of one."""
    return either(0.15, photographed(ink), printed(ink, room=1.8))


def image_pairs(images: LabelledImages) -> Source:
    """Two of MNIST's digits that touch."""

    def source(rng: Rng) -> Item:
        chosen = tuple(any_image(images, rng)[0] for _ in range(2))
        left, right = (image[:, np.flatnonzero(image.max(axis=0) > 60)] for image in chosen)
        # A thin 1 may be narrower than the touch that was drawn: it cannot reach beyond its neighbour.
        touch = min(int(rng.integers(0, 4)), left.shape[1] - 1, right.shape[1] - 1)
        start = left.shape[1] - touch
        wide = 28, start + right.shape[1]
        both = np.maximum(pasted(left, wide, 0, 0), pasted(right, wide, 0, start))
        page = placed_on_page(stretched(both, 3), rng, room=1.6)
        return Item(NO_DIGIT, 0, pixels=present(page, rng), clean=page, parts=chosen)

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
