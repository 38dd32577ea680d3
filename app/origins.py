"""Calls from pages of other origins (CORS), with refusals in the one error shape."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.errors import Refusal, problem_response


class Origins(CORSMiddleware):
    """Starlette's, but for how it refuses a preflight."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a browser that asks whether a call is allowed."""
        answer = super().preflight_response(request_headers)
        return _Refused(answer) if answer.status_code >= 400 else answer


class _Refused(Response):
    """A refused preflight; what it tells needs the request, which only sending brings."""

    def __init__(self, plain: Response) -> None:
        super().__init__(status_code=plain.status_code)
        self._detail = (
            f"{bytes(plain.body).decode()}: the operator names the origins that may call; "
            "what they may send, the headers of this answer say."
        )
        kept = (item for item in plain.headers.items() if not item[0].startswith("content-"))
        self._kept = dict(kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        refusal = Refusal("bad-request", self._detail, self._kept)
        await problem_response(refusal, scope)(scope, receive, send)
