"""Many scans: every page of every file, in several processes, with a journal from which to resume."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from model.forms.page import read_form
from model.forms.template import Template
from model.recognition import Recogniser
from model.recognition.files import Options, predict_files, told


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOptions(Options):
    """How to read forms: by which `template`, and whether answers include the `pictures` of fields."""

    template: Template
    pictures: bool = False
    chunk: ClassVar[int] = 1

    def rows(self, recogniser: Recogniser, contents: Sequence[bytes | str]) -> list[dict[str, Any]]:
        """Read pages; gives the members of each `Form`, and an `error` if it cannot be read or fitted."""

        def row(data: bytes) -> dict[str, Any]:
            form = read_form(data, self.template, recogniser)
            return form.members(pictures=self.pictures) | ({} if form.fit else {"error": form.reason})

        return [told(content, row) for content in contents]


def read_files(
    files: Sequence[Path], options: FormOptions, jobs: int, journal: Path | None
) -> Iterator[list[dict[str, Any]]]:
    """Read every page of files; gives each file's pages: `file`, `page`, and `Form.members` or an `error`.

    Files that the journal has already are not read again; the others are added to it. A file that cannot be
    read does not stop the rest, and one that was interrupted in the middle is read anew.
    """
    texts = journal.read_text().splitlines(keepends=True) if journal and journal.exists() else []
    whole = [json.loads(text) for text in texts if text.endswith("\n")]  # the last may be cut off
    pages = [(name, [*lines]) for name, lines in groupby(whole, lambda line: str(line["file"]))]
    known = {name: lines for name, lines in pages if len(lines) == lines[0].get("pages", 1)}
    new = predict_files([file for file in files if str(file) not in known], options, jobs)
    with (journal or Path(os.devnull)).open("w") as out:
        out.writelines(json.dumps(line) + "\n" for lines in known.values() for line in lines)
        for file in files:
            lines = known.get(str(file))
            if lines is None:
                lines = [{"page": 1, **line} for line in next(new)]
                out.writelines(json.dumps(line) + "\n" for line in lines)
                out.flush()
            yield lines


def rows_of(lines: Sequence[dict[str, Any]], threshold: float | None) -> Iterator[dict[str, Any]]:
    """The rows of the CSV; a promise's `threshold`, if there is one, decides what is doubtful."""
    for line in lines:
        place = {"file": line["file"], "page": line["page"]}
        if "error" in line:
            yield {**place, "error": line["error"]}
        for field in line.get("fields", ()):
            why = field["why"]
            if threshold is not None and set(why) <= {"doubtful"}:
                why = ["doubtful"] if field["confidence"] < threshold else []
            kept = {name: field[name] for name in ("text", "confidence", "empty")}
            yield {**place, "field": field["name"], **kept, "review": bool(why), "why": "; ".join(why)}
