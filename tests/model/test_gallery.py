"""Each picture of the gallery is read right by the shipped network: drawn, scanned, photographed."""

import pytest

from model.recognition import Answer, Recogniser
from tests.gallery.cases import CASES, FOLDER, MOST_BYTES, Case, file_of, name_of


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.load("lenet5")


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_it_is_read_right(case: Case, recogniser: Recogniser) -> None:
    (answer,) = recogniser.recognise([file_of(case).read_bytes()])
    assert isinstance(answer, Answer)
    assert answer.digit == CASES[case]
    assert answer.is_digit
    assert answer.confidence > 0.8


def test_every_case_has_its_file_and_no_file_is_large() -> None:
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in (".png", ".jpg"))
    assert files == sorted(file_of(case) for case in CASES)
    assert max(path.stat().st_size for path in files) <= MOST_BYTES
