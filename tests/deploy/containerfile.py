"""Dockerfiles, as far as the tests need to read them."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """A stage: what it starts from, and its instructions as (name, rest of the line)."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [rest for instruction, rest in self.instructions if instruction == name]


def read_stages(path: Path) -> dict[str, Stage]:
    """The stages of a Dockerfile by name, in order."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for line in _lines(path):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            base, _, alias = rest.partition(" AS ")
            stage = stages[alias] = Stage(alias, base)
        elif stage is not None:
            stage.instructions.append((name, rest.strip()))
    return stages


def lineage(stages: dict[str, Stage], name: str) -> list[Stage]:
    """The stages that `name` builds on, and itself: the first one first."""
    stage = stages[name]
    return [*(lineage(stages, stage.base) if stage.base in stages else []), stage]


def copies(stage: Stage) -> list[tuple[str | None, list[str]]]:
    """Each COPY: the stage it copies from, or None for the folder that is built, and its sources."""
    found = []
    for rest in stage.all("COPY"):
        words = shlex.split(rest)
        options = [word for word in words if word.startswith("--")]
        sources = [word for word in words if not word.startswith("--")][:-1]
        origin = next((word[7:] for word in options if word.startswith("--from=")), None)
        found.append((origin, sources))
    return found


def environment(stages: dict[str, Stage], name: str) -> dict[str, str]:
    """The variables that a stage's image has."""
    lines = [rest for stage in lineage(stages, name) for rest in stage.all("ENV")]
    return dict(word.split("=", 1) for line in lines for word in shlex.split(line))


def _lines(path: Path) -> list[str]:
    kept = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    return [line for line in "\n".join(kept).replace("\\\n", " ").splitlines() if line.strip()]
