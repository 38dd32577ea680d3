"""Convex hulls are those of scipy, which the service does not import for them."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull, QhullError

from model.ink.hull import area_of, hull_of, largest_quadrangle

POINTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=60)


@given(POINTS)
def test_a_hull_is_that_of_scipy(points: list[tuple[int, int]]) -> None:
    found = hull_of(np.array(points, dtype=np.intp))
    try:
        expected = ConvexHull(np.array(points))
    except QhullError:  # all in one line, or too few
        assert float(area_of(found)) == 0
        return
    assert {(int(x), int(y)) for x, y in found} == {tuple(points[n]) for n in expected.vertices}
    assert float(area_of(found)) == pytest.approx(expected.volume)


@given(POINTS)
def test_the_largest_quadrangle_is_the_largest_of_all(points: list[tuple[int, int]]) -> None:
    corners = hull_of(np.array(points, dtype=np.intp))
    if len(corners) >= 4:
        every = corners[np.array(list(itertools.combinations(range(len(corners)), 4)))]
        assert largest_quadrangle(corners) == float(area_of(every).max())


def test_the_service_does_without_the_library_of_it() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, app.main; print('scipy.spatial' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "False"
