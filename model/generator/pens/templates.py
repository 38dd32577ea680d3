"""Stroke models of the digits: the ways of writing them that people are taught, MNIST's rare ones included.

Each model is a function of a random generator that returns strokes in a box about 0.7 wide and 1 high, y
down. Control points move a little each time; shapes that depend on a habit (a flag, a foot, a loop, a
slash) are drawn with a length and an angle of their own.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Floats, Rng, Strokes
from model.generator.pens.vectors import spline, to_unit

Model: TypeAlias = Callable[[Rng], Strokes]


def path(points: str) -> list[tuple[float, float]]:
    """Read points like "5,24 14,6", in hundredths: x to the right, y down."""
    pairs = (point.split(",") for point in points.split())
    return [(float(x) / 100, float(y) / 100) for x, y in pairs]


def line(rng: Rng, *points: tuple[float, float], wobble: float = 0.02) -> Floats:
    """A polyline through `points`, each moved at random by about `wobble`."""
    return np.asarray(points, np.float64) + rng.normal(0.0, wobble, (len(points), 2))


def curve(rng: Rng, *points: tuple[float, float], wobble: float = 0.02) -> Floats:
    """A smooth curve through `points`, each moved at random by about `wobble`."""
    return spline(line(rng, *points, wobble=wobble))


def arc(
    rng: Rng, centre: tuple[float, float], radii: tuple[float, float], start: float, sweep: float
) -> Floats:
    """A piece of an ellipse; `start` and `sweep` in degrees, clockwise as seen, 0 to the right, -90 up."""
    angles = np.radians(start + np.linspace(0.0, sweep, max(6, int(abs(sweep) / 14))))
    wide, high = np.asarray(radii) * np.exp(rng.normal(0.0, 0.07, 2))
    drift = np.linspace(1.0, float(np.exp(rng.normal(0.0, 0.05))), len(angles))
    return np.stack(
        [centre[0] + wide * drift * np.cos(angles), centre[1] + high * drift * np.sin(angles)], axis=1
    )


def ring(rng: Rng, centre: tuple[float, float], radii: tuple[float, float], start: float = -90.0) -> Floats:
    """A closed, nearly closed or overlapping ellipse drawn from about `start`, either way round."""
    way = 1 if rng.random() < 0.25 else -1
    return arc(rng, centre, radii, start + rng.normal(0, 20), way * rng.uniform(345, 395))


_PIECE = re.compile(r"(line|curve)(\d*) ([^+]+)")


def sketched(text: str) -> Model:
    """A model from text: strokes divided by bars, each of one or more pieces, divided by pluses.

    A piece is a `line` or a `curve`, its wobble in thousandths (20 if left out), and its points (see `path`).
    """
    drawing = {"line": line, "curve": curve}
    strokes = [
        [(drawing[way], int(wobble or 20) / 1000, path(points)) for way, wobble, points in pieces]
        for pieces in map(_PIECE.findall, text.split("|"))
    ]

    def model(rng: Rng) -> Strokes:
        return [
            np.concatenate([draw(rng, *points, wobble=wobble) for draw, wobble, points in stroke])
            for stroke in strokes
        ]

    return model


# fmt: off
_two_loop = sketched(
    "curve 6,20 20,3 42,1 58,14 57,36 40,64 20,90 7,97 1,88 9,79 24,83 42,95 58,99 72,90")
_two_wave = sketched("curve18 6,22 20,4 42,2 57,17 52,40 30,68 5,95 | curve 5,95 20,87 40,93 55,99 70,93")
_two_angular = sketched("curve 4,16 22,2 48,2 60,20 56,36 + line 5,98 66,97")
_three_flat = sketched("line 5,3 55,2 27,41 + curve 28,41 50,46 62,68 52,92 28,100 4,90")
_three_loop = sketched(
    "curve15 8,12 28,0 50,8 50,27 36,42 22,47 23,40 36,42 56,56 58,80 40,98 18,97 4,85")
_five_soft = sketched("curve15 60,2 34,2 16,6 13,24 12,42 30,40 55,50 60,72 44,95 5,95")
_six_tucked = sketched("curve15 56,10 44,0 24,8 8,38 5,70 20,97 46,95 58,73 42,54 20,58 8,72")
_eight_one_stroke = sketched(
    "curve 52,10 34,0 14,8 12,28 34,47 56,65 56,88 33,100 10,88 10,66 33,47 52,28 50,10")
_eight_open = sketched(  # as an S and back up, the ends not meeting
    "curve15 58,8 38,0 16,10 14,28 34,46 56,66 55,88 32,100 10,88 12,66 36,46 58,20")
# fmt: on


def _zero(rng: Rng) -> Strokes:
    wide = rng.uniform(0.24, 0.45)
    return [ring(rng, (0.35, 0.5), (wide, 0.5), rng.uniform(-120, -40))]


def _zero_slashed(rng: Rng) -> Strokes:
    wide, over = rng.uniform(0.26, 0.42), rng.uniform(0.55, 1.25)
    body = ring(rng, (0.35, 0.5), (wide, 0.5))
    slash = line(
        rng, (0.35 + wide * over * 0.8, 0.5 - 0.42 * over), (0.35 - wide * over * 0.8, 0.5 + 0.42 * over)
    )
    return [body, slash]


def _zero_dotted(rng: Rng) -> Strokes:
    dot = line(rng, (0.35, 0.49), (0.36, 0.51), wobble=0.01)
    return [ring(rng, (0.35, 0.5), (rng.uniform(0.28, 0.42), 0.5)), dot]


def _one_plain(rng: Rng) -> Strokes:
    lean = rng.uniform(-0.02, 0.2)
    return [curve(rng, (0.3 + lean, 0.0), (0.3 + lean / 2, 0.5), (0.3, 1.0), wobble=0.015)]


def _one_flag(rng: Rng) -> Strokes:
    # A flag below 30 degrees would make a 7 of it.
    long, angle = rng.uniform(0.12, 0.5), np.radians(rng.uniform(33, 65))
    foot = (0.45 - long * np.cos(angle), long * np.sin(angle))
    lean = rng.uniform(-0.06, 0.05)
    return [line(rng, (float(foot[0]), float(foot[1])), (0.45, 0.0), (0.45 + lean, 1.0), wobble=0.012)]


def _one_flag_foot(rng: Rng) -> Strokes:
    stem = _one_flag(rng)[0]
    half, x, y = rng.uniform(0.14, 0.32), float(stem[-1, 0]), float(stem[-1, 1])
    return [stem, line(rng, (x - half, y), (x + half, y), wobble=0.015)]


def _one_foot(rng: Rng) -> Strokes:
    stem = line(rng, (0.37, 0.0), (0.35, 1.0))
    half, x, y = rng.uniform(0.12, 0.26), float(stem[-1, 0]), float(stem[-1, 1])
    return [stem, line(rng, (x - half, y), (x + half, y), wobble=0.012)]


def _two_plain(rng: Rng) -> Strokes:
    return [
        np.concatenate(
            [
                curve(rng, *path("5,24 14,6 36,0 58,9 62,30 45,58 20,82 3,98")),
                curve(rng, (0.06, 0.98), (0.35, 0.97), (0.68, rng.uniform(0.93, 1.0))),
            ]
        )
    ]


def _three_round(rng: Rng) -> Strokes:
    notch = rng.uniform(0.24, 0.36)
    return [
        np.concatenate(
            [
                curve(rng, *path("6,14 22,1 46,3 56,20 47,38"), (notch, 0.46)),
                curve(rng, (notch + 0.02, 0.47), *path("52,54 62,74 50,94 26,100 4,88")),
            ]
        )
    ]


def _four_open(rng: Rng) -> Strokes:
    bar, stem = rng.uniform(0.52, 0.7), rng.uniform(0.42, 0.54)
    reach, top = rng.uniform(0.1, 0.26), rng.uniform(0.0, 0.2)
    left = line(rng, (rng.uniform(0.06, 0.24), 0.02), (0.05, bar), (stem + reach, bar - 0.02))
    return [left, line(rng, (stem, top), (stem - rng.uniform(-0.03, 0.08), 1.0))]


def _four_open_curved(rng: Rng) -> Strokes:
    bar = rng.uniform(0.46, 0.62)
    cup = curve(
        rng, (0.1, 0.03), (0.05, bar * 0.6), (0.12, bar), (0.35, bar + 0.02), (0.66, bar - 0.06), wobble=0.015
    )
    return [cup, line(rng, (0.5, rng.uniform(0.0, 0.15)), (0.46, 1.0))]


def _four_closed(rng: Rng) -> Strokes:
    bar, stem = rng.uniform(0.6, 0.74), rng.uniform(0.44, 0.54)
    angle = line(rng, (stem, 0.0), (0.02, bar), (0.68, bar))
    return [angle, line(rng, (stem, rng.uniform(0.0, 0.08)), (stem, 1.0))]


def _four_one_stroke(rng: Rng) -> Strokes:
    bar, stem = rng.uniform(0.55, 0.7), rng.uniform(0.42, 0.52)
    path = line(rng, (stem, 0.02), (0.03, bar), (0.66, bar - 0.02), wobble=0.018)
    return [path, curve(rng, (stem, 0.03), (stem, 0.5), (stem - 0.05, 1.0), wobble=0.012)]


def _five_joined(rng: Rng) -> Strokes:
    neck = rng.uniform(0.36, 0.46)
    top = line(rng, (0.6, 0.02), (0.15, 0.02), (0.11, neck))
    return [np.concatenate([top, curve(rng, (0.12, neck), *path("36,37 60,55 57,82 34,99 3,92"))])]


def _five_hat(rng: Rng) -> Strokes:
    """Two strokes: the hat is set on last, and often does not touch."""
    neck, gap = rng.uniform(0.36, 0.46), rng.uniform(-0.02, 0.12)
    rise = rng.uniform(-0.06, 0.05)
    body = np.concatenate(
        [
            line(rng, (0.15, 0.04), (0.12, neck), wobble=0.015),
            curve(rng, (0.13, neck), *path("36,38 60,57 56,84 32,100 3,90")),
        ]
    )
    hat = line(rng, (0.16 + gap, 0.02 + rise / 2), (rng.uniform(0.5, 0.75), 0.0 - rise), wobble=0.012)
    return [body, hat]


def _six_bowl(rng: Rng, back: Floats, centre: tuple[float, float], radii: tuple[float, float]) -> Strokes:
    bowl = arc(rng, centre, radii, 180.0, -rng.uniform(330, 400))
    return [np.concatenate([back, bowl])]


def _six_curved(rng: Rng) -> Strokes:
    x = rng.uniform(0.3, 0.6)
    back = curve(rng, (x, 0.0), (x * 0.55, 0.16), (0.12, 0.42), (0.05, 0.7), wobble=0.012)
    return _six_bowl(rng, back, (0.33, 0.73), (0.28, rng.uniform(0.2, 0.28)))


def _six_straight(rng: Rng) -> Strokes:
    back = line(rng, (rng.uniform(0.2, 0.5), 0.0), (0.06, 0.68), wobble=0.012)
    return _six_bowl(rng, back, (0.3, 0.76), (0.25, rng.uniform(0.18, 0.25)))


def _seven_plain(rng: Rng) -> Strokes:
    foot, bend = rng.uniform(0.1, 0.38), rng.uniform(-0.02, 0.08)
    top = line(rng, (0.02, rng.uniform(0.0, 0.06)), (0.6, 0.02), wobble=0.015)
    return [
        np.concatenate(
            [top, curve(rng, (0.6, 0.03), ((0.6 + foot) / 2 - bend, 0.48), (foot, 1.0), wobble=0.012)]
        )
    ]


def _seven_hook(rng: Rng) -> Strokes:
    hook = rng.uniform(0.08, 0.22)
    plain = _seven_plain(rng)[0]
    return [np.concatenate([line(rng, (0.03, hook), wobble=0.012), plain])]


def _crossed(model: Model) -> Model:
    def crossed(rng: Rng) -> Strokes:
        strokes = model(rng)
        stem = strokes[-1]
        height = rng.uniform(0.42, 0.62)
        x = float(stem[np.argmin(np.abs(stem[len(stem) // 3 :, 1] - height)) + len(stem) // 3, 0])
        half, tilt = rng.uniform(0.13, 0.27), rng.uniform(-0.06, 0.03)
        bar = line(rng, (x - half, height - tilt), (x + half, height + tilt), wobble=0.012)
        return [*strokes, bar]

    return crossed


def _eight_rings(rng: Rng) -> Strokes:
    upper, waist = rng.uniform(0.2, 0.27), rng.uniform(-0.02, 0.03)
    lower = 0.5 - upper
    return [
        ring(rng, (0.35, upper), (rng.uniform(0.19, 0.28), upper)),
        ring(rng, (0.35, 1.0 - lower - waist), (rng.uniform(0.22, 0.33), lower)),
    ]


def _nine_loop(rng: Rng, centre: tuple[float, float], radii: tuple[float, float]) -> Floats:
    return arc(rng, centre, radii, rng.uniform(-40, 5), -rng.uniform(325, 370))


def _nine_straight(rng: Rng) -> Strokes:
    high = rng.uniform(0.2, 0.28)
    loop = _nine_loop(rng, (0.32, high), (0.26, high))
    return [np.concatenate([loop, line(rng, (0.57, high), (rng.uniform(0.38, 0.6), 1.0), wobble=0.012)])]


def _nine_curved(rng: Rng) -> Strokes:
    high = rng.uniform(0.2, 0.27)
    loop = _nine_loop(rng, (0.32, high), (0.26, high))
    stem = curve(rng, (0.58, high), (0.57, 0.5), (0.47, 0.8), (rng.uniform(0.2, 0.36), 1.0), wobble=0.012)
    return [np.concatenate([loop, stem])]


def _nine_tail(rng: Rng) -> Strokes:
    """The tail curls back to the left, as in a printed 9 (or far, as in a handwritten g)."""
    high, curl = rng.uniform(0.2, 0.28), rng.uniform(0.78, 0.93)
    loop = _nine_loop(rng, (0.33, high), (0.26, high))
    stem = curve(rng, (0.59, high), *path("60,50 57,82 42,98 20,98"), (0.06, curl), wobble=0.015)
    return [np.concatenate([loop, stem])]


def _nine_two_strokes(rng: Rng) -> Strokes:
    high = rng.uniform(0.2, 0.27)
    return [
        ring(rng, (0.32, high), (0.26, high), 0.0),
        line(rng, (0.58, rng.uniform(0.0, 0.12)), (rng.uniform(0.45, 0.6), 1.0), wobble=0.012),
    ]


MODELS: dict[int, tuple[Model, ...]] = {
    0: (_zero, _zero_slashed, _zero_dotted),
    1: (_one_plain, _one_flag, _one_flag_foot, _one_foot),
    2: (_two_plain, _two_loop, _two_wave, _two_angular),
    3: (_three_round, _three_flat, _three_loop),
    4: (_four_open, _four_open_curved, _four_closed, _four_one_stroke),
    5: (_five_joined, _five_hat, _five_soft),
    6: (_six_curved, _six_straight, _six_tucked),
    7: (_seven_plain, _seven_hook, _crossed(_seven_plain), _crossed(_seven_hook)),
    8: (_eight_one_stroke, _eight_rings, _eight_open),
    9: (_nine_straight, _nine_curved, _nine_tail, _nine_two_strokes),
}
"""Every digit's models. Each is drawn equally often."""


def draw_digit(digit: int, rng: Rng) -> Strokes:
    """One of the models of `digit`, unit-sized."""
    return to_unit(one_of(rng, MODELS[digit])(rng))
