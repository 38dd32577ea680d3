"""The kinds of training input, how many of each are made, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model.generator import written
from model.generator.items import Source
from model.generator.materials import Materials
from model.generator.outliers import letters, scribbles, textures
from model.generator.outliers import sources as outliers
from model.generator.paper import displays


@dataclass(frozen=True, slots=True)
class Kind:
    """A named kind; `train` and `held_out` (validation or test) are how many items are made of it."""

    name: str
    train: int
    held_out: int
    make: Callable[[Materials], Source]
    digit: bool = True


def _anyone(m: Materials, share: float = 0.65) -> written.Hand:
    return written.either(written.writers(m.pendigits), written.modelled(), share)


DIGIT_KINDS: tuple[Kind, ...] = (
    Kind("strokes-writers", 45_000, 3_000, lambda m: written.as_strokes(written.writers(m.pendigits))),
    Kind("strokes-models", 12_000, 1_000, lambda m: written.as_strokes(written.modelled())),
    Kind("canvas-writers", 15_000, 3_000, lambda m: written.as_canvas(written.writers(m.pendigits))),
    Kind("canvas-models", 6_000, 1_000, lambda m: written.as_canvas(written.modelled())),
    Kind("mnist-disguised", 15_000, 2_000, lambda m: written.as_disguise(m.mnist)),
    Kind(
        "coarse-scans",
        20_000,
        2_000,
        lambda m: written.as_coarse_scan(m.mnist, written.writers(m.pendigits)),
    ),
    Kind("cheques-tight", 15_000, 1_500, lambda m: written.as_cheque(m.cheques, wide=False)),
    Kind("cheques-wide", 12_000, 1_500, lambda m: written.as_cheque(m.cheques, wide=True)),
    Kind("printed", 16_000, 2_000, lambda m: written.as_print(written.printed_ink(m.digit_fonts))),
    Kind(
        "printed-small",
        4_000,
        500,
        lambda m: written.as_print(written.printed_ink(m.digit_fonts, small=True)),
    ),
    Kind(
        "displays",
        4_000,
        500,
        lambda m: written.mixed(
            written.as_print(displays.display_ink()), written.as_photo(displays.display_ink()), 0.6
        ),
    ),
    Kind("photos-printed", 4_000, 500, lambda m: written.as_photo(written.printed_ink(m.digit_fonts))),
    Kind("photos-pen", 14_000, 1_500, lambda m: written.as_photo(written.pen_ink(_anyone(m)))),
    Kind("photos-mnist", 12_000, 1_500, lambda m: written.as_photo(written.image_ink(m.mnist))),
    Kind(
        "cells-bordered",
        10_000,
        1_000,
        lambda m: written.as_cell(written.image_ink(m.mnist), borders=True),
    ),
    Kind(
        "cells-cut",
        10_000,
        1_000,
        lambda m: written.as_cell(written.pen_ink(_anyone(m)), borders=False),
    ),
)


def _spoiled(way: str, *, photos: float = 0.15) -> Callable[[Materials], Source]:
    return lambda m: outliers.drawn(outliers.spoiled_digits(_anyone(m), way), photos=photos)


def _kind(name: str, train: int, held_out: int, make: Callable[[Materials], Source]) -> Kind:
    return Kind(name, train, held_out, make, digit=False)


OUTLIER_KINDS: tuple[Kind, ...] = (
    _kind("letters-hand", 24_000, 2_000, lambda m: outliers.drawn(outliers.hand_letters())),
    _kind(
        "letters-printed",
        10_000,
        1_000,
        lambda m: outliers.printed_characters(m.fonts, m.digit_fonts, ("latin",)),
    ),
    _kind("scripts-printed", 24_000, 2_000, lambda m: outliers.printed_characters(m.fonts, m.digit_fonts)),
    _kind(
        "characters-invented",
        10_000,
        1_000,
        lambda m: outliers.drawn(outliers.by_hand(letters.draw_invented, 0.6)),
    ),
    _kind("scribbles", 6_000, 800, lambda m: outliers.drawn(outliers.by_hand(scribbles.draw_scribble, 1.5))),
    _kind("shapes", 8_000, 800, lambda m: outliers.drawn(outliers.by_hand(scribbles.draw_shape, 0.8))),
    _kind(
        "symbols-icons",
        8_000,
        800,
        lambda m: outliers.printed_characters(m.fonts, m.digit_fonts, ("symbols", "icons")),
    ),
    _kind("textures", 4_000, 500, lambda m: outliers.pictures(textures.draw_texture)),
    _kind("pictures", 4_000, 500, lambda m: outliers.pictures(textures.draw_picture)),
    _kind("fabrics", 6_000, 600, lambda m: outliers.fabrics(m.fabrics)),
    _kind("pairs", 8_000, 800, lambda m: outliers.pairs(_anyone(m))),
    _kind("pairs-touching", 4_000, 400, lambda m: outliers.image_pairs(m.mnist)),
    _kind("pairs-cheques", 2_000, 300, lambda m: outliers.cheque_pairs(m.cheques)),
    _kind("halves", 6_000, 600, _spoiled("half")),
    _kind("struck-out", 4_000, 500, _spoiled("struck")),
    _kind("overlapping", 2_000, 300, _spoiled("overlapping")),
    _kind("lying", 1_000, 200, _spoiled("lying")),
)
KINDS: tuple[Kind, ...] = DIGIT_KINDS + OUTLIER_KINDS
