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
from itertools import islice
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.errors import Refusal
from app.metrics import BATCH_SIZE, INFERENCE_SECONDS, QUEUE_SECONDS
from model.ink import NormalisedInk
from model.recognition import Answer, Recogniser, Scores

log = logging.getLogger("digits.batcher")

MAX_INKS = 64
"""Most inks of several requests that go through a network together; those of one request always do."""

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


@dataclass(slots=True)
class _Call:
    """Any other computation that belongs on the thread."""

    run: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)


class Batcher:
    """Runs recognisers on a thread of its own, one computation at a time.

    Who asks is refused (`Refusal`) when the thread is dead, or dies before it has computed what was asked.

    Args:
        on_death: Called on the event loop when the thread has ended without being told to.
    """

    def __init__(self, on_death: Callable[[], None] = lambda: None) -> None:
        self._on_death = on_death
        self._queue: SimpleQueue[_Job | _Call | None] = SimpleQueue()
        self._ready: deque[_Job | _Call | None] = deque()
        self._in_hand: list[_Job] | list[_Call] = []
        self._alive = False
        self._closing = threading.Lock()
        self._computing = threading.Lock()
        self._busy_since: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._loop = asyncio.get_running_loop()
        _use_one_thread()
        self._alive = True
        self._thread.start()

    async def stop(self) -> None:
        """Let the thread finish what is queued, and end."""
        if self._thread.is_alive():
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join, STUCK_SECONDS)

    def unavailable_reason(self) -> str | None:
        """Why nothing can be computed now, or None when all is well."""
        if not self._alive:
            return "The inference thread is not running."
        since = self._busy_since
        if since is not None and time.monotonic() - since > STUCK_SECONDS:
            return f"The inference thread has been busy for more than {STUCK_SECONDS:g} seconds."
        return None

    async def answer(
        self, recogniser: Recogniser, inks: Sequence[NormalisedInk], accept: float | None = None
    ) -> list[Answer]:
        """What `recogniser.answer` gives for the inks of one request."""
        return await asyncio.wrap_future(self._put(_Job(recogniser, accept, inks)).future)

    async def call(self, run: Callable[[], T]) -> T:
        """What `run` gives, computed on the thread."""
        result: T = await asyncio.wrap_future(self._put(_Call(run)).future)
        return result

    def call_and_wait(self, run: Callable[[], T], seconds: float) -> T:
        """What `call` gives, for another thread, which waits for it; `TimeoutError` after `seconds`."""
        future: Future[T] = self._put(_Call(run)).future
        try:
            return future.result(seconds)
        finally:
            future.cancel()

    def answer_now(
        self, recogniser: Recogniser, inks: Sequence[NormalisedInk], accept: float | None = None
    ) -> list[Answer] | None:
        """What `answer` gives, computed by the caller; None when the thread is computing, or dead."""
        if not self._alive or not self._computing.acquire(blocking=False):
            return None
        try:
            return _answer(recogniser, inks, accept)
        finally:
            self._computing.release()

    def _put(self, item: "_Item") -> "_Item":
        with self._closing:
            if not self._alive:
                raise Refusal("not-ready", "The inference thread is not running.")
            self._queue.put(item)
        return item

    # What follows runs on the thread.

    def _run(self) -> None:
        _use_one_thread()
        died = False
        try:
            self._work()
        except BaseException:
            log.critical("the inference thread died", exc_info=True)
            died = True
        self._end()
        if died and self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_death)

    def _work(self) -> None:
        while (item := self._next()) is not None:
            with self._computing:
                self._busy_since = time.monotonic()
                if isinstance(item, _Call):
                    self._in_hand = [item]
                    _run_call(item)
                else:
                    self._in_hand = jobs = self._batch(item)
                    _answer_jobs(jobs)
                self._in_hand = []
                self._busy_since = None

    def _next(self) -> _Job | _Call | None:
        """Take everything that waits, or wait for something; gives the first of it."""
        if not self._ready:
            self._ready.append(self._queue.get())
        while not self._queue.empty():
            self._ready.append(self._queue.get())
        return self._ready.popleft()

    def _batch(self, first: _Job) -> list[_Job]:
        """Take `first`, and the jobs after it that go through the network with it, in their order."""
        jobs, count = [first], len(first.inks)
        while self._ready and isinstance(job := self._ready[0], _Job):
            count += len(job.inks)
            if (job.recogniser, job.accept) != (first.recogniser, first.accept) or count > MAX_INKS:
                break
            jobs.append(job)
            self._ready.popleft()
        return jobs

    def _end(self) -> None:
        """Take nothing more, and refuse those who still wait."""
        with self._closing:
            self._alive = False
        self._busy_since = None
        items: list[_Job | _Call | None] = [*self._in_hand, *self._ready]
        while not self._queue.empty():
            items.append(self._queue.get())
        for item in items:
            if item is not None and not item.future.done():
                item.future.set_exception(
                    Refusal("not-ready", "The inference thread died; try again shortly.")
                )


_Item = TypeVar("_Item", _Job, _Call)


class ThreadRecogniser:
    """A recogniser for code on another thread, as reading is: a batcher scores its fields, in time."""

    def __init__(self, batcher: Batcher, recogniser: Recogniser, seconds: float) -> None:
        self._batcher = batcher
        self._recogniser = recogniser
        self._seconds = seconds

    def score(self, fields: NDArray[np.uint8]) -> Scores:
        """The scores of (n, 28, 28) fields."""
        return self._batcher.call_and_wait(lambda: self._recogniser.score(fields), self._seconds)


def _answer_jobs(jobs: Sequence[_Job]) -> None:
    """Answer all jobs that their clients have not given up."""
    jobs = [job for job in jobs if job.future.set_running_or_notify_cancel()]
    if not jobs:
        return
    start = time.perf_counter()
    for job in jobs:
        QUEUE_SECONDS.observe(start - job.since)
    try:
        answers = iter(_answer(jobs[0].recogniser, [ink for job in jobs for ink in job.inks], jobs[0].accept))
    except Exception as error:
        log.exception("inference failed")
        for job in jobs:
            refusal = Refusal("not-ready", "The network failed on this; try again.")
            refusal.__cause__ = error
            job.future.set_exception(refusal)
        return
    for job in jobs:
        job.future.set_result(list(islice(answers, len(job.inks))))


def _answer(recogniser: Recogniser, inks: Sequence[NormalisedInk], accept: float | None) -> list[Answer]:
    start = time.perf_counter()
    answers = recogniser.answer(inks, accept)
    INFERENCE_SECONDS.observe(time.perf_counter() - start)
    BATCH_SIZE.observe(len(inks))
    return answers


def _run_call(call: _Call) -> None:
    if not call.future.set_running_or_notify_cancel():
        return
    try:
        call.future.set_result(call.run())
    except Exception as error:
        call.future.set_exception(error)


def _use_one_thread() -> None:
    """Let torch, if it is loaded, compute on the calling thread alone."""
    torch = sys.modules.get("torch")
    if torch is not None:
        # Its default is a thread for each core of the machine, for each thread that calls it.
        torch.set_num_threads(1)
