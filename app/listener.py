"""The socket that connections come in by."""

import socket

from app.settings import Settings

BACKLOG = 2048
"""Connections that may wait to be accepted."""


def listen(settings: Settings) -> socket.socket:
    """Listen where the settings say.

    Raises:
        OSError: the address is taken, or not this machine's.
    """
    is_ipv6 = ":" in settings.host
    return socket.create_server(
        (settings.host, settings.port),
        family=socket.AF_INET6 if is_ipv6 else socket.AF_INET,
        backlog=BACKLOG,
        dualstack_ipv6=is_ipv6 and socket.has_dualstack_ipv6(),
    )


def url_of(listener: socket.socket) -> str:
    """Where a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
