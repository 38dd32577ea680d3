"""IDX files of bytes: the format of MNIST and its relatives, plain or compressed.

A file is a header (two zero bytes, the type code 8, the number of dimensions, each dimension as a big-endian
uint32) and then the values in row-major order.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.training.data.images import DataError

MAGIC = b"\0\0\x08"
"""How a file of unsigned bytes begins."""


def decompress(raw: bytes, name: str) -> bytes:
    """Decompress the bytes `raw` of the file `name` if it ends in .gz; otherwise return them as they are.

    Raises `DataError` if the compressed stream is cut off or damaged.
    """
    if not name.endswith(".gz"):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name}: damaged or incomplete ({error})") from None


def read_bytes(path: Path) -> bytes:
    """Read the bytes of `path`; `DataError` if that is impossible."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None


def parse_idx(content: bytes, name: str) -> NDArray[np.uint8]:
    """Parse an IDX file's `content`; `name` is for the error.

    Raises `DataError` if the header is not that of an IDX file of bytes, or the length is not what it says.
    """
    if len(content) < 4 or not content.startswith(MAGIC) or content[3] == 0:
        raise DataError(f"{name}: not an IDX file of bytes")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DataError(f"{name}: the IDX header is cut off")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    if len(content) - start != math.prod(shape):
        held = f"{len(content) - start:,} bytes of data"
        raise DataError(f"{name}: {held} where the header says {math.prod(shape):,}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read the array in the IDX file `path`; see `decompress` and `parse_idx` for the errors."""
    return parse_idx(decompress(read_bytes(path), str(path)), str(path))
