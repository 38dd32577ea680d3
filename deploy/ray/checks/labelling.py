"""`python -m deploy.ray.label` on a folder of digits, with a worker and then the job itself killed midway."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from PIL import Image

from deploy.ray.checks.cluster import Cluster
from deploy.ray.checks.images import write_images
from deploy.ray.checks.promises import BrokenPromise, alike, wait_for


class Job:
    """The labelling job and what it has written."""

    def __init__(self, ray: Cluster, source: Path, target: Path, rows: int) -> None:
        self.ray, self.target = ray, target
        module = "deploy.ray.label"
        self.command = [sys.executable, "-m", module, str(source), str(target), f"--rows={rows}"]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it."""
        return self.ray.start(*self.command, log="label.log")

    def files(self) -> list[Path]:
        """The files of labels that are there."""
        return sorted((self.target / "labels").glob("*.parquet"))

    def run(self) -> None:
        """Run it to its end."""
        if self.start().wait(600) != 0:
            raise BrokenPromise("the job failed:\n" + (self.ray.folder / "label.log").read_text()[-2000:])

    def rows(self) -> list[dict[str, Any]]:
        """Every row of every file."""
        return [row for file in self.files() for row in pq.read_table(file).to_pylist()]


def check_label(ray: Cluster, images: Path, truth: dict[str, int], said: dict[str, Any], rows: int) -> None:
    """Label `images`, with a worker and then the job killed midway, and with images that come later."""
    job = Job(ray, images, ray.folder / "labels", rows)
    lists = -(-len(truth) // rows)
    running = job.start()
    wait_for("the first labels", lambda: len(job.files()) >= 2)
    os.kill(ray.workers("MapWorker")[0], signal.SIGKILL)
    there = len(job.files())
    wait_for("labels after a worker was killed", lambda: len(job.files()) >= there + 2)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    wait_for("the killed job's workers to end", lambda: not ray.workers("MapWorker"))
    kept = {file: file.stat().st_mtime_ns for file in job.files()}
    print(f"Ray Data: a worker killed, then the job, when {len(kept)} of {lists} lists were labelled")
    if not len(kept) < lists:
        raise BrokenPromise("the job was over before it could be killed: give more --images")

    truth = truth | write_images(images, len(truth), 200)
    (images / "no-image.png").write_bytes(b"this is no image")
    Image.new("L", (40, 40), 255).save(images / "empty.png")
    job.run()
    if any(file.stat().st_mtime_ns != time_ns for file, time_ns in kept.items()):
        raise BrokenPromise("labels that were there have been made anew")
    judge_rows(job.rows(), truth, said)
    count = len(job.files())
    job.run()
    if len(job.files()) != count:
        raise BrokenPromise("a job with nothing to do wrote labels")


def judge_rows(rows: list[dict[str, Any]], truth: dict[str, int], said: dict[str, Any]) -> None:
    """Whether each image has one row, and the row says what the service said."""
    times = Counter(row["path"] for row in rows)
    refused = {row["path"]: row["error"] for row in rows if row["error"] is not None}
    print(f"          resumed, with 200 more images and two that are none: {len(rows):,} rows")
    if set(times) != {*truth, "no-image.png", "empty.png"} or set(times.values()) != {1}:
        raise BrokenPromise(f"rows by how often their image has one: {Counter(times.values())}")
    if set(refused) != {"no-image.png", "empty.png"}:
        raise BrokenPromise(f"refused: {refused}")
    labels = {row["path"]: row for row in rows}
    for path, answer in said.items():
        row = labels[path]
        same = all(row[name] == answer[name] for name in ("digit", "is_digit", "reason", "model"))
        if not same or not alike(row["probabilities"], answer["probabilities"]):
            raise BrokenPromise(f"{path}: the service said {answer}, the job {row}")
    right = sum(labels[path]["digit"] == digit for path, digit in truth.items())
    print(f"          each image has one row; {len(said):,} of {len(said):,} rows say what the service said")
    print(f"          {right:,} of {len(truth):,} digits right ({right / len(truth):.2%})")
