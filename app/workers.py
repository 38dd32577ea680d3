"""The socket, and several workers on it: uvicorn's supervisor, with this service's server in each."""

import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from app import EXIT_START
from app.settings import Settings

log = logging.getLogger("digits.workers")

BACKLOG = 2048
"""Connections that may wait to be accepted."""

HUNG_SECONDS = 30
"""A worker that does not answer its supervisor for this long is replaced; starting takes part of it."""

_mark_process_dead: Callable[[int | None], None] = mark_process_dead
"""Leaves the gauges of a process that has ended out of the metrics; the library does not type it."""


def listen(settings: Settings) -> socket.socket:
    """Listen where the settings say; `OSError` if the address is taken, or not this machine's."""
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


class Worker(Process):
    """A worker process that runs `app.server.Server`."""

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop; runs in the process itself."""
        # Imported only here: the supervisor never needs it, and stays small.
        from app import logs, server

        settings = Settings.read()
        logs.configure(settings.log_format, settings.log_level)
        server.allow_open_files()
        self._server = made = server.Server(settings)
        try:
            super().target(sockets)
        finally:
            logging.shutdown()
        sys.exit(made.exit_status)


class Supervisor(Multiprocess):
    """Keeps `settings.workers` processes serving one socket until told to stop.

    SIGTERM and SIGINT end them all, and no accepted request is lost; SIGHUP makes each load the checkpoint
    files anew.
    """

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        # The workers make their own configuration; this one is for the supervisor.
        config = uvicorn.Config(
            "app.main:create_app",
            factory=True,
            workers=settings.workers,
            log_config=None,
            timeout_worker_healthcheck=HUNG_SECONDS,
        )
        super().__init__(config, [listener])
        self.exit_status = 0

    def init_processes(self) -> None:
        """Start all workers."""
        self.processes = [self._start() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have ended or hang; end when one could not start, and has said why."""
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set() or worker.is_alive(self.config.timeout_worker_healthcheck):
                continue
            worker.kill()
            worker.join()
            _mark_process_dead(worker.pid)
            if worker.exitcode == EXIT_START:
                self.exit_status = EXIT_START
                self.should_exit.set()
                return
            log.error("worker %s ended with status %s and is replaced", worker.pid, worker.exitcode)
            self.processes[place] = self._start()

    def terminate_all(self) -> None:
        """Tell all workers to stop."""
        # The supervisor closes the socket first: the last worker to close it accepts all that wait.
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def handle_hup(self) -> None:
        """Have each worker load the checkpoint files anew."""
        for worker in self.processes:
            if worker.pid is not None and worker.exitcode is None:
                os.kill(worker.pid, signal.SIGHUP)

    def handle_ttin(self) -> None:
        """Start one more worker."""
        self.processes.append(self._start())

    def _start(self) -> Worker:
        worker = Worker(self.config, self.sockets)
        worker.start()
        worker.child_conn.close()  # the worker has its own copy; without ours, waiting for a dead one ends
        return worker


def supervise(settings: Settings, listener: socket.socket) -> int:
    """Serve on `listener` with several processes until told to stop, and return the exit status."""
    with tempfile.TemporaryDirectory(prefix="digits-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        supervisor = Supervisor(settings, listener)
        supervisor.run()
    return supervisor.exit_status
