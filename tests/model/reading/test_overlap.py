"""The ink beyond a candidate's cuts: what comes with it, who is looked at again, and what it is for."""

import numpy as np
import pytest

from model.reading import segment
from model.reading.lattice import Fields
from model.reading.overlap import cut_off, score_overlaps
from model.reading.weights import shipped
from model.recognition import Scores
from tests.model.reading.support import cut
from tests.support import Digits

MOST = 300


class Fixed:
    """A network that says one thing of whatever it is shown, and remembers what that was."""

    def __init__(self, digit_score: float) -> None:
        self.digit_score = digit_score
        self.shown: list[Fields] = []

    def score(self, fields: Fields) -> Scores:
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


def test_only_likely_runs_at_cuts_are_looked_at_again_and_the_mean_counts(mnist: Digits) -> None:
    segmented = cut(mnist.images[20:24], overlap=3)
    runs = segment.candidates(segmented, MOST)
    first = Fixed(0.5).score(segment.fields(segmented, runs))
    again = Fixed(0.9)
    scores, count = score_overlaps(segmented, runs, first, shipped().image, network=again, most=MOST)
    changed = scores.digit_score != first.digit_score
    assert 0 < count == changed.sum() == len(again.shown[0])
    assert not changed[~cut_off(segmented.pieces, runs)].any()
    # Half way between the logits of 0.5 and of 0.9.
    assert scores.digit_score[changed] == pytest.approx(0.75, abs=1e-3)
    assert np.array_equal(scores.probabilities, first.probabilities)


@pytest.mark.parametrize("most", [0, 3])
def test_no_more_are_looked_at_than_wanted(mnist: Digits, most: int) -> None:
    segmented = cut(mnist.images[20:24], overlap=3)
    runs = segment.candidates(segmented, MOST)
    first = Fixed(0.5).score(segment.fields(segmented, runs))
    scores, count = score_overlaps(segmented, runs, first, shipped().image, network=Fixed(0.9), most=most)
    assert count == most
    assert (scores.digit_score != first.digit_score).sum() == most
