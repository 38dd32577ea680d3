"""The inference thread and the queue before it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.batcher import MAX_INKS, Batcher, ThreadRecogniser
from app.errors import Refusal
from model.ink import NormalisedInk
from model.recognition import Answer, Recogniser
from tests.app.support import Occupied
from tests.support import Digits


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.load("lenet5")


def with_batcher(use: Callable[[Batcher], Awaitable[None]]) -> None:
    async def run() -> None:
        batcher = Batcher()
        batcher.start()
        try:
            await use(batcher)
        finally:
            await batcher.stop()

    asyncio.run(run())


def inks_of(images: NDArray[np.uint8]) -> list[NormalisedInk]:
    return [NormalisedInk(image, (0.0, 0.0, 28.0, 28.0), 1) for image in images]


class Watched(Recogniser):
    """Notes how many inks it answers together, and the name of the thread."""

    def __init__(self, recogniser: Recogniser) -> None:
        super().__init__(recogniser.engine, Path(recogniser.name))
        self.counts: list[int] = []
        self.threads: set[str] = set()

    def answer(self, inks: Sequence[NormalisedInk], accept: float | None = None) -> list[Answer]:
        self.counts.append(len(inks))
        self.threads.add(threading.current_thread().name)
        return super().answer(inks, accept)


def test_what_waits_goes_together_and_requests_stay_whole(recogniser: Recogniser, mnist: Digits) -> None:
    watched = Watched(recogniser)
    sizes = [1, 2, 3, 70, 30, 30, 4, 1]
    ends = np.cumsum(sizes).tolist()
    inks = inks_of(mnist.images[: ends[-1]])
    parts = [inks[end - size : end] for end, size in zip(ends, sizes, strict=True)]

    async def use(batcher: Batcher) -> None:
        async with Occupied(batcher):
            calls = [asyncio.create_task(batcher.answer(watched, part)) for part in parts]
            await asyncio.sleep(0)
        answers = [await call for call in calls]
        assert watched.counts == [6, 70, 64, 1]
        assert MAX_INKS == 64
        assert watched.threads == {"inference"}
        for part, found in zip(parts, answers, strict=True):
            assert [one.digit for one in found] == [one.digit for one in recogniser.answer(part)]

    with_batcher(use)


def test_what_is_asked_differently_does_not_go_together(recogniser: Recogniser, mnist: Digits) -> None:
    watched, other = Watched(recogniser), Watched(Recogniser.load("lenet5", engine="torch"))
    (ink,) = inks_of(mnist.images[:1])
    asked = [(watched, None), (watched, None), (watched, 1.0), (other, 1.0), (watched, None)]

    async def use(batcher: Batcher) -> None:
        async with Occupied(batcher):
            calls = [asyncio.create_task(batcher.answer(one, [ink], accept)) for one, accept in asked]
            await asyncio.sleep(0)
        answers = [(await call)[0] for call in calls]
        assert [answer.digit for answer in answers] == [7] * 5
        assert [answer.is_digit for answer in answers] == [True, True, False, False, True]
        assert (watched.counts, other.counts) == ([2, 1, 1], [1])

    with_batcher(use)


def test_who_gave_up_costs_nothing_further(recogniser: Recogniser, mnist: Digits) -> None:
    watched = Watched(recogniser)

    async def use(batcher: Batcher) -> None:
        async with Occupied(batcher):
            calls = [
                asyncio.create_task(batcher.answer(watched, inks_of(mnist.images[:1]))) for _ in range(50)
            ]
            await asyncio.sleep(0)
            for call in calls[:49]:
                call.cancel()
            await asyncio.sleep(0)
        assert (await calls[49])[0].digit == 7
        assert watched.counts == [1]

    with_batcher(use)


def test_a_failure_is_told_to_those_whom_it_meets_and_the_thread_lives_on(
    recogniser: Recogniser, mnist: Digits
) -> None:
    async def use(batcher: Batcher) -> None:
        with pytest.raises(Refusal) as refused:
            await batcher.answer(recogniser, inks_of(np.zeros((1, 5, 5), np.uint8)))
        assert refused.value.slug == "not-ready"
        with pytest.raises(ZeroDivisionError):
            await batcher.call(lambda: 1 / 0)
        assert (await batcher.answer(recogniser, inks_of(mnist.images[:1])))[0].digit == 7
        assert batcher.unavailable_reason() is None

    with_batcher(use)


def test_other_threads_may_ask_too(recogniser: Recogniser, mnist: Digits) -> None:
    async def use(batcher: Batcher) -> None:
        other = ThreadRecogniser(batcher, recogniser, 30)
        scores = await asyncio.to_thread(other.score, mnist.images[:10])
        assert scores.digits.tolist() == mnist.labels[:10].tolist()
        assert (await asyncio.to_thread(other.answer, inks_of(mnist.images[:1])))[0].digit == 7
        none = await asyncio.to_thread(other.score, mnist.images[:0])
        assert none.probabilities.shape == (0, 10)
        impatient = ThreadRecogniser(batcher, recogniser, 0.01)
        async with Occupied(batcher):
            with pytest.raises(TimeoutError):
                await asyncio.to_thread(impatient.score, mnist.images[:1])

    with_batcher(use)


def test_a_caller_may_compute_while_the_thread_does_not(recogniser: Recogniser, mnist: Digits) -> None:
    watched, inks = Watched(recogniser), inks_of(mnist.images[:3])

    async def use(batcher: Batcher) -> None:
        answers = batcher.answer_now(watched, inks)
        assert answers is not None
        assert [answer.digit for answer in answers] == mnist.labels[:3].tolist()
        assert watched.threads == {"MainThread"}
        async with Occupied(batcher):
            assert batcher.answer_now(watched, inks) is None
        await batcher.stop()
        assert batcher.answer_now(watched, inks) is None

    with_batcher(use)


def test_the_thread_finishes_when_told_to_stop(recogniser: Recogniser, mnist: Digits) -> None:
    async def run() -> None:
        deaths: list[bool] = []
        batcher = Batcher(lambda: deaths.append(True))
        batcher.start()
        answer = asyncio.create_task(batcher.answer(recogniser, inks_of(mnist.images[:1])))
        await asyncio.sleep(0)
        await batcher.stop()
        assert (await answer)[0].digit == 7
        assert batcher.unavailable_reason() == "The inference thread is not running."
        with pytest.raises(Refusal):
            await batcher.answer(recogniser, inks_of(mnist.images[:1]))
        assert deaths == []

    asyncio.run(run())
