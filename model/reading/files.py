"""The numbers in image files, for `model.recognition.files.predict_files`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from model.reading.reading import Marks, read_image
from model.recognition.files import Options, Predictor, told


@dataclass(frozen=True, slots=True)
class ReadOptions(Options):
    """How to read: see `read_image`."""

    marks: Marks = "read"
    pattern: str | None = None


class Reader(Predictor):
    """Reads files with a recogniser of its own: a row has the members of a `Reading`."""

    def __init__(self, options: ReadOptions) -> None:
        super().__init__(options)
        self.marks, self.pattern = options.marks, options.pattern

    def rows(self, contents: Sequence[bytes | str]) -> list[dict[str, Any]]:
        """Read the contents of image files, or say why a file has no answer."""
        return [told(content, self._row) for content in contents]

    def _row(self, content: bytes) -> dict[str, Any]:
        return asdict(read_image(content, self.recogniser, marks=self.marks, pattern=self.pattern))
