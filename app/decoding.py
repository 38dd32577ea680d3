"""Images and strokes to the network's input, without holding up the event loop.

What takes well under a millisecond is done at once; everything else goes to a small pool of threads, where
Pillow and scipy let go of the interpreter for most of their work. A picture of a canvas's size is of the
first kind nearly always: it is done at once too, until one takes longer, and then for a while they are not.
Of a larger one only what is quick to see is looked at: one piece of ink on plain paper.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from app.metrics import NORMALISE_SECONDS
from app.settings import Settings
from model.ink import InkError, Limits, NormalisedInk, normalise_image, normalise_strokes
from model.ink.fields import FieldReader, are_fields
from model.ink.frame import FIELD_SIDE
from model.ink.png import canvas_sheet
from model.ink.sheet import Sheet

T = TypeVar("T")
Strokes = Sequence[Sequence[Sequence[float]]]

SMALL_PIXELS = 64 * 64
"""A PNG of up to this many pixels is always done at once."""

CANVAS_PIXELS = 400 * 400
"""A PNG of up to this many pixels is done at once while such pictures are quick."""

DRAWN_PIXELS, DRAWN_BYTES = 840 * 840, 16 * 1024
"""A drawing on plain paper has its ink looked at here up to this size: the page's pad on a screen of three
pixels for one. It takes 0.8 ms, and a file of so few bytes 5 ms at the worst."""

SLOW_SECONDS = 0.003
"""A picture that takes the event loop so long is not quick, ..."""

WARY_TIMES = 50
"""... and for so many times as long none of its kind is done at once: what is slow has 2% of the loop."""

SMALL_POINTS = 500
"""A drawing of up to this many points is drawn at once."""

LARGE_BYTES = 1024 * 1024
"""From so many bytes on a body is put together and taken apart on a thread: 64 MB take 0.15 s."""

FIELDS_AT_A_TIME = 32
"""Images of a batch that are looked at on the event loop before others get their turn."""

AT_A_TIME = 8
"""Images of a batch decoded before others get their turn on the thread."""

_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def png_pixels(data: bytes) -> int | None:
    """Width times height that a PNG's header declares; None for what is no PNG."""
    if len(data) < 24 or not data.startswith(_PNG):
        return None
    return int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big")


class Quickness:
    """Whether pictures of a kind are quick, as far as the last ones tell."""

    __slots__ = ("_again",)

    def __init__(self) -> None:
        self._again = 0.0

    @property
    def likely(self) -> bool:
        """Whether there was no slow one just now."""
        return time.monotonic() >= self._again

    def took(self, seconds: float) -> None:
        """Take note of the time that one computed, so that a busy machine does not count."""
        if seconds > SLOW_SECONDS:
            self._again = time.monotonic() + WARY_TIMES * seconds


