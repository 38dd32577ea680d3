"""The server process: its socket, its signals, and the way it ends."""

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn

from app.corrections import CorrectionsError
from app.express import Express
from app.listener import BACKLOG, SharedListener, hear_nobody_new, listen, url_of
from app.main import create_app
from app.memory import keep_freed_memory, spare_the_collector
from app.metrics import publish
from app.models import ModelsError
from app.protocol import BoundedProtocol
from app.settings import Settings
from app.tracing import TracingError

log = logging.getLogger("digits.server")

MANY_FILES = 65_536

SWITCH_SECONDS = 0.001
"""How soon a thread that computes gives way to the event loop."""

EXIT_START = 1
"""Exit status when the service cannot start."""

EXIT_DEAD = 70
"""Exit status after the inference thread has died: whoever supervises starts the process anew."""

QUIET_SECONDS = 0.3
"""A connection that has been silent this long after the last answer has nothing under way."""

HANDSHAKE_SECONDS = 0.05
"""How long whoever is on the way in may take to get there after that signal."""

LINGER_SECONDS = 1.0
"""How long, at most, requests are still waited for on open connections after the signal to stop."""


class Server(uvicorn.Server):
    """uvicorn, ended the way a supervisor expects it.

    SIGTERM and SIGINT: not ready from that moment on; no connection is accepted any more; what was accepted
    is finished, each answer with `Connection: close`; and the exit status is 0. SIGHUP: the checkpoint files
    are loaded anew.

    Args:
        settings: What the operator wants.
        url: Where it listens, if that is to be told once it does.
        parent: The process without which this one is to end.
    """

    def __init__(self, settings: Settings, *, url: str | None = None, parent: int | None = None) -> None:
        self.settings = settings
        self.url = url
        self.parent = parent
        self.exit_status = 0
        self.app = create_app(settings, self.die)
        express = Express(self.app.service, lambda: self.server_state.default_headers)
        self.protocol = BoundedProtocol.for_settings(settings, express)
        super().__init__(
            uvicorn.Config(
                self.app,
                http=self.protocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=BACKLOG,
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
        spare_the_collector()
        await super().startup(sockets)
        if self.url is not None:
            log.info("listening on %s", self.url)

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether to end: a worker also ends when its supervisor is gone."""
        publish()
        if self.parent is not None and os.getppid() != self.parent:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, let what is on its way arrive, then finish as uvicorn does."""
        log.info("stopping: finishing what was accepted")
        self.app.service.drain()
        await self._close_listeners(sockets or [])
        await self._until_quiet()
        await super().shutdown(sockets)
        publish()
        log.info("stopped")

    async def _close_listeners(self, listeners: list[socket.socket]) -> None:
        """Close the door behind the last one in: closing a socket resets whoever waits to be accepted."""
        if self.parent is None:  # of a shared socket that is for the supervisor: others may go on
            for listener in listeners:
                hear_nobody_new(listener)
            await asyncio.sleep(HANDSHAKE_SECONDS)
        waiting = [listener.dup() for listener in listeners]
        for server in self.servers:
            server.close()
        for listener in waiting:
            listener.setblocking(False)
            accepted: list[socket.socket] = []
            while len(accepted) < BACKLOG:
                try:
                    accepted.append(listener.accept()[0])
                except OSError:  # nobody is waiting any more
                    break
            listener.close()
            loop = asyncio.get_running_loop()
            for connection in accepted:
                connection.setblocking(False)
                with suppress(OSError):  # it may be gone already
                    await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> BoundedProtocol:
        return self.protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _until_quiet(self) -> None:
        """Wait while requests are coming in on connections that are open: closing would cut them off.

        Each answer now closes its connection, so that few are left soon: those of clients that say nothing.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + min(LINGER_SECONDS, self.settings.drain_seconds)
        quiet_since = loop.time()
        answered = self.server_state.total_requests
        while self.server_state.connections and loop.time() < end and not self.force_exit:
            await asyncio.sleep(0.02)
            if self.server_state.tasks or self.server_state.total_requests != answered:
                quiet_since, answered = loop.time(), self.server_state.total_requests
            if loop.time() - quiet_since > QUIET_SECONDS:
                return


def serve(settings: Settings, shared: SharedListener | None = None) -> int:
    """Serve until told to stop; gives the exit status.

    Raises:
        OSError: the address is taken.

    Args:
        settings: What the operator wants.
        shared: The socket, where the process is one of several on it; None if it is alone.
    """
    allow_open_files()
    keep_freed_memory()
    sys.setswitchinterval(SWITCH_SECONDS)
    door = listen(settings.host, settings.port) if shared is None else socket.socket(fileno=shared.descriptor)
    try:
        if shared is None:
            server = Server(settings, url=url_of(door))
        else:
            server = Server(settings, parent=shared.supervisor)
    except TracingError as error:
        log.critical("cannot start: %s", error)
        door.close()
        return EXIT_START
    try:
        server.run(sockets=[door])
    except SystemExit as error:
        return int(error.code or 0)
    return server.exit_status


def allow_open_files() -> None:
    """Raise the limit of open files as far as this process may: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
