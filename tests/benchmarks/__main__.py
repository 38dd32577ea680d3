"""Measure the service beside others, in one run, as ratios.

    python -m tests.benchmarks --report docs/performance.md

Everything runs on 127.0.0.1, each server on one core and the load on another, in rounds that are bounded in
count and time.
"""

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.benchmarks import report
from tests.benchmarks.processes import SERVICE, Contestant, Running, running
from tests.benchmarks.rounds import Figures, Part, Scene, interleave
from tests.support import ROOT

FOLDER = ROOT / "tests" / "benchmarks" / "contestants"
DIGITS = Contestant("this service", SERVICE, {})
TORCH = Contestant("this service, torch engine", SERVICE, {"DIGITS_ENGINE": "torch"})
NOTHING = Contestant("FastAPI, constant", [str(FOLDER / "nothing.py")], {})
DEMO = Contestant("the usual demo", [str(FOLDER / "demo.py")], {}, drawings=False)

KINDS = ("png", "strokes", "canvas", "photograph")
SCENES = [Scene(kind, clients) for kind in KINDS for clients in (64, 1)]

console = Console(stderr=True)


def parts_of(scene: Scene, servers: list[Running]) -> list[Part]:
    """Who takes part: all, but for drawings those who take them; and beside them the endpoint for uploads."""
    if scene.kind != "strokes":
        return [Part(one.contestant.name, one, scene.kind) for one in servers]
    able = [Part(one.contestant.name, one, scene.kind) for one in servers if one.contestant.drawings]
    uploads = [Part(report.UPLOAD, one, "png") for one in servers if one.contestant is NOTHING]
    return able + uploads


def run_scenes(
    scenes: list[Scene], servers: list[Running], rounds: int, seconds: float
) -> dict[Scene, dict[str, list[Figures]]]:
    """All scenes; drawings go only to those who take them."""
    results: dict[Scene, dict[str, list[Figures]]] = {}
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("rounds", total=len(scenes) * len(servers) * rounds)
        for scene in scenes:
            progress.update(bar, description=scene.title)
            parts = parts_of(scene, servers)
            results[scene] = interleave(scene, parts, rounds, seconds, lambda: progress.advance(bar))
    return results


def main() -> int:
    """Read the command line, measure, write the report."""
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        console.print("there is only one core: the load takes time from the servers")
    load_core, server_core = cores[0], cores[-1]
    os.sched_setaffinity(0, {load_core})
    scenes = [scene for scene in SCENES if not options.only or scene.kind in options.only]
    with ExitStack() as stack:
        servers = [stack.enter_context(running(one, server_core)) for one in (DIGITS, TORCH, NOTHING, DEMO)]
        results = run_scenes(scenes, servers, options.rounds, options.seconds)
        ours = [servers[0]]
        batch = run_scenes([Scene("batch", 1), Scene("png", 64)], ours, options.rounds, options.seconds)
    text = report.scenes(results) + report.batch(batch, DIGITS.name)
    print(text)
    if options.report:
        report.write(options.report, text, results, sys.argv[1:])
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure the service beside others, as ratios.")
    parser.add_argument("--rounds", type=int, default=5, help="of each contestant in each scene")
    parser.add_argument("--seconds", type=float, default=2.0, help="of one round")
    parser.add_argument("--only", nargs="*", choices=KINDS, help="kinds of requests")
    parser.add_argument("--report", type=Path, help="write Markdown and a plot beside it")
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("it takes a round, and some time")
    if options.report and not options.report.absolute().parent.is_dir():
        parser.error(f"{options.report}: there is no such folder")
    return options


if __name__ == "__main__":
    sys.exit(main())
