"""`GET /`, `/docs` and `/favicon.ico`: what a browser shows, beside the files below `/static`."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

STATIC = Path(__file__).parents[1] / "static"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> FileResponse:
    """Send the page on which to draw."""
    return FileResponse(STATIC / "index.html")


@router.get("/docs")
async def docs() -> FileResponse:
    """Send the page that explains the API."""
    return FileResponse(STATIC / "docs.html")


@router.get("/favicon.ico")
async def favicon() -> FileResponse:
    """Send the icon to browsers that do not ask the page which one it has."""
    return FileResponse(STATIC / "favicon.svg")
