"""The application, put together from its parts."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import Depends, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from app import errors, platforms, tracing
from app.dependencies import require_key
from app.middleware import BodyMiddleware, Origins, RequestMiddleware
from app.routes import about, corrections, predict, reading
from app.service import Service
from app.settings import Settings

DESCRIPTION = """\
Draw or photograph a digit, and the right answer comes back at once, with a probability that can be trusted;
if it is no digit, the service says so. Every error is a problem details object (RFC 9457). Where the operator
has set API keys, recognitions and corrections need one: `Authorization: Bearer KEY` or `X-API-Key: KEY`.
"""

SPANS_ALONE = TelemetryConfig(operation_spans=False, metrics=False, logs=False, auto_configure=False)
"""Switches off what FastAPI could send beside a span for each request."""

FILE_THREADS = 2
"""Threads that read the page's files."""

COMPRESSED_BYTES = 1000
"""Answers from this size on are compressed: the page's modules and feature maps, but no plain prediction."""


def create_app(settings: Settings | None = None, on_death: Callable[[], None] = lambda: None) -> FastAPI:
    """Make the application; `app.state.service` is its `Service`.

    Args:
        settings: What the operator wants; None reads the environment, which may raise `SettingsError`.
        on_death: Called when the inference thread has died, and the process must be started anew.
    """
    settings = settings or Settings.read()
    service = Service(settings, on_death)
    tracer = tracing.start() if settings.otel else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = FILE_THREADS
        await service.start()
        try:
            yield
        finally:
            await service.stop()
            if tracer is not None:
                await anyio.to_thread.run_sync(tracing.stop, tracer)

    app = FastAPI(
        title="Digits",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": settings.root_path}] if settings.root_path else None,
        lifespan=lifespan,
        telemetry={**SPANS_ALONE, "tracer_provider": tracer, "tracing": tracer is not None},
        middleware=[
            Middleware(RequestMiddleware, settings, lambda: service.draining),
            *([Middleware(Origins, settings.cors_origins)] if settings.cors_origins else []),
            Middleware(GZipMiddleware, COMPRESSED_BYTES, 5),
            Middleware(BodyMiddleware, settings),
        ],
    )
    app.state.service = service
    errors.add_handlers(app)
    locks = [Depends(require_key)] if settings.api_keys else []
    tells, takes = platforms.routers(os.environ)
    for router in (about.router, tells):
        app.include_router(router)
    for router in (predict.router, reading.router, corrections.router, takes):
        app.include_router(router, dependencies=locks)
    if prefix := settings.root_path:  # the page's links are relative to its folder
        app.add_route(prefix, lambda _: RedirectResponse(f"{prefix}/"))
    app.mount("/static", StaticFiles(directory=about.STATIC), name="static")
    return app
