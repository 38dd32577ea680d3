"""Numbers for the tests: the gallery, rows of MNIST's digits, and a recogniser that counts its work."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.ink.strokes import Strokes
from model.recogniser import Recogniser, Recognition
from tests.support import ROOT

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


class Counting:
    """A recogniser that counts the fields it is asked about."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.recogniser = recogniser
        self.input_size = recogniser.input_size
        self.fields = 0

    def recognise(self, fields: NDArray[np.uint8]) -> Recognition:
        self.fields += len(fields)
        return self.recogniser.recognise(fields)


def png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def row_of(digits: NDArray[np.uint8], scale: int = 2, gap: int = 6) -> NDArray[np.uint8]:
    """28x28 digits side by side, black on white."""
    count = len(digits)
    paper = np.zeros((56, (28 + gap) * count + 28), np.uint8)
    for place, digit in enumerate(digits):
        left = 14 + place * (28 + gap)
        paper[14:42, left : left + 28] = digit
    return 255 - np.kron(paper, np.ones((scale, scale), np.uint8))
