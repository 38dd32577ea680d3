"""Numbers that are printed, in the fonts of one part, or shown by displays of segments or dots."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from model.generator.items import Bytes, Rng, between, one_of
from model.generator.numbers.texts import Letter
from model.generator.paper.camera import jpeg, noisy
from model.generator.paper.displays import panel
from model.generator.paper.fonts import Font, face
from model.generator.paper.masks import mask_of

DASHES = "-\u2212\u2013"
"""The hyphen, the minus sign and a dash: all are read as the first."""


def printed(letters: Sequence[Letter], font: Font, rng: Rng) -> tuple[list[Letter], Bytes]:
    """Print letters, digits 14 to 90 pixels high; return those that leave ink, and their ink (n, H, W)."""
    dash = one_of(rng, [dash for dash in DASHES if ord(dash) in font.codepoints] or DASHES)
    size = round(between(rng, 20, 125))
    type_ = face(font.path, size)
    spacing = rng.choice([0.0, rng.uniform(0.0, 0.15)]) * size
    margin = rng.uniform(0.15, 0.6, 4) * size
    drawn = [dash if letter.drawn == "-" else letter.drawn for letter in letters]
    starts = margin[0] + np.cumsum([0.0, *(type_.getlength(sign) + spacing for sign in drawn)])
    wide, tall = round(starts[-1] + margin[1]), round(margin[2] + margin[3] + 1.3 * size)
    parts = []
    for sign, x in zip(drawn, starts[:-1].tolist(), strict=True):
        image = Image.new("L", (wide, tall))
        ImageDraw.Draw(image).text((x, margin[2] + size), sign, fill=255, font=type_, anchor="ls")
        parts.append(np.asarray(image))
    inked = [letter for letter, part in zip(letters, parts, strict=True) if part.any()]
    return inked, np.stack([part for part in parts if part.any()])


def displayed(letters: Sequence[Letter], rng: Rng) -> tuple[Bytes, Bytes]:
    """Digits, points, colons and minus signs on a display; the ink of each (n, H, W), a colour picture."""
    made, parts = panel([letter.drawn for letter in letters], between(rng, 28, 130), rng)
    noise = rng.uniform(0, 8) if rng.random() < 0.4 else 0.0
    return parts, jpeg(noisy(mask_of(made.page), rng, noise), rng, 0.4)
