"""Digits in two pen movements, one below the other."""

import numpy as np

from model.reading import read_strokes
from model.recognition import Recogniser

TURN = np.linspace(0, 2 * np.pi, 30)


def ring(x: float, y: float, wide: float, tall: float) -> list[list[float]]:
    points: list[list[float]] = np.stack([x + wide * np.sin(TURN), y - tall * np.cos(TURN)], axis=1).tolist()
    return points


def test_two_rings_are_one_eight_and_no_two_lines() -> None:
    eight = [ring(50, 30, 24, 22), ring(50, 78, 30, 26)]
    assert read_strokes(eight, Recogniser.load("lenet5")).text == "8"


def test_rings_far_apart_are_two_lines() -> None:
    zeros = [ring(50, 40, 24, 36), ring(50, 160, 24, 36)]
    assert read_strokes(zeros, Recogniser.load("lenet5")).text == "0\n0"
