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
@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_the_right_text_is_read_or_thought_of(way: str, entry: Entry, recogniser: Recogniser) -> None:
    reading = WAYS[way](entry, recogniser)
    assert entry.text in [reading.text, *(other.text for other in reading.alternatives)]
    assert len(reading.digits) == len(reading.text.replace("\n", ""))


@pytest.mark.parametrize("way", WAYS)
def test_nearly_all_are_read_exactly(way: str, recogniser: Recogniser) -> None:
    wrong = [entry.name for entry in gallery() if WAYS[way](entry, recogniser).text != entry.text]
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
