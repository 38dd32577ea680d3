"""The reader of multipart bodies gives back what was put in, and refuses what is broken."""

from contextlib import suppress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Refusal
from app.multipart import boundary_of, lone_image, parse, plain_images

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


IMAGES = st.binary(max_size=300) | st.binary(max_size=20).map(lambda some: b"\r\n--bound" + some)
FORMS = st.tuples(
    st.sampled_from([b"--bound", b"--bound", b"--bounds", b"-bound", b""]),
    st.sampled_from([b"image", b"image", b"picture", b'image"; x="']),
    st.sampled_from(
        [b"", b'; filename="a.png"', b'; filename="a;b.png"', b'; filename="a\\"', b"; filename=a"]
    ),
    st.sampled_from([b"", b"\r\nContent-Type: image/png", b"\r\nX: y", b"\r\n folded"]),
    IMAGES,
    st.sampled_from([b"\r\n--bound--\r\n", b"\r\n--bound--\r\n", b"\r\n--bound--", b"\r\n--bound\r\n", b""]),
)


@settings(deadline=None, database=None, max_examples=1000)
@given(FORMS, st.sampled_from(["bound", "bounds", "bou", '"bound"', "bound; charset=x"]))
def test_the_lone_image_is_the_one_that_the_reader_finds(parts: tuple[bytes, ...], boundary: str) -> None:
    first, name, file, more, image, last = parts
    body = first + b'\r\nContent-Disposition: form-data; name="' + name + b'"' + file + more
    body += b"\r\n\r\n" + image + last
    header = f"multipart/form-data; boundary={boundary}"
    lone = lone_image(header.encode(), body)
    assert plain_images(header.encode(), body) == (None if lone is None else [lone])
    if lone is not None:
        assert [(part.name, part.data) for part in parse(body, boundary_of(header), 16)] == [("image", lone)]


def test_the_lone_image_of_what_clients_send() -> None:
    for name in ("digit.png", "two words.png", "Ziffer-ü.png"):
        request = httpx.Request("POST", "http://x", files={"image": (name, b"data\r\n", "image/png")})
        assert lone_image(request.headers["content-type"].encode(), request.read()) == b"data\r\n"
    two = httpx.Request("POST", "http://x", files=[("image", b"one"), ("image", b"two")])
    assert lone_image(two.headers["content-type"].encode(), two.read()) is None


@settings(deadline=None, database=None, max_examples=300)
@given(st.lists(st.tuples(FORMS, st.booleans()), min_size=1, max_size=4))
def test_plain_images_are_those_that_the_reader_finds(forms: list[tuple[tuple[bytes, ...], bool]]) -> None:
    body = b""
    for (first, name, file, more, image, last), plain in forms:
        start = b"--bound" if plain else first
        body += start + b'\r\nContent-Disposition: form-data; name="' + (b"image" if plain else name) + b'"'
        body += (b"" if plain else file + more) + b"\r\n\r\n" + image + (b"\r\n" if plain else last)
    for end in (b"", b"--bound--\r\n"):
        images = plain_images(b"multipart/form-data; boundary=bound", body + end)
        if images is not None:
            parts = parse(body + end, b"bound", 16)
            assert [(part.name, part.data) for part in parts] == [("image", image) for image in images]
