"""The kinds of training input, how many of each are made, and how."""

from collections.abc import Callable
from dataclasses import dataclass

from model.generator.chance import either
from model.generator.items import Source
from model.generator.materials import Materials
from model.generator.outliers import letters, scribbles, spoiled
from model.generator.outliers.blank import PHOTOGRAPHS, PICTURES, TEXTURES, blank_sheets, photographs
from model.generator.outliers.sources import (
    cheque_pairs,
    drawn,
    fabrics,
    image_pairs,
    overlapping_digits,
    printed_characters,
    printed_or_photographed,
    rows,
    spoiled_digits,
)
from model.generator.paper.cells import BORDERED, CUT, empty_cells, framed_cells
from model.generator.paper.coarse import boxed_scan, coarse_drawings, coarse_scan
from model.generator.paper.desk import (
    among,
    beside_pen,
    in_box,
    in_ring,
    on_desk,
    on_plate,
    pale,
    photographed,
)
from model.generator.paper.disguises import disguise
from model.generator.paper.displays import display_ink
from model.generator.paper.inks import InkMaker, image_ink, pen_ink, printed_ink, raw_ink
from model.generator.paper.meters import panels, wheels
from model.generator.paper.nibs import dotted_ink, marker_ink
from model.generator.paper.registers import registers
from model.generator.paper.surroundings import as_strokes, on_canvas, on_cheque, printed, shown
from model.generator.pens.hands import Hand, by_hand, modelled, writers


@dataclass(frozen=True, slots=True)
class Kind:
    """A named kind; `train` and `held_out` (validation or test) are how many items are made of it."""

    name: str
    train: int
    held_out: int
    make: Callable[[Materials], Source]
    digit: bool = True


def _recorded(m: Materials) -> Hand:
    return writers(m.pendigits)


def _anyone(m: Materials) -> Hand:
    return either(0.65, _recorded(m), modelled())


def _crisp(m: Materials) -> InkMaker:
    return either(0.33, marker_ink(_recorded(m)), image_ink(m.mnist))


def _dotted(m: Materials) -> Source:
    ink = dotted_ink(_anyone(m))
    return either(0.5, printed(ink), photographed(ink))


def _framed(m: Materials) -> Source:
    return framed_cells(either(0.6, pen_ink(_anyone(m)), printed_ink(m.digit_fonts)))


def _boxed(m: Materials) -> Source:
    return shown(either(0.6, pen_ink(_anyone(m)), image_ink(m.mnist)), boxed_scan)


def _characters(*scripts: str) -> Callable[[Materials], Source]:
    return lambda m: printed_or_photographed(printed_characters(m.fonts, m.digit_fonts, scripts))


def _spoiled(spoil: spoiled.Spoil) -> Callable[[Materials], Source]:
    return lambda m: drawn(spoiled_digits(_anyone(m), spoil))


