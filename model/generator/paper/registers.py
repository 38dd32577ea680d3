"""Digits cut from old registers: dip pens on stained paper, the neighbours' ink cut by the picture's edge."""

import numpy as np

from model.generator.items import Bytes, Rng, Source, between
from model.generator.numbers.strings import SPACINGS, by_writer, compose, draw_number
from model.generator.numbers.texts import digits, letters_of
from model.generator.paper.camera import photographs
from model.generator.paper.inks import nib
from model.generator.paper.masks import cover_of
from model.generator.paper.scene import Scene, fractal, rule, sheet, smooth_field, tinted
from model.generator.pens.hands import Drawing

SHARES = (0.05, 0.25, 0.35, 0.35)
"""The shares of the spacings, from wide to touching."""
MOST = 0.6
"""The largest share of a neighbour that is in view: a whole one would make it two digits."""


def cut(digits: Bytes, which: int, tall: float, rng: Rng) -> Bytes:
    """What is in view of each digit (n, H, W) when one of them is cut out with a margin."""
    inked = np.argwhere(digits[which] > 60)
    top, left = np.maximum(inked.min(axis=0) - rng.uniform(0, 0.5, 2) ** 1.3 * tall, 0).astype(int)
    bottom, right = (inked.max(axis=0) + 1 + rng.uniform(0, 0.5, 2) ** 1.3 * tall).astype(int)
    return digits[:, top:bottom, left:right]


def _page(own: Bytes, others: Bytes, rng: Rng) -> Scene:
    """Old paper with stains, perhaps ruled; on it the digit's own ink (H, W) and that of the others."""
    paper = sheet(rng, own.shape) * rng.uniform(0.7, 1.0)
    made = Scene.on((paper + paper.mean(axis=2, keepdims=True)) / 2)  # not of too strong a colour
    colour = np.median(made.page, axis=(0, 1))
    made.lay(np.clip(fractal(rng, made.size, 2) * rng.uniform(0, 0.4), 0, 1), colour * [0.8, 0.7, 0.55])
    if rng.random() < 0.3:
        rule(made, rng, 0.7 * made.size[0])
    ink = tinted(float(colour.mean()) * rng.uniform(0.1, 0.55), (1.2, 0.95, rng.uniform(0.55, 1.0)))
    dry = np.clip(1.0 + rng.uniform(0.05, 0.3) * smooth_field(rng, made.size, 7), 0.45, 1)
    made.lay(cover_of(others) * dry, ink)
    made.write(own, ink, dry)
    return made


def registers(samples: list[Drawing]) -> Source:
    """Digits of one writer's numbers, close together, each cut out with a part of its neighbours."""
    hands = by_writer(samples)

    def scene(rng: Rng) -> Scene | None:
        number = compose(hands, rng, letters_of(digits(rng, 2, 4)), SPACINGS[rng.choice(4, p=SHARES)])
        tall, broad = between(rng, 30, 100), rng.random() < 0.6
        width, turn = tall * between(rng, 0.035, 0.15), rng.uniform(0.3, 1.3)
        parts = draw_number(number, rng, tall, max(1.2, width / 4) if broad else width, room=(0.5, 0.6))
        parts = np.stack([nib(part, width * 1.4, turn) for part in parts]) if broad else parts
        which = int(rng.integers(len(parts)))
        seen = cut(parts, which, tall, rng)
        if np.delete(seen.sum(axis=(1, 2)) / parts.sum(axis=(1, 2)), which).max() > MOST:
            return None
        made = _page(seen[which], np.delete(seen, which, axis=0).max(axis=0), rng)
        made.label, made.group = int(number.letters[which].text), number.writer
        made.pen, made.lit = width, rng.random() < 0.3
        return made

    return photographs(scene)
