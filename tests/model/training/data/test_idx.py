import gzip
from pathlib import Path

import pytest

from model.training.data import DataError
from model.training.data.idx import read_idx

WHOLE = gzip.compress(b"\0\0\x08\x01\0\0\x03\xe8" + bytes(range(250)) * 4)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an IDX file"),
        (b"\x89PNG\r\n\x1a\n", "not an IDX file"),
        (b"\0\0\x0b\x01\0\0\0\x01ab", "not an IDX file of bytes"),
        (b"\0\0\x08\x03\0\0\0\x01", "the IDX header is cut off"),
        (b"\0\0\x08\x01\0\0\0\x05abc", "3 bytes of data where the header says 5"),
        (b"\0\0\x08\x01\0\0\0\x01abc", "3 bytes of data where the header says 1"),
        (WHOLE[: len(WHOLE) // 2], "damaged or incomplete"),
        (WHOLE[:-8] + bytes(8), "damaged or incomplete"),
        (None, r"bad\.gz: No such file"),
    ],
)
def test_a_file_that_is_no_idx_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / ("bad.gz" if content is None or content[:2] == WHOLE[:2] else "bad")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=reason) as error:
        read_idx(path)
    assert str(path) in str(error.value)
