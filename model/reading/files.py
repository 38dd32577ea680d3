"""Read the numbers in image files, for `model.recognition.files.predict_files`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from model.reading.reading import Marks, read_image
from model.recognition import Recogniser
from model.recognition.files import Options, told


@dataclass(frozen=True, slots=True)
class ReadOptions(Options):
    """How to read: see `read_image`."""

    marks: Marks = "read"
    pattern: str | None = None

    def rows(self, recogniser: Recogniser, contents: Sequence[bytes | str]) -> list[dict[str, Any]]:
        """Read image files: for each, the members of a `Reading`, or as `error` why there is none."""

        def row(data: bytes) -> dict[str, Any]:
            return asdict(read_image(data, recogniser, marks=self.marks, pattern=self.pattern))

        return [told(content, row) for content in contents]
