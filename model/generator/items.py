"""What a source gives: strokes or a picture, its label, and what the normaliser should find in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.ink import NoInk, NormalisedInk, normalise_image, normalise_strokes

T = TypeVar("T")
Rng: TypeAlias = np.random.Generator
Floats: TypeAlias = NDArray[np.float64]
Bytes: TypeAlias = NDArray[np.uint8]
Strokes: TypeAlias = list[Floats]
"""Pen strokes: each an (n, 2) array of x, y with y pointing down."""

Part: TypeAlias = Literal["train", "validation", "test"]
"""Networks learn from train, choices are made by validation, and test only measures, at the end."""
PARTS: tuple[Part, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Item:
    """One raw thing on its way to the normaliser.

    `label` is 0-9 or `NO_DIGIT`; `group` names the writer, file or font family, so that what comes from
    one hand can be kept together. Exactly one of `strokes` and `pixels` is set: `pixels` is uint8, (H, W),
    (H, W, 3) or (H, W, 4).

    `clean` is the ink alone, 255 on 0, and `parts` that of each digit of a pair: with them `build` decides
    which of the normaliser's proposals show the digit.
    """

    label: int
    group: int
    strokes: Strokes | None = None
    pixels: Bytes | None = None
    clean: Bytes | None = None
    parts: tuple[Bytes, ...] = ()

    def ink(self) -> NormalisedInk | None:
        """Its ink, sent as a user sends it: strokes as they are, pixels as a PNG; None if none is found."""
        try:
            if self.strokes is not None:
                return normalise_strokes([stroke.tolist() for stroke in self.strokes])
            return normalise_image(png(np.asarray(self.pixels)))
        except NoInk:
            return None


Source: TypeAlias = Callable[[Rng], Item]
"""A source draws one item, at random but repeatably, from the generator it is given."""

VALIDATION, TEST = range(80, 200), range(200, 280)
"""The hash values, of 1,000, that are held out. Those below 80 were looked at too often, and train now."""


def part_of(key: str) -> Part:
    """The part of a file or a font family, by a hash that is the same on every machine.

    About 12 % are for validation, 8 % for the test, the rest for training.
    """
    value = 2166136261
    for byte in key.encode():  # FNV-1a: Python's own hash() differs from run to run
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    # The upper bits of short keys that differ in the last letter only are alike: mix once more.
    value = (value ^ (value >> 15)) * 0x85EBCA6B & 0xFFFFFFFF
    place = (value >> 8) % 1000
    return "validation" if place in VALIDATION else "test" if place in TEST else "train"


def png(pixels: Bytes) -> bytes:
    """A picture as a PNG file."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def between(rng: Rng, low: float, high: float) -> float:
    """A random number between two positive ones, each order of magnitude as likely as another."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def one_of(rng: Rng, things: Sequence[T]) -> T:
    """One of the things, each as likely as another."""
    return things[int(rng.integers(len(things)))]


def either(share: float, first: Callable[[Rng], T], second: Callable[[Rng], T]) -> Callable[[Rng], T]:
    """A hand, an ink or a source: `first` with probability `share`, else `second`."""
    return lambda rng: first(rng) if rng.random() < share else second(rng)
