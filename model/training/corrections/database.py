"""The corrections that people sent to the service, as images to learn from.

The service writes them into an SQLite file, table `corrections`: `id`, `created`, `label` (0 to 9), and
`strokes` (JSON) or `image` (a file's bytes), as they were sent. A review of forms saves a CSV file.
"""

import csv
import json
import sqlite3
from base64 import b64decode
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.ink import InkError, NormalisedInk, normalise_image, normalise_strokes
from model.recognition import Recogniser
from model.training.data import DataError, LabelledImages

BUSY_SECONDS = 5.0
"""How long to wait for a service that is writing."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections in a file, normalised as the service does.

    `ids` (n,) are their numbers in the file. `skipped` counts those that cannot be learned from, by the
    reason, and `replaced` those that a later correction of the same drawing has replaced.
    """

    path: Path
    part: LabelledImages
    ids: NDArray[np.int64]
    skipped: dict[str, int]
    replaced: int

    def __str__(self) -> str:
        """One line for people: how many there are to learn from, and what became of the others."""
        parts = [f"{len(self.part):,} to learn from"]
        parts += [f"{n:,} skipped: {reason}" for reason, n in self.skipped.items()]
        if self.replaced:
            parts.append(f"{self.replaced:,} replaced by a later one of the same drawing")
        return f"{self.path}: {'; '.join(parts)}"


def read_corrections(path: Path, recogniser: Recogniser) -> Corrections:
    """Read a file of corrections; a service may go on writing to it.

    The recogniser chooses the field of a doubtful picture, as it does when it answers.

    Raises:
        DataError: with one line, if it is not such a file, or has nothing to learn from.
    """
    rows = _rows(path)
    if not rows:
        raise DataError(f"{path}: holds no corrections yet")
    # The last of several corrections of the same drawing counts, even if its label is invalid.
    latest = {(strokes, image): (number, label) for number, label, strokes, image in rows}
    inks, labels, ids = [], [], []
    skipped: Counter[str] = Counter()
    for (strokes, image), (number, label) in latest.items():
        try:
            if label not in range(10):
                raise ValueError("the label is no digit")
            inks.append(_ink(strokes, image))
        except InkError as error:
            skipped[str(error)] += 1
            continue
        except (ValueError, TypeError):
            skipped["no drawing with its digit"] += 1
            continue
        labels.append(label)
        ids.append(number)
    if not inks:
        reasons = "; ".join(skipped)
        raise DataError(f"{path}: none of the {len(latest):,} corrections can be learned from ({reasons})")
    fields = [answer.ink.field for answer in recogniser.answer(inks)]
    return Corrections(
        path,
        LabelledImages(np.stack(fields), np.array(labels, np.int64)),
        np.array(ids, np.int64),
        dict(skipped),
        len(rows) - len(latest),
    )


def _rows(path: Path) -> list[tuple[int, object, object, object]]:
    """Read every row, in the order of their numbers."""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    if path.suffix == ".csv":
        return _reviewed(path)
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, timeout=BUSY_SECONDS, uri=True)) as connection:
            return list(connection.execute("SELECT id, label, strokes, image FROM corrections ORDER BY id"))
    except sqlite3.Error as error:
        raise DataError(f"{path}: not a file of corrections that the service kept ({error})") from None


def _reviewed(path: Path) -> list[tuple[int, object, object, object]]:
    """The cells of fields that a person reviewed (`forms --review`): those with a digit for each cell."""
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    if not table or not {"truth", "cells"} <= table[0].keys():
        raise DataError(f"{path}: not a file that the page of `forms --review` saved")
    found = [
        (int(letter), b64decode(cell))
        for row in table
        for letter, cell in zip(row["truth"], row["cells"].split(), strict=False)
        if len(row["truth"]) == len(row["cells"].split()) and row["truth"].isdecimal()
    ]
    return [(number, label, None, image) for number, (label, image) in enumerate(found, start=1)]


def _ink(strokes: object, image: object) -> NormalisedInk:
    """Normalise a drawing or a picture; `InkError`, or `ValueError` or `TypeError` for anything else."""
    if isinstance(image, bytes):
        return normalise_image(image)
    if not isinstance(strokes, str):
        raise ValueError("neither strokes nor an image")
    return normalise_strokes(json.loads(strokes))
