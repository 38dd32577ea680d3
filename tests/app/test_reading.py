"""`/read` and `/read/strokes` on the running service."""

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.reading import MOST_DIGITS
from tests.support import Digits, encoded

SEVEN = [[0, 0], [50, 0], [20, 90]]
ONE = [[0, 0], [0, 90]]


def row_of(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Digits side by side on white paper."""
    paper = np.full((60, 40 * len(images)), 255, np.uint8)
    for place, image in enumerate(images):
        paper[16:44, 6 + 40 * place : 34 + 40 * place] -= image
    return paper


def test_a_row_of_digits_is_read_as_a_number(client: httpx.Client, mnist: Digits) -> None:
    for start in (0, 20):
        wanted = "".join(str(label) for label in mnist.labels[start : start + 5])
        data = encoded(row_of(mnist.images[start : start + 5]))
        answer = client.post("/read", files={"image": data})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["text"] == wanted
        assert [digit["digit"] for digit in told["digits"]] == [int(character) for character in wanted]
        assert 0 < told["confidence"] <= 1
        assert told["model"] == "lenet5"
        lefts = [digit["box"][0] for digit in told["digits"]]
        assert lefts == sorted(lefts)
        for digit in told["digits"]:
            x, y, width, height = digit["box"]
            assert 0 <= x <= x + width <= 200
            assert 0 <= y <= y + height <= 60
            assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-5)
        assert client.post("/read", content=data, headers={"content-type": "image/png"}).json() == told


def test_strokes_are_read_as_a_number(client: httpx.Client) -> None:
    strokes = [
        [[x + shift, y] for x, y in stroke] for stroke, shift in ((SEVEN, 0), (ONE, 100), (SEVEN, 150))
    ]
    told = client.post("/read/strokes", json={"strokes": strokes}).json()
    assert told["text"] == "717"
    assert told["digits"][0]["box"] == pytest.approx([0, 0, 50, 90], abs=12)


def test_the_longest_number_is_told(client: httpx.Client) -> None:
    for count in (20, 50, 64, 100):
        sevens = [[[60 * i + 10, 10], [60 * i + 50, 10], [60 * i + 30, 80]] for i in range(count)]
        answer = client.post("/read/strokes", json={"strokes": sevens})
        if count <= MOST_DIGITS:
            assert answer.json()["text"] == "7" * count
        else:
            assert answer.status_code == 422
            told = answer.json()["detail"]
            assert (
                told == "there is no number in the drawing: a line is longer than the 60 digits that are read"
            )


def test_many_numbers_are_read_in_the_order_sent(client: httpx.Client, mnist: Digits) -> None:
    good = encoded(row_of(mnist.images[:3]))
    files = [("image", image) for image in (good, b"x", encoded(np.full((60, 90), 255, np.uint8)), good)]
    told = client.post("/read/batch?pattern=ddd", files=files).json()["readings"]
    assert told[0] == told[3] == client.post("/read?pattern=ddd", files=files[:1]).json()
    assert [(each["type"], each["index"]) for each in told[1:3]] == [
        ("/docs#not-an-image", 1),
        ("/docs#no-ink", 2),
    ]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("pattern=ddd", "721"),
        ("marks=ignore&pattern=d{2,4}", "721"),
        ("pattern=d{9}", "/docs#no-ink"),
        ("pattern=d{", "/docs#invalid-parameter"),
        ("pattern=", "/docs#invalid-parameter"),
        ("pattern=d.d&marks=ignore", "/docs#invalid-parameter"),
        ("pattern=d&pattern=dd", "/docs#invalid-parameter"),
        ("marks=none", "/docs#invalid-parameter"),
        ("accept=0.5", "/docs#invalid-parameter"),
        ("model=lenet5&include=saliency", "/docs#invalid-parameter"),
    ],
)
def test_what_is_expected_of_a_number(client: httpx.Client, mnist: Digits, query: str, told: str) -> None:
    sent = {"image": encoded(row_of(mnist.images[:3]))}
    answers = [client.post(f"{path}?{query}", files=sent) for path in ("/read", "/read/batch")]
    one, batch = (answer.json() for answer in answers)
    (many,) = batch.get("readings", [batch])
    assert one.get("text", one.get("type")) == many.get("text", many.get("type")) == told
    assert (answers[0].status_code == 422) is (told != "721")
