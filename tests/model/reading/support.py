"""Numbers for the tests: the gallery, rows of MNIST's digits, and a recogniser that counts its work."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.ink import NormalisedInk
from model.ink.grounds import grounds
from model.ink.strokes import Strokes
from model.reading import page
from model.reading.page import Line
from model.recognition import Answer, Recogniser, Scores
from tests.support import ROOT, encoded

GALLERY = ROOT / "tests" / "data" / "numbers"


@dataclass(frozen=True)
class Entry:
    name: str
    text: str
    picture: Path
    strokes: Strokes = field(repr=False)


def gallery() -> list[Entry]:
    entries = json.loads((GALLERY / "gallery.json").read_text())
    return [
        Entry(entry["name"], entry["text"], GALLERY / entry["picture"], entry["strokes"]) for entry in entries
    ]


def printed(said: str, side: int = 72) -> bytes:
    """A picture of a text, without its braces, in letters of some size."""
    shown = said.replace("{", "").replace("}", "")
    page = Image.new("L", (60 + len(shown) * side, 2 * side), 255)
    ImageDraw.Draw(page).text((30, side // 2), shown, font=ImageFont.load_default(side), fill=20)
    return encoded(page)


def lines_of(pixels: NDArray[np.uint8]) -> list[Line]:
    """The lines of a picture, seen in the likeliest way."""
    return next(page.proposals(next(grounds(pixels))))


@dataclass
class Counting:
    """A recogniser that counts the fields it is asked about; pictures get a `share` of their digit score."""

    recogniser: Recogniser
    fields: int = 0
    share: float = 1.0

    def score(self, fields: NDArray[np.uint8], *, again: bool = True) -> Scores:
        self.fields += len(fields)
        return self.recogniser.score(fields, again=again)

    def answer(self, inks: Sequence[NormalisedInk]) -> list[Answer]:
        told = self.recogniser.answer(inks)
        return [replace(each, digit_score=self.share * each.digit_score) for each in told]


def row_of(digits: NDArray[np.uint8], scale: int = 2, gap: int = 6) -> NDArray[np.uint8]:
    """28x28 digits side by side, black on white."""
    count = len(digits)
    paper = np.zeros((56, (28 + gap) * count + 28), np.uint8)
    for place, digit in enumerate(digits):
        left = 14 + place * (28 + gap)
        paper[14:42, left : left + 28] = digit
    return 255 - np.kron(paper, np.ones((scale, scale), np.uint8))


def touching(digits: NDArray[np.uint8], overlap: int) -> NDArray[np.uint8]:
    """28x28 digits pushed into each other by `overlap` pixels, four times as large, black on white."""
    paper, left = np.zeros((44, 28 * (len(digits) + 2)), np.uint8), 12
    for digit in digits:
        columns = np.flatnonzero(digit.max(axis=0) > 60)
        ink = digit[:, columns[0] : columns[-1] + 1]
        place = paper[8:36, left : left + ink.shape[1]]
        np.maximum(place, ink, out=place)
        left += ink.shape[1] - overlap
    return 255 - paper[:, : left + 24].repeat(4, axis=0).repeat(4, axis=1)
