"""Many scans: every page of every file, in several processes, with a journal to go on from."""

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.documents import pages
from model.forms.page import read_form
from model.forms.template import Template
from model.ink import InkError
from model.recognition import Recogniser

COLUMNS = (
    "file",
    "page",
    "field",
    "text",
    "confidence",
    "empty",
    "review",
    "why",
    "truth",
    "checked",
    "error",
)
"""Of the CSV: a row a field, or a row a page that could not be read, with its `error`."""


@dataclass(frozen=True, slots=True)
class Job:
    """How to read: the template, the network (see `Recogniser.load`), and whether fields keep pictures."""

    template: Template
    model: str = "lenet5"
    device: str = "auto"
    engine: str = "auto"
    pictures: bool = False


def read_files(files: Sequence[Path], job: Job, jobs: int, journal: Path | None) -> Iterator[dict[str, Any]]:
    """Read every page of some files: `file`, `page`, and what `Form.members` has, or an `error`.

    What stands in the journal already is not read again; what is read is added to it. A file that cannot be
    read harms no other. In up to `jobs` processes; files come in any order.
    """
    known = _known(journal)
    done = {str(line["file"]) for line in known if line.get("last")}
    known = [line for line in known if line["file"] in done]
    if journal is not None:
        # A file that was broken off in the middle is read anew.
        journal.write_text("".join(json.dumps(line) + "\n" for line in known))
    yield from known
    left = [file for file in files if str(file) not in done]
    for found in _results(left, job, min(jobs, len(left))):
        if journal is not None:
            with journal.open("a") as lines:
                lines.writelines(json.dumps(line) + "\n" for line in found)
        yield from found


def _known(journal: Path | None) -> list[dict[str, Any]]:
    if journal is None or not journal.exists():
        return []
    lines = []
    for line in journal.read_text().splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            break  # the end of what was being written when it was broken off
    return lines


def _results(files: Sequence[Path], job: Job, jobs: int) -> Iterator[list[dict[str, Any]]]:
    if jobs < 2:
        _start(job)
        yield from map(_read, files)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, _start, (job,)) as pool:
        yield from pool.imap_unordered(_read, files)


_worker: list[tuple[Job, Recogniser]] = []
"""What this process reads with, the latest last."""


def _start(job: Job) -> None:
    recogniser = Recogniser.load(job.model, job.device, job.engine)
    if recogniser.engine.name == "torch":
        import torch

        torch.set_num_threads(1)
    _worker.append((job, recogniser))


def _read(file: Path) -> list[dict[str, Any]]:
    job, recogniser = _worker[-1]
    name, lines = str(file), []
    try:
        opened = pages(file.read_bytes())
    except (InkError, OSError) as error:
        return [{"file": name, "page": 1, "error": str(error), "last": True}]
    for page in opened:
        line: dict[str, Any] = {"file": name, "page": page.number}
        try:
            form = read_form(page.data, job.template, recogniser)
            line |= form.members(pictures=job.pictures)
            if form.fit is None:
                line["error"] = form.reason
        except InkError as error:
            line["error"] = str(error)
        lines.append(line | {"last": page is opened[-1]})
    return lines


def rows_of(lines: Sequence[dict[str, Any]], threshold: float | None) -> Iterator[dict[str, Any]]:
    """The rows of the CSV; a promise's `threshold`, if there is one, decides what is doubtful."""
    for line in lines:
        place = {"file": line["file"], "page": line["page"]}
        if "error" in line:
            yield {**place, "error": line["error"]}
        for field in line.get("fields", ()):
            why = [each for each in field["why"] if each != "doubtful" or threshold is None]
            if threshold is not None and field["confidence"] < threshold:
                why = why or ["doubtful"]
            kept = {name: field[name] for name in ("text", "confidence", "empty")}
            yield {**place, "field": field["name"], **kept, "review": bool(why), "why": "; ".join(why)}
