"""Printed characters: the fonts of some folders, which of them can be used, and characters drawn with them.

A font counts as having digits if its character map has all ten, each draws a shape of its own, and nearly
all shapes resemble those of most other fonts (symbol fonts put pictures there, display fonts riddles). The
one or two digits that do not are left out.
Families are held apart: all members of a family belong to the same part.
"""

import logging
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont

from model.generator.items import Bytes, Part, Rng, one_of, part_of
from model.generator.paper.masks import directions
from model.training.data import DIGITS

DEFAULT_FOLDERS = (Path("/usr/share/fonts"),)
# Old fonts have small faults in their tables that do not matter here.
logging.getLogger("fontTools").setLevel(logging.ERROR)
SUFFIXES = (".ttf", ".otf", ".ttc")
AGREEMENT = 8
"""How many of a font's ten digits must be nearest to the same digit's median over all fonts."""
LARGE_COLLECTION = 40
"""A folder with more families than this is one designer's collection and counts as one family."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font file, its family (the name's first word: a superfamily counts once), and its character map."""

    path: Path
    family: str
    number: int
    codepoints: frozenset[int] = field(repr=False)
    names: dict[int, str] = field(repr=False, hash=False)
    """Glyph names of the private use area, where icon fonts keep their pictures."""
    digits: str = ""
    """The digits that can be read, "0123456789" at most."""


@lru_cache(maxsize=512)
def face(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """A font file at `size` pixels an em."""
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def glyph(font: Font, text: str, size: int, *, stroke: int = 0, outline: bool = False) -> Bytes:
    """Draw `text` at `size` pixels an em, cut to its ink and given a margin: ink 255 on 0, (H, W).

    `stroke` widens the outlines by that many pixels; `outline` leaves nothing else. Nothing drawn gives a
    (1, 1) array of 0.
    """
    drawn = face(font.path, size)
    left, top, right, bottom = drawn.getbbox(text, stroke_width=stroke)
    if right - left < 1 or bottom - top < 1 or right - left > 12 * size or bottom - top > 6 * size:
        return np.zeros((1, 1), np.uint8)
    margin = max(2, size // 16)
    image = Image.new("L", (int(right - left) + 2 * margin, int(bottom - top) + 2 * margin))
    at, fill = (margin - left, margin - top), 0 if outline else 255
    ImageDraw.Draw(image).text(at, text, fill, drawn, stroke_width=stroke, stroke_fill=255)
    return np.asarray(image)


def _read(path: Path) -> Font | None:
    try:
        with TTFont(path, fontNumber=0, lazy=True) as file:
            cmap = file.getBestCmap() or {}
            family = str(file["name"].getBestFamilyName() or path.stem)
        word = family.lower().split()[0].split("-")[0].rstrip("0123456789") or path.stem.lower()
        names = {code: name for code, name in cmap.items() if 0xE000 <= code <= 0xF8FF}
        face(path, 32)
    except (TTLibError, OSError, KeyError, ValueError, AttributeError, AssertionError, ImportError):
        return None  # damaged, or without a Unicode map: of no use here
    return Font(path, word, 0, frozenset(cmap), names)


def find_fonts(folders: Iterable[Path] = DEFAULT_FOLDERS) -> list[Font]:
    """All readable outline fonts below `folders`, in an order that depends on their paths only."""
    paths = sorted({path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [font for path in paths if (font := _read(path))]
    members: dict[Path, set[str]] = {}
    for font in found:
        members.setdefault(font.path.parent, set()).add(font.family)
    large = {folder for folder, families in members.items() if len(families) > LARGE_COLLECTION}
    named = [replace(f, family=f.path.parent.name) if f.path.parent in large else f for f in found]
    numbers = sorted({font.family for font in named})
    return [replace(font, number=numbers.index(font.family)) for font in named]


def of_part(fonts: list[Font], part: Part) -> list[Font]:
    """The fonts of the families of one part."""
    return [font for font in fonts if part_of(font.family) == part]


def with_digits(fonts: list[Font]) -> list[Font]:
    """The fonts whose digits, all but two at most, can be read (see the module's docstring)."""
    shapes = {}
    for font in fonts:
        if font.codepoints.issuperset(map(ord, DIGITS)):
            with suppress(OSError):
                found = directions(glyph(font, digit, 48) for digit in DIGITS)
                if found.any(axis=1).all() and (found @ found.T - np.eye(10)).max() <= 0.97:
                    shapes[font] = found
    if not shapes:
        return []
    means = np.median(list(shapes.values()), axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True) + 1e-6
    usable = []
    for font, own in shapes.items():
        same = np.flatnonzero((own @ means.T).argmax(axis=1) == np.arange(10)).tolist()
        if len(same) >= AGREEMENT:
            usable.append(replace(font, digits="".join(map(str, same))))
    return usable


def picker(fonts: list[Font]) -> Callable[[Rng], Font]:
    """Picks a font: its family first, so that large families do not drown others.

    Raises ValueError if there are none.
    """
    if not fonts:
        raise ValueError("no fonts with the characters wanted: name folders that have some")
    families: dict[str, list[Font]] = {}
    for font in fonts:
        families.setdefault(font.family, []).append(font)
    members = list(families.values())
    return lambda rng: one_of(rng, one_of(rng, members))
