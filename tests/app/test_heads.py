"""The quick reader of heads agrees with the parser, wherever it gives anything."""

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.heads import MOST_BYTES, read_head

CALL = b"POST /predict HTTP/1.1"


class Parsed:
    """What httptools makes of a request."""

    def __init__(self, data: bytes) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.url = b""
        self.body = b""
        self.begun = 0
        self.complete = 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(b" \t")))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete += 1


CALLS = [
    CALL,
    CALL,
    CALL,
    b"POST /predict HTTP/1.0",
    b"POST  /predict HTTP/1.1",
    b"GET / HTTP/1.1",
    b"POST HTTP/1.1",
]
NAMES = [
    "Content-Length",
    "content-length",
    "Host",
    "X-A",
    "Transfer-Encoding",
    "Connection",
    "Expect",
    "Upgrade",
]
VALUES = [
    "2",
    "02",
    "+2",
    "2 ",
    "chunked",
    "close",
    "keep-alive",
    "Keep-Alive",
    "100-continue",
    "h2c",
    "",
    "é",
    "a: b",
]
ENDS = [b"\r\n"] * 6 + [b"\n", b"\r", b"\r\n ", b" \r\n", b"\0\r\n"]
COLONS = [": "] * 5 + [":", ":\t", " :", ""]
FIELD = st.tuples(
    st.sampled_from(NAMES) | st.text(max_size=5),
    st.sampled_from(COLONS),
    st.sampled_from(VALUES) | st.text(max_size=5),
)


@settings(deadline=None, database=None, max_examples=2000)
@given(
    st.sampled_from(CALLS),
    st.lists(st.tuples(FIELD, st.sampled_from(ENDS)), max_size=4),
    st.sampled_from(["", "Content-Length: 2\r\n"]),
    st.sampled_from([b"ab", b"ab", b"", b"abc"]),
)
def test_what_is_given_is_what_the_parser_finds(
    call: bytes, fields: list[tuple[tuple[str, str, str], bytes]], length: str, body: bytes
) -> None:
    lines = [("".join(field)).encode("utf-8", "replace") + end for field, end in fields]
    data = call + b"\r\n" + b"".join(lines) + length.encode() + b"\r\n" + body
    head = read_head(data)
    if head is None or head.call != CALL:  # calls are compared as a whole, and others are not taken
        return
    whole = data[: head.size + head.length]
    if len(whole) < head.size + head.length:
        return
    parsed = Parsed(whole)
    assert parsed.begun == parsed.complete == 1
    assert dict(parsed.headers) == head.headers
    assert len(parsed.headers) == len(head.headers)
    assert parsed.parser.get_http_version() == "1.1"
    assert (parsed.parser.get_method(), parsed.url) == (b"POST", b"/predict")
    assert parsed.parser.should_keep_alive()
    assert not parsed.parser.should_upgrade()
    assert parsed.body == whole[head.size :]


@pytest.mark.parametrize(
    "more",
    [
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 2\r\n",
        b"Connection: close\r\n",
        b"Connection: keep-alive, upgrade\r\n",
        b"Expect: 100-continue\r\n",
        b"Upgrade: h2c\r\n",
        b"X-Folded: a\r\n b\r\n",
        b"X-Bare: a\rb\r\n",
        b"X-Bare: a\nContent-Length: 3\r\n",
        b"X Space: a\r\n",
        b"X-Space : a\r\n",
        b": a\r\n",
        b"X-Null: \0\r\n",
        b"Host: x\r\n",
        b"X-Long: " + b"x" * MOST_BYTES + b"\r\n",
    ],
)
def test_what_is_unusual_is_not_read(more: bytes) -> None:
    plain = CALL + b"\r\nHost: x\r\nContent-Length: 2\r\n"
    head = read_head(plain + b"\r\nab")
    assert head is not None
    assert (head.call, head.length, head.size) == (CALL, 2, len(plain) + 2)
    assert read_head(plain + more + b"\r\nab") is None
    assert read_head(plain) is None


@pytest.mark.parametrize(
    ("host", "good"),
    [
        (b"Host: digits.example:8000\r\n", True),
        (b"host:[::1]:80\r\n", True),
        (b"Host: 127.0.0.1\r\n", True),
        (b"Host:\r\n", True),
        (b"", False),
        (b"Host: a b\r\n", False),
        (b"Host: a/b\r\n", False),
        (b"Host: me@a\r\n", False),
        (b"Host: \xe9\r\n", False),
    ],
)
def test_without_a_sound_host_it_is_not_read(host: bytes, good: bool) -> None:
    head = read_head(CALL + b"\r\n" + host + b"Content-Length: 2\r\n\r\nab")
    assert (head is not None) is good
