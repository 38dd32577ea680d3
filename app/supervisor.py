"""Several worker processes on one port: started, told what signals say, and replaced when they die."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

from prometheus_client.multiprocess import mark_process_dead

from app.listener import hear_nobody_new, listen, url_of
from app.metrics_folder import MetricsFolder
from app.settings import Settings, variable_of

log = logging.getLogger("digits.supervisor")

_forget_process: Callable[[int, str], None] = mark_process_dead
"""Leaves the gauges of a process that has ended out of the metrics; the library gives it no types."""

POLL_SECONDS = 0.1
EARLY_SECONDS = 5.0
"""A worker that ends sooner than this is started anew only after as long."""

GRACE_SECONDS = 5.0
"""What a worker has beyond `drain_seconds` before it is killed."""


class Worker:
    """One worker process."""

    def __init__(self, arguments: list[str], environment: dict[str, str], listener: int) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(arguments, env=environment, pass_fds=[listener])

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started

    def tell(self, number: int) -> None:
        """Send it a signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)


class Supervisor:
    """Keeps `settings.workers` processes serving one socket until told to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stopping = False
        self._listener = listen(settings.host, settings.port)
        self._listener.set_inheritable(True)
        self._metrics = MetricsFolder()
        self._workers: list[Worker | None] = []
        self._restarts: dict[int, float] = {}

    def run(self) -> int:
        """Serve until told to stop; gives the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_hangup)
        try:
            self._workers = [self._start() for _ in range(self.settings.workers)]
            log.info("%d workers, listening on %s", self.settings.workers, url_of(self._listener))
            status = self._watch()
            self._end()
            return status
        finally:
            self._listener.close()
            self._metrics.remove()

    def _start(self) -> Worker:
        environment = {
            **os.environ,
            "PROMETHEUS_MULTIPROC_DIR": self._metrics.path,
            variable_of("workers"): "1",
        }
        listener = self._listener.fileno()
        shared = ["--listener", str(listener), "--supervisor", str(os.getpid())]
        return Worker([sys.executable, "-m", "app", *shared], environment, listener)

    def _watch(self) -> int:
        proven = False
        while not self._stopping:
            time.sleep(POLL_SECONDS)
            proven = proven or any(worker and worker.age > EARLY_SECONDS for worker in self._workers)
            for place, worker in enumerate(self._workers):
                if worker is None:
                    if time.monotonic() >= self._restarts[place]:
                        self._workers[place] = self._start()
                    continue
                status = worker.process.poll()
                if status is None or self._stopping:
                    continue
                _forget_process(worker.process.pid, self._metrics.path)
                if not proven and status > 0:
                    # It told why on its way out, and the next one would say the same.
                    return status
                log.error("worker %d ended with status %d and is replaced", worker.process.pid, status)
                self._workers[place] = None
                pause = EARLY_SECONDS if worker.age < EARLY_SECONDS and status > 0 else 0.0
                self._restarts[place] = time.monotonic() + pause
        return 0

    def _end(self) -> None:
        # Before the workers close it: the last one to do so has accepted all that waited.
        hear_nobody_new(self._listener)
        self._listener.close()
        self._each(lambda worker: worker.tell(signal.SIGTERM))
        end = time.monotonic() + self.settings.drain_seconds + GRACE_SECONDS
        for worker in filter(None, self._workers):
            try:
                worker.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("worker %d does not end and is killed", worker.process.pid)
                worker.process.kill()
                worker.process.wait()

    def _each(self, what: Callable[[Worker], None]) -> None:
        for worker in filter(None, self._workers):
            what(worker)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _on_hangup(self, number: int, frame: FrameType | None) -> None:
        self._each(lambda worker: worker.tell(signal.SIGHUP))
