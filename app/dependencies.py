"""What path functions depend on: the service, the model that is asked for, and the caller's API key."""

import hmac
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from app.errors import Refusal
from app.service import Call, Service

_bearer = HTTPBearer(scheme_name="bearer", auto_error=False, description="`Authorization: Bearer KEY`")
_header = APIKeyHeader(
    name="X-API-Key", scheme_name="header", auto_error=False, description="`X-API-Key: KEY`"
)


async def get_service(request: Request) -> Service:
    """The service that the application was made with."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(get_service)]


async def get_call(
    request: Request,
    service: ServiceDep,
    model: Annotated[str | None, Query(description="Which model answers; `GET /models` lists them.")] = None,
) -> Call:
    """The call, with the model asked for; `Refusal` if there is no such model or a parameter is repeated."""
    for name in request.query_params:
        if name != "include" and len(request.query_params.getlist(name)) > 1:
            raise Refusal("invalid-parameter", f"'{name}' is there more than once.")
    return Call(request, service, service.models.get(model))


CallDep = Annotated[Call, Depends(get_call)]


async def require_key(
    service: ServiceDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
) -> None:
    """Let a call pass if it brings any of the operator's keys; otherwise `Refusal`."""
    key = header if header is not None else bearer.credentials if bearer is not None else ""
    digest = sha256(key.strip().encode("latin-1")).digest()
    known = (sha256(each.encode()).digest() for each in service.settings.api_keys)
    # Every key is compared, each in constant time, so that the time taken reveals nothing.
    if sum(hmac.compare_digest(digest, each) for each in known) == 0:
        raise Refusal(
            "key-required",
            "Send a key as 'Authorization: Bearer KEY' or as 'X-API-Key: KEY'.",
            {"www-authenticate": "Bearer"},
        )
