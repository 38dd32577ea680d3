"""The weights that come with the project, measured on MNIST's test images as the service reads them."""

import re
from collections.abc import Callable

import pytest

from model.checkpoints.metadata import CHECKPOINTS, read_metadata
from model.training.data import LabelledImages
from model.training.evaluation.measures import expected_calibration_error
from tests.model.conftest import Measured

GOALS = {
    "lenet5": 0.993,
    "lenet5-mnist": 0.9955,
    "lenet5-1998": 0.9905,
    "lenet5-tanh": 0.990,
    "lenet5-average": 0.990,
    "lenet5-sigmoid": 0.989,
    "lenet5-relu": 0.992,
}
"""What the literature gives for each; the default is judged on what people draw first."""


@pytest.mark.parametrize("name", GOALS)
def test_the_accuracy_is_the_one_that_is_claimed(
    name: str, measured: Callable[[str], Measured], mnist_test: LabelledImages
) -> None:
    """Another processor may round a borderline image or two to the other side."""
    found, claimed = measured(name).scores, read_metadata(name).measured
    accuracy = float((found.digits == mnist_test.labels).mean())
    assert accuracy == pytest.approx(claimed["accuracy"], abs=2e-4)
    assert accuracy >= GOALS[name]
    error = expected_calibration_error(found.probabilities, mnist_test.labels)
    assert error == pytest.approx(claimed["ece"], abs=5e-4)


@pytest.mark.parametrize("name", GOALS)
def test_the_card_tells_of_these_weights(name: str) -> None:
    metadata = read_metadata(name)
    card = (CHECKPOINTS / f"{name}.md").read_text()
    assert metadata.digest in card
    assert f"{metadata.measured['accuracy']:.2%}" in card
    assert f"{metadata.measured['ece']:.2%}" in card
    assert f"| {metadata.temperature:.3f} |" in card  # as `evaluate` prints it
    assert "python -m model train" in card
    assert not re.search(r"/(work|root|tmp|home)/", card)
