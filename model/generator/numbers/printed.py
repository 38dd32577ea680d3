"""Numbers that are printed, in the fonts of one part, or shown by displays of segments or dots."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Rng
from model.generator.numbers.strings import Drawn
from model.generator.numbers.texts import Letter
from model.generator.paper.camera import jpeg
from model.generator.paper.displays import ALL_DOTS, draw_dots, draw_segments, lit_of
from model.generator.paper.fonts import Font, face
from model.generator.paper.masks import Reals, cover_of, soft
from model.generator.paper.scene import area, ring, tinted

DASHES = "-\u2212\u2013"
"""The hyphen, the minus sign and a dash: all are read as the first."""


def drawable(font: Font, letters: Sequence[Letter]) -> bool:
    """Whether a font has all these letters, its digits legible."""
    return all(
        ord(letter.drawn) in font.codepoints and (not letter.drawn.isdigit() or letter.drawn in font.digits)
        for letter in letters
    )


def printed(letters: Sequence[Letter], font: Font, rng: Rng) -> tuple[list[Letter], Drawn]:
    """Print letters with a font, digits 14 to 90 pixels high. Gives those that leave ink, and the picture."""
    dash = one_of(rng, [dash for dash in DASHES if ord(dash) in font.codepoints] or DASHES)
    size = round(between(rng, 20, 125))
    type_ = face(font.path, size)
    spacing = rng.choice([0.0, rng.uniform(0.0, 0.15)]) * size
    margin = rng.uniform(0.15, 0.6, 4) * size
    drawn = [dash if letter.drawn == "-" else letter.drawn for letter in letters]
    starts = margin[0] + np.cumsum([0.0, *(type_.getlength(sign) + spacing for sign in drawn)])
    wide, tall = round(starts[-1] + margin[1]), round(margin[2] + margin[3] + 1.3 * size)
    kept, parts = [], []
    for letter, sign, x in zip(letters, drawn, starts[:-1], strict=True):
        image = Image.new("L", (wide, tall))
        place = (float(x), float(margin[2] + size))
        ImageDraw.Draw(image).text(place, sign, fill=255, font=type_, anchor="ls")
        part = np.asarray(image)
        if part.any():
            kept.append(letter)
            parts.append(part)
    every = np.stack(parts)
    return kept, Drawn(every.max(axis=0), every)


def displayed(letters: Sequence[Letter], rng: Rng) -> tuple[Drawn, Bytes]:
    """Show digits, points, colons and minus signs on a display, 28 to 130 pixels high: the picture in colour.

    The segments or dots that are not lit may be seen faintly.
    """
    tall = between(rng, 28, 130)
    make = _segments if rng.random() < 0.75 else _dots
    lit, all_ = make([letter.drawn for letter in letters], tall, rng)
    margin = round(rng.uniform(0.15, 0.7) * tall)
    edge = ((0, 0), (margin, margin), (margin, margin))
    parts = np.pad(lit, edge)
    shown: Reals = cover_of(parts.max(axis=0))
    ghosts = cover_of(np.pad(all_, edge[1:]))
    glow: Reals = np.zeros(shown.shape)
    if rng.random() < 0.5:  # light emitting: bright on dark, with a glow
        ground = tinted(rng.uniform(0.0, 0.16), rng.uniform(0.5, 1.2, 3))
        hue = one_of(rng, ((1, 0.12, 0.08), (0.2, 1, 0.3), (0.3, 0.6, 1), (1, 0.65, 0.1), (1, 1, 1)))
        colour: Reals = np.clip(np.array(hue) * rng.uniform(0.85, 1.0), 0, 1)
        glow = soft(shown, rng.uniform(0.02, 0.1) * tall) * rng.uniform(0, 0.4)
    else:  # liquid crystals: dark on grey or green
        ground = tinted(rng.uniform(0.45, 0.85), (rng.uniform(0.8, 1.0), 1.0, rng.uniform(0.6, 0.95)))
        colour = tinted(rng.uniform(0.02, 0.2), rng.uniform(0.7, 1.0, 3))
    faint = rng.uniform(0.02, 0.14) if rng.random() < 0.5 else 0.0
    cover: Reals = np.maximum(np.maximum(shown, ghosts * faint), glow)[..., None]
    page = ground * (1 - cover) + colour * cover
    if rng.random() < 0.4:
        page = page + rng.normal(0, rng.uniform(0, 0.03), page.shape)
    pixels = np.asarray(np.clip(page * 255, 0, 255), np.uint8)
    return Drawn(parts.max(axis=0), parts), jpeg(pixels, rng, 0.4)


def _segments(signs: Sequence[str], tall: float, rng: Rng) -> tuple[Bytes, Bytes]:
    thick, wide = tall * rng.uniform(0.06, 0.16), tall * rng.uniform(0.4, 0.65)
    gap = min(thick * rng.choice([0.0, *rng.uniform(0.05, [0.4, 1.2])]), 0.2 * min(wide, tall / 2))
    lean = float(rng.choice([0.0, rng.uniform(0.03, 0.25)]))
    bevel = float(rng.choice([0.0, 0.5, 1.0]))
    look = {"tall": tall, "wide": wide, "thick": thick, "gap": gap, "bevel": bevel, "lean": lean}
    ghost = draw_segments("abcdefg", **look)
    margin = thick + lean * tall
    step = wide + thick * rng.uniform(2.6, 3.8)
    square, room = rng.random() < 0.5, rng.uniform(0.0, 1.2) * thick

    def dots(*shares: float) -> Callable[[float], Bytes]:
        def draw(x: float) -> Bytes:
            at = [(x + lean * (tall / 2 - share * tall) + margin, share * tall + margin) for share in shares]
            radius = 0.6 * thick
            return (
                area(size, *(ring(each, radius, power=0.01 if square else 1.0) for each in at)) * 255
            ).astype(np.uint8)

        return draw

    places, x = [], 0.0
    for number, sign in enumerate(signs):
        if sign in ".:" and number:
            # The point stands in the gap behind its digit.
            x += 0.5 * room
            places.append(x - (step - wide) / 2)
            x += 0.5 * room + (thick if sign == ":" else 0.0)
        else:
            places.append(x)
            x += step
    size = ghost.shape[0], round(x + 2 * margin + thick)
    parts, ghosts = np.zeros((len(signs), *size), np.uint8), np.zeros(size, np.uint8)
    for number, (sign, at) in enumerate(zip(signs, places, strict=True)):
        if sign in ".:":
            parts[number] = dots(*((1.0,) if sign == "." else (0.28, 0.72)))(at)
            continue
        lit = draw_segments("g" if sign == "-" else lit_of("segments", int(sign), rng), **look)
        columns = slice(round(at), round(at) + lit.shape[1])
        parts[number, :, columns] = lit[:, : parts[number, :, columns].shape[1]]
        ghosts[:, columns] = np.maximum(ghosts[:, columns], ghost[:, : ghosts[:, columns].shape[1]])
    return parts, ghosts


_MATRIX = {
    ".": " ".join(["0"] * 6 + ["1"]),
    ":": "0 0 1 0 1 0 0",
    "-": "00000 00000 00000 11111 00000 00000 00000",
}


def _dots(signs: Sequence[str], tall: float, rng: Rng) -> tuple[Bytes, Bytes]:
    pitch = max(3.5, tall / 7)
    dot = pitch * rng.uniform(0.5, 0.98)
    square = rng.random() < 0.4
    shown = [_MATRIX[sign] if sign in _MATRIX else lit_of("dots", int(sign), rng) for sign in signs]
    wide = [len(rows.split()[0]) + 1 for rows in shown]
    places = np.concatenate([[0], np.cumsum(wide)]) * pitch
    size = round(7 * pitch) + 4, round(places[-1]) + 4
    parts, ghosts = np.zeros((len(signs), *size), np.uint8), np.zeros(size, np.uint8)
    for number, (rows, at) in enumerate(zip(shown, places, strict=False)):
        lit = draw_dots(rows, pitch, dot, square=square)
        columns = slice(round(at), round(at) + lit.shape[1])
        room = parts[number, :, columns].shape[1]
        parts[number, :, columns] = lit[:, :room]
        if len(rows) == len(ALL_DOTS):
            ghosts[:, columns] = draw_dots(ALL_DOTS, pitch, dot, square=square)[:, :room]
    return parts, ghosts
