"""The socket that connections come in by."""

import socket
from typing import NamedTuple

BACKLOG = 2048
"""Connections that may wait to be accepted."""


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
