"""API keys: the lock on the recognition calls, for whoever wants one."""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import Refusal, problem_response


class Keys:
    """The keys, any of which will do; several at once so that they can be rotated.

    A key comes as `Authorization: Bearer KEY` or as `X-API-Key: KEY`.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [sha256(key.encode()).digest() for key in keys]

    def open(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether headers, their names in lower case, bring a key."""
        given = _key(headers)
        if given is None:
            return False
        digest = sha256(given).digest()
        # Every key is compared, and each in constant time: the time taken tells nothing.
        return sum(hmac.compare_digest(digest, known) for known in self._digests) > 0


class KeyGuard:
    """Answers calls of the locked paths only when they bring one of the keys; looks before the body comes.

    Args:
        app: What answers.
        keys: Any of these will do.
        routes: What is locked, by path.
    """

    def __init__(self, app: ASGIApp, keys: Iterable[str], routes: Mapping[str, BaseRoute]) -> None:
        self._app = app
        self._keys = Keys(keys)
        self._routes = dict(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is not None and not self._keys.open(scope["headers"]):
            scope["route"] = route  # the router, which would have noted it, never sees the request
            refusal = Refusal(
                "key-required",
                "Send a key as 'Authorization: Bearer KEY' or as 'X-API-Key: KEY'.",
                {"www-authenticate": "Bearer"},
            )
            await problem_response(refusal, scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _key(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    for name, value in headers:
        if name == b"x-api-key":
            return bytes(value.strip())
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return bytes(value[7:].strip())
    return None
