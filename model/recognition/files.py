"""Answers to image files: to one, or to thousands on all cores."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any, ClassVar

from model.documents import FIRST_FRAME, Page, pages
from model.files import content_of
from model.ink import InkError
from model.recognition.recogniser import Answer, Recogniser

CHUNK = 64
WORTH_SECONDS = 0.5
"""Further processes are started only for more work than this, which is about what starting them takes."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to recognise: see `Recogniser.load`; `accept` replaces the checkpoint's threshold."""

    model: str = "lenet5"
    device: str = "auto"
    engine: str = "auto"
    accept: float | None = None
    chunk: ClassVar[int] = CHUNK
    """How many files a process takes at a time."""

    def rows(self, recogniser: Recogniser, contents: Sequence[bytes | str]) -> list[dict[str, Any]]:
        """Answer the contents of image files: see `answer_rows`."""
        return answer_rows(recogniser, contents, self.accept)


def predict_files(files: Sequence[Path], options: Options, jobs: int) -> Iterator[list[dict[str, Any]]]:
    """Predict files in their order, a `chunk` at a time, in up to `jobs` processes, as `options` say.

    Processes take a while to start, and a core each, so they are started only once the first chunks show that
    the files left take longer than that.

    A file's answer has `file` and the fields of the service's `Prediction`; or `file` and `error`, if it
    cannot be read as an image.
    """
    predict, step = Predictor(options), options.chunk
    chunks = deque(files[start : start + step] for start in range(0, len(files), step))
    seconds, done = 0.0, 0
    while chunks and (jobs == 1 or done == 0 or len(chunks) * seconds / done < WORTH_SECONDS):
        start = time.perf_counter()
        answers = predict(chunks.popleft())
        seconds += time.perf_counter() - start
        done += 1
        yield answers
    if chunks:
        yield from _in_processes(predict, chunks, jobs)


def _in_processes(
    predict: "Predictor", chunks: Sequence[Sequence[Path]], jobs: int
) -> Iterator[list[dict[str, Any]]]:
    """Predict chunks of files in their order, in `jobs` processes, or by `predict` here if those end."""
    # An engine may have started threads in this process, so that a fork of it could hang. A fork of a fresh
    # process that has imported everything starts just as fast.
    context = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
    context.set_forkserver_preload([__name__, type(predict.recogniser.engine).__module__])
    with ProcessPoolExecutor(jobs, context, _start, (predict.options,)) as pool:
        for chunk, future in [(chunk, pool.submit(_work, chunk)) for chunk in chunks]:
            try:
                yield future.result()
            except BrokenProcessPool:  # a process was killed, for want of memory say, and the pool with it
                yield predict(chunk)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Predictor:
    """Answers files with a recogniser of its own."""

    def __init__(self, options: Options) -> None:
        self.recogniser = Recogniser.load(options.model, options.device, options.engine)
        self.options = options
        if self.recogniser.engine.name == "torch":
            import torch

            # The processes share the cores; a network as small as this gains nothing from threads.
            torch.set_num_threads(1)

    def __call__(self, files: Sequence[Path]) -> list[dict[str, Any]]:
        """Answer some files, in their order, all pages of each."""
        found = [(file, page) for file in files for page in _pages(file)]
        contents = [page if isinstance(page, str) else page.data for _, page in found]
        rows = self.options.rows(self.recogniser, contents)
        return [
            {"file": str(file), **noted(page), **row} for (file, page), row in zip(found, rows, strict=True)
        ]


def told(content: bytes | str, answer: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    """The answer to the content of a file; or, as `error`, the reason why there is none."""
    if isinstance(content, str):
        return {"error": content}
    try:
        return answer(content)
    except InkError as error:
        return {"error": str(error)}


def _pages(file: Path) -> list[Page | str]:
    """The pages of a file, or why it cannot be read."""
    content = content_of(file)
    try:
        return [content] if isinstance(content, str) else [*pages(content)]
    except InkError as error:
        return [str(error)]


def noted(page: Page | InkError | str) -> dict[str, Any]:
    """The members that tell which page, or frame, of its file an answer is for, if the file has several."""
    if not isinstance(page, Page):
        return {}
    said: dict[str, Any] = {"page": page.number, "pages": page.count} if page.count > 1 else {}
    return {**said, "note": FIRST_FRAME} if page.animated else said


def answer_rows(
    recogniser: Recogniser, contents: Sequence[bytes | str], accept: float | None = None
) -> list[dict[str, Any]]:
    """Answer the contents of image files, each as a row of plain values, in their order.

    Args:
        recogniser: The recogniser that answers.
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
    return {**answer.members(), "model": recogniser.name, "input_size": recogniser.input_size}


_predictor: list[Predictor] = []
"""The predictor of this process, if it is one of a pool."""


def _start(options: Options) -> None:
    _predictor.append(Predictor(options))


def _work(files: Sequence[Path]) -> list[dict[str, Any]]:
    return _predictor[0](files)
