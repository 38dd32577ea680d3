"""Which teachers each source of images has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher: the checkpoint's path, and the one source that it teaches.

    `source` is the data set's name or the name of a further file of images, with its ending or without;
    None: every source that has no teacher of its own.
    """

    path: str
    source: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse FILE or SOURCE=FILE, as `--teacher` takes it.

        No source's name has a slash, so that runs/lr=0.1/best.safetensors is a file.
        """
        source, equals, path = text.partition("=")
        return cls(path, source) if equals and Path(source).name == source else cls(text)

    def __str__(self) -> str:
        """The text that `parse` takes."""
        return self.path if self.source is None else f"{self.source}={self.path}"

    def teaches(self, source: str) -> bool:
        """Whether it is a teacher of this source alone."""
        return self.source is not None and self.source.removesuffix(".npz") == source


def teachers_of(teachers: Sequence[str], sources: Sequence[str]) -> list[list[str]]:
    """The paths of the teachers of each of `sources`, given by name: its own, or else those of all.

    Raises:
        ValueError: a teacher is of a source that does not exist.
    """
    parsed = list(map(Teacher.parse, teachers))
    for teacher in parsed:
        if teacher.source is not None and not any(map(teacher.teaches, sources)):
            names = ", ".join(sources)
            raise ValueError(f"--teacher {teacher}: no source '{teacher.source}': choose from {names}")
    general = [teacher.path for teacher in parsed if teacher.source is None]
    return [[t.path for t in parsed if t.teaches(source)] or general for source in sources]
