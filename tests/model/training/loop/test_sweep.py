import math

import numpy as np
import pytest

from model.training.loop.sweep import Verdict, choose, judge, rates_between, smoothed


def test_rates_are_equally_far_apart() -> None:
    assert rates_between(1e-4, 1e-1, 4) == [1e-4, 1e-3, 1e-2, 1e-1]
    with pytest.raises(ValueError, match="low < high"):
        rates_between(1, 0.1, 4)


def test_smoothing_keeps_a_constant_and_follows_a_step() -> None:
    np.testing.assert_allclose(smoothed([2.0] * 30), 2.0)
    late = smoothed([1.0] * 50 + [0.0] * 50)
    assert late[49] == pytest.approx(1)
    assert late[-1] == pytest.approx(0.9**50, rel=0.05)


def test_the_rule_in_words() -> None:
    trials = judge(
        {
            1e-5: [2.3, 2.29],
            1e-3: [2.3, 0.8],
            1e-2: [2.3, 0.4],
            1e-1: [2.3, 0.5],
            1.0: [2.3, 1.6],
            3.0: [2.3, 2.31],
            10.0: [2.3, math.nan],
        }
    )
    assert [trial.verdict for trial in trials] == [
        Verdict.SLOW, Verdict.SLOW, Verdict.GOOD, Verdict.GOOD,
        Verdict.OSCILLATES, Verdict.DIVERGES, Verdict.DIVERGES,
    ]  # fmt: skip
    assert choose(trials) == 1e-2
