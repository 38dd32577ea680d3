"""Time single functions in pairs: this checkout's against those of another one.

    python -m tests.benchmarks.functions --against ../before

The two of a pair take turns in one process, so that both meet the same machine. A row shows the CPU time of
each for one item (median of the rounds) and the median of the ratios, this checkout's by the other's.
"""

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import inputs
from tests.support import encoded

Work = Callable[[Any], object]

ROUNDS = 41


def items() -> dict[str, tuple[str, list[Any]]]:
    """The functions that are compared, of `model.ink`, and what each is given."""
    some = range(inputs.DIFFERENT)
    return {
        "normalise a 28x28 PNG": ("normalise_image", [encoded(digit) for digit in inputs.digits()]),
        "normalise a canvas": ("normalise_image", [inputs.canvas(number) for number in some]),
        "normalise a photograph": ("normalise_image", [inputs.photograph(number) for number in range(8)]),
        "normalise strokes": ("normalise_strokes", [inputs.strokes(number) for number in some]),
    }


def ink_of(checkout: Path) -> ModuleType:
    """The `model.ink` of another checkout, which is imported beside this one's."""
    ours = _without_model()
    sys.path.insert(0, str(checkout))
    try:
        return importlib.import_module("model.ink")
    finally:
        sys.path.remove(str(checkout))
        _without_model()
        sys.modules.update(ours)


def _without_model() -> dict[str, Any]:
    """Forget the package `model`; gives what was forgotten."""
    names = [name for name in sys.modules if name.split(".")[0] == "model"]
    return {name: sys.modules.pop(name) for name in names}


def compare(first: Work, second: Work, given: Sequence[Any]) -> tuple[float, float, float]:
    """Microseconds of CPU an item of either function, and the median ratio of the first to the second."""
    passes = []
    for _ in range(ROUNDS + 1):
        passes.append((_microseconds(first, given), _microseconds(second, given)))
    passes = passes[1:]  # the first warms caches up
    one, other = (statistics.median(times) for times in zip(*passes, strict=True))
    return one, other, statistics.median(ours / theirs for ours, theirs in passes)


def _microseconds(work: Work, given: Sequence[Any]) -> float:
    start = time.thread_time_ns()
    for item in given:
        work(item)
    return (time.thread_time_ns() - start) / len(given) / 1000


def main() -> int:
    """Read the command line, and print the table."""
    parser = argparse.ArgumentParser(description="Time single functions of two checkouts in turn.")
    parser.add_argument("--against", type=Path, required=True, metavar="CHECKOUT")
    options = parser.parse_args()
    if not (options.against / "model").is_dir():
        parser.error(f"{options.against}: there is no package 'model' in it")
    ours, theirs = importlib.import_module("model.ink"), ink_of(options.against)
    table = Table("function", "this, µs", "other, µs", "ratio")
    for name, (function, given) in items().items():
        one, other, ratio = compare(getattr(ours, function), getattr(theirs, function), given)
        table.add_row(name, f"{one:,.1f}", f"{other:,.1f}", f"{ratio:.2f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
