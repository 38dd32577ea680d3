"""IDX files: the format of MNIST and its relatives, plain or compressed.

A file is a big-endian header (two zero bytes, a type code, the number of dimensions, each dimension as
uint32) and then the values in row-major order, big-endian.
"""

import bz2
import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.training.data.images import DataError

TYPES: dict[int, np.dtype[np.generic]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}


def decompress(raw: bytes, suffix: str, name: str) -> bytes:
    """Decompress `raw` as `suffix` says (.gz, .bz2); anything else is returned as it is.

    Raises `DataError`, with `name`, if the compressed stream is cut off or damaged.
    """
    try:
        if suffix == ".gz":
            return gzip.decompress(raw)
        if suffix == ".bz2":
            return bz2.decompress(raw)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"{name}: damaged or incomplete ({error})") from None
    return raw


def read_bytes(path: Path) -> bytes:
    """Read the bytes of `path`; `DataError` if that is impossible."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None


def parse_idx(content: bytes, name: str) -> NDArray[np.generic]:
    """Parse an IDX file's `content` into an array of native byte order; `name` is for the error.

    Raises `DataError` if the header is not an IDX header, or the length is not what the header says.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES or content[3] == 0:
        raise DataError(f"{name}: not an IDX file")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DataError(f"{name}: the IDX header is cut off")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    dtype = TYPES[content[2]]
    wanted = math.prod(shape) * dtype.itemsize
    if len(content) - start != wanted:
        raise DataError(f"{name}: {len(content) - start:,} bytes of data where the header says {wanted:,}")
    array = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="))


def read_idx(path: Path) -> NDArray[np.generic]:
    """Read the array in the IDX file `path`; see `decompress` and `parse_idx` for the errors."""
    return parse_idx(decompress(read_bytes(path), path.suffix, str(path)), str(path))
