"""`GET /`, `/docs`, `/favicon.ico` and `/static`: what a browser shows."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parents[2] / "static"

REVALIDATE = {"cache-control": "no-cache"}
"""A browser asks whether its copy is still good: a new release shows at once."""

router = APIRouter(include_in_schema=False)


class RevalidatedFiles(StaticFiles):
    """Static files that a browser may keep, but asks about before it uses them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`."""
        response = await super().get_response(path, scope)
        response.headers.update(REVALIDATE)
        return response


@router.get("/")
async def page() -> FileResponse:
    """Send the page on which to draw."""
    return FileResponse(STATIC / "index.html", headers=REVALIDATE)


@router.get("/docs")
async def docs() -> FileResponse:
    """Send the page that explains the API."""
    return FileResponse(STATIC / "docs.html", headers=REVALIDATE)


@router.get("/favicon.ico")
async def favicon() -> FileResponse:
    """Send the icon to browsers that do not ask the page which one it has."""
    return FileResponse(STATIC / "favicon.svg", headers=REVALIDATE)
