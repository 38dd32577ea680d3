"""`GET /`, `/docs`, `/openapi.json` and `/static`: what a browser shows."""

import json
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.routes.direct import DirectRoute

STATIC = Path(__file__).parents[2] / "static"

REVALIDATE = {"cache-control": "no-cache"}
"""A browser asks whether its copy is still good: a new release shows at once."""


class RevalidatedFiles(StaticFiles):
    """Static files that a browser may keep, but asks about before it uses them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`."""
        response = await super().get_response(path, scope)
        response.headers.update(REVALIDATE)
        return response


def routes(app: FastAPI, folder: Path = STATIC) -> list[BaseRoute]:
    """The routes that serve the files in `folder`, and the document of `app`."""

    async def page(request: Request) -> Response:
        """Send the page on which to draw."""
        return FileResponse(folder / "index.html", headers=REVALIDATE)

    async def docs(request: Request) -> Response:
        """Send the page that explains the API."""
        return FileResponse(folder / "docs.html", headers=REVALIDATE)

    async def openapi(request: Request) -> Response:
        """Send the OpenAPI document."""
        document = json.dumps(app.openapi(), ensure_ascii=False).encode()
        return Response(document, media_type="application/json", headers=REVALIDATE)

    return [
        DirectRoute("/", page, methods=["GET"], include_in_schema=False),
        DirectRoute("/docs", docs, methods=["GET"], include_in_schema=False),
        DirectRoute("/openapi.json", openapi, methods=["GET"], include_in_schema=False),
        # Compressed: the page's modules are many and small, and a phone's network is slow.
        Mount("/static", GZipMiddleware(RevalidatedFiles(directory=folder), minimum_size=400), name="static"),
    ]
