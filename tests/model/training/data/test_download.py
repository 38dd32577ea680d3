import gzip
import hashlib
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from model.training.data import DataError
from model.training.data.download import OnBytes, download, fetch
from model.training.data.published import FILES, PUBLISHED

CONTENT = random.Random(0).randbytes(5000)
ARCHIVE = gzip.compress(CONTENT, mtime=0)
NAME = "whole.gz"


class Mirror(BaseHTTPRequestHandler):
    """It has every file but those under missing/; those under wrong/ and cut/ are damaged.

    It compresses what it sends for a client that accepts that.
    """

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if "missing" in self.path:
            self.send_error(404)
            return
        body = gzip.compress(CONTENT[::-1]) if "wrong" in self.path else ARCHIVE
        if "gzip" in self.headers["Accept-Encoding"]:
            body = gzip.compress(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000] if "cut" in self.path else body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def mirror() -> Iterator[str]:
    Mirror.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def fetched(
    folder: Path, *mirrors: str, unpacked: bool = False, on_bytes: OnBytes = lambda *_: None
) -> bytes:
    """The file as it is fetched into `folder`."""
    checksum = hashlib.md5(CONTENT if unpacked else ARCHIVE).hexdigest()
    published = replace(
        PUBLISHED["fashion-mnist"], checksums={NAME: checksum}, mirrors=mirrors, unpacked=unpacked
    )
    return fetch(published, NAME, folder, on_bytes).read_bytes()


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_file_is_fetched_checked_and_reported(mirror: str, tmp_path: Path, unpacked: bool) -> None:
    calls = []
    found = fetched(tmp_path, mirror, unpacked=unpacked, on_bytes=lambda *call: calls.append(call))
    assert found == ARCHIVE
    assert calls[-1] == (NAME, len(ARCHIVE), len(ARCHIVE))
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_the_next_mirror_is_asked_when_one_fails(mirror: str, tmp_path: Path) -> None:
    bad = [f"{mirror}{fault}/" for fault in ("missing", "wrong", "cut")]
    assert fetched(tmp_path, *bad, mirror) == ARCHIVE
    assert Mirror.asked == [f"/missing/{NAME}", f"/wrong/{NAME}", f"/cut/{NAME}", f"/{NAME}"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("wrong", "the MD5 sum is not the published one"), ("cut", "without sending complete message body")],
)
def test_a_damaged_file_is_not_kept(mirror: str, tmp_path: Path, fault: str, reason: str) -> None:
    with pytest.raises(DataError, match=rf"{fault}/whole\.gz: .*{reason}"):
        fetched(tmp_path, f"{mirror}{fault}/")
    assert list(tmp_path.iterdir()) == []


def test_a_data_set_is_fetched_file_by_file_and_only_what_is_missing(
    mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checksums = dict.fromkeys(FILES, hashlib.md5(ARCHIVE).hexdigest())
    mine = replace(PUBLISHED["fashion-mnist"], checksums=checksums, mirrors=(mirror,))
    monkeypatch.setitem(PUBLISHED, "fashion-mnist", mine)
    (tmp_path / "fashion-mnist").mkdir()
    (tmp_path / "fashion-mnist" / FILES[0]).write_bytes(ARCHIVE)
    download("fashion-mnist", tmp_path)
    assert Mirror.asked == [f"/{file}" for file in FILES[1:]]
    assert (tmp_path / "fashion-mnist" / FILES[3]).read_bytes() == ARCHIVE


def test_a_folder_of_images_cannot_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'folder' cannot be downloaded"):
        download("folder", tmp_path)
