"""Meters: wheels behind a window that stand still or turn."""

from collections.abc import Callable

import numpy as np

from model.generator.items import Bytes, Rng, Source, between, one_of
from model.generator.paper.camera import photographs
from model.generator.paper.fonts import Font, glyph, picker
from model.generator.paper.light import glare, gradient, shadow
from model.generator.paper.masks import cover_of, pasted, resized, soft, tight
from model.generator.paper.scene import Scene, area, paint, ring, smooth_field, tinted
from model.generator.pens.rendering import draw
from model.generator.pens.templates import draw_digit
from model.training.data import NO_DIGIT

STILL, TURNING = 0.1, (0.2, 0.8)
"""How far a wheel has turned towards its next digit, at most if a digit is read, and when none is."""


def _type(rng: Rng, pick: Callable[[Rng], Font], tall: int) -> tuple[list[Bytes], int]:
    """The ten digits in one type, `tall` pixels high, printed or of even strokes, and the type's number."""
    if rng.random() < 0.75:
        font = pick(rng)
        stroke = int(rng.choice([0, 0, 1, 2, 4]) * tall / 60)
        digits, group = [glyph(font, text, tall, stroke=stroke) for text in font.digits], font.number
    else:
        width, group = tall * between(rng, 0.07, 0.24), 0
        drawn = [[(stroke + 1) * tall * [0.8, 1] for stroke in draw_digit(digit, rng)] for digit in range(10)]
        digits = [draw(strokes, (2 * tall, 2 * tall), width, rng) for strokes in drawn]
    digits, squeeze = list(map(tight, digits)), rng.uniform(0.6, 1.05)
    scale = tall / max(len(digit) for digit in digits)
    wide = [round(digit.shape[1] * scale * (squeeze if n != 1 else 1)) for n, digit in enumerate(digits)]
    return [resized(digit, (tall, max(3, side))) for digit, side in zip(digits, wide, strict=True)], group


def rolled(strip: Bytes, high: int, turned: float, bend: float) -> Bytes:
    """What is seen of a strip through a window `high` pixels tall when the wheel has `turned` by pixels.

    `bend` is the window's half height over the wheel's radius, below 1.
    """
    rows = (np.arange(high) + 0.5) / high * 2 - 1
    place = np.clip(len(strip) / 2 + turned + np.arcsin(rows * bend) / bend * high / 2, 0, len(strip) - 1.001)
    low, share = place.astype(int), (place % 1)[:, None]
    return np.asarray(strip[low] * (1 - share) + strip[low + 1] * share, np.uint8)


def _wheel(rng: Rng, digits: list[Bytes], first: int, turned: float) -> tuple[Scene, bool]:
    """A window on a wheel that has `turned`, -1 to 1, towards the next digit; whether an edge cuts ink."""
    tall, wide = len(digits[0]), int(max(digit.shape[1] for digit in digits) * rng.uniform(1.02, 1.5)) + 2
    pitch, high = (tall * rng.uniform(1.12, [1.9, 1.7])).astype(int).tolist()
    three = [digits[(first + step) % 10] for step in (-1, 0, 1)]
    cells = [pasted(one, (pitch, wide), (pitch - tall) // 2, (wide - one.shape[1]) // 2) for one in three]
    bend, alone = rng.uniform(0.05, 0.85), [0 * cells[0], cells[1], 0 * cells[2]]
    seen, clean = (rolled(np.concatenate(part), high, turned * pitch, bend) for part in (cells, alone))
    red = tinted(rng.uniform(0.22, 0.42), (1, *rng.uniform(0.1, 0.4, 2)))
    pair = [paint(rng, 0.7, 1.0), one_of(rng, (red, paint(rng, 0.02, 0.2), paint(rng, 0.02, 0.2)))]
    wheel, ink = pair if rng.random() < 0.5 else pair[::-1]
    made = Scene.plain(seen.shape, wheel)
    worn = 1 - rng.uniform(0, 0.3) * (smooth_field(rng, made.size, 9, 6) > 1)
    made.lay(cover_of(seen) * worn * rng.choice([1, 1, rng.uniform(0.5, 0.9)]), ink)
    dim = rng.uniform(0, 0.7) * bend * np.abs(np.linspace(-1, 1, high))[:, None] ** 3
    made.shade(1 - dim + 0.03 * smooth_field(rng, made.size, 6, 3))
    free = (rng.uniform(0, 0.3, (2, 2)) * tall * (rng.random((2, 2)) < 0.7)).astype(int)
    made = Scene(np.pad(made.page, (*free.tolist(), (0, 0)), "edge"), np.pad(clean, free))
    _fit_window(made, rng, free[:, 0], (high, wide))
    return made, bool(seen[[0, -1]].max() > 100)


def _fit_window(made: Scene, rng: Rng, corner: Bytes, size: tuple[int, int]) -> None:
    """The window's frame with its shadow and edge, and the wheel's teeth at the side."""
    (top, left), (tall, wide) = corner.tolist(), size
    middle, power = (left + wide / 2, top + tall / 2), rng.choice([0.01, rng.uniform(0.02, 0.3)])
    frame = 1 - area(made.size, ring(middle, (wide / 2, tall / 2), power=power))
    if rng.random() < 0.5:
        pitch, x = tall * rng.uniform(0.25, 0.6), left + wide * rng.uniform(0.86, 0.98)
        ys = np.arange(top + rng.uniform(-0.2, 0.2) * tall, top + tall, pitch)
        right, half = left + wide, pitch / 2
        teeth = area(made.size, *([(x, y), (right, y), (right, y + half), (x, y + half)] for y in ys))
        made.lay(teeth * rng.uniform(0.3, 1), rng.uniform(0.0, 0.9))
        made.clean[teeth > 0.5] = 0
    if rng.random() < 0.7:
        made.shade(1 - rng.uniform(0.1, 0.8) * soft(frame, between(rng, 0.01, 0.12) * tall) * (1 - frame))
    if rng.random() < 0.7:
        made.lay(frame, paint(rng, 0.03, 1.0, rng.choice([0, 0, 0.5])))
    if rng.random() < 0.4:
        made.lay(np.clip(np.abs(soft(frame, 1.2) - frame) * 2, 0, 1), rng.choice([0.05, 0.5, 1.0]))


def wheels(fonts: list[Font], *, between_two: bool = False) -> Source:
    """Wheels that stand at a digit, at most a rest of the next in view, or `between_two`: then no digit."""
    pick = picker([font for font in fonts if len(font.digits) == 10])

    def scene(rng: Rng) -> Scene | None:
        turned = rng.uniform(*TURNING) if between_two else np.clip(rng.normal(0, 0.05), -STILL, STILL)
        first, (digits, group) = int(rng.integers(10)), _type(rng, pick, int(between(rng, 26, 110)))
        made, cut = _wheel(rng, digits, first, turned)
        if between_two and not cut:
            return None  # one whole digit, though low or high in its window
        for chance, shine in ((0.35, glare), (0.15, gradient), (0.15, shadow)):
            if rng.random() < chance:
                made.shade(shine(rng, made.size))
        made.page = made.page * paint(rng, 0.9, 1.0, rng.choice([0, 0, 0.7]))  # coloured light, or glass
        made.label, made.group, made.pen = NO_DIGIT if between_two else first, group, 0.08 * len(digits[0])
        made.lit, made.padding = rng.random() < 0.5, 0.02
        return made

    return photographs(scene)
