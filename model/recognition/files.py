"""Which digits are in image files: one at a time, or thousands on all cores."""

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any

from model.ink import InkError
from model.recognition.recogniser import Answer, Recogniser

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
"""What counts as an image in a folder; a file that is named is read whatever it is called."""

STANDARD_INPUT = Path("/dev/stdin")

NO_FILE, NO_IMAGE = "there is no such file", "there is no image in this folder"

EXPLAINED = ".explained.png"
"""How the name of a picture of the steps to an answer ends: it shows a digit, and is none to be read."""

CHUNK = 64
"""How many files a process takes at a time."""

WORTH_SECONDS = 0.5
"""Further processes are started for more work than this: so long, about, they take to start."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to recognise: see `Recogniser.load`; `accept` replaces the checkpoint's threshold."""

    model: str = "lenet5"
    device: str = "auto"
    engine: str = "auto"
    accept: float | None = None


def files_of(arguments: Iterable[str]) -> list[Path]:
    """The files that are meant by names of files, of folders (all images in them, at any depth) and by globs.

    `-` is standard input. An argument that means no file stands for itself, as a file that is not there,
    unless there is no other. Pictures of explanations are passed over where they are not named.

    Raises:
        FileNotFoundError: with one clear line, if no argument means a file.
    """
    files: dict[Path, None] = {}
    lost: dict[Path, str] = {}
    for argument in arguments:
        path = STANDARD_INPUT if argument == "-" else Path(argument)
        if argument and path.is_dir():
            found = sorted(filter(is_image, path.rglob("*")))
        elif path.is_file() or path == STANDARD_INPUT:
            found = [path]
        else:
            base = Path(path.anchor)
            matches = base.glob(str(path.relative_to(base))) if path.parts else iter(())
            found = sorted(
                match for match in matches if match.is_file() and not match.name.endswith(EXPLAINED)
            )
        if not found:
            reason = NO_IMAGE if argument and path.is_dir() else NO_FILE
            lost[path] = f"{argument}: {reason}"
        files |= dict.fromkeys(found or [path])
    if files and files.keys() == lost.keys():
        raise FileNotFoundError("; ".join(lost.values()))
    return list(files)


def is_image(path: Path) -> bool:
    """Whether a file that was found, not named, is to be read: an image by its name, and not hidden."""
    name = path.name.lower()
    shown = path.suffix.lower() in SUFFIXES and not name.startswith(".") and not name.endswith(EXPLAINED)
    return shown and not path.is_dir()


def predict_files(files: Sequence[Path], options: Options, jobs: int) -> Iterator[list[dict[str, Any]]]:
    """Predict files in their order, some at a time, in up to `jobs` processes.

    Further processes take a while to start and a core each; they are started once it has turned out that what
    is left takes longer than that.

    A file's answer has the fields of the service's `Prediction` and `file`; or `file` and `error`, if it
    cannot be read as an image.
    """
    chunks = deque(files[start : start + CHUNK] for start in range(0, len(files), CHUNK))
    predict = Predictor(options)
    seconds, done = 0.0, 0
    while chunks and (jobs == 1 or done == 0 or len(chunks) * seconds / done < WORTH_SECONDS):
        start = time.perf_counter()
        answers = predict(chunks.popleft())
        seconds += time.perf_counter() - start
        done += 1
        yield answers
    if chunks:
        yield from _with_helpers(predict, options, chunks, jobs - 1)


def _with_helpers(
    predict: "Predictor", options: Options, chunks: Sequence[Sequence[Path]], helpers: int
) -> Iterator[list[dict[str, Any]]]:
    """Predict chunks of files in their order, here and in so many processes more."""
    # A fork of this one, in which an engine may have started threads, could hang; one of a fresh process with
    # all that is needed imported starts as soon.
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    context = get_context(method)
    context.set_forkserver_preload([__name__, type(predict.recogniser.engine).__module__])
    with ProcessPoolExecutor(helpers, context, _start, (options,)) as pool:
        work = [(chunk, pool.submit(_work, chunk)) for chunk in chunks]
        own: dict[int, list[dict[str, Any]]] = {}
        nearest = 0
        for number, (_, future) in enumerate(work):
            while number not in own and not future.done():
                # Not there yet: meanwhile do the nearest one that no helper has begun.
                while nearest < len(work) and not work[nearest][1].cancel():
                    nearest += 1
                if nearest == len(work):
                    break
                own[nearest] = predict(work[nearest][0])
                nearest += 1
            if number not in own:
                try:
                    own[number] = future.result()
                except BrokenProcessPool:  # a helper was ended, for want of memory say, and all are with it
                    own[number] = predict(work[number][0])
            yield own.pop(number)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Predictor:
    """A recogniser that takes files."""

    def __init__(self, options: Options) -> None:
        self.recogniser = Recogniser.load(options.model, options.device, options.engine)
        self.accept = options.accept
        if self.recogniser.engine.name == "torch":
            import torch

            # The processes share the cores; a network as small as this gains nothing from threads.
            torch.set_num_threads(1)

    def __call__(self, files: Sequence[Path]) -> list[dict[str, Any]]:
        """The answers for some files, in their order."""
        rows = answer_rows(self.recogniser, [_content(file) for file in files], self.accept)
        return [{"file": str(file), **row} for file, row in zip(files, rows, strict=True)]


def answer_rows(
    recogniser: Recogniser, contents: Sequence[bytes | str], accept: float | None = None
) -> list[dict[str, Any]]:
    """Answer the contents of image files, each as a row of plain values, in their order.

    Args:
        recogniser: Whose answers.
        contents: A file's bytes, or why it cannot be read.
        accept: The least score of a digit; the checkpoint's own when None.

    Returns:
        The fields of the service's `Prediction`; or `error`, which says why a file has no answer.
    """
    images = [content for content in contents if isinstance(content, bytes)]
    answers = iter(recogniser.recognise(images, accept=accept))
    return [
        _row(recogniser, next(answers) if isinstance(content, bytes) else content) for content in contents
    ]


def _row(recogniser: Recogniser, answer: Answer | InkError | str) -> dict[str, Any]:
    if not isinstance(answer, Answer):
        return {"error": str(answer)}
    return {
        "digit": answer.digit,
        "confidence": answer.confidence,
        "probabilities": answer.probabilities,
        "is_digit": answer.is_digit,
        "digit_score": answer.digit_score,
        "reason": answer.reason,
        **({} if answer.between is None else {"between": list(answer.between)}),
        "model": recogniser.name,
        "input_size": recogniser.input_size,
    }


def _content(file: Path) -> bytes | str:
    """A file's bytes, or why it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return NO_FILE
    except IsADirectoryError:
        return NO_IMAGE
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"


_predictor: list[Predictor] = []
"""The one of this process, where it is a worker."""


def _start(options: Options) -> None:
    _predictor.append(Predictor(options))


def _work(files: Sequence[Path]) -> list[dict[str, Any]]:
    return _predictor[0](files)
