"""Calls from pages of other origins (CORS), with refusals in the one error shape."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from app.errors import Refusal


class Origins(CORSMiddleware):
    """Starlette's middleware for the pages of some origins; a preflight is refused by a `Refusal`."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "x-api-key", "x-request-id"),
            expose_headers=("x-request-id", "retry-after"),
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a browser that asks whether a call is allowed."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        detail = f"{bytes(answer.body).decode()}: the operator names the origins that may call."
        raise Refusal("bad-request", detail, headers)
