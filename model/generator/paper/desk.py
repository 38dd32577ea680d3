"""Photographs of digits: on sheets, on a desk, on plates, in boxes and rings, beside a pen, pale."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Item, Rng, Source
from model.generator.paper.camera import legible, photo
from model.generator.paper.canvas import ink_box, placed_on_page, stretched
from model.generator.paper.ground import desk, rule, sheet
from model.generator.paper.inks import InkMaker
from model.generator.paper.light import glare
from model.generator.paper.scene import (
    Reals,
    Scene,
    area,
    cover_of,
    lines,
    moved,
    paint,
    ring,
    scene,
    smooth_field,
    soft,
    tinted,
)
from model.generator.pens.vectors import spline

Surroundings: TypeAlias = Callable[[Scene, Rng, Bytes, float], None]
"""Lays things around a digit's ink (H, W), of a pen of some pixels, into its scene; may write it, too."""
INKS = ((1, 1, 1), (1, 1, 1), (0.4, 0.5, 2.2), (0.4, 0.5, 2.2), (2.6, 0.3, 0.3), (0.4, 1.5, 0.6))
"""Of pens: black, blue, red, green."""


def _pen_colour(made: Scene, rng: Rng) -> Reals:
    """A pen's colour, darker than the paper."""
    return tinted(float(np.median(made.page)) * rng.uniform(0.08, 0.55), one_of(rng, INKS))


def _with_ball_pen(made: Scene, rng: Rng, mask: Bytes) -> None:
    """Write with a pen that runs dry here and there."""
    dry = np.clip(1.1 + rng.uniform(0, 0.3) * smooth_field(rng, made.size, 9), 0.5, 1)
    made.write(mask, _pen_colour(made, rng), dry)


def _box(mask: Bytes) -> Reals:
    """Left, top, right, bottom of the ink."""
    inked = np.argwhere(mask > 60)
    return np.concatenate([inked.min(axis=0)[::-1], inked.max(axis=0)[::-1] + 1]).astype(np.float64)


