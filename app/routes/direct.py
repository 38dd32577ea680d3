"""A route that FastAPI documents and Starlette serves.

FastAPI's own handling of a request (dependencies, exit stacks, validation of the response) costs more than
the recognition of a digit, and reads a body before it can be bounded. A `DirectRoute` is declared like any
other, so that it stands in the OpenAPI document, but its function gets the request as it came.
"""

from collections.abc import Awaitable, Callable, Iterable
from enum import Enum
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class DirectRoute(APIRoute):
    """Calls its endpoint with the `Request` and sends the `Response` that it returns."""

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        methods: list[str],
        status_code: int | None = None,
        summary: str | None = None,
        tags: list[str | Enum] | None = None,
        response_model: type[BaseModel] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        openapi_extra: dict[str, Any] | None = None,
        include_in_schema: bool = True,
    ) -> None:
        super().__init__(
            path,
            endpoint,
            methods=methods,
            status_code=status_code,
            summary=summary,
            tags=tags,
            response_model=response_model,
            response_class=Response if response_model is None else JSONResponse,
            responses=responses,
            openapi_extra=openapi_extra,
            include_in_schema=include_in_schema,
        )
        self.app: ASGIApp = _direct(endpoint)


class Shortcut:
    """Calls direct routes of a fixed path without looking through all routes for them.

    Whatever else comes goes to the router, which would have found the same route: `tests/app/test_direct.py`
    compares the two.

    Args:
        router: The application's router.
        routes: Its routes.
    """

    def __init__(self, router: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._router = router
        self._routes = {
            (method, route.path): route
            for route in routes
            if isinstance(route, DirectRoute) and "{" not in route.path
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            route = self._routes.get((scope["method"], scope["path"]))
            if route is not None and not scope.get("root_path"):
                scope["route"] = route
                scope["path_params"] = {}
                await route.app(scope, receive, send)
                return
        await self._router(scope, receive, send)


def _direct(endpoint: Endpoint) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive))
        await response(scope, receive, send)

    return app
