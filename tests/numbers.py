"""`python -m tests.numbers DATA FONTS [PER_KIND]`: what each tuned number of ink is for.

Each is made smaller and larger by a third. Printed is how many more of the generator's validation pictures
are then answered rightly (fewer: -), and the kinds that lose the most of their PER_KIND.
"""

import importlib
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

import model.ink
from model.generator.evaluation import answers
from model.generator.items import Item
from model.generator.kinds import KINDS
from model.generator.materials import load_materials
from model.recognition import Recogniser

FACTORS = 0.67, 1.5
NOT_TUNED = {"canvas", "decode", "errors", "fields", "parts", "strokes", "morphology", "normalise", "seams"}
"""Modules whose numbers are bounds, or a file format's, ..."""
OF_MNIST = {"FIELD_SIDE", "BOX_SIDE", "CENTRE"}
"""... and numbers of MNIST."""

Items = dict[str, list[Item]]


def modules() -> list[ModuleType]:
    """The modules of ink."""
    return [
        importlib.import_module(f"model.ink.{found.name}")
        for found in pkgutil.iter_modules(model.ink.__path__)
    ]


def numbers() -> Iterator[tuple[str, str, object]]:
    """The module, the name and the value of each named number or tuple of them, where it is defined."""
    for module in modules():
        short = module.__name__.rpartition(".")[2]
        source = Path(str(module.__file__)).read_text()
        for name, value in vars(module).items():
            assigned = re.search(rf"^[A-Z_, ]*\b{name}\b[A-Z_, ]* = ", source, re.MULTILINE)
            if short in NOT_TUNED or name in OF_MNIST or not name.isupper() or assigned is None:
                continue
            if isinstance(value, int | float) or (
                isinstance(value, tuple) and isinstance(value[0], int | float)
            ):
                yield short, name, value


def scaled(value: object, factor: float) -> object:
    """A number, or each of a tuple, so much larger; whole numbers stay whole."""
    if isinstance(value, tuple):
        return tuple(scaled(one, factor) for one in value)
    assert isinstance(value, int | float)
    return round(value * factor) if isinstance(value, int) else value * factor


def set_everywhere(name: str, value: object) -> None:
    """Give a number that value in each module that has it."""
    for module in modules():
        if name in vars(module):
            setattr(module, name, value)


def right(items: Items, recogniser: Recogniser) -> Counter[str]:
    """How many pictures of each kind are answered rightly: the digit, or that there is none."""
    found: Counter[str] = Counter()
    for kind, some in items.items():
        for outcome in answers(some, recogniser):
            found[kind] += outcome.digit == outcome.label if outcome.label >= 0 else not outcome.is_digit
    return found


def main() -> None:
    """Print a line for each number."""
    data, fonts, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 40
    materials, recogniser = load_materials(data, "validation", [fonts]), Recogniser.load("lenet5")
    items: Items = {}
    for number, kind in enumerate(KINDS):
        source = kind.make(materials)
        drawn = [source(np.random.default_rng([number, n])) for n in range(count)]
        items[kind.name] = [item for item in drawn if item.strokes is None]
    before = right(items, recogniser)
    print(f"| number | value | {' | '.join(f'x {factor}' for factor in FACTORS)} |\n|---|--:|---|---|")
    for module, name, value in numbers():
        lost = []
        for factor in FACTORS:
            set_everywhere(name, scaled(value, factor))
            change = {kind: before[kind] - n for kind, n in right(items, recogniser).items()}
            worst = sorted(change.items(), key=lambda one: -one[1])[:3]
            lost.append(
                f"{-sum(change.values()):+d}: " + ", ".join(f"{kind} {-n}" for kind, n in worst if n > 0)
            )
        set_everywhere(name, value)
        print(f"| {module}.{name} | {value} | {' | '.join(lost)} |", flush=True)


if __name__ == "__main__":
    main()
