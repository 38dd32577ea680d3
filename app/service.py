"""What the path functions share: the models, the threads, and a request's way through them."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from app import models as model_store
from app.batcher import Batcher, ThreadRecogniser
from app.corrections import Corrections
from app.errors import Refusal, problem, refusal_of
from app.metrics import NORMALISE_SECONDS, READY, REFUSALS, SWAPS
from app.models import Model, Models, ModelsError
from app.pool import Pool, Strokes, is_cheap
from app.predictions import count, layers_of, of_page, prediction_of, saliency_of
from app.schemas import Prediction, Problem
from app.settings import Settings
from model.documents import Page, is_plain, pages
from model.ink import InkError, Limits, NormalisedInk, normalise_image, normalise_images, normalise_strokes
from model.recognition import Answer
from model.recognition.saliency import saliency

log = logging.getLogger("digits.service")

T = TypeVar("T")

Files = Sequence[Page | InkError]
Found = list[Prediction | Problem]

IMAGES_AT_A_TIME = 8
"""How many images of a batch are normalised before other requests get their turn on the thread."""

IMAGES_FOR_ONE_ANSWER = 16
"""A batch gets the time limit of a single answer once for each group of this many images."""


class Admission:
    """Counts the recognitions in hand, at most `capacity`, from the last byte of a request to its answer."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.in_hand = 0

    def check(self, count: int = 1) -> None:
        """Refuse (`Refusal`) what does not fit: `count` more recognitions than are in hand."""
        if self.in_hand and self.in_hand + count > self.capacity:
            raise Refusal("overloaded", f"{self.in_hand} images are being read already; try again shortly.")

    @contextmanager
    def take(self, count: int = 1) -> Iterator[None]:
        """Keep `count` recognitions in hand while the block lasts; `Refusal` if they do not fit.

        A batch larger than the capacity is taken when nothing else is in hand.
        """
        self.check(count)
        self.in_hand += count
        try:
            yield
        finally:
            self.in_hand -= count


@dataclass(frozen=True, slots=True)
class Call:
    """A call for a recognition: its request, and who answers it."""

    request: Request
    service: "Service"
    model: Model


