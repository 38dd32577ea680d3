"""The kinds of training input, how many of each are made, and how."""

from collections.abc import Callable
from dataclasses import dataclass

from model.generator.items import Part, Source, either
from model.generator.materials import Materials
from model.generator.outliers import blank, characters, drawings, spoiled
from model.generator.outliers.spoiled import rows
from model.generator.paper import cells, desk, displays, inks, meters, pictures
from model.generator.paper.cheques import on_cheque
from model.generator.paper.desk import photographed
from model.generator.paper.inks import InkMaker, image_ink, pen_ink, printed_ink
from model.generator.paper.pictures import as_strokes, drawn, printed, scan, shown
from model.generator.paper.pictures import printed_or_photographed as either_way
from model.generator.paper.registers import registers
from model.generator.pens.hands import Hand, by_hand, modelled, writers


@dataclass(frozen=True, slots=True)
class Kind:
    """A named kind; `train` and `held_out` (validation or test) are how many items are made of it."""

    name: str
    train: int
    held_out: int
    make: Callable[[Materials], Source]
    digit: bool = True

    def count(self, part: Part, share: float) -> int:
        """The number of items of a part: `share` times the default."""
        return round(share * (self.train if part == "train" else self.held_out))


def _recorded(m: Materials) -> Hand:
    return writers(m.pendigits)


def _anyone(m: Materials) -> Hand:
    return either(0.65, _recorded(m), modelled())


def _marker(hand: Hand) -> InkMaker:
    return pen_ink(hand, (0.6, 0.9), (0.08, 0.19), chisel=0.4)


def _pen(m: Materials) -> InkMaker:
    return pen_ink(_anyone(m))


def _disguised(m: Materials) -> Source:
    ink = image_ink(m.mnist, crisp=0.35)
    return either(0.25, shown(ink, scan(pictures.FAINT)), printed(ink))


def _characters(*scripts: str) -> Callable[[Materials], Source]:
    return lambda m: either_way(characters.printed_characters(m.fonts, m.digit_fonts, scripts))


def _spoiled(spoil: spoiled.Spoil) -> Callable[[Materials], Source]:
    return lambda m: drawn(spoiled.spoiled(_anyone(m), spoil))


