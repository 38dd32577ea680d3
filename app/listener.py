"""The socket that connections come in by."""

import ctypes
import socket
import struct
import sys
from contextlib import suppress
from typing import NamedTuple

BACKLOG = 2048
"""Connections that may wait to be accepted."""

_ATTACH_FILTER = 26
"""SO_ATTACH_FILTER of Linux (socket(7)), which the library has no name for."""

# Of each packet the flags of TCP (RFC 9293, section 3.1, byte 13): SYN without ACK asks for a new connection,
# and is not heard; all others are. Instructions of the kernel's packet filter: code, two jumps, operand.
_NOBODY_NEW = (
    (0x30, 0, 0, 13),  # load the byte
    (0x54, 0, 0, 0x12),  # of it SYN and ACK
    (0x15, 0, 1, 0x02),  # is it SYN alone?
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # keep all of it
)


class SharedListener(NamedTuple):
    """A socket that several processes accept from, and the process that opened it for them."""

    descriptor: int
    supervisor: int
    """Its process id, from itself: a worker that asked for its parent might ask when that is gone already."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on an address of this machine.

    Raises:
        OSError: the address is taken, or is none of this machine's.
    """
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def hear_nobody_new(listener: socket.socket) -> None:
    """Leave those unheard who ask for a connection from now on; who asked before still comes in.

    Closing a socket resets whoever came in after the last look at who waits. Unheard, they ask again a second
    later, when nobody listens or somebody new does. Of all processes that share the socket, and for good.
    Where there is no such filter all stays as it is.
    """
    if not sys.platform.startswith("linux"):
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("@HBBI", *step) for step in _NOBODY_NEW))
    with suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET,
            _ATTACH_FILTER,
            struct.pack("@HP", len(_NOBODY_NEW), ctypes.addressof(program)),
        )
