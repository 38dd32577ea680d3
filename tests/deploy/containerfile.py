"""Dockerfiles, as far as the tests need to read them."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """A stage: what it starts from, another stage where it is one, and its instructions with their words."""

    base: str
    parent: "Stage | None"
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        """What follows each of its own instructions of a name."""
        return [words for instruction, words in self.instructions if instruction == name]

    def inherited(self, name: str) -> list[str]:
        """The same of the stages that it builds on and of itself, the first one first."""
        return [*(self.parent.inherited(name) if self.parent else []), *self.all(name)]

    def copies(self) -> list[tuple[str | None, list[str]]]:
        """Each COPY: the stage it copies from, or None for the folder that is built, and its sources."""
        found = []
        for words in map(shlex.split, self.all("COPY")):
            origin = next((word[7:] for word in words if word.startswith("--from=")), None)
            found.append((origin, [word for word in words if not word.startswith("--")][:-1]))
        return found

    def environment(self) -> dict[str, str]:
        """The variables that its image has."""
        return dict(word.split("=", 1) for words in self.inherited("ENV") for word in shlex.split(words))


def read_stages(path: Path) -> dict[str, Stage]:
    """The stages of a Dockerfile by name, in order."""
    stages: dict[str, Stage] = {}
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    for name, words in re.findall(r"^(\w+) +(.+)$", text, re.MULTILINE):
        if name == "FROM":
            base, _, alias = words.partition(" AS ")
            stage = stages[alias] = Stage(base, stages.get(base))
        elif stages:
            stage.instructions.append((name, words.strip()))
    return stages
