"""The parts of a multipart/form-data body that is already bounded (RFC 7578)."""

import re
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import Refusal

MAX_HEADERS = 8
MAX_HEADER_BYTES = 4096

STEP = 1024 * 1024
"""Bytes that are searched before other threads get their turn: `find` lets none of them run meanwhile."""

_PLAIN_HEADERS = 400
"""More bytes than `_IMAGE_HEADERS` has."""

_PLAIN_TYPE = re.compile(rb"multipart/form-data; ?boundary=([A-Za-z0-9'()+_,./:=?-]{1,70})")
_IMAGE_HEADERS = re.compile(
    rb'Content-Disposition: form-data; name="image"(?:; filename="[^"\\;=\x00-\x1f\x7f]{0,200}")?'
    rb"(?:\r\nContent-Type: [A-Za-z0-9.+/-]{1,100})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form."""

    name: str
    data: bytes


def boundary_of(content_type: str) -> bytes:
    """The boundary that a multipart content type names.

    Raises:
        Refusal: there is none, or more than the 70 characters of RFC 2046 (section 5.1.1).
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:
        raise Refusal("malformed-body", "The multipart content type names no boundary of 1 to 70 characters.")
    return boundary


def lone_image(content_type: bytes, body: bytes) -> bytes | None:
    """The image of a form with that one part, in the form in which browsers, curl and libraries send it.

    None for any other body: `parse` tells what is in it, or what is wrong with it. What is given here,
    `parse` gives too, at a multiple of the price.
    """
    named = _PLAIN_TYPE.fullmatch(content_type)
    if named is None:
        return None
    delimiter = b"\r\n--" + named[1]
    first, tail = delimiter[2:] + b"\r\n", delimiter + b"--\r\n"
    headers_end = body.find(b"\r\n\r\n", len(first), len(first) + _PLAIN_HEADERS)
    if headers_end < 0 or not body.startswith(first) or not body.endswith(tail):
        return None
    start, end = headers_end + 4, len(body) - len(tail)
    if start > end or _IMAGE_HEADERS.fullmatch(body, len(first), headers_end) is None:
        return None
    return body[start:end] if _find(body, delimiter, start) == end else None


def plain_images(content_type: bytes, body: bytes) -> list[bytes] | None:
    """The images of a form with nothing but them, each in the form that `lone_image` knows.

    None for any other body, as there: what is given here, `parse` gives too.
    """
    named = _PLAIN_TYPE.fullmatch(content_type)
    if named is None:
        return None
    delimiter = b"\r\n--" + named[1]
    if not body.startswith(delimiter[2:]):
        return None
    images: list[bytes] = []
    at = len(delimiter) - 2  # behind the delimiter before each part; the first begins the body
    while (end := _find(body, delimiter, at)) >= 0:
        headers_end = body.find(b"\r\n\r\n", at + 2, min(at + _PLAIN_HEADERS, end))
        if headers_end < 0 or not body.startswith(b"\r\n", at):
            return None
        if _IMAGE_HEADERS.fullmatch(body, at + 2, headers_end) is None:
            return None
        images.append(body[headers_end + 4 : end])
        at = end + len(delimiter)
    return images if body[at : at + 5] == b"--\r\n" else None


def _find(body: bytes, sought: bytes, start: int) -> int:
    """`body.find(sought, start)` in steps."""
    for at in range(start, len(body), STEP):
        found = body.find(sought, at, at + STEP + len(sought) - 1)
        if found >= 0:
            return found
    return -1


def parse(body: bytes, boundary: bytes, most: int, too_many: str | None = None) -> list[Part]:
    """The parts of `body`, in their order.

    Args:
        body: The whole body.
        boundary: What stands between the parts.
        most: How many parts may be there.
        too_many: What to say of more.

    Raises:
        Refusal: the body is malformed or cut short, or has too many parts or headers.
    """
    reader = _Reader(most, too_many or f"The form has more than {most} parts.")
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": reader.begin,
            "on_header_field": reader.field,
            "on_header_value": reader.value,
            "on_header_end": reader.header_end,
            "on_part_data": reader.take,
            "on_part_end": reader.end,
            "on_end": reader.finish,
        },
    )
    try:
        parser.write(body)
    except FormParserError:
        raise Refusal("malformed-body", "The multipart body is malformed.") from None
    if not reader.finished:
        raise Refusal("malformed-body", "The multipart body is cut short.")
    return reader.parts


class _Reader:
    """Gathers what the parser calls out."""

    __slots__ = (
        "_chunks",
        "_field",
        "_headers",
        "_most",
        "_name",
        "_too_many",
        "_value",
        "finished",
        "parts",
    )

    def __init__(self, most: int, too_many: str) -> None:
        self.parts: list[Part] = []
        self.finished = False
        self._most = most
        self._too_many = too_many
        self._name = ""
        self._headers = 0
        self._chunks: list[bytes] = []
        self._field = b""
        self._value = b""

    def begin(self) -> None:
        if len(self.parts) >= self._most:
            raise Refusal("too-large", self._too_many)
        self._name = ""
        self._headers = 0
        self._chunks = []

    def field(self, data: bytes, start: int, end: int) -> None:
        self._field = self._grown(self._field, data[start:end])

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value = self._grown(self._value, data[start:end])

    @staticmethod
    def _grown(have: bytes, more: bytes) -> bytes:
        if len(have) + len(more) > MAX_HEADER_BYTES:
            raise Refusal("malformed-body", f"A part's header has more than {MAX_HEADER_BYTES} bytes.")
        return have + more

    def header_end(self) -> None:
        self._headers += 1
        if self._headers > MAX_HEADERS:
            raise Refusal("malformed-body", f"A part has more than {MAX_HEADERS} headers.")
        if self._field.lower() == b"content-disposition":
            name = parse_options_header(self._value)[1].get(b"name", b"")
            self._name = name.decode("utf-8", "replace")
        self._field = self._value = b""

    def take(self, data: bytes, start: int, end: int) -> None:
        self._chunks.append(data[start:end])

    def end(self) -> None:
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self.parts.append(Part(self._name, data))

    def finish(self) -> None:
        self.finished = True
