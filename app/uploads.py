"""Bodies of requests: counted as they arrive, bounded in size and time, and taken apart."""

import asyncio

from starlette.requests import Request

from app.decoding import Decoder
from app.errors import ClientGone, Refusal
from app.multipart import Part, boundary_of, lone_image, parse

MAX_FIELDS = 16  # a form with one image: the image, and whatever else a page may add


class HeldBytes:
    """Counts the bytes of all bodies that are in memory, and refuses to hold more than `most`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.now = 0

    def add(self, count: int) -> None:
        """Hold `count` bytes more.

        Raises:
            Refusal: too many are held already.
        """
        if self.now + count > self.most:
            raise Refusal("overloaded", "Too many large bodies are arriving at once; try again shortly.")
        self.now += count

    def release(self, count: int) -> None:
        """Let go of `count` bytes."""
        self.now -= count


class Body:
    """A request's body, held while the `async with` block lasts.

    Args:
        request: The request; nothing of its body has been read.
        limit: The most bytes that the body may have.
        seconds: The time in which all of it must have arrived.
        held: What all bodies share.
        decoder: Puts a large one together, off the event loop.

    Raises:
        Refusal: 413 beyond the limit, 408 beyond the time, 503 when too much is held already.
        ClientGone: the client left before the body was there.
    """

    __slots__ = ("_count", "_decoder", "_held", "_limit", "_request", "_seconds")

    def __init__(
        self, request: Request, limit: int, seconds: float, held: HeldBytes, decoder: Decoder
    ) -> None:
        self._decoder = decoder
        self._request = request
        self._limit = limit
        self._seconds = seconds
        self._held = held
        self._count = 0

    async def __aenter__(self) -> bytes:
        """Read the body."""
        declared = self._request.headers.get("content-length", "")
        if declared.isdigit() and (len(declared) > 18 or int(declared) > self._limit):
            raise self._too_large()
        try:
            async with asyncio.timeout(self._seconds):
                chunks = await self._read()
        except TimeoutError:
            self._held.release(self._count)
            raise Refusal(
                "too-slow",
                f"The body had not arrived after {self._seconds:g} seconds.",
                {"connection": "close"},
            ) from None
        except BaseException:
            self._held.release(self._count)
            raise
        if len(chunks) == 1:
            return chunks[0]
        try:
            return await self._decoder.with_bytes(self._count, lambda: b"".join(chunks))
        except BaseException:
            self._held.release(self._count)
            raise

    async def __aexit__(self, *_: object) -> None:
        """Let go of it."""
        self._held.release(self._count)

    async def _read(self) -> list[bytes]:
        chunks: list[bytes] = []
        receive = self._request.receive
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            if chunk:
                if self._count + len(chunk) > self._limit:
                    raise self._too_large()
                self._held.add(len(chunk))
                self._count += len(chunk)
                chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks

    def _too_large(self) -> Refusal:
        return Refusal("too-large", f"The body has more than the {self._limit} bytes that are taken.")


def media_type(request: Request) -> str:
    """The content type that the request declares, without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


MANY = "POST /predict/batch takes many"


def one_image(request: Request, body: bytes, several: str = MANY) -> bytes:
    """The image in `body`: the part `image` of a form, or all of it when its type is `image/*`.

    Who sends several is told `several`.

    Raises:
        Refusal: 415 for another type, 422 when no image or more than one is there, 400 for a broken form.
    """
    kind = media_type(request)
    if kind == "multipart/form-data":
        image = lone_image(request.headers["content-type"].encode("latin-1"), body)
        return only_image(form(request, body, MAX_FIELDS), several) if image is None else image
    if kind.startswith("image/"):
        return body
    raise Refusal(
        "unsupported-type",
        "Send the image as the field 'image' of a multipart/form-data body (curl -F image=@digit.png), "
        "or as the body itself with an image/* content type.",
    )


def only_image(parts: list[Part], several: str = MANY) -> bytes:
    """The data of the one part `image` among `parts`.

    Raises:
        Refusal: none or several are there.
    """
    images = [part.data for part in parts if part.name == "image"]
    if not images:
        raise Refusal("missing-image", "The form has no field 'image'.")
    if len(images) > 1:
        raise Refusal("several-images", f"The form has more than one 'image'; {several}.")
    return images[0]


def form(request: Request, body: bytes, most: int, too_many: str | None = None) -> list[Part]:
    """The parts of a multipart/form-data `body`, `most` at most; who sends more is told `too_many`.

    Raises:
        Refusal: 415 for another type, 400 for a broken form, 413 for too many parts.
    """
    if media_type(request) != "multipart/form-data":
        raise Refusal("unsupported-type", "Send a multipart/form-data body with fields named 'image'.")
    return parse(body, boundary_of(request.headers["content-type"]), most, too_many)
