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
from model.training.data.published import PUBLISHED

CONTENT = random.Random(0).randbytes(5000)
ARCHIVE = gzip.compress(CONTENT, mtime=0)


class Mirror(BaseHTTPRequestHandler):
    """whole.gz in parts when asked, plain.gz always whole, cut.gz cut off the first time; wrong/, missing/.

    It compresses what it sends for a client that accepts that, and turns HTTP libraries away.
    """

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append((self.path, wanted))
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = ARCHIVE[::-1] if "wrong" in self.path else ARCHIVE
        if "missing" in self.path:
            self.send_error(404)
            return
        if not self.headers["User-Agent"].startswith("Mozilla/5.0"):
            self.send_error(403)
            return
        if "gzip" in self.headers["Accept-Encoding"]:
            body = gzip.compress(body)
        if self.path == "/plain.gz" or not wanted:
            start = 0
            self.send_response(200)
        elif start >= len(body):
            self.send_error(416)
            return
        else:
            self.send_response(206)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cut = 1000 if self.path == "/cut.gz" and not wanted else len(body)
        self.wfile.write(body[start:cut])
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
    folder: Path, name: str, *mirrors: str, unpacked: bool = False, on_bytes: OnBytes = lambda *_: None
) -> bytes:
    """The file `name` as it is fetched into `folder`."""
    checksum = hashlib.md5(CONTENT if unpacked else ARCHIVE).hexdigest()
    published = replace(PUBLISHED["usps"], checksums={name: checksum}, mirrors=mirrors, unpacked=unpacked)
    return fetch(published, name, folder, on_bytes).read_bytes()


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_file_is_fetched_checked_and_reported(mirror: str, tmp_path: Path, unpacked: bool) -> None:
    calls = []
    found = fetched(
        tmp_path, "whole.gz", mirror, unpacked=unpacked, on_bytes=lambda *call: calls.append(call)
    )
    assert found == ARCHIVE
    assert calls[-1] == ("whole.gz", len(ARCHIVE), len(ARCHIVE))
    assert [p.name for p in tmp_path.iterdir()] == ["whole.gz"]


def test_what_is_here_is_not_fetched_again(mirror: str, tmp_path: Path) -> None:
    (tmp_path / "whole.gz.part").write_bytes(ARCHIVE[:700])
    assert fetched(tmp_path, "whole.gz", mirror) == ARCHIVE
    assert Mirror.asked == [("/whole.gz", "bytes=700-")]


def test_a_connection_that_breaks_off_is_taken_up_where_it_broke(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cut\.gz cannot be downloaded"):
        fetched(tmp_path, "cut.gz", mirror)
    assert (tmp_path / "cut.gz.part").read_bytes() == ARCHIVE[:1000]
    assert fetched(tmp_path, "cut.gz", mirror) == ARCHIVE
    assert Mirror.asked[-1] == ("/cut.gz", "bytes=1000-")


def test_the_next_mirror_is_asked_when_one_fails(mirror: str, tmp_path: Path) -> None:
    assert fetched(tmp_path, "whole.gz", f"{mirror}missing/", f"{mirror}wrong/", mirror) == ARCHIVE
    assert [path for path, _ in Mirror.asked] == ["/missing/whole.gz", "/wrong/whole.gz", "/whole.gz"]


def test_wrong_bytes_are_thrown_away_with_the_reason(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"wrong\.gz: the MD5 sum is not the published one"):
        fetched(tmp_path, "wrong.gz", mirror)
    assert list(tmp_path.iterdir()) == []


def test_a_data_set_is_fetched_file_by_file_and_only_what_is_missing(
    mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checksums = dict.fromkeys(("first.gz", "second.gz"), hashlib.md5(ARCHIVE).hexdigest())
    mine = replace(PUBLISHED["usps"], checksums=checksums, mirrors=(mirror,))
    monkeypatch.setitem(PUBLISHED, "usps", mine)
    (tmp_path / "usps").mkdir()
    (tmp_path / "usps" / "first.gz").write_bytes(ARCHIVE)
    download("usps", tmp_path)
    assert [path for path, _ in Mirror.asked] == ["/second.gz"]
    assert (tmp_path / "usps" / "second.gz").read_bytes() == ARCHIVE


def test_a_folder_of_images_cannot_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'folder' cannot be downloaded"):
        download("folder", tmp_path)
