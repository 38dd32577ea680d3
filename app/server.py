"""The server process: its socket, its signals, and the way it ends."""

import asyncio
import logging
import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from app.corrections import CorrectionsError
from app.main import create_app
from app.models import ModelsError
from app.protocol import BoundedProtocol
from app.settings import Settings

log = logging.getLogger("digits.server")

MANY_FILES = 65_536

EXIT_START = 1
"""Exit status when the service cannot start."""

EXIT_DEAD = 70
"""Exit status after the inference thread has died: whoever supervises starts the process anew."""

QUIET_SECONDS = 0.3
"""A connection that has been silent this long after the last answer has nothing under way."""

LINGER_SECONDS = 1.0
"""How long, at most, requests are still taken in after the signal to stop, where clients go on sending."""


class Server(uvicorn.Server):
    """uvicorn, ended the way a supervisor expects it.

    SIGTERM and SIGINT: not ready from that moment on; what comes in meanwhile is answered, with
    `Connection: close`; then no connection is accepted, what was accepted is finished, and the exit status is
    0. SIGHUP: the checkpoint files are loaded anew.

    Args:
        settings: What the operator wants.
        parent: The process without which this one is to end.
    """

    def __init__(self, settings: Settings, parent: int | None = None) -> None:
        self.settings = settings
        self.parent = parent
        self.exit_status = 0
        self.app = create_app(settings, self.die)
        super().__init__(
            uvicorn.Config(
                self.app,
                host=settings.host,
                port=settings.port,
                http=BoundedProtocol.for_settings(settings),
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=2048,
                timeout_keep_alive=settings.keep_alive_seconds,
                timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=list(settings.trusted_proxies),
            )
        )

    def die(self) -> None:
        """End with a status that asks for a new start."""
        log.critical("the inference thread is dead: ending, to be started anew")
        self.exit_status = EXIT_DEAD
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals while the server runs; a handled one does not end the process a second time."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)
        self._swaps: set[asyncio.Task[None]] = set()
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGHUP)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop being ready, and begin to end; a second SIGINT ends at once."""
        self.app.service.drain()
        super().handle_exit(sig, frame)

    def _on_hangup(self) -> None:
        log.info("SIGHUP: loading the checkpoints anew")
        task = asyncio.get_running_loop().create_task(self.app.service.swap())
        self._swaps.add(task)
        task.add_done_callback(self._swaps.discard)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load the models, start as uvicorn does, and say where the service listens."""
        try:
            await self.app.service.start()
        except (ModelsError, CorrectionsError) as error:
            log.critical("cannot start: %s", error)
            await self.app.service.stop()
            raise SystemExit(EXIT_START) from None
        await super().startup(sockets)
        if self.started and sockets is None:
            for listener in self.servers[0].sockets:
                host, port = listener.getsockname()[:2]
                log.info("listening on http://%s:%s", f"[{host}]" if ":" in host else host, port)

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether to end: a worker also ends when its supervisor is gone."""
        if self.parent is not None and os.getppid() != self.parent:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what is on its way arrive, then finish as uvicorn does."""
        log.info("stopping: finishing what was accepted")
        self.app.service.drain()
        await self._lame_duck()
        await super().shutdown(sockets)
        log.info("stopped")

    async def _lame_duck(self) -> None:
        """Go on answering until all is quiet, or for a second where it never is.

        A request may be on its way on a connection that was kept alive; its client would see it cut off.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + min(LINGER_SECONDS, self.settings.drain_seconds)
        quiet_since = loop.time()
        answered = self.server_state.total_requests
        while loop.time() < end and not self.force_exit:
            await asyncio.sleep(0.02)
            if self.server_state.tasks or self.server_state.total_requests != answered:
                quiet_since, answered = loop.time(), self.server_state.total_requests
            if not self.server_state.connections or loop.time() - quiet_since > QUIET_SECONDS:
                return


def serve(settings: Settings, listener: int | None = None) -> int:
    """Serve until told to stop; gives the exit status.

    Args:
        settings: What the operator wants.
        listener: The file descriptor of a socket that listens already and is shared with other processes.
    """
    allow_open_files()
    server = Server(settings, None if listener is None else os.getppid())
    try:
        server.run(sockets=None if listener is None else [socket.socket(fileno=listener)])
    except SystemExit as error:
        return int(error.code or 0)
    return server.exit_status


def allow_open_files() -> None:
    """Raise the limit of open files as far as this process may: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
