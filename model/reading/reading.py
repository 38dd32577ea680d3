"""Whole numbers in images and drawings, line by line."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from model.ink import DEFAULT_LIMITS, Limits, NoInk, NormalisedInk, normalise_pixels
from model.ink import strokes as pen
from model.ink.decode import Decoded, decode
from model.ink.grounds import grounds, reduced
from model.ink.polarity import odds_of_dark_ink
from model.reading import page
from model.reading import pen as by_pen
from model.reading.cells import best_text
from model.reading.decision import ALTERNATIVES, LEAST, decide
from model.reading.graph import MOST_WORK, Work, candidates_of
from model.reading.lattice import IGNORING, OTHER, SYMBOLS, Candidates, Network
from model.reading.page import NothingToRead
from model.reading.pattern import DIGITS, MARKS, read_pattern
from model.reading.rows import read_row
from model.reading.symbols import Way, shipped
from model.recognition import Answer

Box = tuple[float, float, float, float]
Marks = Literal["read", "ignore"]


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of a number."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    """Ten values that sum to 1; they take the digit's shape into account."""
    box: Box
    """x, y, width, height of its ink, in the pixels or units sent."""
    strokes: tuple[int, ...] | None = None
    """Which of a drawing's strokes it is made of; None in a picture."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One of `. , - / :` in a number."""

    mark: str
    confidence: float
    box: Box
    """x, y, width, height of its ink, in the pixels or units sent."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same ink."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A number, or several lines of them.

    For several lines, `text` joins the lines' texts with line feeds; `digits`, `marks` and `others` hold
    those of all lines in that order; `confidence` is the product of the lines'; `alternatives` read the least
    certain line differently; `lines` holds each line by itself. For one line, `lines` is empty.
    """

    text: str
    """Digits and marks, in writing order."""
    confidence: float
    """The probability of `text`."""
    digits: tuple[Digit, ...]
    marks: tuple[Mark, ...]
    others: tuple[Box, ...]
    """The boxes of signs that belong to no number: currency, brackets, letters."""
    alternatives: tuple[Alternative, ...]
    lines: tuple["Reading", ...] = ()


class Answerer(Network, Protocol):
    """A network that answers whole pictures too: `model.recognition.Recogniser`, or what queries one."""

    def answer(self, inks: Sequence[NormalisedInk]) -> list[Answer]:
        """Say which digit each picture shows, if any."""


MOST_DIGITS = 60
"""A line with more digits and marks than this is a pattern, not a number."""
EMPTY = 0.99
"""The confidence that cells without visible ink are empty; few such rows, read as lines, have more."""
LATER = 0.9
"""The least probability of a number in a later proposal: each one adds chances to see one by mistake."""
SETTLED, MOST_LEFT, MOST_LATER = 0.95, 0.25, 1000
"""The least confidence, and most ink left out (share), to stop at; the most candidates of a later ground."""
LEAST_LIKELY: dict[Way, tuple[float, float, float]] = {"image": (0.12, 0.3, 0.6), "strokes": (0.12, 0.2, 0.6)}
"""The least probability of a text: of one sign; of several; of several that are letters for the most part."""


