"""The application, put together from its parts."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from app import openapi
from app.errors import Refusal, on_http_exception, on_ink_error, on_refusal
from app.keys import KeyGuard
from app.middleware import Surround
from app.origins import Origins
from app.routes import corrections, health, models, page, predict, reading
from app.routes.direct import Shortcut
from app.service import Service
from app.settings import Settings
from app.tracing import Traced
from model.ink import InkError

FILE_THREADS = 2
"""Threads that read the page's files."""


class Application(FastAPI):
    """FastAPI with a middleware stack of its own: what is not needed costs more than a recognition."""

    service: Service

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap the router: errors inside, then keys, origins, and what surrounds every request."""
        settings = self.service.settings
        stack: ASGIApp = ExceptionMiddleware(
            Shortcut(self.router, self.routes),
            handlers={Refusal: on_refusal, InkError: on_ink_error, HTTPException: on_http_exception},
        )
        if settings.api_keys:
            stack = KeyGuard(stack, settings.api_keys, openapi.locked_routes(self))
        if settings.cors_origins:
            stack = Origins(
                stack,
                allow_origins=settings.cors_origins,
                allow_methods=("GET", "POST"),
                allow_headers=("authorization", "content-type", "x-api-key", "x-request-id"),
                expose_headers=("x-request-id", "retry-after"),
            )
        stack = Surround(stack, settings.access_log, lambda: self.service.draining)
        return stack if self.service.tracing is None else Traced(stack, self.service.tracing)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi.document(self)
        return self.openapi_schema


def create_app(settings: Settings | None = None, on_death: Callable[[], None] = lambda: None) -> Application:
    """The application for `settings`, which are read from the environment when None.

    Args:
        settings: What the operator wants.
        on_death: Called when the inference thread has died, and the process must be started anew.

    Raises:
        SettingsError: the environment holds a value that cannot be used.
        TracingError: traces are wanted, and OpenTelemetry is not installed.
    """
    service = Service(settings or Settings.read(), on_death)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = FILE_THREADS
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    app = Application(
        lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.service = service
    app.router.routes.extend(
        [
            *predict.routes(service),
            *reading.routes(service),
            *corrections.routes(service),
            *models.routes(service),
            *health.routes(service),
            *page.routes(app),
        ]
    )
    return app
