"""Lines with their true texts, as reading takes them: for fitting its weights and for measuring it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice
from typing import Literal, TypeAlias

import numpy as np
from scipy import ndimage

from model.generator.items import PARTS, Bytes, Floats, Rng, Source, between, one_of, png
from model.generator.kinds import KINDS
from model.generator.materials import Materials
from model.generator.numbers.printed import displayed, printed
from model.generator.numbers.strings import SPACINGS, Hands, Number, by_writer, compose, draw_number
from model.generator.numbers.texts import MARKED, SAID, Letter, digits, letters_of, marked, plain, text_of
from model.generator.outliers.drawings import draw_invented, draw_scribble
from model.generator.paper.cheques import Amount, varied
from model.generator.paper.desk import in_box, in_ring, on_desk, on_sheet, photographed
from model.generator.paper.fonts import Font, picker
from model.generator.paper.inks import Ink, any_image
from model.generator.paper.masks import Reals, mask_of
from model.generator.paper.scene import Scene, paint, ring, rule, sheet
from model.generator.pens.hands import Drawing
from model.generator.pens.templates import LETTERS, draw_digit
from model.ink.morphology import Mask
from model.ink.strokes import Strokes
from model.training.data import LabelledImages

HASTY = "begun", "late", "joined"  # unfinished last stroke; late stroke; two joined
SIGNS = "--==≈#%€$£°"
NOTHING: tuple[str, ...] = ("cells-empty", "sheets-blank", "letters-printed", "scripts-printed") * 2
NOTHING += ("symbols-icons", "photographs", "textures", "pictures", "fabrics")
"""SIGNS: signs to write by hand. NOTHING: kinds of pictures without a number, the first four twice."""
SOLID, BESIDE = 100, 0.1
"""Ink above the level SOLID is a letter's; so is what lies within the share BESIDE of the height from it."""

Owners: TypeAlias = Callable[[Reals, Reals], tuple[Mask, Mask]]
"""For points x, y (p,) of a picture: which letters' ink each may be (letters, p); whether it is sure (p,)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A number as it reaches the service: an image file's bytes, and sometimes strokes of the same number."""

    group: str
    """`composed`, `cheques`, `written`, `photos`, `printed`, `displays`, `single`, `nothing`, `hasty`."""
    tag: str
    """Where it is from: `cheque`, the spacing, what it says or stands on, or one of `HASTY`."""
    letters: Sequence[Letter]
    image: bytes
    owners: Owners
    """Which letter each point of the picture's ink belongs to."""
    parts: Sequence[Strokes] = ()
    """The strokes of each letter."""
    strokes: Strokes = ()
    """All strokes, as the page would send them; empty for what is printed."""

    @property
    def text(self) -> str:
        """What is to be read."""
        return text_of(self.letters)

    @property
    def marks(self) -> Literal["read", "ignore"]:
        """Whether the true text has marks: that of cheques has none."""
        return "ignore" if self.group == "cheques" else "read"


