"""The one place where networks compute, and the queue before it.

A thread owns the queue. Whatever waits when the thread becomes free goes through the network together: under
load the batches grow by themselves, and a single request never waits for a timer.
"""

import asyncio
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.errors import Refusal
from app.metrics import BATCH_SIZE, INFERENCE_SECONDS, QUEUE_SECONDS
from model.ink import NormalisedInk
from model.recognition import Answer, Recogniser, Scores

log = logging.getLogger("digits.batcher")

MAX_INKS = 64
"""The most inks from several requests that go through a network together; one request is never split."""
STUCK_SECONDS = 10.0
"""A computation that lasts longer than this counts as a hang."""

T = TypeVar("T")


@dataclass(slots=True)
class _Job:
    """The inks of one request, which one recogniser is to answer."""

    recogniser: Recogniser
    accept: float | None
    inks: Sequence[NormalisedInk]
    future: Future[list[Answer]] = field(default_factory=Future)
    since: float = field(default_factory=time.perf_counter)


class Batcher:
    """Runs recognisers on a thread of its own, one computation at a time.

    A caller gets a `Refusal` if the thread is dead, or dies before it has computed what was asked; so do the
    callers whose work is still queued when it dies.

    Args:
        on_death: Called on the event loop when a computation has ended the thread.
    """

    def __init__(self, on_death: Callable[[], None] = lambda: None) -> None:
        self._on_death = on_death
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._jobs: deque[_Job] = deque()
        self._open = self._dead = False
        self._computing = threading.Lock()
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._loop = asyncio.get_running_loop()
        _use_one_thread()
        self._open = True
        self._thread.start()

    async def stop(self) -> None:
        """Let the thread finish what is queued, and end."""
        self._open = False
        if self._thread.is_alive():
            self._tasks.put(None)
            await asyncio.to_thread(self._thread.join, STUCK_SECONDS)

    def unavailable_reason(self) -> str | None:
        """Why nothing can be computed now, or None when all is well."""
        if not self._open:
            return "The inference thread is not running."
        if (since := self._busy_since) is not None and time.monotonic() - since > STUCK_SECONDS:
            return f"The inference thread has been busy for more than {STUCK_SECONDS:g} seconds."
        return None

    async def answer(
        self, recogniser: Recogniser, inks: Sequence[NormalisedInk], accept: float | None = None
    ) -> list[Answer]:
        """What `recogniser.answer` gives for the inks of one request."""
        self._check_open()
        job = _Job(recogniser, accept, inks)
        self._jobs.append(job)
        self._tasks.put(self._answer_jobs)
        return await asyncio.wrap_future(job.future)

    def submit(self, run: Callable[[], T]) -> Future[T]:
        """Compute what `run` gives on the inference thread; any thread may wait for the future."""
        self._check_open()
        future: Future[T] = Future()
        self._tasks.put(partial(self._call, run, future))
        return future

    async def call(self, run: Callable[[], T]) -> T:
        """What `run` gives, computed on the thread."""
        result: T = await asyncio.wrap_future(self.submit(run))
        return result

    def answer_now(
        self, recogniser: Recogniser, inks: Sequence[NormalisedInk], accept: float | None = None
    ) -> list[Answer] | None:
        """What `answer` gives, computed by the caller; None when the thread is computing, or dead."""
        if not self._open or not self._computing.acquire(blocking=False):
            return None
        try:
            return _answer(recogniser, inks, accept)
        finally:
            self._computing.release()

    def _check_open(self) -> None:
        if not self._open:
            raise Refusal("not-ready", "The inference thread is not running.")

    # What follows runs on the thread.

    def _run(self) -> None:
        _use_one_thread()
        while (task := self._tasks.get()) is not None:
            task()

    def _compute(self, run: Callable[[], T]) -> T:
        """Return what `run` gives; refuse if the thread is dead. It dies of any error but an `Exception`."""
        if not self._dead:
            with self._computing:
                self._busy_since = time.monotonic()
                try:
                    return run()
                except Exception:
                    raise
                except BaseException:
                    log.critical("the inference thread died", exc_info=True)
                    self._open, self._dead = False, True
                    self._loop.call_soon_threadsafe(self._on_death)
                finally:
                    self._busy_since = None
        raise Refusal("not-ready", "The inference thread died; try again shortly.")

    def _call(self, run: Callable[[], T], future: Future[T]) -> None:
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(self._compute(run))
            except Exception as error:
                future.set_exception(error)

    def _answer_jobs(self) -> None:
        """Answer the first waiting jobs that can go together; an earlier call may have left none."""
        jobs, count = list[_Job](), 0
        while self._jobs:
            job = self._jobs[0]
            count += len(job.inks)
            others = bool(jobs) and (job.recogniser, job.accept) != (jobs[0].recogniser, jobs[0].accept)
            if others or (jobs and count > MAX_INKS):
                break
            jobs.append(self._jobs.popleft())
        wanted = [job for job in jobs if job.future.set_running_or_notify_cancel()]
        if not wanted:
            return
        start = time.perf_counter()
        for job in wanted:
            QUEUE_SECONDS.observe(start - job.since)
        inks = [ink for job in wanted for ink in job.inks]
        try:
            answers = iter(self._compute(partial(_answer, wanted[0].recogniser, inks, wanted[0].accept)))
        except Exception:
            log.exception("inference failed")
            for job in wanted:
                job.future.set_exception(Refusal("not-ready", "The network failed on this; try again."))
            return
        for job in wanted:
            job.future.set_result(list(islice(answers, len(job.inks))))


@dataclass(frozen=True, slots=True)
class ThreadRecogniser:
    """A recogniser for code on another thread, such as reading; the batcher scores within `seconds`."""

    batcher: Batcher
    recogniser: Recogniser
    seconds: float

    def score(self, fields: NDArray[np.uint8], *, again: bool = True) -> Scores:
        """The scores of (n, 28, 28) fields, or `TimeoutError`; see `Recogniser.score`."""
        return self._wait_for(partial(self.recogniser.score, fields, again=again))

    def answer(self, inks: Sequence[NormalisedInk]) -> list[Answer]:
        """The answers to pictures, whose further proposals this thread makes, or `TimeoutError`."""
        for ink in inks:
            ink.further()
        return self._wait_for(partial(self.recogniser.answer, inks))

    def _wait_for(self, run: Callable[[], T]) -> T:
        future = self.batcher.submit(run)
        try:
            return future.result(self.seconds)
        finally:
            future.cancel()


def _answer(recogniser: Recogniser, inks: Sequence[NormalisedInk], accept: float | None) -> list[Answer]:
    start = time.perf_counter()
    answers = recogniser.answer(inks, accept)
    INFERENCE_SECONDS.observe(time.perf_counter() - start)
    BATCH_SIZE.observe(len(inks))
    return answers


def _use_one_thread() -> None:
    """Let torch, if it is loaded, compute on the calling thread alone."""
    torch = sys.modules.get("torch")
    if torch is not None:
        # By default it starts a thread per core for each thread that calls it.
        torch.set_num_threads(1)
