"""What the routes share: the models, the thread that computes, and the way of a digit through them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from starlette.requests import Request

from app import models as model_store
from app.admission import Admission
from app.answers import inside, predictions, seen, spoken
from app.batcher import Batcher
from app.corrections import Corrections
from app.decoding import Decoder
from app.errors import ClientGone, Refusal, from_ink, problem
from app.metrics import READY, REFUSALS, SWAPS
from app.models import Model, Models, ModelsError
from app.parameters import Wishes
from app.settings import Settings
from app.tracing import finish, provider
from app.uploads import Body, HeldBytes
from model.ink import InkError, NormalisedInk
from model.recognition import Scores
from model.recognition.candidates import candidates, choose
from model.recognition.saliency import saliency

log = logging.getLogger("digits.service")

T = TypeVar("T")

QUIET = 256
"""With fewer recognitions in hand an answer is too near for its client's leaving to be looked for, ..."""

QUIET_THREADS = 4
"""... unless it needs a thread for which so many are waiting already."""

PATIENT_IMAGES = 16
"""A batch has the time of a single answer once for each so many images."""


class Service:
    """All that lives as long as the process.

    Args:
        settings: What the operator wants.
        on_death: Called when the service can no longer answer and must be started anew.

    Raises:
        TracingError: traces are wanted, and OpenTelemetry is not installed.
    """

    def __init__(self, settings: Settings, on_death: Callable[[], None] = lambda: None) -> None:
        self.settings = settings
        self.on_death = on_death
        self.admission = Admission(settings.queue_size)
        # Counted by themselves: two large batches would leave no room for anyone's single drawing.
        self.batches = Admission(settings.queue_size)
        self.held = HeldBytes(settings.max_held_bytes)
        self.batcher = Batcher(self._died)
        self.decoder = Decoder(settings)
        self.corrections: Corrections | None = None
        self.tracing = provider() if settings.otel else None
        self.draining = False
        self._models: Models | None = None
        self._swapping = asyncio.Lock()

    @property
    def models(self) -> Models:
        """The models that are served.

        Raises:
            Refusal: none is loaded yet.
        """
        if self._models is None:
            raise Refusal("not-ready", "The models are not loaded yet.")
        return self._models

    async def start(self) -> None:
        """Load the models and let each answer once; once started, do nothing.

        Raises:
            ModelsError: they cannot be served.
            CorrectionsError: corrections are wanted, and cannot be kept.
        """
        if self._models is not None:
            return
        if self.settings.corrections is not None:
            self.corrections = Corrections(self.settings.corrections, self.settings.max_corrections)
        models = await asyncio.to_thread(model_store.load, self.settings)
        self.batcher.start()
        await self.batcher.call(models.warm_up)
        model_store.publish(models)
        self._models = models
        READY.set(1)

    async def stop(self) -> None:
        """Stop all threads."""
        READY.set(0)
        self.decoder.stop()
        await self.batcher.stop()
        if self.tracing is not None:
            await asyncio.to_thread(finish, self.tracing)

    async def swap(self) -> None:
        """Load the checkpoint files anew; if they cannot be served, go on with the ones that are."""
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

    def ailment(self) -> str | None:
        """Why recognitions are not answered now, or None when all is well."""
        if self.draining:
            return "The service is stopping."
        if self._models is None:
            return "The models are not loaded yet."
        return self.batcher.ailment()

    def drain(self) -> None:
        """Be ready no more; what is asked meanwhile is still answered."""
        self.draining = True
        READY.set(0)

    def body(self, request: Request, limit: int | None = None) -> Body:
        """The request's body, bounded by the settings."""
        limit = self.settings.max_body_bytes if limit is None else limit
        return Body(request, limit, self.settings.body_seconds, self.held, self.decoder)

    async def in_time(self, request: Request, work: Coroutine[Any, Any, T], patience: int = 1) -> T:
        """What `work` gives, unless the client leaves or the time for an answer, `patience` times, is over.

        Raises:
            ClientGone: the client left; the work is cancelled.
            Refusal: it took too long; the work is cancelled.
        """
        seconds = patience * self.settings.answer_seconds
        try:
            async with asyncio.timeout(seconds):
                in_hand = self.admission.in_hand + self.batches.in_hand
                if in_hand < QUIET and self.decoder.waiting < QUIET_THREADS:
                    return await work
                return await _unless_gone(request, work)
        except TimeoutError:
            raise Refusal("overloaded", f"There was no answer within {seconds:g} seconds.") from None

    async def predict(
        self, request: Request, inked: Callable[[], Awaitable[NormalisedInk]], wishes: Wishes
    ) -> dict[str, Any]:
        """The answer for what `inked` makes of an image or a drawing.

        Raises:
            InkError, Refusal, ClientGone: there is none.
        """
        model = self.models.get(wishes.model)
        with self.admission.take():
            return await self.in_time(request, self._answer(model, inked(), wishes))

    async def _answer(
        self, model: Model, normalised: Awaitable[NormalisedInk], wishes: Wishes
    ) -> dict[str, Any]:
        (ink,), found = await self._chosen(model, [await normalised])
        (answer,) = predictions(model, (ink.pieces,), found, self._accept(wishes))
        if wishes.input:
            answer["input"] = seen(model.recogniser.network_input(ink.field[None])[0])
        if wishes.layers:
            answer["layers"] = inside(await self.batcher.call(lambda: model.recogniser.layers(ink.field)))
        if wishes.saliency:
            answer["saliency"] = spoken(
                await self.batcher.call(lambda: saliency(model.recogniser, ink.field))
            )
        return answer

    async def _chosen(
        self, model: Model, inks: Sequence[NormalisedInk]
    ) -> tuple[list[NormalisedInk], Scores]:
        """Of each of some inks the candidate that is chosen, and its scores."""
        shown = candidates(inks)
        scores = await self.batcher.score(model.recogniser, np.stack([ink.field for ink in shown]))
        places = choose(shown, scores.digit_score)
        return [shown[place] for place in places], Scores(
            scores.probabilities[places], scores.digit_score[places]
        )

    def _accept(self, wishes: Wishes) -> float | None:
        return self.settings.accept if wishes.accept is None else wishes.accept

    async def predict_batch(
        self, request: Request, files: Sequence[bytes], wishes: Wishes
    ) -> list[dict[str, Any]]:
        """An answer or a problem for each image file, in their order.

        Raises:
            Refusal, ClientGone: there is none for all of them.
        """
        patience = -(-len(files) // PATIENT_IMAGES)
        with self.batches.take(len(files)):
            return await self.in_time(request, self._answer_batch(request, files, wishes), patience)

    async def _answer_batch(
        self, request: Request, files: Sequence[bytes], wishes: Wishes
    ) -> list[dict[str, Any]]:
        model = self.models.get(wishes.model)
        normalised = await self.decoder.images(files)
        read = [ink for ink in normalised if isinstance(ink, NormalisedInk)]
        told: Iterator[tuple[NormalisedInk, dict[str, Any]]] = iter(())
        if read:
            inks, found = await self._chosen(model, read)
            pieces = [ink.pieces for ink in inks]
            told = zip(inks, predictions(model, pieces, found, self._accept(wishes)), strict=True)
        answers: list[dict[str, Any]] = []
        for index, ink in enumerate(normalised):
            if isinstance(ink, InkError):
                refusal = from_ink(ink)
                REFUSALS.labels(refusal.slug).inc()
                answers.append({**problem(refusal, request.scope), "index": index})
                continue
            side, answer = next(told)
            if wishes.input:
                answer["input"] = seen(model.recogniser.network_input(side.field[None])[0])
            answers.append(answer)
        return answers

    def _died(self) -> None:
        READY.set(0)
        self.on_death()


async def _unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientGone
    finally:
        task.cancel()
        gone.cancel()
        # A task that failed holds its error, which holds this frame: the circle would keep the body for long.
        del task, gone


async def _gone(request: Request) -> None:
    if (await request.receive())["type"] != "http.disconnect":
        # The body is read, so that only the client's leaving can follow; anything else says nothing.
        await asyncio.Event().wait()