def read_image(
    data: bytes | Decoded,
    network: Answerer,
    *,
    limits: Limits = DEFAULT_LIMITS,
    marks: Marks = "read",
    pattern: str | None = None,
) -> Reading:
    """Read the number, or the lines of numbers, in an image file.

    Args:
        data: The file, or its pixels.
        network: What scores fields, and answers whole pictures.
        limits: How large a picture may be.
        marks: Whether `. , - / :` are read, or ignored so that text and confidence are of the digits alone.
        pattern: What each line is expected to be (`model.reading.pattern`); nothing else is read.

    Raises:
        InkError: `NotAnImage` and so on for the file, `NoInk` when nothing stands out from the paper,
            `NothingToRead` when what does is no number, or no number that fits the pattern.
        BadPattern: the pattern is malformed, or no reading can fit it.
    """
    work = _work(network, "picture", marks, pattern)
    decoded = data if isinstance(data, Decoded) else decode(data, limits)
    best, refused, taken = _row_of_cells(decoded.pixels, work, decoded.scale), None, -1
    least, settled = (0.0, False) if best is None else (LATER, best.text != "" and best.confidence >= SETTLED)
    for place, ground in enumerate(grounds(decoded.pixels)):
        work.runs = MOST_WORK - MOST_LATER if place else 0
        try:
            for lines in page.proposals(ground):
                work.left = 0.0
                found = _whole([_image_line(line, work, decoded.scale) for line in lines])
                if found is not None and _is_better(found, best, least, elsewhere=place > 0):
                    best, taken = found, place
                    settled = found.confidence >= SETTLED and work.left < MOST_LEFT
                least = LATER
                if settled:
                    break
        except NoInk as error:
            refused = refused if place else error
        if settled:
            break
    if best is None:
        raise refused or (_nothing(work) if least else NoInk("nothing stands out from the paper"))
    if not best.digits:
        raise NothingToRead("the cells are empty")
    if len(best.text) == 1 and taken == 0 and not (best.others or best.marks or pattern):
        # A single digit, on the whole picture, is also recognised as any other picture of a digit is.
        (answer,) = network.answer([normalise_pixels(decoded.pixels)])
        agreed = answer.digit_score * answer.probabilities[best.digits[0].digit]
        best = replace(best, confidence=best.confidence * math.sqrt(agreed))
        if best.confidence < LEAST_LIKELY["image"][0]:
            raise _nothing(work)
    return best


def _is_better(found: Reading, best: Reading | None, least: float, *, elsewhere: bool) -> bool:
    """Whether a reading is better than the best before; it must be some number with the probability `least`.

    It is better if it is likelier or, `elsewhere` (on another ground), if it has more digits and is likely.
    With fewer digits than a likely best reading, it has lost some.
    """
    if found.confidence + sum(other.probability for other in found.alternatives) < least:
        return False
    more = len(found.digits) - len(best.digits) if best else 0
    if best is None or (more < 0 and best.confidence >= LEAST_LIKELY["image"][1 if elsewhere else 2]):
        return best is None
    return found.confidence > (LATER if elsewhere and more > 0 and best.digits else best.confidence)


def read_strokes(
    strokes: pen.Strokes, network: Network, *, marks: Marks = "read", pattern: str | None = None
) -> Reading:
    """Read the number, or the lines of numbers, in pen strokes; `marks` and `pattern` as for `read_image`.

    Raises:
        InkError: `InvalidStrokes`, `NoInk`, or `NothingToRead` when they show no number that fits.
        BadPattern: the pattern is malformed, or no reading can fit it.
    """
    work = _work(network, "drawing", marks, pattern)
    drawing = pen.read(strokes)
    # `pen.read` leaves out strokes without points.
    numbers = [number for number, stroke in enumerate(strokes) if len(stroke)]
    if (reading := _whole([_pen_line(line, work, numbers) for line in by_pen.pen_lines(drawing)])) is None:
        raise _nothing(work)
    return reading


def _work(network: Network, medium: Literal["picture", "drawing"], marks: Marks, pattern: str | None) -> Work:
    read = marks == "read"
    expected = None if pattern is None else read_pattern(pattern, MARKS if read else "")
    return Work(network, medium, SYMBOLS if read else IGNORING, expected)


def _row_of_cells(pixels: NDArray[np.uint8], work: Work, scale: float) -> Reading | None:
    """Read a picture of one row of cells, without digits if all are empty; None for any other picture."""
    grey, factor = reduced(pixels)
    found = read_row(grey if odds_of_dark_ink(grey) >= 0 else 255 - grey, work.network)
    if found is None:
        return None
    cells, alone = found
    text, confidence, others = best_text([answer for answer, _ in cells], alone * (1.0 if cells else EMPTY))
    if work.pattern is None and confidence < LEAST_LIKELY["image"][len(cells) > 1]:
        return None
    if work.pattern is not None and cells and not work.pattern.accepts(text):
        work.unfit = True
        return None
    digits = tuple(
        Digit(int(letter), shares[int(letter)], tuple(shares), _box(np.array(box), scale=factor * scale))
        for letter, ((shares, _), box) in zip(text, cells, strict=True)
    )
    return Reading(text, confidence, digits, (), (), tuple(Alternative(*other) for other in others))


