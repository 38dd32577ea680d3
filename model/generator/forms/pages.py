"""Forms drawn, filled in by a hand, and scanned or photographed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from model.generator.items import Bytes, Floats, Rng, Strokes, between, one_of
from model.generator.paper.camera import jpeg, noisy
from model.generator.paper.fonts import Font, face
from model.generator.paper.light import daylight
from model.generator.paper.masks import blurred
from model.generator.pens.hands import Drawing
from model.generator.pens.rendering import draw
from model.generator.pens.vectors import affine, resample
from model.geometry import SQUARE, homography, straightened

SIZE = (800, 1100)
"""The forms' width and height in their own units: ten units are about 2.5 mm."""
FINE = 2
"""Pixels of the drawn page per unit: about 200 dots per inch."""
WORDS = ("Name", "Date", "Amount", "Account", "Reading", "Item", "Total", "No.", "Year", "Room", "Hours")
EMPTY, FULL = 0.3, 0.6
"""EMPTY: the share of fields that are left empty. FULL: the least share of the other combs that are full."""

Hands = Mapping[int, Mapping[int, Sequence[Drawing]]]


@dataclass(frozen=True, slots=True)
class Page:
    """A form as it reaches the service."""

    pixels: Bytes
    """(H, W) or (H, W, 3)."""
    template: dict[str, Any]
    texts: dict[str, str]
    """What is written in each field, by its name; nothing in an empty one."""
    matrix: Floats
    """(3, 3): takes the template's points (x, y, 1) to the picture's pixels."""


class _Sheet:
    """A form in the making: white paper, 0 is black."""

    def __init__(self, rng: Rng, fonts: Sequence[Font], hand: Mapping[int, Sequence[Drawing]]) -> None:
        self.rng, self.fonts, self.hand = rng, fonts, hand
        self.print = Image.new("L", (SIZE[0] * FINE, SIZE[1] * FINE), 255)
        self.pen = ImageDraw.Draw(self.print)
        self.ink = np.zeros((SIZE[1] * FINE, SIZE[0] * FINE), np.uint8)
        self.level = int(one_of(rng, (0, 40, 90, 140, 175)))
        self.rule = max(1, round(FINE * rng.uniform(0.5, 1.6)))
        self.width = FINE * between(rng, 1.2, 3.0)
        self.slant = float(rng.normal(0, 0.08))
        self.tall = float(rng.uniform(0.55, 0.85))

    def line(self, *points: tuple[float, float]) -> None:
        """Print a rule through the points."""
        self.pen.line([(x * FINE, y * FINE) for x, y in points], fill=self.level, width=self.rule)

    def words(self, x: float, y: float, tall: float, count: int = 1) -> float:
        """Print words from (x, y) on, `tall` units high; return the x where they end."""
        text = " ".join(one_of(self.rng, WORDS) for _ in range(count))
        font = face(one_of(self.rng, self.fonts).path, round(tall * FINE)) if self.fonts else None
        drawn = font or ImageFont.load_default(tall * FINE)
        self.pen.text((x * FINE, y * FINE), text, fill=int(self.rng.integers(0, 90)), font=drawn)
        return x + drawn.getlength(text) / FINE

    def write(self, digit: int, x: float, y: float, wide: float, tall: float) -> float:
        """Write a digit into a space of the form, or a little outside; return the x where its ink ends."""
        rng = self.rng
        sample = one_of(rng, self.hand[digit])
        strokes: Strokes = [resample(affine(stroke, slant=self.slant), 0.02) for stroke in sample.strokes]
        points = np.concatenate(strokes)
        low = points.min(axis=0)
        extent = np.maximum(np.ptp(points, axis=0), 0.02)
        scale = min(self.tall * tall * np.exp(rng.normal(0, 0.08)) / extent[1], 0.92 * wide / extent[0])
        free = np.array([wide, tall]) - scale * extent
        place = np.array([x, y]) + free * np.clip(rng.normal(0.5, 0.13, 2), -0.05, 1.05)
        moved = [((stroke - low) * scale + place) * FINE for stroke in strokes]
        # Only the digit's surroundings are drawn.
        corner = np.floor(place * FINE - 10).astype(int)
        size = np.ceil(scale * extent * FINE + 20).astype(int)
        mask = draw([stroke - corner for stroke in moved], (size[1], size[0]), self.width, rng, pressure=0.1)
        rows, columns = slice(corner[1], corner[1] + size[1]), slice(corner[0], corner[0] + size[0])
        self.ink[rows, columns] = np.maximum(self.ink[rows, columns], mask)
        return float(place[0] + scale * extent[0])


