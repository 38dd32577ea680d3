"""Label a folder or a bucket of images on many machines: `python -m deploy.ray.label SOURCE TARGET`.

SOURCE and TARGET are folders that every machine of the cluster sees, or URIs such as s3://bucket/folder and
gs://bucket/folder. The job writes into TARGET

    images/00000.parquet    a list of images in SOURCE, path and bytes; it is never changed again
    labels/00000.parquet    the labels of the images in that list, a row for each image: `SCHEMA`

A file is written under another name and then renamed, so that it is there whole or not at all. When the job
starts again, after a kill or with more images in SOURCE, it lists the new images and labels the lists without
labels: each image gets one row, even if two workers label the same list.
"""

import argparse
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import ray
import ray.data
from pyarrow import fs

from model.files import SUFFIXES
from model.recognition import Recogniser
from model.recognition.files import answer_rows

MAX_BYTES = 64 * 1024 * 1024
"""The largest file that is read."""

READERS = 8
"""Files that one worker reads at a time: a bucket answers each slowly, but many at once."""

LISTED = pa.schema([("path", pa.string()), ("bytes", pa.int64())])
"""A row of a list."""

SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("digit", pa.int8()),
        ("confidence", pa.float32()),
        ("is_digit", pa.bool_()),
        ("digit_score", pa.float32()),
        ("reason", pa.string()),
        ("probabilities", pa.list_(pa.float32())),
        ("model", pa.string()),
        ("error", pa.string()),
    ]
)
"""A row is what the service answers. Where an image has no answer, `error` says why, and the rest is null."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder on a file system or in a bucket."""

    filesystem: fs.FileSystem
    path: str

    @classmethod
    def of(cls, name: str) -> "Place":
        """The place that a path or a URI means."""
        if "://" in name:
            return cls(*fs.FileSystem.from_uri(name))
        return cls(fs.LocalFileSystem(), str(Path(name).resolve()))

    def below(self, name: str) -> "Place":
        """The folder `name` in this one."""
        return Place(self.filesystem, f"{self.path}/{name}")

    def tables(self) -> list[str]:
        """The names of the Parquet files in this folder, sorted."""
        found = self.filesystem.get_file_info(fs.FileSelector(self.path, allow_not_found=True))
        return sorted(file.base_name for file in found if file.extension == "parquet")

    def read(self, name: str) -> pa.Table:
        """Read a table of this folder."""
        return pq.read_table(f"{self.path}/{name}", filesystem=self.filesystem)

    def write(self, name: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
        """Write a table into this folder; it has its name only once it is whole."""
        partial = f"{self.path}/{name}.{uuid.uuid4().hex}"
        self.filesystem.create_dir(self.path, recursive=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), partial, filesystem=self.filesystem)
        self.filesystem.move(partial, f"{self.path}/{name}")


class Labeller:
    """One worker's recogniser: it takes the names of lists and writes their labels."""

    def __init__(self, source: Place, target: Place, model: str, device: str, batch: int) -> None:
        self.source = source
        self.lists, self.labels = target.below("images"), target.below("labels")
        self.batch = batch
        self.recogniser = Recogniser.load(model, device)
        self.readers = ThreadPoolExecutor(READERS)

    def __call__(self, names: dict[str, Any]) -> dict[str, Any]:
        """Label the lists named in the column `item`; gives the number of images of each, `rows`."""
        return {"item": names["item"], "rows": np.array([self._label(str(name)) for name in names["item"]])}

    def _label(self, name: str) -> int:
        batches = self.lists.read(name).to_batches(max_chunksize=self.batch)
        rows = [row for batch in batches for row in self._rows(batch)]
        self.labels.write(name, rows, SCHEMA)
        return len(rows)

    def _rows(self, batch: pa.RecordBatch) -> list[dict[str, Any]]:
        paths = batch["path"].to_pylist()
        files = list(self.readers.map(self._read, paths, batch["bytes"].to_pylist()))
        return [
            {"path": path, **row}
            for path, row in zip(paths, answer_rows(self.recogniser, files), strict=True)
        ]

    def _read(self, path: str, size: int) -> bytes | str:
        if size > MAX_BYTES:
            return f"has {size:,} bytes, more than {MAX_BYTES:,}"
        try:
            with self.source.filesystem.open_input_stream(f"{self.source.path}/{path}") as file:
                content: bytes = file.read()
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        return content


def images_of(source: Place) -> Iterator[dict[str, Any]]:
    """The images below `source`, at any depth: relative path and size in bytes.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    for info in source.filesystem.get_file_info(fs.FileSelector(source.path, recursive=True)):
        if info.type == fs.FileType.File and f".{info.extension.lower()}" in SUFFIXES:
            yield {"path": info.path[len(source.path) + 1 :], "bytes": info.size}


def write_lists(source: Place, lists: Place, rows: int) -> int:
    """List the images of `source` that no list has, `rows` to a list; gives the number of all listed."""
    present = lists.tables()
    known = {path for name in present for path in lists.read(name)["path"].to_pylist()}
    new = [image for image in images_of(source) if image["path"] not in known]
    first = int(present[-1].partition(".")[0]) + 1 if present else 0
    for number, start in enumerate(range(0, len(new), rows), first):
        lists.write(f"{number:05}.parquet", new[start : start + rows], LISTED)
    return len(known) + len(new)


def label(source: Place, target: Place, options: argparse.Namespace) -> int:
    """Label the images without a row; gives the number of rows written."""
    lists, labels = target.below("images"), target.below("labels")
    count = write_lists(source, lists, options.rows)
    labelled = set(labels.tables())
    left = [name for name in lists.tables() if name not in labelled]
    print(f"{count:,} images; {len(left):,} of {len(lists.tables()):,} lists to label", file=sys.stderr)
    if not left:
        return 0
    written = ray.data.from_items(left, override_num_blocks=len(left)).map_batches(
        Labeller,
        fn_constructor_args=(source, target, options.model, options.device, options.batch),
        batch_size=1,
        num_cpus=options.cpus,
        num_gpus=options.gpus,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=options.workers),
    )
    return sum(int(row["rows"]) for row in written.iter_rows())


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.ray.label", description="Label images on Ray.")
    parser.add_argument("source", help="folder or URI of the images")
    parser.add_argument("target", help="folder or URI of the labels")
    parser.add_argument("--model", default="lenet5", help="a shipped model, or a checkpoint that all see")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda")
    parser.add_argument("--workers", type=int, default=2, help="most workers at a time")
    parser.add_argument("--cpus", type=float, default=1, help="CPUs of a worker")
    parser.add_argument("--gpus", type=float, default=0, help="GPUs of a worker; may be a fraction")
    parser.add_argument("--batch", type=int, default=256, help="images that the network takes at once")
    parser.add_argument("--rows", type=int, default=10_000, help="images of a list")
    options = parser.parse_args()
    try:
        rows = label(Place.of(options.source), Place.of(options.target), options)
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{rows:,} rows written to {options.target}/labels", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
