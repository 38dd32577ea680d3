"""Which answers a person should look at, and a picture of them to look at."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

BELOW = 0.95
"""Confidence below which an answer is looked at by hand, if nobody says otherwise."""

MOST = 400
"""Pictures on one sheet."""

_PICTURE = 96
_LINE = 12
_COLUMNS = 8


def to_check(answer: Mapping[str, Any], below: float = BELOW) -> bool:
    """Whether a person should look: there is no answer, or no digit, or a doubt.

    Args:
        answer: of `model.recognition.files`, or a `Prediction` of the service.
        below: the confidence from which an answer is taken as it is.
    """
    return (
        "error" in answer
        or not answer["is_digit"]
        or answer["reason"] is not None
        or answer["confidence"] < below
    )


def contact_sheet(answers: Iterable[Mapping[str, Any]]) -> Image.Image:
    """The images of these answers, the most doubtful first, `MOST` at most, each over its file's name.

    Args:
        answers: of `model.recognition.files`: with `file`.
    """
    chosen = sorted(answers, key=_certainty)[:MOST]
    columns = min(_COLUMNS, max(1, len(chosen)))
    rows = max(1, -(-len(chosen) // columns))
    width, height = _PICTURE + 8, _PICTURE + 2 * _LINE + 10
    sheet = Image.new("RGB", (columns * width, rows * height), "white")
    pen = ImageDraw.Draw(sheet)
    for number, answer in enumerate(chosen):
        x, y = number % columns * width + 4, number // columns * height + 4
        picture = _thumbnail(Path(answer["file"]))
        if picture is not None:
            sheet.paste(picture, (x, y))
        pen.rectangle((x - 1, y - 1, x + _PICTURE, y + _PICTURE), outline="lightgrey")
        for line, text in enumerate(_caption(answer)):
            pen.text((x, y + _PICTURE + 2 + line * _LINE), text, fill="black")
    return sheet


def _certainty(answer: Mapping[str, Any]) -> tuple[bool, float]:
    """Sorts what has no answer first, then no digits, then by confidence."""
    if "error" in answer:
        return False, -1.0
    return bool(answer["is_digit"]), answer["confidence"]


def _thumbnail(file: Path) -> Image.Image | None:
    """The image in a square of `_PICTURE` pixels, small ones enlarged; None if it cannot be shown."""
    try:
        with Image.open(file) as image:
            picture = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    scale = _PICTURE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size)


def _caption(answer: Mapping[str, Any]) -> Sequence[str]:
    room = _PICTURE // 6
    name = Path(answer["file"]).name
    short = name if len(name) <= room else f"..{name[-room + 2 :]}"
    if "error" in answer:
        return short, answer["error"][:room]
    digit = "{} or {}".format(*answer["between"]) if "between" in answer else str(answer["digit"])
    return short, f"{digit if answer['is_digit'] else f'({digit})'}  {answer['confidence']:.0%}"