class Decoder:
    """Normalises images and strokes, within the limits of the settings."""

    def __init__(self, settings: Settings) -> None:
        self.waiting = 0  # for a thread, or on one
        self._canvases, self._sheets = Quickness(), Quickness()
        self._reader = FieldReader(FIELDS_AT_A_TIME)
        self._limits = Limits(pixels=settings.max_pixels)
        self._threads = ThreadPoolExecutor(settings.decode_threads, thread_name_prefix="decode")
        # A number may take long to read; single digits must not wait behind it.
        self._reading = ThreadPoolExecutor(settings.read_threads, thread_name_prefix="read")

    def stop(self) -> None:
        """Drop what waits for a thread, and let the threads end."""
        for threads in (self._threads, self._reading):
            threads.shutdown(wait=False, cancel_futures=True)

    def sheet_at_once(self, data: bytes) -> Sheet | None:
        """A canvas's PNG on its sheet, here and now, to be normalised with others; None if it is none."""
        pixels = png_pixels(data)
        if pixels is None or pixels > min(DRAWN_PIXELS, self._limits.pixels) or not self._sheets.likely:
            return None
        if pixels > CANVAS_PIXELS and len(data) > DRAWN_BYTES:
            return None
        start = time.thread_time()
        sheet = canvas_sheet(data)
        self._sheets.took(time.thread_time() - start)
        return sheet

    def image_at_once(self, data: bytes) -> NormalisedInk | None:
        """Normalise an image file here and now, if that holds nobody up; None if it might.

        Raises:
            InkError: it cannot be.
        """
        pixels = png_pixels(data)
        if pixels is None or pixels > CANVAS_PIXELS:
            return None
        if pixels <= SMALL_PIXELS:
            return normalise_image(data, limits=self._limits)
        if not self._canvases.likely:
            return None
        start = time.thread_time()
        try:
            return normalise_image(data, limits=self._limits)
        finally:
            self._canvases.took(time.thread_time() - start)

    def strokes_at_once(self, strokes: Strokes) -> NormalisedInk | None:
        """Normalise a drawing here and now, if it has few points; None if it has more.

        Raises:
            InkError: it cannot be.
        """
        return normalise_strokes(strokes) if sum(map(len, strokes)) <= SMALL_POINTS else None

    async def image(self, data: bytes) -> NormalisedInk:
        """Normalise one image file.

        Raises:
            InkError: it cannot be.
        """
        with NORMALISE_SECONDS.labels("image").time():
            ink = self.image_at_once(data)
            if ink is not None:
                return ink
            return await self.in_thread(lambda: normalise_image(data, limits=self._limits))

    async def images(self, files: Sequence[bytes]) -> list[NormalisedInk | InkError]:
        """Normalise many image files; what is wrong with one stands in its place."""

        def one(data: bytes) -> NormalisedInk | InkError:
            try:
                ink = normalise_image(data, limits=self._limits)
            except InkError as error:
                # The frames that it came through hold the image's pixels: the batch would keep them all.
                error.__traceback__ = error.__cause__ = error.__context__ = None
                return error
            return ink

        found: list[NormalisedInk | InkError | None] = []
        for at in range(0, len(files), FIELDS_AT_A_TIME):
            found += self._fields(files[at : at + FIELDS_AT_A_TIME])
            await asyncio.sleep(0)
        others = [number for number, quick in enumerate(found) if quick is None]
        for at in range(0, len(others), AT_A_TIME):
            numbers = others[at : at + AT_A_TIME]
            some = [files[number] for number in numbers]
            inks: list[NormalisedInk | InkError] = await self.in_thread(partial(list, map(one, some)))
            for number, ink in zip(numbers, inks, strict=True):
                found[number] = ink
        return [ink for ink in found if ink is not None]

    def _fields(self, files: Sequence[bytes]) -> list[NormalisedInk | InkError | None]:
        """Those of some files that are fields already, and None for the others; takes 0.2 ms."""
        found: list[NormalisedInk | InkError | None] = [None] * len(files)
        reader = self._reader
        read = [number for number, data in enumerate(files) if reader.read(number, data)]
        if read:
            pictures = reader.pictures[read]
            whole = (0.0, 0.0, float(FIELD_SIDE), float(FIELD_SIDE))
            for number, field, is_field in zip(read, pictures, are_fields(pictures).tolist(), strict=True):
                if is_field:
                    found[number] = NormalisedInk(field, whole, 1)
        return found

    async def strokes(self, strokes: Strokes) -> NormalisedInk:
        """Normalise a drawing.

        Raises:
            InkError: it cannot be.
        """
        with NORMALISE_SECONDS.labels("strokes").time():
            ink = self.strokes_at_once(strokes)
            if ink is not None:
                return ink
            return await self.in_thread(lambda: normalise_strokes(strokes))

    async def with_bytes(self, count: int, work: Callable[[], T]) -> T:
        """What `work`, which goes through so many bytes, gives: done at once where they are few."""
        return work() if count < LARGE_BYTES else await self.in_thread(work)

    async def in_reading_thread(self, work: Callable[[], T]) -> T:
        """As `in_thread`, on one of the threads for whole numbers."""
        return await self._in(self._reading, work)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """What `work` gives, done on one of the threads; never started if the caller is cancelled first."""
        return await self._in(self._threads, work)

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        finally:
            self.waiting -= 1