def samples(materials: Materials, seed: int, composed: int, *, others: int = 0) -> Iterator[Sample]:
    """Numbers with their truth.

    `composed` numbers of one hand or of MNIST's digits, with the spacings in turn. `others` each that are
    written with marks, shown by displays, single digits, or no number; half as many again in print; half as
    many by a hasty hand and, except for training, in photographs. All amounts on cheques.
    """
    rng = np.random.default_rng((seed, PARTS.index(materials.part), 7))
    hands, scans = by_writer(materials.pendigits), materials.mnist
    scanned = scans, scans, scans, None, None  # three in five are MNIST's
    taught = by_writer([Drawing(draw_digit(n % 10, rng), n % 10, 0) for n in range(400)])
    for spacing in islice(cycle(SPACINGS), composed):
        number = compose(hands, rng, letters_of(plain(rng)), spacing, one_of(rng, scanned))
        yield written(number, "composed", spacing, rng)
    for _ in range(others):
        kind, said = marked(rng) if rng.random() < 0.75 else ("signs", SAID["signs"](rng))
        spacing = SPACINGS[rng.choice(3, p=[0.35, 0.45, 0.2])]
        whose = taught if rng.random() < 0.2 else hands  # as people are taught to write
        number = compose(whose, rng, letters_of(said), spacing, one_of(rng, scanned))
        yield written(number, "written", kind, rng)
    pick = picker(materials.digit_fonts)
    yield from (_printed(pick, rng) for _ in range(others + others // 2))
    for _ in range(others):
        kind = one_of(rng, ("plain", "plain", "decimals", "decimals", "times", "negatives"))
        letters = letters_of(MARKED[kind](rng).replace(",", "."))
        parts, pixels = displayed(letters, rng)
        yield Sample("displays", kind, letters, png(pixels), inked(parts))
    variants = 3 if materials.part == "train" else 0  # there are few amounts to learn from
    for amount in materials.amounts:
        letters = letters_of(amount.text)
        yield Sample("cheques", "cheque", letters, amount.path.read_bytes(), boxed(amount.boxes))
        yield from (variant(amount, rng) for _ in range(variants))
    sources = {kind.name: kind.make(materials) for kind in KINDS if kind.name in NOTHING}
    for place in range(others):
        yield _nothing(hands, sources, rng)
        if place % 2 == 0:
            pixels, label = any_image(scans, rng)
            yield Sample("single", "mnist", letters_of(str(label)), png(pixels), inked(pixels[None]))
        else:
            number = compose(hands, rng, letters_of(str(rng.integers(10))), SPACINGS[0], one_of(rng, scanned))
            yield written(number, "single", "digit", rng)
    if materials.part != "train":  # for training, ink found on its ground is like any other
        yield from (_photographed(hands, one_of(rng, scanned), rng) for _ in range(others // 2))
    for _ in range(others // 2):
        tag = one_of(rng, HASTY)
        number = compose(hands, rng, letters_of(digits(rng, 1 + (tag != "begun"), 5)), one_of(rng, SPACINGS))
        yield _hasty(written(number, "hasty", tag, rng), rng)


def _hasty(sample: Sample, rng: Rng) -> Sample:
    """Strokes as a hasty hand sends them: the last is not finished, one comes late, or two are joined."""
    strokes, place = [*sample.strokes], int(rng.integers(max(1, len(sample.strokes) - 1)))
    if sample.tag == "begun":
        strokes[-1] = strokes[-1][: 1 + int(rng.uniform(0.35, 1) * len(strokes[-1]))]
    elif sample.tag == "late":
        strokes.append(strokes.pop(place))
    else:
        strokes[place : place + 2] = [[*strokes[place], *strokes[place + 1]]]
    return replace(sample, strokes=strokes)


def _photographed(hands: Hands, scans: LabelledImages | None, rng: Rng) -> Sample:
    """A photograph of a number: on a sheet, which may end within the picture, or in a ring or a box."""
    number = compose(hands, rng, letters_of(marked(rng)[1]), SPACINGS[rng.integers(2)], scans)
    ink = Ink(draw_number(number, rng, 80, pen := rng.uniform(5, 9)).max(axis=0), 0, 0, pen)
    around = one_of(rng, (on_sheet, on_desk, in_ring, in_box))
    pixels = np.asarray(photographed(lambda _: ink, around)(rng).pixels)
    return Sample("photos", around.__name__, number.letters, png(pixels), boxed(np.zeros((0, 4))))


def _nothing(hands: Hands, sources: Mapping[str, Source], rng: Rng) -> Sample:
    """Letters, signs and scribbles by hand, or a picture of one of the kinds NOTHING: no number."""
    way, sign = rng.random(), Letter("", "")
    if way < 0.3:
        word = [Letter(one_of(rng, (*LETTERS, *SIGNS)), "") for _ in range(one_of(rng, (1, 1, 2, 3, 5, 8)))]
        return written(compose(hands, rng, word, one_of(rng, SPACINGS)), "nothing", "letters", rng)
    if way < 0.45:
        drawn = one_of(rng, (draw_scribble, draw_invented))(rng)
        return written(Number((sign,), (drawn,), 0), "nothing", "scribbles", rng)
    kind = one_of(rng, NOTHING)
    pixels = np.asarray(sources[kind](rng).pixels)
    everywhere = np.array([[0, 0, *pixels.shape[1::-1]]], np.float64)
    return Sample("nothing", kind, [sign], png(pixels), boxed(everywhere))


def variant(amount: Amount, rng: Rng) -> Sample:
    """An amount of a cheque as another hand or scanner might give it."""
    pixels, boxes = varied(amount.pixels, amount.boxes, rng)
    return Sample("cheques", "cheque", letters_of(amount.text), png(pixels), boxed(boxes))


def written(number: Number, group: str, tag: str, rng: Rng) -> Sample:
    """The number as a PNG of random size, pen and paper, and, unless its digits are scans, as strokes."""
    height = between(rng, 24, 110)
    pen = rng.uniform(0.08, 0.14) if number.scans else rng.uniform(0.04, 0.13)
    parts = draw_number(number, rng, height, pen * height)
    image, scale = png(on_paper(parts, rng)), between(rng, 20, 400)
    drawn = () if number.scans else number.parts
    as_sent = [[((stroke + 3) * scale).round(2).tolist() for stroke in part] for part in drawn]
    return Sample(group, tag, number.letters, image, inked(parts), as_sent, [*chain(*as_sent)])


def _printed(pick: Callable[[Rng], Font], rng: Rng) -> Sample:
    while True:
        font = pick(rng)
        kind = str(rng.choice(["marked", "signs", "words", "captions"], p=[0.25, 0.3, 0.33, 0.12]))
        kind, said = marked(rng) if kind == "marked" else (kind, SAID[kind](rng))
        letters = letters_of(said)
        signs = {letter.drawn for letter in letters} - {" "}
        # The font has every sign, and its digits are legible.
        if all(ord(sign) in font.codepoints and sign.isdigit() <= (sign in font.digits) for sign in signs):
            kept, parts = printed(letters, font, rng)
            return Sample("printed", kind, kept, png(on_paper(parts, rng)), inked(parts))


def on_paper(parts: Bytes, rng: Rng) -> Bytes:
    """A colour picture of ink (n, H, W), dark or light, sometimes with rules, waves or specks."""
    ink = parts.max(axis=0)
    made, way = Scene.on(sheet(rng, ink.shape)), rng.random()
    colour = paint(rng, 0, 0.3 * float(np.median(made.page)), 0.5)
    if way < 0.12:
        rule(made, rng, 0.6 * made.size[0])
    elif way < 0.25:  # fine waves, as cheques are printed with
        y, x = np.indices(made.size)
        wave = y + rng.uniform(1, 6) * np.sin(x / rng.uniform(5, 25))
        lines = np.sin(wave * 2 * np.pi / rng.uniform(4, 10)) > 0.6
        made.lay(lines * rng.uniform(0.1, 0.5), paint(rng, 0.3, 0.8, 0.6))
    if rng.random() < 0.25:  # dirt, much smaller than a point is
        places = rng.random((rng.integers(1, 6), 2)) * made.size[::-1]
        radius = between(rng, 0.004, 0.009) * min(made.size)
        made.fill(colour, *(ring(place, radius) for place in places))
    made.write(ink, colour, rng.uniform(0.8, 1.0))
    return mask_of(made.page if rng.random() < 0.75 else 1 - made.page)


def inked(parts: Bytes) -> Owners:
    """Owners by the nearest ink (n, H, W): a stroke's rim, or what joins dots, goes to the ink it is at."""

    def owners(x: Reals, y: Reals) -> tuple[Mask, Mask]:
        solid = parts > np.minimum(SOLID, parts.max(axis=(1, 2), keepdims=True) // 2)  # a small scan is pale
        away, nearest = ndimage.distance_transform_edt(solid.max(axis=0) < 1, return_indices=True)
        beside = BESIDE * float(np.ptp(np.flatnonzero(away.min(axis=1) == 0)))
        i, j = (np.clip(at, 0, end - 1).astype(int) for at, end in zip((y, x), away.shape, strict=True))
        own = solid[:, *nearest[:, i, j]] & (away[i, j] <= beside)
        # Ink that two digits share may belong to either, so it is not sure.
        return own, own.sum(axis=0) <= 1

    return owners


def boxed(boxes: Floats) -> Owners:
    """Owners by the box (n, 4) of an amount's digit that a point lies in; in several boxes it is nobody's."""

    def owners(x: Reals, y: Reals) -> tuple[Mask, Mask]:
        left, top, wide, tall = (boxes[:, k, None] for k in range(4))
        inside = (x >= left - 1) & (x <= left + wide + 1) & (y >= top - 1) & (y <= top + tall + 1)
        sure = inside.sum(axis=0) <= 1
        return inside & sure, sure

    return owners
