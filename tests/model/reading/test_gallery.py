"""Every number of the gallery is read exactly, as a picture and as strokes, and both agree on the places."""

import pytest

from model.reading import Reading, read_image, read_strokes
from model.recognition import Recogniser
from tests.model.reading.support import Entry, gallery


def readings(entry: Entry, recogniser: Recogniser) -> tuple[Reading, Reading]:
    """Of its picture and of its strokes."""
    return read_image(entry.picture.read_bytes(), recogniser), read_strokes(entry.strokes, recogniser)


def test_all_are_read_exactly(recogniser: Recogniser) -> None:
    for entry in gallery():
        for reading in readings(entry, recogniser):
            assert reading.text == entry.text, entry
            assert len(reading.digits) + len(reading.marks) == len(reading.text.replace("\n", "")), entry


def test_two_lines_are_two_readings(recogniser: Recogniser) -> None:
    entry = next(entry for entry in gallery() if entry.name == "two lines")
    for reading in readings(entry, recogniser):
        assert [line.text for line in reading.lines] == entry.text.split("\n")
        assert reading.text == "\n".join(line.text for line in reading.lines)
        assert reading.digits == tuple(digit for line in reading.lines for digit in line.digits)
        first, second = (max(digit.box[1] + digit.box[3] for digit in line.digits) for line in reading.lines)
        assert first < second
        assert reading.confidence == pytest.approx(reading.lines[0].confidence * reading.lines[1].confidence)
