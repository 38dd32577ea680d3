"""The inference thread and the queue before it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from app.answering import Answering
from app.batcher import MAX_FIELDS, Batcher
from app.errors import Refusal
from model.recognition import Recogniser
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


async def occupy(batcher: Batcher) -> Callable[[], None]:
    """Keep the thread busy until what is returned is called."""
    busy, free = threading.Event(), threading.Event()

    def wait() -> None:
        busy.set()
        free.wait(30)

    task = asyncio.create_task(batcher.call(wait))
    while not busy.is_set():
        await asyncio.sleep(0.001)

    def release() -> None:
        free.set()
        assert not task.cancelled()

    return release


def test_everyone_gets_their_own_answer(recogniser: Recogniser, mnist: Digits) -> None:
    alone = [recogniser.score(image[None]).probabilities[0] for image in mnist.images[:300]]

    async def use(batcher: Batcher) -> None:
        answers = await asyncio.gather(
            *(batcher.score(recogniser, image[None]) for image in mnist.images[:300])
        )
        for expected, found in zip(alone, answers, strict=True):
            assert found.probabilities[0] == pytest.approx(expected, abs=1e-5)

    with_batcher(use)


def test_what_waits_goes_together_and_batches_stay_whole(recogniser: Recogniser, mnist: Digits) -> None:
    async def use(batcher: Batcher) -> None:
        release = await occupy(batcher)
        sizes = [1, 70, 3, 200, 1]
        starts = np.cumsum([0, *sizes[:-1]])
        calls = [
            asyncio.create_task(batcher.score(recogniser, mnist.images[start : start + size]))
            for start, size in zip(starts, sizes, strict=True)
        ]
        await asyncio.sleep(0)
        release()
        for call, start, size in zip(calls, starts, sizes, strict=True):
            found = (await call).probabilities
            expected = recogniser.score(mnist.images[start : start + size]).probabilities
            assert found == pytest.approx(expected, abs=1e-5)
        assert max(sizes) > MAX_FIELDS

    with_batcher(use)


def test_who_gave_up_costs_nothing_further(recogniser: Recogniser, mnist: Digits) -> None:
    async def use(batcher: Batcher) -> None:
        release = await occupy(batcher)
        calls = [asyncio.create_task(batcher.score(recogniser, mnist.images[:1])) for _ in range(50)]
        await asyncio.sleep(0)
        for call in calls[:49]:
            call.cancel()
        await asyncio.sleep(0)
        release()
        assert (await calls[49]).digits.tolist() == [7]
        assert not batcher._open

    with_batcher(use)


def test_two_recognisers_are_not_mixed_up(recogniser: Recogniser, mnist: Digits) -> None:
    other = Recogniser.load("lenet5", engine="torch")

    async def use(batcher: Batcher) -> None:
        release = await occupy(batcher)
        calls = [
            asyncio.create_task(batcher.score((recogniser, other)[index % 2], mnist.images[index][None]))
            for index in range(20)
        ]
        await asyncio.sleep(0)
        release()
        for index, call in enumerate(calls):
            found = await call
            expected = recogniser.score(mnist.images[index][None]).probabilities[0]
            assert found.probabilities[0] == pytest.approx(expected, abs=1e-4)

    with_batcher(use)


def test_a_failure_is_told_to_those_whom_it_meets_and_the_thread_lives_on(
    recogniser: Recogniser, mnist: Digits
) -> None:
    async def use(batcher: Batcher) -> None:
        wrong = np.zeros((5, 5), np.uint8)
        with pytest.raises(Refusal) as refused:
            await batcher.score(recogniser, wrong[None])
        assert refused.value.slug == "not-ready"
        with pytest.raises(ZeroDivisionError):
            await batcher.call(lambda: 1 / 0)
        found = await batcher.score(recogniser, mnist.images[:1])
        assert found.digits.tolist() == [7]
        assert batcher.ailment() is None

    with_batcher(use)


def test_other_threads_may_ask_too(recogniser: Recogniser, mnist: Digits) -> None:
    async def use(batcher: Batcher) -> None:
        answering = Answering(batcher, recogniser, 30)
        found = await asyncio.to_thread(answering.score, mnist.images[:10])
        assert found.probabilities.argmax(axis=1).tolist() == mnist.labels[:10].tolist()
        none = await asyncio.to_thread(answering.score, mnist.images[:0])
        assert none.probabilities.shape == (0, 10)

    with_batcher(use)


def test_the_thread_ends_when_told_and_says_so_afterwards(recogniser: Recogniser, mnist: Digits) -> None:
    async def run() -> None:
        deaths: list[bool] = []
        batcher = Batcher(lambda: deaths.append(True))
        batcher.start()
        answer = asyncio.create_task(batcher.score(recogniser, mnist.images[:1]))
        await asyncio.sleep(0)
        await batcher.stop()
        assert (await answer).digits.tolist() == [7]
        assert batcher.ailment() == "The inference thread is not running."
        with pytest.raises(Refusal):
            await batcher.score(recogniser, mnist.images[:1])
        await asyncio.sleep(0)
        assert deaths == []

    asyncio.run(run())
