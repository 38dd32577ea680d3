"""Threads for what would hold up the event loop: images, drawings and numbers.

Pillow and numpy release the interpreter lock for most of their work. Work that takes well under a
millisecond is done at once, since waking a thread costs more.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
Strokes = Sequence[Sequence[Sequence[float]]]

CHEAP_PIXELS = 64 * 64
"""A PNG of up to this many pixels is normalised at once."""

CHEAP_POINTS = 500
"""A drawing of up to this many points is drawn at once."""

_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


class Pool(ThreadPoolExecutor):
    """A pool of `threads` threads whose names begin with `name`."""

    def __init__(self, threads: int, name: str) -> None:
        super().__init__(threads, thread_name_prefix=name)

    async def run(self, work: Callable[[], T], *, cheap: bool = False) -> T:
        """Return what `work` gives, done on a thread, or at once if it is `cheap`."""
        return work() if cheap else await asyncio.get_running_loop().run_in_executor(self, work)

    def stop(self) -> None:
        """Drop what waits for a thread, and let the threads end."""
        self.shutdown(wait=False, cancel_futures=True)


def is_cheap(sent: bytes | Strokes) -> bool:
    """Whether what was sent is a PNG whose header declares few pixels, or a drawing of few points."""
    if not isinstance(sent, bytes):
        return sum(map(len, sent)) <= CHEAP_POINTS
    width, height = (int.from_bytes(sent[at : at + 4], "big") for at in (16, 20))
    return sent.startswith(_PNG) and width * height <= CHEAP_PIXELS
