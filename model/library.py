"""The library: what `from model import ...` gives. docs/library.md shows it."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from model.checkpoints.metadata import locate
from model.documents import Page, file_of, pages
from model.engines import open_engine
from model.ink import DEFAULT_LIMITS, InkError, Limits, normalise_strokes
from model.reading import Reading, read_image, read_strokes
from model.recognition import Answer
from model.recognition import Recogniser as OneDigit

Picture: TypeAlias = "bytes | str | PathLike[str] | NDArray[Any]"
"""An image file: its bytes or its path; or its pixels (H, W) or (H, W, 3), 0 to 255."""
Strokes: TypeAlias = Sequence[Sequence[Sequence[float]]]
"""Pen strokes: each a list of points (x, y) or (x, y, pressure), in any units, y down."""


class Recogniser(OneDigit):
    """Says which digits, and which numbers, are in images and drawings; for one thread at a time."""

    @classmethod
    def load(
        cls, path_or_preset: Path | str = "lenet5", device: str = "auto", engine: str = "auto"
    ) -> "Recogniser":
        """Load a shipped network, or a checkpoint of one's own (.safetensors, .onnx).

        Raises:
            CheckpointError, DeviceError, EngineError: `ValueError` each, with one clear line.
        """
        return cls(open_engine(path_or_preset, device, engine), locate(path_or_preset))

    def recognise(
        self, images: Sequence[Picture], *, limits: Limits = DEFAULT_LIMITS, accept: float | None = None
    ) -> list[Answer | InkError]:
        """Say which digit is in each image, in their order; an unreadable one gets an `InkError` instead.

        Raises:
            OSError: a path cannot be read.
        """
        files: list[Page | InkError] = []
        for image in images:
            try:
                files.append(_page(image, limits))
            except InkError as error:
                files.append(error)
        good = [file.data for file in files if isinstance(file, Page)]
        answers = iter(super().recognise(good, limits=limits, accept=accept))
        return [next(answers) if isinstance(file, Page) else file for file in files]

    def recognise_strokes(self, strokes: Strokes, *, accept: float | None = None) -> Answer:
        """Say which digit pen strokes draw; `InkError` if they draw nothing."""
        return self.answer([normalise_strokes(strokes)], accept)[0]

    def read(
        self,
        image: Picture,
        *,
        marks: bool = True,
        pattern: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Reading:
        """Read the number, or the lines of numbers, in an image.

        Args:
            image: The image.
            marks: Whether `. , - / :` are read too.
            pattern: What each number is expected to be: `dddd`, `d+.dd` or `dd/dd/dddd`, say.
            limits: How large the image may be.

        Raises:
            InkError: the image has no number, or is not an image.
            BadPattern: the pattern is not valid.
            OSError: a path cannot be read.
        """
        data = _page(image, limits).data
        return read_image(data, self, limits=limits, marks="read" if marks else "ignore", pattern=pattern)

    def read_strokes(self, strokes: Strokes, *, marks: bool = True, pattern: str | None = None) -> Reading:
        """Read the number that pen strokes write; `marks`, `pattern` and the errors are those of `read`."""
        return read_strokes(strokes, self, marks="read" if marks else "ignore", pattern=pattern)


def _page(image: Picture, limits: Limits) -> Page:
    """The first page of an image file, or pixels as such a file."""
    if isinstance(image, str | PathLike):
        image = Path(image).read_bytes()
    return pages(image if isinstance(image, bytes) else file_of(image), 1, limits=limits)[0]
