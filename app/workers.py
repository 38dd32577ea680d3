"""Several worker processes on one socket, kept alive until told to stop."""

import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

from prometheus_client.multiprocess import mark_process_dead

from app import EXIT_START
from app.settings import Settings

log = logging.getLogger("digits.workers")

TICK_SECONDS = 0.5
"""How long a signal may wait until it is looked at."""

_mark_process_dead: Callable[[int | None], None] = mark_process_dead
"""Leaves the gauges of a process that has ended out of the metrics; the library does not type it."""


def supervise(settings: Settings, listener: socket.socket) -> int:
    """Serve on `listener` by several processes until told to stop; gives the exit status.

    SIGTERM and SIGINT end them all, and nothing that was accepted is lost; SIGHUP has each load the
    checkpoint files anew. A worker that ends is replaced, unless it could not start, and has said why.
    """
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: signals.append(number))
    with tempfile.TemporaryDirectory(prefix="digits-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        workers = [_start(listener) for _ in range(settings.workers)]
        while True:
            wait([worker.sentinel for worker in workers], TICK_SECONDS)
            while signals:
                if signals.pop(0) != signal.SIGHUP:
                    return _stop(workers, listener, 0)
                for worker in workers:
                    os.kill(worker.pid or 0, signal.SIGHUP)
            for place, worker in enumerate(workers):
                if worker.exitcode is None:
                    continue
                _mark_process_dead(worker.pid)
                if worker.exitcode == EXIT_START:
                    return _stop(workers, listener, EXIT_START)
                log.error("worker %s ended with status %s and is replaced", worker.pid, worker.exitcode)
                workers[place] = _start(listener)


def _start(listener: socket.socket) -> SpawnProcess:
    worker = get_context("spawn").Process(target=_work, args=(listener,))
    worker.start()
    return worker


def _stop(workers: list[SpawnProcess], listener: socket.socket, status: int) -> int:
    listener.close()  # before they close it: the last one to do so has accepted all who waited
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join()
    return status


def _work(listener: socket.socket) -> None:
    """Serve until told to stop; runs in the worker process."""
    # The supervisor does not import what it never needs, and stays small.
    from app import logs, server

    settings = Settings.read()
    logs.configure(settings.log_format, settings.log_level)
    try:
        status = server.serve(settings, listener)
    finally:
        logging.shutdown()
    sys.exit(status)
