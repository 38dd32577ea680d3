"""Measure the service beside others, in one run, as ratios.

    python -m tests.benchmarks --report docs/performance.md

Everything runs on 127.0.0.1, each server on one core and the load on another, in rounds of a bounded time.
"""

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.benchmarks import report
from tests.benchmarks.inputs import requests_of
from tests.benchmarks.processes import Contestant, Running, running
from tests.benchmarks.rounds import Figures, Part, Scene, interleave
from tests.support import ROOT

SCRIPTS = ROOT / "tests" / "benchmarks" / "contestants"
CONTESTANTS = [
    Contestant(report.DIGITS),
    Contestant(report.TORCH, engine="torch"),
    Contestant(report.NOTHING, (str(SCRIPTS / "nothing.py"),)),
    Contestant(report.DEMO, (str(SCRIPTS / "demo.py"),), drawings=False),
]
KINDS = ("png", "strokes", "canvas", "photograph")


def parts_of(scene: Scene, servers: list[Running]) -> list[Part]:
    """Who takes part: all that can, and for drawings the endpoint for uploads beside them."""
    services = (report.DIGITS, report.TORCH, report.BEFORE)
    if scene.kind in ("batch", "number", "amount"):
        servers = [one for one in servers if one.contestant.name in services]
    if scene.kind != "strokes":
        return [Part(one.contestant.name, one, scene.kind) for one in servers]
    able = [Part(one.contestant.name, one, "strokes") for one in servers if one.contestant.drawings]
    return able + [
        Part(report.UPLOAD, one, "png") for one in servers if one.contestant.name == report.NOTHING
    ]


def run(
    scenes: list[Scene], servers: list[Running], rounds: int, seconds: float
) -> dict[Scene, dict[str, list[Figures]]]:
    """The rounds of all scenes."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("rounds", total=len(scenes) * rounds)
        return {
            scene: interleave(scene, parts_of(scene, servers), rounds, seconds, lambda: progress.advance(bar))
            for scene in scenes
        }


def main() -> int:
    """Read the command line, measure, write the report."""
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])
    contestants = CONTESTANTS
    if options.before:
        contestants = [*contestants, Contestant(report.BEFORE, checkout=options.before.absolute())]
    with ExitStack() as stack:
        first = requests_of("png")[0]
        servers = [stack.enter_context(running(one, cores[-1], first)) for one in contestants]

        def measured(*scenes: Scene) -> dict[Scene, dict[str, list[Figures]]]:
            return run(list(scenes), servers, options.rounds, options.seconds)

        results = measured(*(Scene(kind, clients) for kind in options.only for clients in (64, 1)))
        text = report.throughput(results)
        if options.only == list(KINDS):
            batches = measured(Scene("batch", 1))[Scene("batch", 1)]
            text += report.batch(batches[report.DIGITS], results[Scene("png", 64)][report.DIGITS])
            text += report.numbers(measured(Scene("number", 1), Scene("amount", 1)))
    text += report.plainly(results)
    print(text)
    if options.report:
        report.write(options.report, text, sys.argv[1:])
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure the service beside others, as ratios.")
    parser.add_argument("--rounds", type=int, default=5, help="of each contestant in each scene")
    parser.add_argument("--seconds", type=float, default=1.0, help="of one round")
    parser.add_argument("--only", nargs="*", choices=KINDS, default=list(KINDS), help="kinds of requests")
    parser.add_argument(
        "--before", type=Path, metavar="CHECKOUT", help="another checkout's service beside them"
    )
    parser.add_argument("--report", type=Path, help="write the tables to this file, in Markdown")
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("it takes a round, and some time")
    if options.report and not options.report.absolute().parent.is_dir():
        parser.error(f"{options.report}: there is no such folder")
    return options


if __name__ == "__main__":
    sys.exit(main())
