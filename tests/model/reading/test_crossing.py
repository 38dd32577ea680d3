"""Cuts that cross others: both sides make the whole, runs go from left to right, digits come out whole."""

import numpy as np
import pytest

from model.reading import segment
from model.reading.decision import decide, settled_features
from model.reading.fitting import Example, fit
from model.reading.lattice import Scored
from model.reading.paths import best_texts
from model.reading.weights import arc_scores
from model.recognition import Scores
from tests.model.reading.start import default_model
from tests.model.reading.support import cut
from tests.support import Digits

MOST = 300


@pytest.mark.parametrize("place", range(0, 40, 4))
def test_both_sides_of_a_cut_are_the_whole_and_its_runs_go_from_left_to_right(
    mnist: Digits, place: int
) -> None:
    segmented = cut(mnist.images[place : place + 4])
    crossings, count = segmented.crossings, len(segmented.pieces.boxes)
    everything = slice(0, segmented.line.ink.shape[1])
    for node in range(count + 1, count + 1 + len(crossings.sides)):
        left, right = crossings.held(0, node, everything), crossings.held(node, count, everything)
        assert (left ^ right).all()
    runs = segment.candidates(segmented, MOST)
    order = segmented.pieces.order()
    assert sorted(order.tolist()) == list(range(count + 1 + len(crossings.sides)))
    assert order[0] == 0
    assert order[count] == len(order) - 1
    assert (order[runs.starts] < order[runs.ends]).all()
    # In a window of its own columns a run holds the same as in the whole line.
    for start, end, box in zip(runs.starts.tolist(), runs.ends.tolist(), runs.boxes.astype(int), strict=True):
        window = slice(int(box[0]), int(box[2]))
        held = crossings.held(start, end, everything)
        assert np.array_equal(held[:, window], crossings.held(start, end, window))
        ink = held & (segmented.line.ink >= 64)
        assert not ink[:, : window.start].any()
        assert not ink[:, window.stop :].any()


def test_no_more_such_runs_than_wanted(mnist: Digits) -> None:
    segmented = cut(mnist.images[:12], overlap=3)
    own = len(segment.candidates(segmented, 0).starts)
    assert own < len(segment.candidates(segmented, 20).starts) <= own + 20
    assert len(segment.fields(segmented, segment.candidates(segmented, 20))) <= own + 20


def test_fitting_and_reading_sum_over_the_same_paths(
    mnist: Digits, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(1)
    examples = []
    for place in range(0, 32, 2):
        segmented = cut(mnist.images[place : place + 2], overlap=3)
        runs = segment.candidates(segmented, 40)
        # Sure of one digit each, so that the beam has all texts of any weight.
        said = rng.dirichlet(np.full(10, 0.03), len(runs.starts))
        scores = Scores(said, rng.uniform(0.01, 0.99, len(said)))
        fields = segment.fields(segmented, runs)
        line = Scored(segmented.pieces, runs, fields, scores, segmented.line.height)
        text = decide(line, default_model()).texts[0].text
        examples.append(Example(line, text, "made", np.zeros(len(fields), np.int64)))
    assert any(len(example.line.pieces.crossing.after) for example in examples)
    fitted = fit(examples, default_model(), rounds=1, steps=0)
    printed = float(capsys.readouterr().out.rsplit(" ", 1)[1])
    total = 0.0
    for example in examples:
        arcs, skips = arc_scores(settled_features(example.line, fitted), fitted.weights)
        texts = best_texts(example.line.runs, arcs, skips, example.line.pieces.order(), most=1000)
        loss = -np.log(sum(text.probability for text in texts if text.text == example.text))
        total += 8.0 * np.tanh(loss / 8.0)  # as fitting counts it
    assert printed == pytest.approx(total / len(examples), rel=0.01)
