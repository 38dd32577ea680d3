"""The heads of plain requests, read at one go.

uvicorn's parser calls back for every piece of a request, as it must where one may arrive in any. A client
that sends a small image sends it whole, and nearly always in the plainest form there is; such a head is taken
apart here in a few microseconds. The form is narrower than that of HTTP (RFC 9112): whatever departs from it
is none of these, and goes to the parser.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

MOST_BYTES = 4096
"""Longest head that is read here."""

_END = b"\r\n\r\n"
_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HOST = _TOKEN.translate(None, b"#^`|") + b"()[],;:="
_CONTROLS = bytes((*range(9), *range(10, 32), 127))

_DIGITS = 9
"""Most digits of a Content-Length."""

_UNUSUAL = frozenset(
    {
        b"expect",
        b"http2-settings",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that ask the server for more than an answer, or say that the body has another length."""


class Head(NamedTuple):
    """The head of a request that has a body of a known length, and wants its connection kept."""

    call: bytes
    """The first line, whatever it says before the version."""
    headers: Mapping[bytes, bytes]
    """By name in lower case; not to be changed, as the next request may have the same head."""
    size: int
    """Bytes up to the body."""
    length: int
    """Bytes of the body."""


def read_head(data: bytes) -> Head | None:
    """The head that `data` begins with; None unless it is whole and plain.

    Plain: HTTP/1.1, lines as RFC 9112 (section 5) has them without anything obsolete, no name twice, a
    Host, a Content-Length, and nothing that changes how the body or the connection is to be taken.
    """
    end = data.find(_END, 0, MOST_BYTES)
    return None if end < 0 else _read_head(data[:end])


@lru_cache(maxsize=256)
def _read_head(head: bytes) -> Head | None:
    """The head without its empty line; a client sends much the same one with each of its requests."""
    lines = head.split(b"\r\n")
    call = lines[0]
    headers = _headers(lines) if call.endswith(b" HTTP/1.1") else None
    if headers is None or not _UNUSUAL.isdisjoint(headers):
        return None
    if not is_host(headers.get(b"host")):
        return None
    if headers.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    length = headers.get(b"content-length", b"")
    if not length.isdigit() or len(length) > _DIGITS:
        return None
    return Head(call, headers, len(head) + len(_END), int(length))


def is_host(value: bytes | None) -> bool:
    """Whether a Host header has a value (None: there is no such header) that it may have (RFC 9112, 3.2).

    It may be empty; it has the characters of a name or an address, and of a port (RFC 3986, section 3.2).
    """
    return value is not None and not value.translate(None, _HOST)


def _headers(lines: list[bytes]) -> dict[bytes, bytes] | None:
    """The headers in a head's lines, the first of which is the call; None unless they are plain."""
    headers: dict[bytes, bytes] = {}
    for line in lines:
        if line.translate(None, _CONTROLS) != line:
            return None
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name or name.translate(None, _TOKEN):
            return None
        headers[name.lower()] = value.strip(b" \t")
    return headers if len(headers) == len(lines) - 1 else None