# fmt: off
KINDS: tuple[Kind, ...] = (
    Kind("strokes-writers", 45_000, 3_000, lambda m: as_strokes(_recorded(m))),
    Kind("strokes-models", 12_000, 1_000, lambda _: as_strokes(modelled())),
    Kind("canvas-writers", 15_000, 3_000, lambda m: printed(pen_ink(_recorded(m)), room=1.8)),
    Kind("canvas-models", 6_000, 1_000, lambda _: printed(pen_ink(modelled()), room=1.8)),
    Kind("mnist-disguised", 15_000, 2_000, _disguised),
    Kind("coarse-scans", 20_000, 2_000,
         lambda m: shown(either(0.33, _marker(_recorded(m)), image_ink(m.mnist)), scan(pictures.COARSE))),
    Kind("cheques-tight", 15_000, 1_500, lambda m: on_cheque(m.cheques, wide=False)),
    Kind("cheques-wide", 12_000, 1_500, lambda m: on_cheque(m.cheques, wide=True)),
    Kind("printed", 16_000, 2_000, lambda m: printed(printed_ink(m.digit_fonts))),
    Kind("printed-small", 4_000, 500, lambda m: printed(printed_ink(m.digit_fonts, small=True))),
    Kind("displays", 4_000, 500, lambda _: either_way(displays.display_ink(), 0.4, 2.5)),
    Kind("photos-printed", 4_000, 500, lambda m: photographed(printed_ink(m.digit_fonts))),
    Kind("photos-pen", 14_000, 1_500, lambda m: photographed(_pen(m))),
    Kind("photos-mnist", 12_000, 1_500, lambda m: photographed(image_ink(m.mnist))),
    Kind("cells-bordered", 10_000, 1_000, lambda m: cells.framed_cells(image_ink(m.mnist), cells.BORDERED)),
    Kind("cells-cut", 10_000, 1_000, lambda m: cells.framed_cells(_pen(m), cells.CUT)),
    Kind("cells-framed", 12_000, 1_000,
         lambda m: cells.framed_cells(either(0.6, _pen(m), printed_ink(m.digit_fonts)))),
    Kind("sheets-on-desks", 5_000, 500, lambda m: photographed(_pen(m), desk.on_desk)),
    Kind("boxed", 5_000, 500, lambda m: photographed(_pen(m), desk.in_box)),
    Kind("ringed", 5_000, 500, lambda m: photographed(_pen(m), desk.in_ring)),
    Kind("plates", 4_000, 500, lambda m: photographed(printed_ink(m.digit_fonts), desk.on_plate)),
    Kind("pens-in-view", 4_000, 500, lambda m: photographed(_pen(m), desk.beside_pen)),
    Kind("pale-on-grey", 6_000, 500, lambda m: photographed(_pen(m), desk.pale)),
    Kind("markers", 4_000, 500, lambda m: photographed(_marker(_anyone(m)))),
    Kind("meters-wheels", 10_000, 1_000, lambda m: meters.wheels(m.digit_fonts)),
    Kind("meters-displays", 8_000, 800, lambda _: displays.panels()),
    Kind("dotted", 5_000, 500, lambda m: either_way(inks.dotted_ink(_anyone(m)), 0.5, 2.5)),
    Kind("registers", 12_000, 1_000, lambda m: registers(m.pendigits)),
    Kind("drawings-28", 8_000, 800,
         lambda m: shown(pen_ink(_anyone(m), widths=(0.05, 0.22)), pictures.small_canvas)),
    Kind("scans-boxed", 8_000, 800,
         lambda m: shown(either(0.6, _pen(m), image_ink(m.mnist)), scan(pictures.BOXED))),
    Kind("letters-hand", 24_000, 2_000, lambda _: drawn(by_hand(drawings.draw_letter)), False),
    Kind("letters-printed", 10_000, 1_000, _characters("latin"), False),
    Kind("scripts-printed", 24_000, 2_000, _characters(), False),
    Kind("characters-invented", 10_000, 1_000, lambda _: drawn(by_hand(drawings.draw_invented, 0.6)), False),
    Kind("scribbles", 6_000, 800, lambda _: drawn(by_hand(drawings.draw_scribble, 1.5)), False),
    Kind("shapes", 8_000, 800, lambda _: drawn(by_hand(drawings.draw_shape, 0.8)), False),
    Kind("symbols-icons", 8_000, 800, _characters("symbols", "icons"), False),
    Kind("textures", 4_000, 500, lambda _: blank.motifs(blank.TEXTURES), False),
    Kind("pictures", 4_000, 500, lambda _: blank.motifs(blank.PICTURES), False),
    Kind("fabrics", 6_000, 600, lambda m: blank.fabrics(m.fabrics), False),
    Kind("pairs", 8_000, 800, lambda m: drawn(rows(m.pendigits, ("normal", "tight", "touching"))), False),
    Kind("pairs-touching", 4_000, 400, lambda m: spoiled.image_pairs(m.mnist), False),
    Kind("pairs-cheques", 2_000, 300, lambda m: spoiled.cheque_pairs(m.cheques), False),
    Kind("halves", 6_000, 600, _spoiled(spoiled.half), False),
    Kind("struck-out", 4_000, 500, _spoiled(spoiled.struck_out), False),
    Kind("overlapping", 2_000, 300, lambda m: _spoiled(spoiled.overlapping(_anyone(m)))(m), False),
    Kind("cells-empty", 12_000, 1_000, lambda _: cells.framed_cells(None), False),
    Kind("sheets-blank", 10_000, 1_000, lambda _: blank.blank_sheets(), False),
    Kind("photographs", 8_000, 800, lambda _: blank.motifs(blank.PHOTOGRAPHS), False),
    Kind("meters-between", 8_000, 800, lambda m: meters.wheels(m.digit_fonts, between_two=True), False),
    Kind("pairs-whole", 8_000, 800, lambda m: drawn(rows(m.pendigits, ("wide", "normal"))), False),
)
# fmt: on
