"""From a start to the first answer, memory with either engine, and folders from the command line."""

import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.benchmarks.inputs import photograph, requests_of
from tests.benchmarks.load import drive
from tests.benchmarks.processes import SERVICE, Contestant, running
from tests.support import ROOT, encoded

COUNTS = (1250, 2500, 5000, 10_000)
PHOTOGRAPHS = 500


def report(cores: Mapping[str, int], rounds: int) -> str:
    """Start the service with each engine (name: core), and ask it once, then a few thousand times."""
    text = "### Start and memory, with one model\n\n"
    text += "| engine | start to first answer | resident then | after 5,000 requests |\n"
    text += "|---|--:|--:|--:|\n"
    for engine, core in cores.items():
        seconds, first, later = [], [], []
        for _ in range(rounds):
            settings = {"DIGITS_ENGINE": engine, "DIGITS_MODELS": "lenet5"}
            with running(Contestant(engine, SERVICE, settings), core) as server:
                drive(server.port, requests_of("png"), clients=1, most=1, seconds=10)
                seconds.append(time.perf_counter() - server.started)
                first.append(server.resident_mebibytes())
                drive(server.port, requests_of("png"), clients=64, most=5000, seconds=30)
                later.append(server.resident_mebibytes())
        numbers = [statistics.median(values) for values in (seconds, first, later)]
        text += f"| {engine} | {numbers[0]:.2f} s | {numbers[1]:.0f} MiB | {numbers[2]:.0f} MiB |\n"
    return text + "\n"


def folder_report() -> str:
    """Time `python -m model predict FOLDER` on folders of growing size."""
    data = gzip.decompress((ROOT / "tests" / "data" / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    images = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)
    text = "### A folder from the command line\n\n"
    text += "| `python -m model predict FOLDER --json` | seconds |\n|---|--:|\n"
    with tempfile.TemporaryDirectory() as name:
        done = 0
        for count in COUNTS:
            for at in range(done, count):
                (Path(name) / f"{at:05}.png").write_bytes(encoded(images[at]))
            done = count
            text += _rows(name, f"{count:,} digits of 28x28")
    with tempfile.TemporaryDirectory() as name:
        files = [photograph(number) for number in range(8)]
        for at in range(PHOTOGRAPHS):
            (Path(name) / f"{at:05}.jpg").write_bytes(files[at % len(files)])
        text += _rows(name, f"{PHOTOGRAPHS} photographs of 1000x1000")
    return text + "\n"


def _rows(folder: str, what: str) -> str:
    text = ""
    for jobs in (1, 0):
        seconds = _predict(folder, jobs)
        cores = "1 core" if jobs else f"all cores ({len(os.sched_getaffinity(0))})"
        text += f"| {what}, {cores} | {seconds:.2f} |\n"
    return text


def _predict(folder: str, jobs: int) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "model", "predict", folder, "--json", "--jobs", str(jobs)],
        cwd=ROOT,
        check=True,
        timeout=600,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start
