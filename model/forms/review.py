"""The review: a page with each field's picture that needs no server, and merging what a person said there."""

import base64
import io
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PAGE = Path(__file__).with_name("review.html")


def png(pixels: NDArray[np.uint8]) -> str:
    """(H, W) pixels as the base64 of a PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def review_page(lines: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], sample: int) -> str:
    """The page for the fields that go to review; or, for a promise, for a random `sample` of all fields."""
    wanted = {(row["file"], row["page"], row.get("field")) for row in rows if row.get("review") or sample}
    fields = [
        {**field, "file": line["file"], "page": line["page"]}
        for line in lines
        for field in line.get("fields", ())
        if (line["file"], line["page"], field["name"]) in wanted
    ]
    if sample:
        fields = random.Random(0).sample(fields, min(sample, len(fields)))
    # No value may end the script that it stands in.
    return PAGE.read_text().replace("[/* fields */]", json.dumps(fields).replace("<", "\\u003c"))


def apply(rows: Sequence[dict[str, Any]], corrections: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The rows with what a person said as `truth`, and `checked`; `text` stays as it was read.

    Raises ValueError for corrections of a field that is not there.
    """
    said = {(each["file"], each["page"], each["field"]): each["truth"] for each in corrections}
    found = [(row, (row["file"], row["page"], row["field"])) for row in rows]
    if unknown := said.keys() - {place for _, place in found}:
        raise ValueError(f"there are corrections of fields that were not read: {min(unknown)}")
    checked = {"checked": True, "review": False}
    return [row | ({**checked, "truth": said[place]} if place in said else {}) for row, place in found]
