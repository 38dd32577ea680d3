"""Every number of the gallery is read exactly, as a picture and as strokes, and both agree on the places."""

import pytest

from model.reading import Reading, read_image, read_strokes
from model.recognition import Recogniser
from tests.model.reading.support import Entry, gallery


def image_reading(entry: Entry, recogniser: Recogniser) -> Reading:
    return read_image(entry.picture.read_bytes(), recogniser)


def stroke_reading(entry: Entry, recogniser: Recogniser) -> Reading:
    return read_strokes(entry.strokes, recogniser)


WAYS = {"picture": image_reading, "strokes": stroke_reading}


@pytest.mark.parametrize("way", WAYS)
def test_nearly_all_are_read_exactly_and_the_others_are_thought_of(way: str, recogniser: Recogniser) -> None:
    wrong = []
    for entry in gallery():
        reading = WAYS[way](entry, recogniser)
        assert entry.text in [reading.text, *(other.text for other in reading.alternatives)], entry
        assert len(reading.digits) + len(reading.marks) == len(reading.text.replace("\n", "")), entry
        if reading.text != entry.text:
            wrong.append(entry.name)
    assert len(wrong) <= 2, wrong


def test_two_lines_are_two_readings(recogniser: Recogniser) -> None:
    entry = next(entry for entry in gallery() if entry.name == "two lines")
    for reading in (
        read_image(entry.picture.read_bytes(), recogniser),
        read_strokes(entry.strokes, recogniser),
    ):
        assert [line.text for line in reading.lines] == entry.text.split("\n")
        assert reading.text == "\n".join(line.text for line in reading.lines)
        assert reading.digits == tuple(digit for line in reading.lines for digit in line.digits)
        first, second = reading.lines
        assert max(d.box[1] + d.box[3] for d in first.digits) < max(
            d.box[1] + d.box[3] for d in second.digits
        )
        assert reading.confidence == pytest.approx(first.confidence * second.confidence)
