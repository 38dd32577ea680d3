"""Photographs of digits: on sheets, on a desk, on plates, in boxes and rings, beside a pen, pale."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from model.generator.items import Bytes, Rng, Source, between, one_of
from model.generator.paper.camera import photographs
from model.generator.paper.inks import InkMaker
from model.generator.paper.light import glare
from model.generator.paper.masks import Reals, cover_of, moved, placed_on_page, soft, stretched, tight
from model.generator.paper.scene import Scene, area, desk, paint, ring, rule, sheet, smooth_field, tinted
from model.generator.pens.vectors import affine, elastic

Surroundings: TypeAlias = Callable[[Scene, Rng, Bytes], None]
"""Puts things around a digit's ink (H, W) into its scene; it may write the digit, too."""
INKS = ((1, 1, 1), (1, 1, 1), (0.4, 0.5, 2.2), (0.4, 0.5, 2.2), (2.6, 0.3, 0.3), (0.4, 1.5, 0.6))
"""Hues of pens: black and blue, twice each; red; green."""


def photographed(ink: InkMaker, surroundings: Surroundings | None = None) -> Source:
    """Photographs of a digit on a sheet of paper, or with `surroundings` about it."""

    def scene(rng: Rng) -> Scene:
        mask, label, group, width = ink(rng)
        own = tight(mask)
        factor = min(1.0, rng.uniform(50, 110) / len(own))
        own = stretched(own, factor)
        mask = placed_on_page(np.pad(own, max(own.shape) // 4), rng, room=1.8)
        made = Scene.on(sheet(rng, mask.shape))
        made.label, made.group, made.pen, made.padding = label, group, max(1.0, width * factor), 0.04
        (surroundings or on_sheet)(made, rng, mask)
        if not made.clean.any():
            _write(made, rng, mask)
        return made

    return photographs(scene)


def _colour(made: Scene, rng: Rng) -> Reals:
    """A pen's colour, darker than the paper."""
    return tinted(float(np.median(made.page)) * rng.uniform(0.08, 0.55), one_of(rng, INKS))


def _write(made: Scene, rng: Rng, mask: Bytes, strength: float = 1.0) -> None:
    """Write with a grainy pencil, a pen that runs dry here and there, or a marker, by `strength`."""
    colour, way = _colour(made, rng), rng.random()
    thin: Reals = np.full(made.size, rng.uniform(0.85, 1.0))
    if way < 0.25:
        colour = np.full_like(colour, colour.mean())
        thin = rng.normal(rng.uniform(0.55, 0.95), 0.22, made.size)
    elif way < 0.75:
        thin = 1.1 + rng.uniform(0, 0.3) * smooth_field(rng, made.size, 9)
    made.write(mask, colour, np.clip(thin, 0.15, 1) * strength)


def _extent(mask: Bytes) -> tuple[Reals, Reals]:
    """The middle of the ink and half its size: x, y each."""
    inked = np.argwhere(mask > 60)[:, ::-1]
    low, high = inked.min(axis=0), inked.max(axis=0) + 1
    return (low + high) / 2, (high - low) / 2


def on_sheet(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Take plain, ruled or squared paper, which sometimes ends within the picture."""
    if rng.random() < 0.5:
        rule(made, rng, 2 * float(_extent(mask)[1][1]))
    if rng.random() < 0.15:
        on_desk(made, rng, mask)


def on_desk(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Let the paper end: a desk is in view beyond one to four of its edges, which cast a shadow."""
    middle, half = _extent(mask)
    size = np.array(made.size[::-1])
    gaps = np.concatenate([middle - half, size - middle - half])
    shown = rng.permutation(4) < rng.integers(1, 5)
    left, top, right, bottom = np.where(shown, gaps * rng.uniform(0.1, 0.75, 4), -0.1 * size[0])
    right, bottom = size - [right, bottom]
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    below = Scene.on(desk(rng, made.size))
    paper = area(made.size, corners + rng.normal(0, 0.04 * max(gaps.min(), 0), (4, 2)))
    below.put(rng, paper, made.page, 4.0)
    made.page = below.page


def in_ring(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Draw a ring around the digit."""
    middle, half = _extent(mask)
    half = half * rng.uniform(1.2, 1.4, 2) + made.pen * 1.5 + half.max() * rng.uniform(0.06, 0.35)
    _draw_around(made, rng, middle, half, 1.0)


def in_box(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Draw a box around the digit, round at its corners at times, or one of a row."""
    middle, half = _extent(mask)
    room = half.max() * rng.uniform(0.36, 0.8, 2)
    middle, half = middle + rng.uniform(-0.5, 0.5, 2) * (room - 0.16 * half.max()), half + made.pen + room
    step = np.array([2 * half[0] * rng.choice([1.0, 1.0, rng.uniform(1.1, 1.5)]), 0.0])
    beside = (step, -step) if rng.random() < 0.4 else ()
    _draw_around(made, rng, middle, half, rng.choice([0.01, 0.01, rng.uniform(0.05, 0.3)]), *beside)


def _draw_around(made: Scene, rng: Rng, middle: Reals, half: Reals, power: float, *beside: Reals) -> None:
    """Draw a ring or a box (see `ring`), printed, or by hand in one or two turns, and others `beside` it."""
    by_hand = rng.random() < 0.6
    turns = rng.uniform(*one_of(rng, ((0.93, 1.1), (1.7, 2.1)))) if by_hand and power == 1 else 1.03
    path = ring((0, 0), 1.0, turns, rng.uniform(0, 6) * by_hand, power)
    path = (elastic(np.asarray(path, np.float64), rng, 0.03) if by_hand else path) * half + middle
    if rng.random() < 0.25:
        made.fill(paint(rng, 0.5, 1.0, 0.5), path)
    paths = [path, *(path + step for step in beside)]
    made.trace(_colour(made, rng), made.pen * between(rng, 0.3, 1.5), *paths, thin=rng.uniform(0.5, 1.0))


def on_plate(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Put the digit on a plate on a wall: enamel, brass or plastic, with an edge and gloss."""
    middle, half = _extent(mask)
    tall, power = 2 * float(half[1]), rng.choice([0.01, rng.uniform(0.05, 0.4), 1.0])
    half = (half + tall * rng.uniform(0.12, 0.5, 2)) * (1.25 if power == 1 else 1.0)
    ground, ink = paint(rng, 0.55, 1.0, rng.choice([0, 0.9])), paint(rng, 0.02, 0.35, rng.choice([0, 0.9]))
    if rng.random() < 0.5:
        ground, ink = ink, ground
    made.page = desk(rng, made.size)
    made.put(rng, area(made.size, ring(middle, half, power=power)), ground, 3.0)
    if rng.random() < 0.5:
        made.trace(ink, 0.02 * tall, ring(middle, half * 0.93, power=power))
    if rng.random() < 0.3:  # raised
        made.shade(1 - 0.5 * moved(cover_of(mask), rng, 2))
    made.write(mask, ink)
    if rng.random() < 0.4:
        made.shade(0.5 + 0.5 * glare(rng, made.size))


def beside_pen(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Lay a pen or a pencil on the paper, clear of the digit, whole or reaching out of the picture."""
    thick, long = max(made.size) * rng.uniform(0.03, 0.1), max(made.size) * rng.uniform(0.4, 1.3)
    outline = np.array([(0, 0), (1.4, -0.5), (long / thick, -0.5), (long / thick, 0.5), (1.4, 0.5)]) * thick
    for _ in range(40):
        tip, turn = rng.random(2) * made.size[::-1], rng.uniform(0, 2 * np.pi)
        bodies = [affine(outline * [1, share], angle=turn) + tip for share in (1.0, rng.uniform(0.2, 0.7))]
        pen, gloss = (area(made.size, body) for body in bodies)
        if not mask[soft(pen, thick / 3 + made.pen / 2) > 0.02].any():
            colour = paint(rng, 0.03, 0.8, rng.choice([0, 0.8]))
            made.put(rng, pen, colour, 0.4 * thick)
            made.lay(soft(gloss, thick / 8) * pen, colour * rng.uniform(0.6, 1.6))
            made.lay(pen * area(made.size, ring(tip, 0.8 * thick)), rng.uniform(0, 0.5))
            return


def pale(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Write in a pale colour or in pencil on grey paper."""
    made.page = made.page * rng.uniform(0.35, 0.85)
    _write(made, rng, mask, rng.uniform(0.15, 0.6))
