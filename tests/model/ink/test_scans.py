"""How many scans a JPEG has."""

import pytest
from PIL import Image

from model.ink import NotAnImage, normalise_image
from model.parts import MOST_SCANS, too_many_scans
from tests.support import Digits, encoded


@pytest.fixture(scope="module")
def progressive(mnist: Digits) -> bytes:
    """A digit as a progressive JPEG of 200x200 pixels."""
    image = Image.fromarray(255 - mnist.images[0]).resize((200, 200))
    return encoded(image, "JPEG", progressive=True)


def with_more_scans(data: bytes, count: int) -> bytes:
    """A progressive JPEG with its last scan so many times more."""
    tables = data.rindex(b"\xff\xc4", 0, data.rindex(b"\xff\xda"))
    return data[:-2] + data[tables:-2] * count + data[-2:]


def test_as_many_scans_as_encoders_write_are_read(progressive: bytes) -> None:
    scans = progressive.count(b"\xff\xda")
    assert scans > 1
    most = with_more_scans(progressive, MOST_SCANS - scans)
    assert not too_many_scans(most)
    assert normalise_image(most).field.any()
    more = with_more_scans(progressive, MOST_SCANS - scans + 1)
    assert too_many_scans(more)
    with pytest.raises(NotAnImage, match="too many scans"):
        normalise_image(more)


def test_what_stands_in_tables_or_behind_the_picture_is_no_scan(progressive: bytes) -> None:
    many = b"\xff\xda\x00\x02" * 5000
    comment = b"\xff\xfe" + (len(many) + 2).to_bytes(2) + many
    assert not too_many_scans(progressive + many)
    assert not too_many_scans(progressive[:2] + comment + progressive[2:] + many)
    assert (normalise_image(progressive + many).field == normalise_image(progressive).field).all()


def test_an_end_that_is_none_hides_no_scans(progressive: bytes) -> None:
    comment = b"\xff\xfe\x00\x04\xff\xd9"
    at = progressive.index(b"\xff\xda")
    assert too_many_scans(with_more_scans(progressive[:at] + comment + progressive[at:], 100))
    assert too_many_scans(with_more_scans(progressive[:2] + comment * 100 + progressive[2:], 100))


def test_any_bytes_are_counted_to_an_end() -> None:
    for data in (b"", b"\xff", b"\xff\xd8", b"\xff\xd8" + b"\xff" * 500, b"\xff\xd8" + b"\xff\xda" * 500):
        assert too_many_scans(data) in (True, False)
    assert not too_many_scans(b"\xff\xda\x00\x02" * 500)
