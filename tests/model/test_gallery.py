"""Each picture of the gallery is read right by the shipped network: drawn, scanned, photographed."""

from pathlib import Path

import pytest

from model.recognition import Answer, Recogniser
from tests.gallery import PICTURES


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.load("lenet5")


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_it_is_read_right(path: Path, recogniser: Recogniser) -> None:
    (answer,) = recogniser.recognise([path.read_bytes()])
    assert isinstance(answer, Answer)
    assert answer.digit == int(path.name[0])
    assert answer.is_digit
    assert answer.confidence > 0.8