def among(ink: InkMaker, surroundings: Surroundings) -> Source:
    """Photographs of a digit on paper with `surroundings` about it."""

    def source(rng: Rng) -> Item:
        while True:
            mask, label, group, width = ink(rng)
            mask = mask[ink_box(mask, 40)]
            factor = min(1.0, rng.uniform(50, 110) / max(mask.shape))
            tight = stretched(mask, factor)
            mask = placed_on_page(np.pad(tight, max(tight.shape) // 4), rng, room=1.8)
            width = max(1.0, width * factor)
            made = scene(sheet(rng, mask.shape[:2]))
            surroundings(made, rng, mask, width)
            if not made.clean.any():
                _with_ball_pen(made, rng, mask)
            taken = photo(made, rng, ink=width, padding=0.04)
            cut = taken.clean[[0, -1]].any() or taken.clean[:, [0, -1]].any()
            if legible(taken) and not cut:
                return Item(label, group, pixels=taken.pixels, clean=taken.clean)

    return source


def photographed(ink: InkMaker) -> Source:
    """Photographs of ink on sheets of paper."""
    return among(ink, on_sheet)


def on_sheet(made: Scene, rng: Rng, mask: Bytes, width: float) -> None:
    """Write on plain, ruled or squared paper, that ends within the picture at times, with any pen."""
    if rng.random() < 0.5:
        rule(made, rng, float(np.ptp(_box(mask)[1::2])))
    if rng.random() < 0.15:
        on_desk(made, rng, mask, width)
    way = rng.random()
    if way < 0.25:  # a pencil: grainy
        grey = float(np.median(made.page)) * rng.uniform(0.25, 0.5)
        made.write(mask, grey, np.clip(rng.normal(rng.uniform(0.55, 0.95), 0.22, made.size), 0.15, 1))
    elif way < 0.75:
        _with_ball_pen(made, rng, mask)
    else:  # a marker
        made.write(mask, _pen_colour(made, rng) * rng.uniform(0.3, 1.0), rng.uniform(0.85, 1.0))


def on_desk(made: Scene, rng: Rng, mask: Bytes, _: float) -> None:
    """Let the paper end: a desk is in view beyond one to four of its edges, which throw a shadow."""
    height, width = made.size
    gaps = np.abs(_box(mask) - [0, 0, width, height])
    shown = rng.permutation(4) < rng.integers(1, 5)
    x0, y0, x1, y1 = np.where(shown, gaps * rng.uniform(0.1, 0.75, 4), -0.1 * width)
    corners = np.array([(x0, y0), (width - x1, y0), (width - x1, height - y1), (x0, height - y1)])
    paper = area(made.size, corners + rng.normal(0, 0.04 * gaps.min(), (4, 2)))
    below = scene(desk(rng, made.size))
    below.shade(1 - rng.uniform(0.1, 0.7) * soft(moved(paper, rng, 4), between(rng, 0.8, 7)))
    below.lay(paper, made.page)
    made.page = below.page


def in_ring(made: Scene, rng: Rng, mask: Bytes, width: float) -> None:
    """Draw a ring around the digit, by hand in one or two turns, or printed, hollow or filled."""
    box = _box(mask)
    half = (box[2:] - box[:2]) / 2
    away = width * 1.5 + half.max() * rng.uniform(0.06, 0.35)
    printed, turns = rng.random() < 0.4, rng.choice([rng.uniform(0.93, 1.1), rng.uniform(1.7, 2.1)])
    x, y = half * rng.uniform(1.2, 1.4, 2) + away if not printed else np.full(2, np.hypot(*half) + away)
    path = ring((box[::2].mean(), box[1::2].mean()), (x, y), 1 if printed else turns, rng.uniform(0, 6))
    if printed and rng.random() < 0.4:
        made.lay(area(made.size, path), paint(rng, 0.5, 1.0, 0.6))
    elif not printed:
        path = spline(path[::4] + rng.normal(0, 0.03 * x, (len(path[::4]), 2)))
    drawn = lines(made.size, width * between(rng, 0.5, 1.5), path)
    made.lay(drawn * rng.uniform(0.6, 1.0), _pen_colour(made, rng))


def in_box(made: Scene, rng: Rng, mask: Bytes, width: float) -> None:
    """Draw a box around the digit, printed, round at its corners or by hand, one of a row at times."""
    box = _box(mask)
    x0, y0, x1, y1 = box + (width + (box[2:] - box[:2]).max() * rng.uniform(0.08, 0.4, 4)) * [-1, -1, 1, 1]
    power = rng.choice([0.01, 0.01, rng.uniform(0.05, 0.3)])
    path = ring(((x0 + x1) / 2, (y0 + y1) / 2), ((x1 - x0) / 2, (y1 - y0) / 2), power=power)
    if rng.random() < 0.4:
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])
        path = corners + rng.normal(0, 0.4 * width, (5, 2))
    if rng.random() < 0.3:
        made.lay(area(made.size, path), paint(rng, 0.6, 1.0, 0.3))
    step = (x1 - x0) * rng.choice([1.0, 1.0, rng.uniform(1.1, 1.5)])
    row = [np.add(path, [place * step, 0]) for place in ((0,) if rng.random() < 0.6 else (-1, 0, 1))]
    drawn = lines(made.size, max(1.0, width * between(rng, 0.3, 1.5)), *row)
    made.lay(drawn * rng.uniform(0.5, 1.0), _pen_colour(made, rng))


