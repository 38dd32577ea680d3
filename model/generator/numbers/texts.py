"""What numbers say: digits alone, amounts, dates, times, telephone numbers, and the signs around them.

A text is written as a list of letters: a digit or a mark is itself, a sign that belongs to no number stands
in braces ("{$}"), and a space is a gap that says nothing.
"""

import re
from collections.abc import Callable, Sequence
from string import ascii_lowercase
from typing import NamedTuple, TypeAlias

from model.generator.items import Rng, one_of
from model.reading.pattern import DIGITS

Saying: TypeAlias = dict[str, Callable[[Rng], str]]
_PIECES = re.compile(r"\{(.)\}|(.)")


class Letter(NamedTuple):
    """One letter: what is drawn, and what it adds to the text: itself or nothing."""

    drawn: str
    text: str


def letters_of(said: str) -> list[Letter]:
    """The letters of a text in the notation of this module."""
    return [Letter(*((sign, "") if sign else (same, same.strip()))) for sign, same in _PIECES.findall(said)]


def text_of(letters: Sequence[Letter]) -> str:
    """What is to be read."""
    return "".join(letter.text for letter in letters)


def digits(rng: Rng, least: int, most: int) -> str:
    """Some random digits."""
    return "".join(DIGITS[place] for place in rng.integers(0, 10, rng.integers(least, most + 1)))


def _decimal(rng: Rng) -> str:
    return f"{digits(rng, 1, 4)}{one_of(rng, '.,')}{digits(rng, 1, 3)}"


def _amount(rng: Rng) -> str:
    point, comma = one_of(rng, ((".", ","), (",", "."), (",", " "), (".", " "), ("{'}", ".")))
    whole = point.join([digits(rng, 1, 3), *(digits(rng, 3, 3) for _ in range(rng.integers(1, 3)))])
    return f"{whole}{comma}{digits(rng, 2, 2)}" if comma != " " else whole


def _date(rng: Rng) -> str:
    between = one_of(rng, "//.-")
    day, month = rng.integers(1, 32), rng.integers(1, 13)
    two = rng.random() < 0.7
    first = [f"{day:02d}" if two else str(day), f"{month:02d}" if two else str(month)]
    year = str(rng.integers(1900, 2100))
    return between.join([*first, year if rng.random() < 0.6 else year[2:]])


MARKED: Saying = {
    "plain": lambda rng: digits(rng, 1, 8),
    "alike": lambda rng: one_of(rng, DIGITS) * int(rng.integers(2, 7)),
    "decimals": _decimal,
    "amounts": _amount,
    "negatives": lambda rng: f"-{digits(rng, 1, 4) if rng.random() < 0.5 else _decimal(rng)}",
    "dates": _date,
    "times": lambda rng: ":".join(
        [f"{rng.integers(0, 24):02d}", *(f"{rng.integers(0, 60):02d}" for _ in range(rng.integers(1, 3)))]
    ),
    "with dashes": lambda rng: f"{digits(rng, 2, 4)}-{digits(rng, 2, 5)}",
}
"""Numbers with marks in them, and some without."""

BEFORE = ("$", "€", "£", "#", "N o .", "N o .", "=", "≈", "A", "T")
BEHIND = ("%", "%", "€", "$", "£", "k g", "m", "h", "=", "°", "K", "V")

ENDS = (*[""] * 10, " {-}", "{-}", "{-}{-}", "{=}")
"""What ends a number of digits alone."""


def plain(rng: Rng) -> str:
    """1 to 20 digits, usually 2 to 8, sometimes followed by one or two dashes or an equals sign."""
    return digits(rng, *((1, 20) if rng.random() < 0.15 else (2, 8))) + one_of(rng, ENDS)


def marked(rng: Rng) -> tuple[str, str]:
    """A kind of `MARKED`, and a number of that kind."""
    kind = one_of(rng, tuple(MARKED))
    return kind, MARKED[kind](rng)


def worded(rng: Rng) -> str:
    """One to three words of two to nine letters each: no number."""
    words = []
    for length in rng.integers(2, 10, rng.integers(1, 4)):
        word = "".join(ascii_lowercase[place] for place in rng.integers(0, 26, length))
        words.append(one_of(rng, (word, word, word.capitalize(), word.upper())))
    return " ".join("".join(f"{{{letter}}}" for letter in word) for word in words)


def signed(rng: Rng) -> str:
    """A number with signs around it that do not belong to it, or a telephone number."""
    inner = MARKED[one_of(rng, ("plain", "plain", "decimals", "amounts"))](rng)
    gap, way = "" if rng.random() < 0.5 else " ", rng.random()
    if way < 0.3:
        left, right = one_of(rng, (("(", ")"), ("(", ")"), ("[", "]")))
        return f"{{{left}}}{inner}{{{right}}} {digits(rng, 2, 6) if rng.random() < 0.6 else ''}".strip()
    signs = "".join(f"{{{sign}}}" for sign in one_of(rng, BEFORE if way < 0.65 else BEHIND).split())
    return signs + gap + inner if way < 0.65 else inner + gap + signs


SAID: Saying = {
    "signs": signed,
    "words": worded,
    "captions": lambda rng: f"{worded(rng)} {digits(rng, 1, 6)}",
}
"""What is printed in addition to `MARKED` numbers."""
