"""Meters: wheels behind a window that stand still or turn."""

import numpy as np

from model.generator.items import Bytes, Rng, Source, between, one_of
from model.generator.paper.camera import photographs
from model.generator.paper.fonts import Font, glyph, picker
from model.generator.paper.light import glare, gradient, shadow
from model.generator.paper.masks import Reals, cover_of, pasted, resized, soft, tight
from model.generator.paper.scene import Scene, area, paint, ring, smooth_field, tinted
from model.training.data import NO_DIGIT

LEGIBLE, STRIP = 0.95, 0.4
"""A digit is read if more than LEGIBLE of its height is in view, and less than STRIP of each neighbour's."""
TURNING, GLIMPSE, PLAIN = (0.22, 0.78), 0.15, 0.4
"""No digit is read if the wheel turned by TURNING, and shows over GLIMPSE of both digits and PLAIN of one."""


def _type(rng: Rng, font: Font, tall: int) -> list[Bytes]:
    """The ten digits in one type, `tall` pixels high."""
    stroke, squeeze = int(rng.choice([0, 0, 1, 2, 4]) * tall / 60), rng.uniform(0.6, 1.05)
    digits = [tight(glyph(font, text, tall, stroke=stroke)) for text in font.digits]
    scale = tall / max(len(digit) for digit in digits)
    wide = [round(digit.shape[1] * scale * (squeeze if n != 1 else 1)) for n, digit in enumerate(digits)]
    return [resized(digit, (tall, max(3, side))) for digit, side in zip(digits, wide, strict=True)]


def _wheel(rng: Rng, digits: list[Bytes], first: int, turned: float) -> tuple[Scene, Reals]:
    """A window on a wheel that has `turned`, -1 to 1, towards the next digit.

    Also returns the shares of the previous, this and the next digit's height that are in view.
    """
    tall, wide = len(digits[0]), int(max(digit.shape[1] for digit in digits) * rng.uniform(1.02, 1.5)) + 2
    pitch, high = (tall * rng.uniform(1.12, [1.9, 1.7])).astype(int).tolist()
    three = [digits[(first + step) % 10] for step in (-1, 0, 1)]
    top = (pitch - tall) // 2
    strip = np.concatenate([pasted(one, (pitch, wide), top, (wide - one.shape[1]) // 2) for one in three])
    bend = rng.uniform(0.05, 0.85)  # the window's half height over the wheel's radius
    rows = pitch * (1.5 + turned) + np.arcsin(np.linspace(-bend, bend, high)) / bend * high / 2
    seen = strip[np.clip(rows, 0, len(strip) - 1).astype(int)]
    clean = seen * (rows // pitch == 1)[:, None].astype(np.uint8)
    above, below = (np.clip(end - top - pitch * np.arange(3), 0, tall) for end in rows[[0, -1]])
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
    return made, (below - above) / tall


def _fit_window(made: Scene, rng: Rng, corner: Bytes, size: tuple[int, int]) -> None:
    """The window's frame with its shadow and edge, and the wheel's teeth at the side."""
    (top, left), (tall, wide) = corner.tolist(), size
    middle, power = (left + wide / 2, top + tall / 2), rng.choice([0.01, rng.uniform(0.02, 0.3)])
    frame = 1 - area(made.size, ring(middle, (wide / 2, tall / 2), power=power))
    if rng.random() < 0.5:
        y, x = np.indices(made.size)
        teeth = (x > left + wide * rng.uniform(0.86, 0.98)) & (x < left + wide)
        teeth &= (y / (tall * rng.uniform(0.25, 0.6)) + rng.random()) % 1 < 0.5
        made.lay(teeth * rng.uniform(0.3, 1), rng.uniform(0.0, 0.9))
        made.clean[teeth] = 0
    if rng.random() < 0.7:
        made.shade(1 - rng.uniform(0.1, 0.8) * soft(frame, between(rng, 0.01, 0.12) * tall) * (1 - frame))
    if rng.random() < 0.7:
        made.lay(frame, paint(rng, 0.03, 1.0, rng.choice([0, 0, 0.5])))
    if rng.random() < 0.4:
        made.lay(np.clip(np.abs(soft(frame, 1.2) - frame) * 2, 0, 1), rng.choice([0.05, 0.5, 1.0]))


def wheels(fonts: list[Font], *, between_two: bool = False) -> Source:
    """Wheels that show a digit, and at most a strip of another; or, `between_two`, no digit."""
    pick = picker([font for font in fonts if len(font.digits) == 10])

    def scene(rng: Rng) -> Scene | None:
        turned = rng.uniform(*TURNING) if between_two else rng.normal(0, rng.choice([0.04, 0.04, 0.12]))
        first, font = int(rng.integers(10)), pick(rng)
        digits = _type(rng, font, int(between(rng, 26, 110)))
        made, (last, this, following) = _wheel(rng, digits, first, turned)
        read = this > LEGIBLE and max(last, following) < STRIP
        if not (min(this, following) > GLIMPSE and max(this, following) > PLAIN if between_two else read):
            return None
        for chance, shine in ((0.35, glare), (0.15, gradient), (0.15, shadow)):
            if rng.random() < chance:
                made.shade(shine(rng, made.size))
        made.page = made.page * paint(rng, 0.9, 1.0, rng.choice([0, 0, 0.7]))  # coloured light, or glass
        made.label, made.group = NO_DIGIT if between_two else first, font.number
        made.pen, made.lit, made.padding = 0.08 * len(digits[0]), rng.random() < 0.5, 0.02
        return made

    return photographs(scene)