def on_plate(made: Scene, rng: Rng, mask: Bytes, _: float) -> None:
    """Put the digit on a plate on a wall: enamel, brass or plastic, with an edge and gloss."""
    box = _box(mask)
    middle, tall = (float(box[::2].mean()), float(box[1::2].mean())), box[3] - box[1]
    x, y = (box[2:] - box[:2]) / 2 + tall * rng.uniform(0.12, 0.5, 2)
    power = rng.choice([0.01, rng.uniform(0.05, 0.4), 1.0])
    grown = 1.0 + 0.25 * (power == 1)
    plate = area(made.size, ring(middle, (x * grown, y * grown), power=power))
    made.page = desk(rng, made.size)
    made.shade(1 - rng.uniform(0.2, 0.7) * soft(moved(plate, rng, 3), between(rng, 1, 6)))
    ground, ink = paint(rng, 0.55, 1.0, rng.choice([0, 0.9])), paint(rng, 0.02, 0.35, rng.choice([0, 0.9]))
    if rng.random() < 0.5:
        ground, ink = ink, ground
    made.lay(plate, ground)
    if rng.random() < 0.5:
        edge = ring(middle, (x * grown * 0.93, y * grown * 0.93), power=power)
        made.lay(lines(made.size, max(1.0, 0.02 * tall), edge), ink)
    if rng.random() < 0.3:  # raised
        made.shade(1 - 0.5 * moved(cover_of(mask), rng, 2))
    made.write(mask, ink)
    if rng.random() < 0.4:
        made.shade(0.5 + 0.5 * glare(rng, made.size))


def beside_pen(made: Scene, rng: Rng, mask: Bytes, width: float) -> None:
    """Lay a pen or a pencil on the paper, clear of the digit, whole or reaching out of the picture."""
    thick, long = max(made.size) * rng.uniform(0.03, 0.1), max(made.size) * rng.uniform(0.4, 1.3)
    places = np.moveaxis(np.indices(made.size)[::-1], 0, -1)
    for _ in range(30):
        turn, tip = rng.uniform(0, 2 * np.pi), rng.random(2) * made.size[::-1]
        along = (places - tip) @ [np.cos(turn), np.sin(turn)]
        across = (places - tip) @ [-np.sin(turn), np.cos(turn)] / thick * 2
        near = (np.abs(across) < 2.4 + 2 * width / thick) & (along > -thick) & (along < long + thick)
        if not mask[near].any():
            break
    else:
        return
    slim = np.interp(along / thick, [0, 0.6, 1.4], [0.0, 0.3, 1.0])
    body = soft((np.abs(across) < slim) & (along < long), 0.5)
    made.shade(
        1 - rng.uniform(0.1, 0.6) * soft(moved(body, rng, 0.5 * thick), between(rng, 0.1, 0.5) * thick)
    )
    gloss = 1 + 0.5 * np.exp(-((across - rng.uniform(-0.5, 0.5)) ** 2) * 8) - 0.35 * across**2
    made.lay(body, paint(rng, 0.03, 0.8, rng.choice([0, 0.8])) * np.clip(gloss, 0.2, 1.6)[..., None])
    made.lay(body * (along < 0.8 * thick), rng.uniform(0, 0.5))


def pale(made: Scene, rng: Rng, mask: Bytes, _: float) -> None:
    """Write in red, in pencil or in a pale colour on grey paper, hardly darker or only of another hue."""
    made.page = made.page * rng.uniform(0.35, 0.85)
    bright, way = float(made.page.mean()), rng.random()
    if way < 0.4:
        hues = ((1, 0.25, 0.2), (1, 0.25, 0.2), (1, 0.4, 0.1), (0.9, 0.2, 0.6), (0.3, 0.4, 1))
        made.write(mask, tinted(bright * rng.uniform(0.45, 0.9), hues[rng.integers(5)]))
    elif way < 0.7:
        tooth = np.clip(rng.normal(rng.uniform(0.6, 1.0), 0.25, made.size), 0.1, 1)
        made.write(mask, bright * rng.uniform(0.3, 0.75), tooth)
    else:
        made.write(mask, made.page * rng.uniform(0.6, 0.85) * paint(rng, 1.0, 1.0, 0.2))
