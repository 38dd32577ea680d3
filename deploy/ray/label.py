"""Label a folder or a bucket of images on many machines: `python -m deploy.ray.label SOURCE TARGET`.

SOURCE and TARGET are folders that every machine of the cluster sees, or URIs such as s3://bucket/folder and
gs://bucket/folder. TARGET becomes

    images/     the list of what SOURCE holds: path, bytes
    labels/     Parquet, a row for each image: `SCHEMA`
    progress/   which images have their row

Started again, after a kill or with more images in SOURCE, it labels what has no row yet: Ray Data notes the
paths of each file of rows before it writes it, and removes a file that was not finished (two-phase commit).
"""

import argparse
import io
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import ray
from pyarrow import fs
from ray.data.checkpoint import CheckpointConfig

from model.engines import Floats
from model.ink import InkError, NormalisedInk, normalise_image
from model.judgement import judge
from model.prediction import SUFFIXES
from model.recogniser import Recogniser

MAX_BYTES = 64 * 1024 * 1024
"""A larger file is not read."""

LISTED = 100_000
"""Paths in one file of the list."""

READERS = 8
"""Files that one worker reads at a time: a bucket answers slowly, but many at once."""

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


class Labeller:
    """A recogniser of one worker; a batch of paths comes in, a batch of rows goes out."""

    def __init__(self, source: Place, model: str, device: str) -> None:
        self.source = source
        self.recogniser = Recogniser.load(model, device)
        self.readers = ThreadPoolExecutor(READERS)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Rows of `SCHEMA` for the images listed in `batch` (path, bytes), in their order."""
        paths = batch["path"].to_pylist()
        contents = list(self.readers.map(self._read, paths, batch["bytes"].to_pylist()))
        inks = [content if isinstance(content, str) else self._ink(content) for content in contents]
        fields = [ink.field for ink in inks if isinstance(ink, NormalisedInk)]
        size = self.recogniser.input_size
        found = self.recogniser.recognise(np.stack(fields) if fields else np.zeros((0, size, size), np.uint8))
        answers = zip(found.probabilities, found.digit_score, strict=True)
        rows = [
            {"path": path, "error": ink} if isinstance(ink, str) else self._row(path, ink, *next(answers))
            for path, ink in zip(paths, inks, strict=True)
        ]
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def _read(self, path: str, size: int) -> bytes | str:
        if size > MAX_BYTES:
            return f"has {size:,} bytes, more than {MAX_BYTES:,}"
        try:
            with self.source.filesystem.open_input_stream(f"{self.source.path}/{path}") as file:
                content: bytes = file.read()
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        return content

    def _ink(self, content: bytes) -> NormalisedInk | str:
        try:
            return normalise_image(content, size=self.recogniser.input_size)
        except InkError as error:
            return str(error)

    def _row(self, path: str, ink: NormalisedInk, probabilities: Floats, score: np.float32) -> dict[str, Any]:
        judged = judge(probabilities, float(score), pieces=ink.pieces, accept=self.recogniser.accept)
        return {
            "path": path,
            "digit": judged.digit,
            "confidence": judged.confidence,
            "is_digit": judged.is_digit,
            "digit_score": float(score),
            "reason": judged.reason,
            "probabilities": probabilities.tolist(),
            "model": self.recogniser.name,
        }


def listing(source: Place) -> Iterator[pa.Table]:
    """The images below `source`, at any depth: relative path and size, `LISTED` at a time.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    found = source.filesystem.get_file_info(fs.FileSelector(source.path, recursive=True))
    images = [
        {"path": info.path[len(source.path) + 1 :], "bytes": info.size}
        for info in found
        if info.type == fs.FileType.File and f".{info.extension.lower()}" in SUFFIXES
    ]
    schema = pa.schema([("path", pa.string()), ("bytes", pa.int64())])
    for start in range(0, len(images), LISTED):
        yield pa.Table.from_pylist(images[start : start + LISTED], schema=schema)


def write_list(source: Place, images: Place) -> int:
    """Write the list anew; gives how many images it has."""
    tables = list(listing(source))
    images.filesystem.create_dir(images.path, recursive=True)
    images.filesystem.delete_dir_contents(images.path)
    for number, table in enumerate(tables):
        buffer = io.BytesIO()
        # Small groups, so that the work can be shared among workers.
        pq.write_table(table, buffer, row_group_size=10_000)
        with images.filesystem.open_output_stream(f"{images.path}/{number:05}.parquet") as file:
            file.write(buffer.getvalue())
    return sum(len(table) for table in tables)


def labelled(labels: Place) -> int:
    """How many rows there are."""
    if labels.filesystem.get_file_info(labels.path).type == fs.FileType.NotFound:
        return 0
    files = labels.filesystem.get_file_info(fs.FileSelector(labels.path))
    return sum(
        pq.read_metadata(file.path, filesystem=labels.filesystem).num_rows
        for file in files
        if file.extension == "parquet"
    )


def label(source: Place, target: Place, options: argparse.Namespace) -> int:
    """Label what has no row yet; gives how many rows there are then."""
    count = write_list(source, target.below("images"))
    print(f"{count:,} images in {source.path}", file=sys.stderr)
    if not count:
        return 0
    progress, labels = target.below("progress"), target.below("labels")
    progress.filesystem.create_dir(progress.path, recursive=True)
    context = ray.data.DataContext.get_current()
    context.checkpoint_config = CheckpointConfig(
        id_column="path",
        checkpoint_path=progress.path,
        override_filesystem=progress.filesystem,
        delete_checkpoint_on_success=False,
    )
    images = ray.data.read_parquet(f"{target.path}/images", filesystem=target.filesystem)
    rows = images.repartition(target_num_rows_per_block=options.rows).map_batches(
        Labeller,
        fn_constructor_args=(source, options.model, options.device),
        batch_size=options.batch,
        batch_format="pyarrow",
        zero_copy_batch=True,
        num_cpus=options.cpus,
        num_gpus=options.gpus,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=options.workers),
        max_restarts=-1,
        max_task_retries=-1,
    )
    rows.write_parquet(labels.path, filesystem=labels.filesystem, mode="append")
    return labelled(labels)


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
    parser.add_argument("--rows", type=int, default=10_000, help="rows of a file: what a kill costs at most")
    options = parser.parse_args()
    try:
        rows = label(Place.of(options.source), Place.of(options.target), options)
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{rows:,} rows in {options.target}/labels", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
