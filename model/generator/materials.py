"""What the sources draw from: the data sets and fonts of one part: training, validation or test."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from model.generator.items import Part
from model.generator.paper.cheques import Amount, ChequeDigit, load_digits
from model.generator.paper.fonts import Font, find_fonts, of_part, with_digits
from model.generator.pens.hands import Drawing, load_pendigits
from model.training.data import LabelledImages, load_data_set


@dataclass(frozen=True, slots=True)
class Materials:
    """Everything of one part: nothing in it comes from a writer, file, family or image of another."""

    part: Part
    pendigits: list[Drawing]
    mnist: LabelledImages
    fabrics: LabelledImages
    cheques: list[ChequeDigit]
    fonts: list[Font]
    digit_fonts: list[Font]

    @property
    def amounts(self) -> list[Amount]:
        """The amounts on cheques that are written in digits alone."""
        amounts = {digit.amount.group: digit.amount for digit in self.cheques}
        return [amount for amount in amounts.values() if amount.text.isdigit()]


def images_of(name: str, data: Path, part: Part, *, unverified: bool = False) -> LabelledImages:
    """A part of a data set's training images: validation and test share what training holds out."""
    training, held_out = load_data_set(name, data, unverified=unverified).split()
    if part == "train":
        return training
    return held_out.take(np.arange(0 if part == "validation" else 1, len(held_out), 2))


@lru_cache(maxsize=1)
def _fonts(folders: tuple[Path, ...]) -> tuple[list[Font], list[Font]]:
    """All fonts, and those with digits: looked through once for all parts."""
    fonts = find_fonts(folders)
    return fonts, with_digits(fonts)


def load_materials(data: Path, part: Part, font_folders: Sequence[Path]) -> Materials:
    """Load one part. `data` holds mnist/, fashion-mnist/, pendigits/ and cheques/.

    Only the training images of MNIST and Fashion-MNIST are read, split as in training. Raises DataError.
    """
    fonts, digit_fonts = _fonts(tuple(font_folders))
    return Materials(
        part,
        load_pendigits(data, part),
        images_of("mnist", data, part),
        images_of("fashion-mnist", data, part, unverified=True),
        load_digits(data, part),
        of_part(fonts, part),
        of_part(digit_fonts, part),
    )
