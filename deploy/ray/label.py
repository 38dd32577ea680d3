"""Label a folder or a bucket of images on many machines: `python -m deploy.ray.label SOURCE TARGET`.

SOURCE and TARGET are folders that every machine of the cluster sees, or URIs such as s3://bucket/folder and
gs://bucket/folder. TARGET becomes

    images/00000.parquet    the list of what SOURCE holds: path, bytes; so many a file, never changed again
    labels/00000.parquet    a row for each image of the list of that number: `SCHEMA`

A file of labels is written under another name and then given its own, so what is there is whole. Started
again, after a kill or with more images in SOURCE, the job lists what is new and labels the lists that have no
labels: each image has one row, whoever wrote it and however often.
"""

import argparse
import io
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

from model.ink import InkError
from model.recognition import Answer, Recogniser
from model.recognition.files import SUFFIXES

MAX_BYTES = 64 * 1024 * 1024
"""A larger file is not read."""

READERS = 8
"""Files that one worker reads at a time: a bucket answers slowly, but many at once."""

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
"""A row: what the service answers; `error` says why an image has no answer, and the rest is then null."""


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
        """The names of the Parquet files in this folder, in order."""
        found = self.filesystem.get_file_info(fs.FileSelector(self.path, allow_not_found=True))
        return sorted(file.base_name for file in found if file.extension == "parquet")

    def read(self, name: str) -> pa.Table:
        """A table of this folder."""
        return pq.read_table(f"{self.path}/{name}", filesystem=self.filesystem)

    def write(self, name: str, table: pa.Table) -> None:
        """Write a table into this folder: under its name there is all of it, or nothing."""
        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        partial = f"{self.path}/{name}.{uuid.uuid4().hex}"
        self.filesystem.create_dir(self.path, recursive=True)
        with self.filesystem.open_output_stream(partial) as file:
            file.write(buffer.getvalue())
        self.filesystem.move(partial, f"{self.path}/{name}")


class Labeller:
    """A recogniser of one worker: the names of lists come in, their labels are written."""

    def __init__(self, source: Place, target: Place, model: str, device: str, together: int) -> None:
        self.source = source
        self.lists, self.labels = target.below("images"), target.below("labels")
        self.together = together
        self.recogniser = Recogniser.load(model, device)
        self.readers = ThreadPoolExecutor(READERS)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Label the lists that `batch` names (item); gives how many images each has (rows)."""
        rows = [self._label(str(name)) for name in batch["item"]]
        return {"item": batch["item"], "rows": np.array(rows)}

    def _label(self, name: str) -> int:
        listed = self.lists.read(name)
        batches = listed.to_batches(max_chunksize=self.together)
        rows = [row for batch in batches for row in self._rows(batch)]
        self.labels.write(name, pa.Table.from_pylist(rows, schema=SCHEMA))
        return len(rows)

    def _rows(self, batch: pa.RecordBatch) -> list[dict[str, Any]]:
        paths = batch["path"].to_pylist()
        contents = list(self.readers.map(self._read, paths, batch["bytes"].to_pylist()))
        images = [content for content in contents if isinstance(content, bytes)]
        found = iter(self.recogniser.recognise(images))
        answers = [content if isinstance(content, str) else next(found) for content in contents]
        return [self._row(path, answer) for path, answer in zip(paths, answers, strict=True)]

    def _read(self, path: str, size: int) -> bytes | str:
        if size > MAX_BYTES:
            return f"has {size:,} bytes, more than {MAX_BYTES:,}"
        try:
            with self.source.filesystem.open_input_stream(f"{self.source.path}/{path}") as file:
                content: bytes = file.read()
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        return content

    def _row(self, path: str, answer: Answer | InkError | str) -> dict[str, Any]:
        if not isinstance(answer, Answer):
            return {"path": path, "error": str(answer)}
        return {
            "path": path,
            "digit": answer.digit,
            "confidence": answer.confidence,
            "is_digit": answer.is_digit,
            "digit_score": answer.digit_score,
            "reason": answer.reason,
            "probabilities": answer.probabilities,
            "model": self.recogniser.name,
        }


def images_of(source: Place) -> Iterator[dict[str, Any]]:
    """The images below `source`, at any depth: relative path and size.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    for info in source.filesystem.get_file_info(fs.FileSelector(source.path, recursive=True)):
        if info.type == fs.FileType.File and f".{info.extension.lower()}" in SUFFIXES:
            yield {"path": info.path[len(source.path) + 1 :], "bytes": info.size}


def write_lists(source: Place, lists: Place, rows: int) -> int:
    """List what `source` holds and no list has, `rows` images a list; gives how many images are listed."""
    present = lists.tables()
    known = {path for name in present for path in lists.read(name)["path"].to_pylist()}
    new = [image for image in images_of(source) if image["path"] not in known]
    number = int(present[-1].partition(".")[0]) + 1 if present else 0
    for start in range(0, len(new), rows):
        lists.write(f"{number:05}.parquet", pa.Table.from_pylist(new[start : start + rows], schema=LISTED))
        number += 1
    return len(known) + len(new)


def label(source: Place, target: Place, options: argparse.Namespace) -> int:
    """Label what has no row yet; gives how many rows this wrote."""
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
    parser.add_argument("--batch", type=int, default=256, help="images that go through the network together")
    parser.add_argument(
        "--rows", type=int, default=10_000, help="images of a list: what a kill costs a worker"
    )
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
