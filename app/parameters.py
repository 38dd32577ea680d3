"""The query parameters of the recognition calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from starlette.requests import Request

from app.errors import Refusal

INCLUDES = ("input", "layers", "saliency")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller wants besides the answer."""

    model: str | None = None
    input: bool = False
    layers: bool = False
    saliency: bool = False
    accept: float | None = None


PLAIN = Wishes()


def wishes_of(request: Request) -> Wishes:
    """What the query asks for.

    Raises:
        Refusal: a parameter has a value that means nothing.
    """
    if not request.scope["query_string"]:
        return PLAIN
    query = request.query_params
    for name in ("model", "accept"):
        if len(query.getlist(name)) > 1:
            raise Refusal("invalid-parameter", f"'{name}' is there more than once.")
    includes = set(_words(query.getlist("include")))
    unknown = includes.difference(INCLUDES)
    if unknown:
        raise Refusal(
            "invalid-parameter", "'include' takes 'input', 'layers' and 'saliency', repeated or with a comma."
        )
    return Wishes(
        model=query.get("model"),
        input="input" in includes,
        layers="layers" in includes,
        saliency="saliency" in includes,
        accept=_share(query.get("accept")),
    )


def model_of(request: Request) -> str | None:
    """The model that the query of a reading asks for, if any.

    Raises:
        Refusal: as for `wishes_of`, or it asks for what only single digits have.
    """
    wishes = wishes_of(request)
    if wishes != Wishes(wishes.model):
        raise Refusal("invalid-parameter", "'include' and 'accept' are for single digits, not for readings.")
    return wishes.model


def _words(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        yield from filter(None, value.split(","))


def _share(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not isfinite(number) or not 0 <= number <= 1:
        raise Refusal("invalid-parameter", "'accept' takes a number from 0 to 1.")
    return number