# fmt: off
KINDS: tuple[Kind, ...] = (
    Kind("strokes-writers", 45_000, 3_000, lambda m: as_strokes(_recorded(m))),
    Kind("strokes-models", 12_000, 1_000, lambda _: as_strokes(modelled())),
    Kind("canvas-writers", 15_000, 3_000, lambda m: on_canvas(_recorded(m))),
    Kind("canvas-models", 6_000, 1_000, lambda _: on_canvas(modelled())),
    Kind("mnist-disguised", 15_000, 2_000, lambda m: shown(raw_ink(m.mnist), disguise)),
    Kind("coarse-scans", 20_000, 2_000, lambda m: shown(_crisp(m), coarse_scan)),
    Kind("cheques-tight", 15_000, 1_500, lambda m: on_cheque(m.cheques, wide=False)),
    Kind("cheques-wide", 12_000, 1_500, lambda m: on_cheque(m.cheques, wide=True)),
    Kind("printed", 16_000, 2_000, lambda m: printed(printed_ink(m.digit_fonts))),
    Kind("printed-small", 4_000, 500, lambda m: printed(printed_ink(m.digit_fonts, small=True))),
    Kind("displays", 4_000, 500, lambda _: either(0.6, printed(display_ink()), photographed(display_ink()))),
    Kind("photos-printed", 4_000, 500, lambda m: photographed(printed_ink(m.digit_fonts))),
    Kind("photos-pen", 14_000, 1_500, lambda m: photographed(pen_ink(_anyone(m)))),
    Kind("photos-mnist", 12_000, 1_500, lambda m: photographed(image_ink(m.mnist))),
    Kind("cells-bordered", 10_000, 1_000, lambda m: framed_cells(image_ink(m.mnist), BORDERED)),
    Kind("cells-cut", 10_000, 1_000, lambda m: framed_cells(pen_ink(_anyone(m)), CUT)),
    Kind("cells-framed", 12_000, 1_000, _framed),
    Kind("sheets-on-desks", 5_000, 500, lambda m: among(pen_ink(_anyone(m)), on_desk)),
    Kind("boxed", 5_000, 500, lambda m: among(pen_ink(_anyone(m)), in_box)),
    Kind("ringed", 5_000, 500, lambda m: among(pen_ink(_anyone(m)), in_ring)),
    Kind("plates", 4_000, 500, lambda m: among(printed_ink(m.digit_fonts), on_plate)),
    Kind("pens-in-view", 4_000, 500, lambda m: among(pen_ink(_anyone(m)), beside_pen)),
    Kind("pale-on-grey", 6_000, 500, lambda m: among(pen_ink(_anyone(m)), pale)),
    Kind("markers", 4_000, 500, lambda m: photographed(marker_ink(_anyone(m)))),
    Kind("meters-wheels", 10_000, 1_000, lambda m: wheels(m.digit_fonts)),
    Kind("meters-displays", 8_000, 800, lambda _: panels()),
    Kind("dotted", 5_000, 500, _dotted),
    Kind("registers", 12_000, 1_000, lambda m: registers(m.pendigits)),
    Kind("drawings-28", 8_000, 800, lambda m: coarse_drawings(_anyone(m))),
    Kind("scans-boxed", 8_000, 800, _boxed),

    Kind("letters-hand", 24_000, 2_000, lambda _: drawn(by_hand(letters.draw_letter)), False),
    Kind("letters-printed", 10_000, 1_000, _characters("latin"), False),
    Kind("scripts-printed", 24_000, 2_000, _characters(), False),
    Kind("characters-invented", 10_000, 1_000, lambda _: drawn(by_hand(letters.draw_invented, 0.6)), False),
    Kind("scribbles", 6_000, 800, lambda _: drawn(by_hand(scribbles.draw_scribble, 1.5)), False),
    Kind("shapes", 8_000, 800, lambda _: drawn(by_hand(scribbles.draw_shape, 0.8)), False),
    Kind("symbols-icons", 8_000, 800, _characters("symbols", "icons"), False),
    Kind("textures", 4_000, 500, lambda _: photographs(TEXTURES), False),
    Kind("pictures", 4_000, 500, lambda _: photographs(PICTURES), False),
    Kind("fabrics", 6_000, 600, lambda m: fabrics(m.fabrics), False),
    Kind("pairs", 8_000, 800, lambda m: drawn(rows(_anyone(m), (-0.08, 0.3), 3)), False),
    Kind("pairs-touching", 4_000, 400, lambda m: image_pairs(m.mnist), False),
    Kind("pairs-cheques", 2_000, 300, lambda m: cheque_pairs(m.cheques), False),
    Kind("halves", 6_000, 600, _spoiled(spoiled.half), False),
    Kind("struck-out", 4_000, 500, _spoiled(spoiled.struck_out), False),
    Kind("overlapping", 2_000, 300, lambda m: drawn(overlapping_digits(_anyone(m))), False),
    Kind("lying", 1_000, 200, _spoiled(spoiled.lying), False),
    Kind("cells-empty", 12_000, 1_000, lambda _: empty_cells(), False),
    Kind("sheets-blank", 10_000, 1_000, lambda _: blank_sheets(), False),
    Kind("photographs", 8_000, 800, lambda _: photographs(PHOTOGRAPHS), False),
    Kind("meters-between", 8_000, 800, lambda m: wheels(m.digit_fonts, between_two=True), False),
    Kind("pairs-whole", 8_000, 800, lambda m: drawn(rows(_anyone(m), (0.04, 0.9), 2), vectors=0.2), False),
)
# fmt: on
