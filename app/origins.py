"""Calls from pages of other origins (CORS), with refusals in the one error shape."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import Refusal, problem_response


class Origins(CORSMiddleware):
    """Starlette's middleware, but for the shape in which it refuses a preflight.

    Args:
        app: What answers.
        origins: Whose pages may call.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "x-api-key", "x-request-id"),
            expose_headers=("x-request-id", "retry-after"),
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a browser that asks whether a call is allowed."""
        answer = super().preflight_response(request_headers)
        return _RefusedPreflight(answer) if answer.status_code >= 400 else answer


class _RefusedPreflight(Response):
    """A refusal that is written when it is sent: only then is it known to which request."""

    def __init__(self, plain: Response) -> None:
        super().__init__(status_code=plain.status_code)
        headers = {name: value for name, value in plain.headers.items() if not name.startswith("content-")}
        detail = f"{bytes(plain.body).decode()}: the operator names the origins that may call."
        self._refusal = Refusal("bad-request", detail, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await problem_response(self._refusal, scope)(scope, receive, send)
