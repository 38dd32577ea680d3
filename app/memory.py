"""How the process deals with memory: what it has got it keeps for a while, and old objects are let alone."""

import ctypes
import gc
import logging
import sys

log = logging.getLogger("digits.memory")

MEBIBYTE = 1024 * 1024
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""mallopt's names for them (mallopt(3))."""

KEPT = 32 * MEBIBYTE
"""What is free at the end of the heap is given back from here on (bytes)."""

LARGE = 4 * MEBIBYTE
"""Blocks of this size and more are given back as soon as they are free (bytes)."""

YOUNG = 5_000
"""New objects after which the collector looks for cycles among them; 700 would be there every turn."""


def keep_freed_memory() -> None:
    """Have malloc keep what is freed, where it is glibc's.

    A picture's arrays are some hundred kilobytes each. By itself malloc gives them back with every picture,
    and the kernel clears the same pages again for the next one: a fifth of the time that a canvas takes.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # another C library
        return
    if not (mallopt(_TRIM_THRESHOLD, KEPT) and mallopt(_MMAP_THRESHOLD, LARGE)):
        log.debug("malloc does as it likes")


def spare_the_collector() -> None:
    """Take all that is there now out of the collector's sight, and let it look less often at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
