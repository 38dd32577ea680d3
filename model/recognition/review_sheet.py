"""Which answers a person should look at, and a sheet of their pictures."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

BELOW = 0.95
"""A person should look at an answer of less confidence than this, unless the caller says otherwise."""
MOST = 400
"""The most pictures on one sheet."""

_PICTURE, _LINE, _COLUMNS = 96, 12, 8
"""The side of a picture and the height of a line (pixels), and how many pictures stand in a row."""


def needs_review(answer: Mapping[str, Any], below: float = BELOW) -> bool:
    """Whether a person should look at an answer: it is an error, no digit, or doubtful.

    Args:
        answer: One of `model.recognition.files`, or a `Prediction` of the service.
        below: The confidence from which an answer is taken as it is.
    """
    return (
        "error" in answer
        or not answer["is_digit"]
        or answer["reason"] is not None
        or answer["confidence"] < below
    )


def review_sheet(answers: Iterable[Mapping[str, Any]]) -> Image.Image:
    """Draw the images of some answers, the most doubtful first, each above its file's name and its answer.

    Args:
        answers: Answers of `model.recognition.files`, which name their `file`; `MOST` of them are drawn.
    """
    chosen = sorted(answers, key=_certainty)[:MOST]
    return grid([(_opened(Path(answer["file"])), _caption(answer)) for answer in chosen])


def grid(pictures: Sequence[tuple[Image.Image | None, Sequence[str]]]) -> Image.Image:
    """Pictures in rows, each in a square over the lines of its caption; small ones are enlarged."""
    columns = min(_COLUMNS, max(1, len(pictures)))
    rows = max(1, -(-len(pictures) // columns))
    width, height = _PICTURE + 8, _PICTURE + 2 * _LINE + 10
    sheet = Image.new("RGB", (columns * width, rows * height), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (picture, caption) in enumerate(pictures):
        x, y = number % columns * width + 4, number // columns * height + 4
        if picture is not None:
            scale = _PICTURE / max(picture.size)
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            sheet.paste(picture.resize(size), (x, y))
        pen.rectangle((x - 1, y - 1, x + _PICTURE, y + _PICTURE), outline="lightgrey")
        for line, text in enumerate(caption):
            pen.text((x, y + _PICTURE + 2 + line * _LINE), text, fill="black")
    return sheet


def _certainty(answer: Mapping[str, Any]) -> tuple[bool, float]:
    """A key that sorts errors first, then answers that are no digit, then the rest; each by confidence."""
    if "error" in answer:
        return False, -1.0
    return bool(answer["is_digit"]), answer["confidence"]


def _opened(file: Path) -> Image.Image | None:
    """The image; None if it cannot be shown."""
    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _caption(answer: Mapping[str, Any]) -> Sequence[str]:
    room = _PICTURE // 6
    name = Path(answer["file"]).name
    short = name if len(name) <= room else f"..{name[-room + 2 :]}"
    if "error" in answer:
        return short, answer["error"][:room]
    digit = "{} or {}".format(*answer["between"]) if "between" in answer else str(answer["digit"])
    return short, f"{digit if answer['is_digit'] else f'({digit})'}  {answer['confidence']:.0%}"
