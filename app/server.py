"""The server process: its socket, its signals, and the way it ends."""

import asyncio
import gc
import logging
import multiprocessing
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType

import uvicorn

from app import EXIT_DEAD, EXIT_START
from app.corrections import CorrectionsError
from app.fastpath import FastPath
from app.main import create_app
from app.models import ModelsError
from app.protocol import BoundedProtocol
from app.settings import Settings
from app.workers import BACKLOG, url_of

log = logging.getLogger("digits.server")

MANY_FILES = 65_536


class Server(uvicorn.Server):
    """uvicorn's server, with the shutdown that a supervisor expects.

    On SIGTERM and SIGINT it stops being ready and accepts no more connections; it finishes what it has
    accepted, each answer with `Connection: close`, and ends with status 0. On SIGHUP it loads the checkpoint
    files anew.
    """

    def __init__(self, settings: Settings) -> None:
        self.exit_status = 0
        self.app = create_app(settings, self.die)
        self.service = self.app.state.service
        self.protocol = BoundedProtocol.for_settings(settings, FastPath(self.service))
        self._swaps: set[asyncio.Task[None]] = set()
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
        """End with a status that asks for a restart."""
        log.critical("the inference thread is dead: ending, to be started anew")
        self.exit_status = EXIT_DEAD
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals while the server runs; unlike uvicorn, do not raise them again at the end."""
        # Handlers run on the event loop and never interrupt other code, which may hold the metrics' lock.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop being ready and begin the shutdown; a second SIGINT ends at once."""
        self.service.drain()
        super().handle_exit(sig, frame)

    def _on_hangup(self) -> None:
        log.info("SIGHUP: loading the checkpoints anew")
        task = asyncio.get_running_loop().create_task(self.service.swap())
        self._swaps.add(task)
        task.add_done_callback(self._swaps.discard)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load the models, then start as uvicorn does."""
        try:
            await self.service.start()
        except (ModelsError, CorrectionsError) as error:
            log.critical("cannot start: %s", error)
            await self.service.stop()
            raise SystemExit(EXIT_START) from None
        await super().startup(sockets)
        # These objects stay. The collector would go through all of them again and again, 50 ms each time.
        gc.collect()
        gc.freeze()
        log.info("listening on %s", url_of((sockets or [])[0]))

    async def on_tick(self, counter: int) -> bool:
        """Check ten times a second whether to end; a worker also ends when its supervisor is gone."""
        supervisor = multiprocessing.parent_process()
        if supervisor is not None and not supervisor.is_alive():
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, then finish as uvicorn does."""
        log.info("stopping: finishing what was accepted")
        self.service.drain()
        await self._close_listeners(sockets or [])
        await super().shutdown(sockets)
        log.info("stopped")

    async def _close_listeners(self, listeners: list[socket.socket]) -> None:
        """Accept the waiting connections, then close: closing a socket resets those still waiting on it."""
        loop, state = asyncio.get_running_loop(), self.lifespan.state
        protocol = partial(self.protocol, self.config, self.server_state, state)
        waiting = [listener.dup() for listener in listeners]
        for server in self.servers:
            server.close()
        for listener in waiting:
            listener.setblocking(False)
            accepted: list[socket.socket] = []
            with suppress(OSError):  # nobody is waiting any more
                while len(accepted) < BACKLOG:
                    accepted.append(listener.accept()[0])
            listener.close()
            for connection in accepted:
                connection.setblocking(False)
                with suppress(OSError):  # it may be gone already
                    await loop.connect_accepted_socket(protocol, connection)


def serve(settings: Settings, listener: socket.socket) -> int:
    """Serve on `listener` until told to stop, and return the exit status."""
    allow_open_files()
    server = Server(settings)
    try:
        server.run(sockets=[listener])
    except SystemExit as error:
        return int(error.code or 0)
    finally:
        listener.close()
    return server.exit_status


def allow_open_files() -> None:
    """Raise the limit of open files as far as this process may: each connection needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
