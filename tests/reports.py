"""`python -m tests.reports FOLDER`: how many pictures of people's reports are answered rightly.

FOLDER holds the pictures and labels.csv, with the columns file, call ("/predict" or "/read") and right.
"""

import csv
import re
import sys
from collections import Counter
from pathlib import Path

from model.ink import InkError
from model.reading import read_image
from model.recognition import Recogniser


def answer(call: str, image: bytes, recogniser: Recogniser) -> str:
    """What is answered: a digit, a number, "nothing" or "several digits"."""
    if call == "/read":
        try:
            return read_image(image, recogniser).text
        except InkError:
            return "nothing"
    found = recogniser.recognise([image])[0]
    if isinstance(found, InkError):
        return "nothing"
    if found.is_digit:
        return str(found.digit)
    return "several digits" if found.reason == "looks like several digits" else "nothing"


def is_right(call: str, right: str, answered: str) -> bool:
    """Whether an answer is what labels.csv says; "several digits" will do where there is no digit.

    Of a number the digits are read and the marks . , - / : but not the signs beside it.
    """
    if call == "/read":
        return answered == re.sub(r"[^0-9.,/:-]", "", right)
    if right.startswith("several digits"):
        return answered == "several digits"
    return answered == right or (not right.isdigit() and not answered.isdigit())


def main() -> None:
    """Print what is answered wrongly, and the count of each kind."""
    folder, recogniser = Path(sys.argv[1]), Recogniser.load("lenet5")
    counts: dict[str, Counter[bool]] = {}
    for row in csv.DictReader((folder / "labels.csv").read_text().splitlines()):
        answered = answer(row["call"], (folder / row["file"]).read_bytes(), recogniser)
        right = is_right(row["call"], row["right"], answered)
        for kind in ("all", row["file"].rsplit("_", 1)[0]):
            counts.setdefault(kind, Counter())[right] += 1
        if not right:
            print(f"{row['file']}: {row['right']}, answered: {answered!r}")
    for kind, count in counts.items():
        print(f"{count[True]:4} of {count.total():3}  {kind}")


if __name__ == "__main__":
    main()
