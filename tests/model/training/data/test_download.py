import gzip
import hashlib
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from model.training.data.datasets import PUBLISHED, File
from model.training.data.download import download, fetch
from model.training.data.idx import DataError

CONTENT = random.Random(0).randbytes(5000)
ARCHIVE = gzip.compress(CONTENT, mtime=0)


class Mirror(BaseHTTPRequestHandler):
    """/whole.gz in parts when asked, /plain.gz always whole, /cut.gz cut off the first time, /wrong.gz.

    It packs what it sends for a client that takes it, and turns HTTP libraries away.
    """

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append((self.path, wanted))
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = ARCHIVE[::-1] if self.path == "/wrong.gz" else ARCHIVE
        if self.path == "/missing.gz":
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
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def file(*urls: str, unpacked: bool = False) -> File:
    data = CONTENT if unpacked else ARCHIVE
    return File("data.gz", "md5", hashlib.md5(data).hexdigest(), unpacked, urls)


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_file_is_fetched_checked_and_reported(mirror: str, tmp_path: Path, unpacked: bool) -> None:
    seen = []
    path = fetch(file(f"{mirror}/whole.gz", unpacked=unpacked), tmp_path, lambda *told: seen.append(told))
    assert path.read_bytes() == ARCHIVE
    assert seen[-1] == ("data.gz", len(ARCHIVE), len(ARCHIVE))
    assert [p.name for p in tmp_path.iterdir()] == ["data.gz"]


def test_what_is_here_is_not_fetched_again(mirror: str, tmp_path: Path) -> None:
    (tmp_path / "data.gz.part").write_bytes(ARCHIVE[:700])
    assert fetch(file(f"{mirror}/whole.gz"), tmp_path).read_bytes() == ARCHIVE
    assert Mirror.asked == [("/whole.gz", "bytes=700-")]


def test_a_mirror_that_cannot_resume_sends_it_all(mirror: str, tmp_path: Path) -> None:
    (tmp_path / "data.gz.part").write_bytes(b"x" * 700)
    assert fetch(file(f"{mirror}/plain.gz"), tmp_path).read_bytes() == ARCHIVE


def test_a_connection_that_breaks_off_is_taken_up_where_it_broke(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data\.gz cannot be downloaded"):
        fetch(file(f"{mirror}/cut.gz"), tmp_path)
    assert (tmp_path / "data.gz.part").read_bytes() == ARCHIVE[:1000]
    assert fetch(file(f"{mirror}/cut.gz"), tmp_path).read_bytes() == ARCHIVE
    assert Mirror.asked[-1] == ("/cut.gz", "bytes=1000-")


def test_a_whole_file_left_as_a_part_is_taken(mirror: str, tmp_path: Path) -> None:
    (tmp_path / "data.gz.part").write_bytes(ARCHIVE)
    assert fetch(file(f"{mirror}/whole.gz"), tmp_path).read_bytes() == ARCHIVE


def test_the_next_mirror_is_asked_when_one_fails(mirror: str, tmp_path: Path) -> None:
    urls = [f"{mirror}/{name}.gz" for name in ("missing", "wrong", "whole")]
    assert fetch(file(*urls), tmp_path).read_bytes() == ARCHIVE


def test_wrong_bytes_are_thrown_away_with_the_reason(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"wrong\.gz: the MD5 sum is not the published one"):
        fetch(file(f"{mirror}/wrong.gz"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_data_set_is_fetched_file_by_file_and_only_what_is_missing(
    mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tuple(
        File(f"{name}.gz", "md5", hashlib.md5(ARCHIVE).hexdigest(), False, (f"{mirror}/{name}.gz",))
        for name in ("first", "second")
    )
    monkeypatch.setitem(PUBLISHED, "usps", replace(PUBLISHED["usps"], files=files))
    (tmp_path / "usps").mkdir()
    (tmp_path / "usps" / "first.gz").write_bytes(ARCHIVE)
    download("usps", tmp_path)
    assert [path for path, _ in Mirror.asked] == ["/second.gz"]
    assert (tmp_path / "usps" / "second.gz").read_bytes() == ARCHIVE


def test_a_folder_of_images_cannot_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'folder' cannot be downloaded"):
        download("folder", tmp_path)
