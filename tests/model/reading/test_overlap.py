"""The ink beyond a candidate's cuts: what comes with it, who is looked at again, and what it is for."""

import numpy as np
import pytest

from model.reading import page, segment
from model.reading.graph import Effort, graph_of
from model.reading.lattice import MOST_OVERLAPS, Fields
from model.reading.overlap import cut_off, score_again
from model.recognition import Scores
from tests.model.reading.start import default_model
from tests.model.reading.support import cut, touching
from tests.support import Digits

MOST = 300


class Fixed:
    """A network that says one thing of whatever it is shown, and remembers what that was."""

    def __init__(self, digit_score: float) -> None:
        self.digit_score = digit_score
        self.shown: list[Fields] = []

    def score(self, fields: Fields, *, again: bool = True) -> Scores:
        self.shown.append(fields)
        count = len(fields)
        return Scores(np.full((count, 10), 0.1), np.full(count, self.digit_score))


def test_ink_beyond_a_cut_comes_with_a_run_and_what_stands_apart_stays_as_it_is(mnist: Digits) -> None:
    for overlap in (3, -6):
        segmented = cut(mnist.images[20:24], overlap=overlap)
        runs = segment.candidates(segmented, MOST)
        plain, more = segment.fields(segmented, runs), segment.overlapping_fields(segmented, runs)
        same = (plain == more).all(axis=(1, 2))
        bound = cut_off(segmented.pieces, runs)
        assert bound.any()
        assert same[bound].mean() < 0.2
        if overlap < 0:
            cuts = segmented.pieces.cuts
            own = np.maximum(runs.starts, runs.ends) < len(cuts)
            apart = own & (cuts[np.where(own, runs.starts, 0)] + cuts[np.where(own, runs.ends, 0)] == 0)
            assert apart.sum() >= 4
            assert same[apart].all()
            assert not bound[apart].any()


@pytest.mark.parametrize("spent", [0, MOST_OVERLAPS - 3, MOST_OVERLAPS])
def test_only_likely_runs_are_looked_at_again_and_no_more_than_wanted(mnist: Digits, spent: int) -> None:
    (line,) = page.lines(touching(mnist.images[20:24], 3))
    again = Fixed(0.9)
    effort = Effort(again, "picture")
    graph = graph_of(line, Effort(Fixed(0.5), "picture"))
    assert graph is not None
    effort.overlaps = spent
    scored = score_again(graph, default_model(), effort)
    changed = scored.scores.digit_score != graph.scored.scores.digit_score
    assert changed.sum() == effort.overlaps - spent <= MOST_OVERLAPS - spent
    assert changed.any() == (spent < MOST_OVERLAPS)
    assert not changed.all()
    assert scored.scores.digit_score[changed] == pytest.approx(0.9, abs=1e-3)
