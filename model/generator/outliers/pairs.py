"""Two whole digits beside each other, as far apart as may be."""

import numpy as np

from model.generator.items import Rng
from model.generator.paper.scene import between
from model.generator.pens.hands import Drawing, Hand
from model.generator.pens.vectors import bounds, to_unit
from model.training.data import NO_DIGIT


def whole_pairs(hand: Hand) -> Hand:
    """Two digits of one size, from nearly touching to their height apart: "several digits"."""

    def both(rng: Rng) -> Drawing:
        first, second = hand(rng), hand(rng)
        row, right = [], 0.0
        for strokes in (first.strokes, second.strokes):
            low, high = bounds(strokes)
            scale = np.exp(rng.normal(0, 0.08)) / max(high[1] - low[1], 0.5 * (high[0] - low[0]))
            at = np.array([right, rng.normal(0, 0.04)])
            row += [(stroke - [low[0], high[1]]) * scale + at for stroke in strokes]
            right = bounds(row)[1][0] + between(rng, 0.04, 1.1)
        return Drawing(to_unit(row), NO_DIGIT, first.group)

    return both
