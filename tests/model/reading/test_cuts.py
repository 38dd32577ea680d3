"""Cuts: none crosses another, digits that touch are parted, and what they share is cut through."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.generator.numbers.segments import Blind
from model.reading.cuts import LEAST_INK, MOST_CUTS, find_cuts, valleys
from model.reading.graph import Work, candidates_of
from model.reading.page import Line

STROKE = 4.0


def drawn(*shapes: tuple[str, tuple[int, ...]], size: tuple[int, int] = (100, 48)) -> NDArray[np.uint8]:
    """Rings and bars, each (kind, corners), of one stroke width."""
    image = Image.new("L", size)
    pen = ImageDraw.Draw(image)
    for kind, corners in shapes:
        if kind == "ring":
            pen.ellipse(corners, outline=255, width=int(STROKE))
        else:
            pen.line(corners, fill=255, width=int(STROKE))
    return np.asarray(image)


LEFT, RIGHT = ("ring", (10, 4, 42, 44)), ("ring", (39, 4, 71, 44))
"""Two rings that share the width of a stroke."""


def parted(columns: NDArray[np.int64], first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """The share of the lesser shape's own ink on the wrong side of the best cut."""
    own, other = (first > 0) & (second == 0), (second > 0) & (first == 0)
    right = np.arange(first.shape[1])[None, None, :] >= columns[:, :, None]
    wrong = (own & right).sum(axis=(1, 2)) + (other & ~right).sum(axis=(1, 2))
    return float(wrong.min() / min(own.sum(), other.sum()))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LEFT, RIGHT),
        (("ring", (10, 4, 42, 44)), ("line", (41, 2, 41, 46))),
        (("line", (30, 2, 30, 46)), ("ring", (29, 20, 55, 44))),
        (("line", (20, 24, 44, 24)), ("ring", (41, 4, 71, 44))),
    ],
    ids=["two rings", "ring and bar", "bar and low ring", "dash and ring"],
)
def test_what_touches_is_parted(
    first: tuple[str, tuple[int, ...]], second: tuple[str, tuple[int, ...]]
) -> None:
    ink = drawn(first, second)
    columns, _ = find_cuts(ink, STROKE, 44.0)
    # A pixel is a quarter of a stroke here.
    assert parted(columns, drawn(first), drawn(second)) < 0.2


def test_a_point_is_parted_from_the_slanted_digits_on_both_sides() -> None:
    bars = ("line", (34, 2, 20, 46)), ("line", (47, 2, 33, 46))
    columns, _ = find_cuts(drawn(*bars, ("line", (26, 44, 28, 44))), STROKE, 44.0)
    assert len(columns) == 4


@pytest.mark.parametrize("seed", range(4))
def test_no_cut_crosses_another_and_each_takes_ink(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rings = [("ring", (x, 4, x + int(rng.integers(16, 34)), 44)) for x in rng.integers(2, 60, 5).tolist()]
    ink = drawn(*rings)
    columns, costs = find_cuts(ink, STROKE, 44.0)
    assert (np.diff(columns, axis=0) >= 0).all()
    assert (columns[0] == 0).all()
    assert (columns[-1] == ink.shape[1]).all()
    sums = np.pad(np.cumsum(ink, axis=1, dtype=np.int64), ((0, 0), (1, 0)))
    left_of = np.take_along_axis(sums, columns.T, axis=1).sum(axis=0)
    assert (np.diff(left_of) >= int(255 * LEAST_INK * STROKE**2)).all()
    assert costs[0] == costs[-1] == 0
    assert (costs >= 0).all()


def test_a_gap_costs_nothing_and_a_ring_something() -> None:
    columns, costs = find_cuts(drawn(("ring", (10, 4, 40, 44)), ("ring", (55, 4, 90, 44))), STROKE, 44.0)
    apart = (columns > 40).all(axis=1) & (columns <= 55).all(axis=1)
    assert (costs[apart] == 0).any()
    through = (columns > 18).all(axis=1) & (columns < 32).all(axis=1)
    assert (costs[through] > 1).all()


def test_noise_has_no_more_cuts_than_are_allowed() -> None:
    noise = np.random.default_rng(0).integers(0, 2, (80, 1200)).astype(np.uint8) * 255
    assert len(find_cuts(noise, 1.0, 60.0)[0]) <= MOST_CUTS + 1


def test_valleys_lie_between_rings() -> None:
    ends = valleys(drawn(LEFT, RIGHT) > 0)
    assert len(ends) == 1
    row, column = ends[0]
    assert 36 <= column <= 45
    assert 8 < row < 24


def test_a_point_under_the_arm_of_a_seven_is_a_candidate_however_small() -> None:
    ink = drawn(("line", (20, 3, 70, 3)), ("line", (70, 3, 48, 45))).copy()
    ink[40:42, 28:30] = 255
    found = candidates_of(Line(ink, (0.0, 0.0), 1.0, 44.0), Work(Blind(), "picture"))
    assert found is not None
    assert any(left >= 20 and right <= 40 and top > 30 for left, top, right, _ in found[0].runs.boxes)
