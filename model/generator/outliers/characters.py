"""Characters of many scripts, symbols and icons in fonts: what is printed but is no digit.

Look-alikes are left out. Some are known by their code point, symbols and icons by their names (circles are
zeros, bars are ones), all others by their shape.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from PIL import Image

from model.generator.items import Bytes, Rng, one_of
from model.generator.paper.camera import turned
from model.generator.paper.fonts import Font, glyph, picker
from model.generator.paper.inks import Ink, InkMaker, pen_ink
from model.generator.paper.masks import directions
from model.generator.pens.hands import modelled
from model.generator.tables import table
from model.training.data import NO_DIGIT

_TABLE = table("scripts")
LOOK_ALIKES = frozenset("".join(_TABLE["look_alikes"]))
"""Characters that are a digit, or look like one in some fonts: they serve neither as digits nor as others."""
SYMBOL_LEFT_OUT = re.compile("|".join(_TABLE["symbol_names_left_out"]))
ICON_LEFT_OUT = re.compile("|".join(_TABLE["icon_names_left_out"]), re.IGNORECASE)
ICON_FONTS = re.compile("|".join(_TABLE["icon_fonts"]), re.IGNORECASE)
NAMELESS = re.compile(r"^(uni|u|glyph)[0-9A-Fa-f]{3,}$")
FRAMED_DIGITS = range(0xE3C0, 0xE402)
"""Where icon fonts without names keep digits in frames and circles."""
LOOKS_ALIKE = 0.83
"""A printed character with a cosine above this to a printed or modelled digit is not used at all."""


def _codes(ranges: Iterable[str]) -> Iterator[int]:
    """All code points of ranges such as "41-5A"."""
    for first, last in (span.split("-") for span in ranges):
        yield from range(int(first, 16), int(last, 16) + 1)


def _is_letter(code: int) -> bool:
    return chr(code) not in LOOK_ALIKES and unicodedata.category(chr(code))[0] in "LS"


def is_symbol(code: int) -> bool:
    """Whether it is a sign or symbol whose name tells of no circle, bar or number."""
    name = unicodedata.name(chr(code), "")
    return bool(name) and unicodedata.category(chr(code))[0] in "SP" and not SYMBOL_LEFT_OUT.search(name)


def _is_icon(code: int, name: str) -> bool:
    nameless = NAMELESS.search(name) is not None
    return code not in FRAMED_DIGITS and len(name) > 2 and (nameless or not ICON_LEFT_OUT.search(name))


def coverage(fonts: Iterable[Font]) -> dict[str, dict[Font, tuple[int, ...]]]:
    """For each script, "symbols" and "icons": the fonts that have it, with the usable code points of each."""
    wanted = {name: tuple(filter(_is_letter, _codes(ranges))) for name, ranges in _TABLE["scripts"].items()}
    wanted["symbols"] = tuple(filter(is_symbol, _codes(_TABLE["symbols"])))
    found: dict[str, dict[Font, tuple[int, ...]]] = {}
    for font in fonts:
        usable = {name: tuple(filter(font.codepoints.__contains__, codes)) for name, codes in wanted.items()}
        named = sorted(font.names.items()) if ICON_FONTS.search(font.path.name) else []
        usable["icons"] = tuple(code for code, name in named if _is_icon(code, name))
        for name, codes in usable.items():
            if len(codes) >= 8:
                found.setdefault(name, {})[font] = codes
    return found


def printed_characters(fonts: list[Font], digit_fonts: list[Font], scripts: tuple[str, ...] = ()) -> InkMaker:
    """Characters of `scripts` (none named: all but Latin, each as often as the others), warped a little.

    Whatever comes near a digit of any of `digit_fonts` is left out. The group is the script.
    """
    resembles = like_digits(digit_fonts)
    covered = coverage(fonts)
    chosen = {name: covered[name] for name in covered if (name in scripts if scripts else name != "latin")}
    pickers = {name: picker(list(own)) for name, own in chosen.items()}

    def ink(rng: Rng) -> Ink:
        mask = np.zeros((1, 1), np.uint8)
        # Some fonts have blanks where their map promises a character.
        while mask.max() < 128 or resembles(mask):
            name = one_of(rng, tuple(chosen))
            font = pickers[name](rng)
            mask = glyph(font, chr(one_of(rng, chosen[name][font])), one_of(rng, (24, 36, 48, 64)))
        pen, mask = mask.shape[0] * 0.06, np.pad(mask, max(mask.shape) // 3)
        if rng.random() < 0.6:
            mask = np.asarray(turned([Image.fromarray(mask)], rng, padding=0.08, angle=12.0)[0])
        return Ink(mask, NO_DIGIT, list(chosen).index(name), pen)

    return ink


def like_digits(fonts: list[Font]) -> Callable[[Bytes], bool]:
    """Tells whether a printed shape (H, W) is nearly the same as a digit of some font or stroke model."""
    families = {font.family: font for font in fonts}
    shapes = [glyph(font, text, 48) for font in list(families.values())[:80] for text in font.digits]
    ink, rng = pen_ink(modelled(), widths=(0.07, 0.1)), np.random.default_rng(0)
    shapes += [ink(rng).mask for _ in range(400)]  # written by hand, too: printed zeros are narrow
    known = directions(shapes)
    return lambda mask: bool((known @ directions([mask])[0]).max() > LOOKS_ALIKE)