class Service:
    """Everything that lives as long as the application.

    Args:
        settings: What the operator wants.
        on_death: Called when the service can no longer answer and must be started anew.
    """

    def __init__(self, settings: Settings, on_death: Callable[[], None] = lambda: None) -> None:
        self.settings = settings
        self.limits = Limits(pixels=settings.max_pixels)
        self.admission = Admission(settings.queue_size)
        # Batches are counted apart: two large ones would leave no room for anyone's single drawing.
        self.batches = Admission(settings.queue_size)
        self.batcher = Batcher(self._die)
        self.decoding = Pool(settings.decode_threads, "decode")
        # A number may take long to read; single digits must not wait behind it.
        self.reading = Pool(settings.read_threads, "read")
        self.draining = False
        self._on_death = on_death
        self._models: Models | None = None
        self._corrections: Corrections | None = None
        self._swapping = asyncio.Lock()

    @property
    def models(self) -> Models:
        """The models that are served; `Refusal` until they are loaded."""
        if self._models is None:
            raise Refusal("not-ready", "The models are not loaded yet.")
        return self._models

    @property
    def corrections(self) -> Corrections:
        """The file that takes corrections; `Refusal` where the operator wants none."""
        if self._corrections is None:
            raise Refusal("corrections-off", "No corrections are kept: DIGITS_CORRECTIONS is not set.")
        return self._corrections

    async def start(self) -> None:
        """Load the models and let each score once; do nothing if already started.

        `ModelsError` if they cannot be served, `CorrectionsError` if corrections are on but cannot be kept.
        """
        if self._models is not None:
            return
        if self.settings.corrections is not None:
            self._corrections = Corrections(self.settings.corrections, self.settings.max_corrections)
        models = await asyncio.to_thread(model_store.load, self.settings)
        self.batcher.start()
        await self.batcher.call(models.warm_up)
        model_store.publish(models)
        self._models = models
        READY.set(1)

    async def stop(self) -> None:
        """Stop all threads."""
        READY.set(0)
        self.decoding.stop()
        self.reading.stop()
        await self.batcher.stop()

    async def swap(self) -> None:
        """Load the checkpoint files anew; if they cannot be served, keep serving the old ones."""
        async with self._swapping:
            try:
                models = await asyncio.to_thread(model_store.load, self.settings)
                await self.batcher.call(models.warm_up)
            except (ModelsError, Refusal, OSError) as error:
                SWAPS.labels("refused").inc()
                log.error("the new checkpoints are not used, the old ones go on serving: %s", error)
                return
            previous, self._models = self._models, models
            SWAPS.labels("done").inc()
            log.info("new checkpoints are serving")
            model_store.publish(models, previous)

    def unavailable_reason(self) -> str | None:
        """Why recognitions are not answered now, or None when all is well."""
        if self.draining:
            return "The service is stopping."
        if self._models is None:
            return "The models are not loaded yet."
        return self.batcher.unavailable_reason()

    def check_ready(self) -> None:
        """Refuse (`Refusal`) where recognitions are not answered now."""
        if (reason := self.unavailable_reason()) is not None:
            raise Refusal("not-ready", reason)

    def drain(self) -> None:
        """Stop being ready; requests that still arrive are answered."""
        self.draining = True
        READY.set(0)

    async def in_time(self, request: Request, work: Coroutine[Any, Any, T], times: int = 1) -> T:
        """Return what `work` gives, within `times` the time limit of an answer.

        It is cancelled if the client leaves (`ClientDisconnect`) or it takes too long (`Refusal`).
        """
        seconds = times * self.settings.answer_seconds
        try:
            async with asyncio.timeout(seconds):
                return await _unless_gone(request, work)
        except TimeoutError:
            raise Refusal("overloaded", f"There was no answer within {seconds:g} seconds.") from None

    async def _answers(
        self, model: Model, inks: Sequence[NormalisedInk], accept: float | None
    ) -> list[Answer]:
        """Answer inks. Other threads make the further proposals for doubtful ones, to keep inference free."""
        unclear = [ink for ink in inks if not ink.is_plain]
        if unclear:
            looks = await self.batcher.call(partial(model.recogniser.look, unclear))
            for place in looks.doubtful():
                await self.decoding.run(unclear[place].further)
        accept = self.settings.accept if accept is None else accept
        answers = await self.batcher.answer(model.recogniser, inks, accept)
        for answer in answers:
            count(model, answer)
        return answers

    async def open(self, data: bytes, page: int | None = None) -> list[Page]:
        """The requested page of an image file, or all its pages; `InkError` if the file cannot be opened."""
        work = partial(pages, data, page, limits=self.limits, most=self.settings.max_batch_images)
        return await self.decoding.run(work, cheap=is_plain(data))

    async def ink(self, sent: bytes | Strokes) -> NormalisedInk:
        """The ink of an image file or a drawing; `InkError` if there is none."""
        if isinstance(sent, bytes):
            work, source = partial(normalise_image, sent, limits=self.limits), "image"
        else:
            work, source = partial(normalise_strokes, sent), "strokes"
        with NORMALISE_SECONDS.labels(source).time():
            return await self.decoding.run(work, cheap=is_cheap(sent))

    async def predict(
        self, call: Call, sent: bytes | Strokes, accept: float | None = None, include: Collection[str] = ()
    ) -> Prediction:
        """Answer one image file or drawing, or raise `InkError`, `Refusal` or `ClientDisconnect`.

        `accept` and `include` are as in the query.
        """

        async def work() -> Prediction:
            (answer,) = await self._answers(call.model, [await self.ink(sent)], accept)
            prediction, field = prediction_of(call.model, answer, include), answer.ink.field
            recogniser = call.model.recogniser
            if "layers" in include:
                prediction.layers = layers_of(await self.batcher.call(partial(recogniser.layers, field)))
            if "saliency" in include:
                values = await self.batcher.call(partial(saliency, recogniser, field))
                prediction.saliency = saliency_of(values)
            return prediction

        with self.admission.take():
            return await self.in_time(call.request, work())

    async def predict_batch(
        self, call: Call, files: Files, accept: float | None = None, include: Collection[str] = ()
    ) -> Found:
        """Answer each image, in order, or say what is wrong with it; otherwise like `predict`."""

        async def work() -> Found:
            inks: list[NormalisedInk | InkError] = []
            for start in range(0, len(files), IMAGES_AT_A_TIME):
                some = files[start : start + IMAGES_AT_A_TIME]
                good = [file.data for file in some if isinstance(file, Page)]
                work = partial(normalise_images, good, limits=self.limits)
                made = iter(await self.decoding.run(work))
                inks += [next(made) if isinstance(file, Page) else file for file in some]
            plain = [ink for ink in inks if isinstance(ink, NormalisedInk)]
            answers = iter(await self._answers(call.model, plain, accept))
            return [
                self.problem_of(ink, call.request, index)
                if isinstance(ink, InkError)
                else of_page(prediction_of(call.model, next(answers), include), files[index])
                for index, ink in enumerate(inks)
            ]

        return await self.in_batch(call.request, len(files), work())

    async def in_batch(self, request: Request, images: int, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` gives, admitted and timed for `images` images; otherwise like `in_time`."""
        try:
            with self.batches.take(images):
                return await self.in_time(request, work, -(-images // IMAGES_FOR_ONE_ANSWER))
        finally:
            work.close()

    def for_threads(self, model: Model) -> ThreadRecogniser:
        """A model for code on other threads, which waits for its scores."""
        return ThreadRecogniser(self.batcher, model.recogniser, self.settings.answer_seconds)

    async def read(self, call: Call, read: Callable[[ThreadRecogniser], T]) -> T:
        """Return what `read` makes of one image or drawing, on the threads that read whole numbers."""
        with self.admission.take():
            work = self.reading.run(partial(read, self.for_threads(call.model)))
            return await self.in_time(call.request, work)

    def problem_of(self, error: InkError, request: Request, index: int) -> Problem:
        """Count an image that has no answer, and give the problem that takes its place in a batch."""
        refusal = refusal_of(error)
        REFUSALS.labels(refusal.slug).inc()
        return Problem(**problem(refusal, request.scope), index=index)

    def _die(self) -> None:
        READY.set(0)
        self._on_death()


async def _unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    async def leaves() -> None:  # its body has been read, so nothing else can follow
        while (await request.receive())["type"] != "http.disconnect":
            pass

    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(leaves())
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnect
    finally:
        task.cancel()
        gone.cancel()
        # A failed task holds its error, which holds this frame: the cycle would keep the body in memory.
        del task, gone
