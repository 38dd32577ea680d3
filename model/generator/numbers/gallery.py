"""The gallery of hard cases: numbers that are easily misread, as strokes and as small pictures.

`python -m model.generator.numbers.gallery FOLDER` writes gallery.json (name, text, strokes,
picture's file) and the pictures. Nothing in it is anyone's hand: the strokes come from the stroke models.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from model.generator.items import Bytes, Rng, Strokes
from model.generator.pens.rendering import draw
from model.generator.pens.templates import MODELS
from model.generator.pens.vectors import affine, resample

HEIGHT = 44.0
"""Pixels for a digit."""


@dataclass(frozen=True, slots=True)
class Case:
    """One picture of the gallery.

    `letters`: a digit, or a digit and the number of its model in `MODELS` ("71" is the second 7), or one of
    SIGNS. `gaps` between letters in digit heights, one for all or one each. `look` names what else there is.
    """

    name: str
    letters: str
    gaps: Sequence[float] = (0.25,)
    slant: float = 0.0
    wave: float = 0.0
    pen: float = 4.0
    look: frozenset[str] = field(default_factory=frozenset)
    below: str = ""
    """The letters of a second line."""

    @property
    def text(self) -> str:
        """What is to be read."""
        lines = (self.letters, self.below) if self.below else (self.letters,)
        return "\n".join("".join(token[0] for token in line.split() if token[0].isdigit()) for line in lines)


SIGNS: dict[str, list[list[tuple[float, float]]]] = {
    ".": [[(0.0, 0.97), (0.02, 0.99)]],
    ",": [[(0.05, 0.93), (0.0, 1.12)]],
    "-": [[(0.0, 0.5), (0.3, 0.49)]],
    "/": [[(0.45, -0.1), (0.0, 1.1)]],
    "'": [[(0.04, -0.05), (0.0, 0.12)]],
    "=": [[(0.0, 0.4), (0.35, 0.4)], [(0.0, 0.6), (0.35, 0.6)]],
}

CASES = (
    Case("eleven", "1 1"),
    Case("eleven with flags", "11 11"),
    Case("two noughts", "0 0"),
    Case("noughts that touch", "0 0 0", (-0.03,)),
    Case("fives that touch", "51 51", (-0.02,)),
    Case("fives whose hats float", "51 51 3"),
    Case("four in two strokes", "4 2 40"),
    Case("crossed sevens", "72 1 73"),
    Case("ones with a foot", "12 13 0"),
    Case("slashed nought", "2 01 5"),
    Case("twenty digits", " ".join("31415926535897932384"), (0.2,), pen=3.0),
    Case("thousands and pence", "1 . 2 3 4 , 5 0", (0.14,)),
    Case("apostrophe", "1 ' 0 0 0", (0.14,)),
    Case("dashes beside", "- 7 5 0 - -", (0.3,)),
    Case("equals sign at the end", "8 3 9 =", (0.25,)),
    Case("leaning", "2 7 4 9 9", (0.2,), slant=0.45),
    Case("leaning back", "6 5 3 8", (0.25,), slant=-0.2),
    Case("wavy base line", "1 2 3 4 5 6 7 8", (0.2,), wave=0.25),
    Case("thick pen", "5 8 2 6", (0.3,), pen=9.0),
    Case("hairline", "5 8 2 6", (0.3,), pen=1.2),
    Case("two lines", "1 9 8 4", below="2 0 2 6"),
    Case("on a rule", "6 4 0 2", look=frozenset({"rule"})),
    Case("in a box", "3 6 9", look=frozenset({"box"})),
    Case("on printed paper", "1 5 8 0 2", look=frozenset({"print"})),
    Case("chalk", "4 7 1", look=frozenset({"inverted"})),
    Case("one digit", "7"),
    Case("two that touch", "2 3", (-0.02,)),
    Case("tight", "8 6 4 2", (0.09,)),
)


def strokes_of(case: Case, rng: Rng) -> list[Strokes]:
    """The strokes of a case's lines, a digit 1 high, y down."""
    lines = [_line(case.letters, case, rng)]
    if case.below:
        lines.append([stroke + np.array([0.2, 1.8]) for stroke in _line(case.below, case, rng)])
    return lines


def _line(letters: str, case: Case, rng: Rng) -> Strokes:
    tokens = letters.split()
    out: Strokes = []
    x = 0.0
    for place, token in enumerate(tokens):
        if token in SIGNS:
            strokes = [np.array(stroke) for stroke in SIGNS[token]]
        else:
            model = MODELS[int(token[0])][int(token[1:] or 0)]
            strokes = [resample(stroke, 0.03) for stroke in model(rng)]
            high = np.concatenate(strokes)[:, 1]
            strokes = [(stroke - [0.0, high.min()]) / (high.max() - high.min()) for stroke in strokes]
        strokes = [affine(stroke, slant=case.slant) for stroke in strokes]
        left = min(float(stroke[:, 0].min()) for stroke in strokes)
        drop = case.wave * np.sin(0.8 * place)
        strokes = [stroke + np.array([x - left, drop]) for stroke in strokes]
        out.extend(strokes)
        gap = case.gaps[min(place, len(case.gaps) - 1)]
        x = max(float(stroke[:, 0].max()) for stroke in strokes) + gap
    return out


def picture_of(case: Case, lines: list[Strokes], rng: Rng) -> Bytes:
    """The case as a grey picture (H, W)."""
    strokes = [stroke * HEIGHT for line in lines for stroke in line]
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.35 * HEIGHT
    width, height = (int(v) for v in high - low + 2 * margin)
    placed = [stroke - low + margin for stroke in strokes]
    ink = draw(placed, (height, width), case.pen, rng).astype(np.float32)
    paper = np.full((height, width), 235.0, np.float32)
    if "rule" in case.look:
        paper[round(height - margin) : round(height - margin) + 2] = 90.0
    if "box" in case.look:
        for edge in (slice(2, 4), slice(-4, -2)):
            paper[edge] = 60.0
            paper[:, edge] = 60.0
    if "print" in case.look:
        y, x = np.mgrid[:height, :width]
        paper -= 45.0 * (np.sin((x + 2 * y) * 0.7) > 0.6)
        paper += rng.normal(0, 6, paper.shape)
    picture = paper + (25.0 - paper) * ink / 255.0
    picture = 255.0 - picture if "inverted" in case.look else picture
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.5)))


def write(folder: Path) -> None:
    """Write the gallery."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for number, case in enumerate(CASES):
        rng = np.random.default_rng(100 + number)
        lines = strokes_of(case, rng)
        file = case.name.replace(" ", "-") + ".png"
        Image.fromarray(picture_of(case, lines, rng)).save(folder / file, optimize=True)
        strokes = [(stroke * 100).round(1).tolist() for line in lines for stroke in line]
        entries.append({"name": case.name, "text": case.text, "picture": file, "strokes": strokes})
    (folder / "gallery.json").write_text(
        "[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries) + "\n]\n"
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
