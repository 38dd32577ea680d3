import pytest

from model.training.loop.schedules import WARM_UP, rate


def test_constant_is_constant() -> None:
    assert {rate("constant", step / 10) for step in range(11)} == {1.0}


def test_cosine_falls_from_one_over_a_half_to_nothing() -> None:
    assert [rate("cosine", progress) for progress in (0, 0.5, 1)] == pytest.approx([1, 0.5, 0])


def test_one_cycle_rises_and_then_falls() -> None:
    assert rate("one-cycle", 0) == pytest.approx(1 / 25)
    assert rate("one-cycle", WARM_UP) == pytest.approx(1)
    assert rate("one-cycle", 1) == pytest.approx(0)
    rising = [rate("one-cycle", WARM_UP * i / 10) for i in range(11)]
    falling = [rate("one-cycle", WARM_UP + (1 - WARM_UP) * i / 10) for i in range(11)]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)


def test_an_unknown_schedule_is_named() -> None:
    with pytest.raises(ValueError, match="no schedule 'steps'"):
        rate("steps", 0.5)