def _comb(sheet: _Sheet, x: float, y: float, room: float) -> tuple[dict[str, Any], str]:
    """A comb, boxes that stand apart, or a single box."""
    rng = sheet.rng
    tall = rng.uniform(24, 40)
    wide = tall * rng.uniform(0.7, 1.05)
    gap = 0.0 if rng.random() < 0.55 else wide * rng.uniform(0.1, 0.4)
    cells = int(np.clip(rng.integers(1, 11), 1, (room + gap) // (wide + gap)))
    starts = [x + number * (wide + gap) for number in range(cells)]
    open_top = gap == 0 and rng.random() < 0.2  # a comb in the true sense: teeth on a rule
    for start in starts:
        top = y + 0.55 * tall if open_top else y
        outline = [(start, top), (start, y + tall), (start + wide, y + tall), (start + wide, top)]
        sheet.line(*outline, *([] if open_top else [(start, top)]))
    count = 0 if rng.random() < EMPTY else cells if rng.random() < FULL else int(rng.integers(1, cells + 1))
    first = one_of(rng, (0, cells - count))
    text = "".join(str(rng.choice(sorted(sheet.hand))) for _ in range(count))
    for digit, start in zip(text, starts[first:], strict=False):
        sheet.write(int(digit), start, y, wide, tall)
    box = [x, y, starts[-1] + wide - x, tall]
    kind = {"kind": "digit"} if cells == 1 else {"kind": "comb", "cells": cells, "gap": gap}
    return {"box": box, **kind}, text


def _number(sheet: _Sheet, x: float, y: float, room: float) -> tuple[dict[str, Any], str]:
    """A free number, in a frame or on a rule."""
    rng = sheet.rng
    tall, wide = rng.uniform(28, 42), min(room, rng.uniform(120, 240))
    sheet.line((x, y + tall), (x + wide, y + tall))
    if rng.random() < 0.6:
        sheet.line((x, y + tall), (x, y), (x + wide, y), (x + wide, y + tall))
    count = 0 if rng.random() < EMPTY else int(rng.integers(1, 1 + int(wide // (0.75 * tall))))
    text = "".join(str(rng.choice(sorted(sheet.hand))) for _ in range(count))
    at = x + rng.uniform(0.1, 0.3) * tall
    for digit in text:
        at = sheet.write(int(digit), at, y, 0.6 * tall, tall) + rng.uniform(0.1, 0.18) * tall
    return {"box": [x, y, wide, tall], "kind": "number"}, text


def form(rng: Rng, fonts: Sequence[Font], hands: Hands, *, marks: bool = True) -> Page:
    """A filled form, seen straight from above: a pixel is half a unit."""
    sheet = _Sheet(rng, fonts, hands[int(rng.choice(sorted(hands)))])
    template: dict[str, Any] = {"size": list(SIZE), "fields": []}
    texts: dict[str, str] = {}
    if marks:
        side = rng.uniform(16, 26)
        corners = [(x, y) for y in (40, SIZE[1] - 40 - side) for x in (40, SIZE[0] - 40 - side)]
        template["marks"] = [[x, y, side, side] for x, y in corners]
        for x, y in corners:
            sheet.pen.rectangle([x * FINE, y * FINE, (x + side) * FINE - 1, (y + side) * FINE - 1], fill=0)
    sheet.words(120, 50, 26, 3)
    y = 130.0
    while y < SIZE[1] - 130:
        x = sheet.words(rng.uniform(70, 110), y + 6, rng.uniform(11, 17)) + rng.uniform(14, 40)
        while x < SIZE[0] - 160:
            field, text = (_number if rng.random() < 0.2 else _comb)(sheet, x, y, SIZE[0] - 60 - x)
            name = f"field{len(texts) + 1}"
            template["fields"].append({"name": name, **field})
            texts[name] = text
            x = sheet.words(x + field["box"][2] + rng.uniform(14, 30), y + 6, 13) + rng.uniform(12, 40)
        y += rng.uniform(54, 80)
        if rng.random() < 0.25:
            sheet.line((60, y - 10), (SIZE[0] - 60, y - 10))
    sheet.words(90, SIZE[1] - 90, 12, 8)
    colour = rng.uniform(0, 0.35) * 255
    paper = np.asarray(sheet.print, np.float32)
    written = paper + (np.minimum(colour, paper) - paper) * (sheet.ink / np.float32(255))
    return Page(written.round().astype(np.uint8), template, texts, np.diag([FINE, FINE, 1.0]))


def stamped(page: Page, rng: Rng) -> Page:
    """Add specks all over, and sometimes the ring of a stamp in a margin."""
    image = Image.fromarray(page.pixels)
    pen = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(int(rng.integers(0, 60))):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), between(rng, 0.5, 2.0)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(0, 160)))
    if rng.random() < 0.4:
        x, y, r = rng.uniform(0.3, 0.7) * width, rng.uniform(0.93, 0.96) * height, 0.035 * width
        pen.ellipse((x - r, y - r, x + r, y + r), outline=int(rng.integers(60, 170)), width=4)
    return replace(page, pixels=np.asarray(image))


def scanned(page: Page, rng: Rng) -> Page:
    """As a scanner leaves it: a little askew, at 100 to 300 dots per inch, sometimes turned around."""
    height, width = page.pixels.shape[:2]
    scale = between(rng, 0.55, 1.4)
    angle = np.radians(rng.normal(0, 1.0) + one_of(rng, (0, 0, 0, 90, 180, 270)))
    ends = affine(SQUARE * [width, height], angle=float(angle)) * scale
    low = ends.min(axis=0)
    seen = ends - low + rng.normal(0, 0.006 * height, 2) * scale
    moved = _moved(page, seen, np.rint(ends.max(axis=0) - low), 250.0, scale)
    pixels = noisy(moved.pixels, rng, between(rng, 1.0, 8.0))
    if rng.random() < 0.15:  # in black and white
        return replace(moved, pixels=np.where(pixels > 140, 255, 0).astype(np.uint8))
    return replace(moved, pixels=jpeg(pixels, rng, 0.5, 50))


def photographed(page: Page, rng: Rng) -> Page:
    """As a camera over a desk sees it: in perspective, and in uneven light."""
    height, width = page.pixels.shape[:2]
    size = np.rint([width * 1.2, height * 1.15])
    seen = (SQUARE - 0.5) * [width, height] * rng.uniform(0.85, 0.98) + size / 2
    seen += rng.uniform(-0.035, 0.035, (4, 2)) * width
    seen = affine(seen - seen.mean(axis=0), angle=float(rng.normal(0, 0.03))) + seen.mean(axis=0)
    moved = _moved(page, seen, size, float(rng.uniform(20, 200)), 1.0)
    lit = moved.pixels * daylight(rng, moved.pixels.shape[:2])
    pixels = noisy(
        blurred(np.clip(lit, 0, 255).astype(np.uint8), rng.uniform(0.3, 1.1)), rng, between(rng, 1, 6)
    )
    return replace(moved, pixels=jpeg(pixels, rng, 0.9, 60))


def _moved(page: Page, seen: Floats, size: Floats, around: float, scale: float) -> Page:
    """The page with its corners moved to `seen` (4, 2), on a ground of the brightness `around`."""
    image = Image.fromarray(page.pixels)
    matrix = homography(SQUARE * image.size, seen)
    if scale < 1:
        image = image.filter(ImageFilter.GaussianBlur(0.4 / scale))
    wide, tall = size.astype(int).tolist()
    pixels = straightened(image, np.asarray(np.linalg.inv(matrix)), (wide, tall), round(around))
    return replace(page, pixels=np.asarray(pixels, np.uint8), matrix=matrix @ page.matrix)


def pages(rng: Rng, fonts: Sequence[Font], hands: Hands, count: int, *, marks: bool = True) -> Iterator[Page]:
    """`count` forms, scanned and photographed in turn."""
    ways = (scanned, photographed)
    for number in range(count):
        yield ways[number % 2](stamped(form(rng, fonts, hands, marks=marks), rng), rng)
