"""The reader of multipart bodies gives back what was put in, and refuses what is broken."""

from contextlib import suppress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Refusal
from app.multipart import boundary_of, parse

FIELDS = st.lists(
    st.tuples(st.sampled_from(["image", "label", "ä", 'a"b', "x" * 50]), st.binary(max_size=2000)),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, database=None)
@given(FIELDS)
def test_what_a_client_puts_in_comes_out(fields: list[tuple[str, bytes]]) -> None:
    request = httpx.Request("POST", "http://x", files=fields)
    parts = parse(request.read(), boundary_of(request.headers["content-type"]), 8)
    assert [part.data for part in parts] == [data for _, data in fields]
    plain = [name for name, _ in fields if name.isascii() and '"' not in name]
    assert [part.name for part in parts if part.name in plain] == plain


@settings(deadline=None, database=None, max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for candidate in (body, b"--x\r\n" + body, b"--x\r\n\r\n" + body + b"\r\n--x--\r\n"):
        with suppress(Refusal):  # anything else would be an error of ours
            assert len(parse(candidate, b"x", 4)) <= 4


@pytest.mark.parametrize("filler", [b"\r", b"\n", b"\r\n", b"-", b"\r\n-", b"\r\n--x", b"\r\n--bound"])
def test_what_looks_like_a_boundary_is_only_data(filler: bytes) -> None:
    data = filler * 20_000
    body = (
        b'--boundary\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + data + b"\r\n--boundary--\r\n"
    )
    (part,) = parse(body, b"boundary", 1)
    assert part.data == data


@pytest.mark.parametrize(
    "header", ["multipart/form-data", "multipart/form-data; boundary=", "x; boundary=" + "y" * 71]
)
def test_a_boundary_of_no_use(header: str) -> None:
    with pytest.raises(Refusal) as refused:
        boundary_of(header)
    assert refused.value.slug == "malformed-body"


def test_too_many_parts() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n\r\n' * 5 + b"--x--\r\n"
    assert len(parse(body, b"x", 5)) == 5
    with pytest.raises(Refusal) as refused:
        parse(body, b"x", 4)
    assert refused.value.slug == "too-large"
