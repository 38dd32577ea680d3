"""Who asks for a connection while the service ends."""

import socket
import sys
from contextlib import closing

import pytest

from app.listener import hear_nobody_new, listen


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_who_came_before_is_served_and_nobody_comes_after(host: str) -> None:
    with closing(listen(host, 0)) as listener:
        address = listener.getsockname()[:2]
        with socket.create_connection(address) as early, socket.create_connection(address) as quick:
            quick.sendall(b"before it is accepted")
            quick.close()
            hear_nobody_new(listener)
            if sys.platform.startswith("linux"):
                with pytest.raises(TimeoutError):
                    socket.create_connection(address, timeout=0.3)
            with listener.accept()[0] as accepted, listener.accept()[0] as other:
                early.sendall(b"asked")
                assert accepted.recv(100) == b"asked"
                accepted.sendall(b"answered")
                assert early.recv(100) == b"answered"
                assert other.recv(100) == b"before it is accepted"
                assert other.recv(100) == b""
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
