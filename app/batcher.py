"""The one place where networks compute, and the queue before it.

Whatever is waiting when it becomes free goes through the network together: under load the batches grow by
themselves, and a single request never waits for a timer.

There is a thread for this. But a few fields take a CPU well under a millisecond, and to wake a thread and be
woken by it costs more than that, as the interpreter changes hands each time. So what little is waiting is
computed at once, on the event loop, while the thread has nothing to do; whatever is more, or on another
device, goes to the thread. A lock sees to it that there are never two computations at a time.
"""

import asyncio
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.errors import Refusal
from app.metrics import BATCH_SIZE, INFERENCE_SECONDS, QUEUE_SECONDS
from model.recognition import Recogniser, Scores

log = logging.getLogger("digits.batcher")

MAX_FIELDS = 64
"""Most fields that go through a network at once."""

MOST_AT_ONCE = 32
"""Most fields that are computed on the event loop: with the slower engine that holds it up for 2 ms."""

STUCK_SECONDS = 10.0
"""A computation that lasts longer than this counts as a hang."""


T = TypeVar("T")

_Result = tuple[asyncio.Future[Any], Any, Exception | None]
"""Who waits, and what for: the answer, or the error."""


@dataclass(slots=True)
class _Job:
    """Fields of one request that one recogniser is to read."""

    recogniser: Recogniser
    fields: NDArray[np.uint8]
    future: asyncio.Future[Scores]
    since: float


@dataclass(slots=True)
class _Call:
    """Any other computation that belongs on the thread."""

    run: Callable[[], Any]
    future: asyncio.Future[Any]


