"""Numbers for the tests: the gallery, rows of MNIST's digits, and a recogniser that counts its work."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.ink.strokes import Strokes
from model.reading import page, segment
from model.recognition import Recogniser, Scores
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
        self.fields = 0

    def score(self, fields: NDArray[np.uint8]) -> Scores:
        self.fields += len(fields)
        return self.recogniser.score(fields)


def row_of(digits: NDArray[np.uint8], scale: int = 2, gap: int = 6) -> NDArray[np.uint8]:
    """28x28 digits side by side, black on white."""
    count = len(digits)
    paper = np.zeros((56, (28 + gap) * count + 28), np.uint8)
    for place, digit in enumerate(digits):
        left = 14 + place * (28 + gap)
        paper[14:42, left : left + 28] = digit
    return 255 - np.kron(paper, np.ones((scale, scale), np.uint8))


def touching(digits: NDArray[np.uint8], overlap: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """28x28 digits pushed into each other by `overlap` pixels, four times as large.

    Black on white, and each one's own ink in place, (n, H, W).
    """
    own, left = [], 12
    for digit in digits:
        columns = np.flatnonzero(digit.max(axis=0) > 60)
        ink = digit[:, columns[0] : columns[-1] + 1]
        own.append((left, ink))
        left += ink.shape[1] - overlap
    layers = np.zeros((len(own), 44, left + 24), np.uint8)
    for layer, (place, ink) in zip(layers, own, strict=True):
        layer[8:36, place : place + ink.shape[1]] = ink
    layers = layers.repeat(4, axis=1).repeat(4, axis=2)
    return 255 - layers.max(axis=0), layers


def cut(digits: NDArray[np.uint8], overlap: int = 2) -> tuple[segment.Segmented, NDArray[np.uint8]]:
    """A line of touching digits in pieces, and each digit's own ink in the line's pixels, (n, H, W)."""
    paper, layers = touching(digits, overlap)
    (line,) = page.lines(paper)
    segmented = segment.segment(line)
    assert segmented is not None
    rows = (line.origin[1] + (np.arange(line.ink.shape[0]) + 0.5) * line.factor).astype(int)
    columns = (line.origin[0] + (np.arange(line.ink.shape[1]) + 0.5) * line.factor).astype(int)
    return segmented, layers[:, rows.clip(0)][:, :, columns.clip(0)]