def _image_line(line: page.Line, work: Work, scale: float) -> Reading | None:
    found = candidates_of(line, work)
    place = partial(_box, origin=line.origin, factor=line.factor, scale=scale)
    return None if found is None else _reading_of(found[0], "image", work, place)


def _pen_line(line: by_pen.PenLine, work: Work, numbers: list[int]) -> Reading | None:
    found = by_pen.candidates_of(line, work)
    whose = [numbers[stroke] for stroke in line.strokes]
    return None if found is None else _reading_of(found, "strokes", work, _box, whose)


def _box(
    inner: NDArray[np.float64], origin: tuple[float, float] = (0, 0), factor: float = 1.0, scale: float = 1.0
) -> Box:
    """x, y, width, height in the pixels or units sent, of left, top, right, bottom in a line's own."""
    left, top, right, bottom = (float(value) * factor for value in inner)
    x, y = origin[0] + left, origin[1] + top
    return x * scale, y * scale, (right - left) * scale, (bottom - top) * scale


def _reading_of(
    found: Candidates,
    way: Way,
    work: Work,
    place: Callable[[NDArray[np.float64]], Box],
    whose: Sequence[int] | None = None,
) -> Reading | None:
    line, texts, scores = decide(found, shipped()[way], work.network, work.letters, work.pattern)
    texts = [text for text in texts if any(symbol < len(DIGITS) for _, symbol in text.path)]
    if not texts:
        work.unfit = work.pattern is not None
        return None
    best, runs = texts[0], line.runs
    held = [run for run, symbol in best.path if symbol != OTHER]
    work.left = max(work.left, 1 - float(runs.lengths[held].sum() / max(line.pieces.lengths.sum(), 1e-9)))
    if len(best.text) > MOST_DIGITS:
        work.too_long = True
        return None
    kind = (len(best.path) > 1) + (len(best.path) > 2 * len(held))
    if work.pattern is None and best.probability < LEAST_LIKELY[way][kind]:
        return None
    digits, marks, others = list[Digit](), list[Mark](), list[Box]()
    for run, symbol in best.path:
        box, shares = place(runs.boxes[run]), softmax(scores[run])
        if symbol < len(DIGITS):
            share = softmax(scores[run, : len(DIGITS)])
            own = None if whose is None else tuple(sorted({*whose[runs.starts[run] : runs.ends[run]]}))
            digits.append(Digit(symbol, float(share[symbol]), tuple(share.tolist()), box, own))
        elif symbol == OTHER:
            others.append(box)
        elif work.letters[symbol]:
            marks.append(Mark(work.letters[symbol], float(shares[symbol]), box))
    likely = [other for other in texts[1 : 1 + ALTERNATIVES] if other.probability >= LEAST]
    alternatives = tuple(Alternative(other.text, other.probability) for other in likely)
    return Reading(best.text, best.probability, tuple(digits), tuple(marks), tuple(others), alternatives)


def _nothing(work: Work) -> NothingToRead:
    reason = f": a line is longer than the {MOST_DIGITS} digits that are read" if work.too_long else ""
    fitting = " that fits the pattern" if work.unfit else ""
    return NothingToRead(f"there is no number{fitting} in the {work.medium}{reason}")


def _whole(found: Sequence[Reading | None]) -> Reading | None:
    """Join the lines that have a reading into one reading; None if no line has one."""
    lines = [reading for reading in found if reading is not None]
    if len(lines) < 2:
        return lines[0] if lines else None
    confidence = float(np.prod([line.confidence for line in lines]))
    weakest = min(range(len(lines)), key=lambda place: lines[place].confidence)
    texts = [line.text for line in lines]
    before, behind = texts[:weakest], texts[weakest + 1 :]
    rest = confidence / max(lines[weakest].confidence, 1e-12)
    others = [(other.text, other.probability * rest) for other in lines[weakest].alternatives]
    alternatives = tuple(Alternative("\n".join([*before, text, *behind]), share) for text, share in others)
    return Reading(
        "\n".join(texts),
        confidence,
        tuple(digit for line in lines for digit in line.digits),
        tuple(mark for line in lines for mark in line.marks),
        tuple(other for line in lines for other in line.others),
        alternatives,
        tuple(lines),
    )