class Batcher:
    """Runs recognisers, one at a time, on a thread of its own or for a moment on the event loop.

    All methods but the thread's own are for the event loop that started it.

    Args:
        on_death: Called on the event loop when the thread has ended without being told to.
    """

    def __init__(self, on_death: Callable[[], None] = lambda: None) -> None:
        self._on_death = on_death
        self._alive = False
        self._queue: SimpleQueue[Sequence[_Job | _Call | None]] = SimpleQueue()
        self._new: list[_Job | _Call | None] = []
        self._open: set[asyncio.Future[Any]] = set()
        self._busy_since: float | None = None
        self._computing = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Start the thread; its results go to the running event loop."""
        self._loop = asyncio.get_running_loop()
        _one_thread()
        self._alive = True
        self._thread.start()

    async def stop(self) -> None:
        """Let the thread finish what is queued, and end."""
        if self._thread.is_alive():
            self._queue.put([*self._new, None])
            self._new = []
            await asyncio.to_thread(self._thread.join, STUCK_SECONDS)

    def ailment(self) -> str | None:
        """Why nothing can be computed now, or None."""
        if not self._alive:
            return "The inference thread is not running."
        since = self._busy_since
        if since is not None and time.monotonic() - since > STUCK_SECONDS:
            return f"The inference thread has been busy for more than {STUCK_SECONDS:g} seconds."
        return None

    async def score(self, recogniser: Recogniser, fields: NDArray[np.uint8]) -> Scores:
        """The answers for `fields`, in their order.

        Args:
            recogniser: Whose answers.
            fields: (n, 28, 28); not to be changed meanwhile.

        Raises:
            Refusal: the thread is dead, or dies before it has computed them.
        """
        future: asyncio.Future[Scores] = asyncio.get_running_loop().create_future()
        self._put(_Job(recogniser, fields, future, time.perf_counter()))
        return await future

    def at_once(self, recogniser: Recogniser, fields: NDArray[np.uint8]) -> Scores | None:
        """The answers for (n, 28, 28) fields, computed here and now; None where that cannot be.

        It cannot while anything else is computed or waiting to be, for more than `MOST_AT_ONCE` fields, on
        another device than the CPU, and when the thread is dead: `score` waits, or says so.
        """
        if len(fields) > MOST_AT_ONCE or recogniser.engine.device != "cpu" or self._new:
            return None
        if not self._alive or not self._computing.acquire(blocking=False):
            return None
        try:
            start = time.perf_counter()
            found = recogniser.score(fields)
            INFERENCE_SECONDS.observe(time.perf_counter() - start)
        finally:
            self._computing.release()
        BATCH_SIZE.observe(len(fields))
        return found

    async def call(self, run: Callable[[], T]) -> T:
        """What `run` gives, computed on the thread."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Call(run, future))
        return await future

    def score_from_thread(self, recogniser: Recogniser, fields: NDArray[np.uint8], seconds: float) -> Scores:
        """What `score` gives, for a thread that may wait for it; `seconds` at most.

        Raises:
            TimeoutError: there was no answer in that time.
            Refusal: the thread is dead, or dies before it has computed them.
        """
        assert self._loop is not None
        work = asyncio.run_coroutine_threadsafe(self.score(recogniser, fields), self._loop)
        try:
            return work.result(seconds)
        finally:
            work.cancel()

    def _put(self, item: _Job | _Call) -> None:
        if not self._alive:
            raise Refusal("not-ready", "The inference thread is not running.")
        self._open.add(item.future)
        item.future.add_done_callback(self._open.discard)
        self._new.append(item)
        if len(self._new) == 1:
            # Handed over once for all requests that the event loop finds ready together: waking the thread
            # for each of them costs more than the network.
            asyncio.get_running_loop().call_soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._new:
            new, self._new = self._new, []
            if not self._answer_at_once(new):
                self._queue.put(new)

    def _answer_at_once(self, new: Sequence[_Job | _Call | None]) -> bool:
        """Answer `new` here and now, if it is little, for one recogniser, and nothing else is computed."""
        first = new[0]
        if not isinstance(first, _Job):
            return False
        jobs = [item for item in new if isinstance(item, _Job) and item.recogniser is first.recogniser]
        count = sum(len(job.fields) for job in jobs)
        if len(jobs) < len(new) or count > MOST_AT_ONCE or first.recogniser.engine.device != "cpu":
            return False
        if not self._computing.acquire(blocking=False):
            return False
        try:
            wanted = [job for job in jobs if not job.future.done()]
            if wanted:
                _settle(self._compute(wanted))
        finally:
            self._computing.release()
        return True

    # What follows runs on the thread.

    def _run(self) -> None:
        _one_thread()
        told = False
        try:
            told = self._work()
        except BaseException:
            log.critical("the inference thread died", exc_info=True)
        finally:
            self._alive = False
            if not told:
                self._post(self._bury)

    def _work(self) -> bool:
        ready: deque[_Job | _Call | None] = deque()
        while True:
            ready.extend(self._arrived(wait=not ready))
            item = ready.popleft()
            if item is None:
                return True
            self._busy_since = time.monotonic()
            with self._computing:
                if isinstance(item, _Call):
                    self._compute_call(item)
                elif jobs := _with_it(item, ready):
                    self._post(_settle, self._compute(jobs))
            self._busy_since = None

    def _arrived(self, wait: bool) -> list[_Job | _Call | None]:
        """All that has come; at least one item where it may `wait` for it."""
        arrived = list(self._queue.get()) if wait else []
        while True:
            try:
                arrived += self._queue.get_nowait()
            except Empty:
                return arrived

    def _compute_call(self, item: _Call) -> None:
        try:
            result = item.run()
        except Exception as error:
            self._post(_settle, [(item.future, None, error)])
        else:
            self._post(_settle, [(item.future, result, None)])

    def _compute(self, jobs: list[_Job]) -> list[_Result]:
        start = time.perf_counter()
        try:
            fields = jobs[0].fields if len(jobs) == 1 else np.concatenate([job.fields for job in jobs])
            starts = range(0, len(fields), MAX_FIELDS)
            found = [jobs[0].recogniser.score(fields[at : at + MAX_FIELDS]) for at in starts]
            answers = Scores.joined(found)
        except Exception as error:
            log.exception("inference failed")
            refusal = Refusal("not-ready", "The network failed on this; try again.")
            refusal.__cause__ = error
            return [(job.future, None, refusal) for job in jobs]
        end = time.perf_counter()
        results: list[_Result] = []
        at = 0
        for job in jobs:
            end_of_job = at + len(job.fields)
            part = Scores(answers.probabilities[at:end_of_job], answers.digit_score[at:end_of_job])
            results.append((job.future, part, None))
            at = end_of_job
            QUEUE_SECONDS.observe(start - job.since)
        BATCH_SIZE.observe(len(fields))
        INFERENCE_SECONDS.observe(end - start)
        return results

    def _post(self, function: Callable[..., None], *arguments: object) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop is closed: nobody is waiting any more
            log.debug("results came after the end")

    def _bury(self) -> None:
        self._busy_since = None
        for future in list(self._open):
            if not future.done():
                future.set_exception(Refusal("not-ready", "The inference thread died; try again shortly."))
        self._on_death()


def _with_it(first: _Job, ready: deque[_Job | _Call | None]) -> list[_Job]:
    """`first` and those after it in `ready` that go through the network with it; taken out of `ready`."""
    jobs: list[_Job] = []
    count = 0
    job: _Job | _Call | None = first
    while isinstance(job, _Job) and job.recogniser is first.recogniser:
        if jobs and count + len(job.fields) > MAX_FIELDS:
            break
        if job is not first:
            ready.popleft()
        if not job.future.done():  # one that is done was given up by its client
            jobs.append(job)
            count += len(job.fields)
        job = ready[0] if ready else None
    return jobs


def _one_thread() -> None:
    """Let torch, if it is here, compute on the calling thread alone."""
    torch = sys.modules.get("torch")
    if torch is not None:
        # Its default is a thread for each core of the machine, for each thread that calls it.
        torch.set_num_threads(1)


def _settle(results: list[_Result]) -> None:
    for future, result, error in results:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
