"""Where a request's time goes: each part of its way alone, and what is left of the whole for HTTP."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.answers import prediction
from app.models import Model
from app.multipart import parse
from app.routes.predict import json_response
from app.schemas import drawing
from model.ink import normalise_image, normalise_strokes
from model.ink.decode import decode
from model.recogniser import Recogniser
from tests.benchmarks import inputs
from tests.benchmarks.report import Results
from tests.benchmarks.rounds import Scene, median
from tests.support import encoded

REPEATS = 25


def microseconds(work: Callable[[Any], object], items: list[Any]) -> float:
    """CPU time of `work` on one item: the median of several passes over all of them."""
    for item in items:
        work(item)
    passes = []
    for _ in range(REPEATS):
        start = time.thread_time_ns()
        for item in items:
            work(item)
        passes.append((time.thread_time_ns() - start) / len(items) / 1000)
    return statistics.median(passes)


def images_of(kind: str) -> list[bytes]:
    """The image files of a kind of request."""
    match kind:
        case "png":
            return [encoded(digit) for digit in inputs.digits()]
        case "canvas":
            return [inputs.canvas(number) for number in range(inputs.DIFFERENT)]
    return [inputs.photograph(number) for number in range(4)]


def parts_of(kind: str, recogniser: Recogniser) -> dict[str, float]:
    """Microseconds of each part of a request of one kind."""
    parts: dict[str, float] = {}
    if kind == "strokes":
        drawings = [inputs.strokes(number) for number in range(inputs.DIFFERENT)]
        bodies = [json.dumps({"strokes": strokes}).encode() for strokes in drawings]
        parts["body"] = microseconds(drawing, bodies)
        parts["decode"] = 0.0
        parts["ink"] = microseconds(normalise_strokes, drawings)
        inks = [normalise_strokes(strokes) for strokes in drawings]
    else:
        images = images_of(kind)
        forms = [inputs.form([image]) for image in images]
        parts["body"] = microseconds(lambda form: parse(form, inputs.BOUNDARY, 16), forms)
        parts["decode"] = microseconds(decode, images)
        parts["ink"] = microseconds(normalise_image, images) - parts["decode"]
        inks = [normalise_image(image) for image in images]
    fields = np.stack([ink.field for ink in inks])
    parts["network, alone"] = microseconds(recogniser.recognise, [field[None] for field in fields])
    parts["network, of 64"] = microseconds(recogniser.recognise, [np.resize(fields, (64, 28, 28))]) / 64
    found = recogniser.recognise(fields)
    model = Model("lenet5", recogniser, Path())

    def answer(at: int) -> dict[str, Any]:
        return prediction(model, inks[at], found.probabilities[at], float(found.digit_score[at]), None)

    parts["answer"] = microseconds(answer, list(range(len(inks))))
    parts["JSON"] = microseconds(json_response, [answer(at) for at in range(len(inks))])
    return parts


def report(results: Results, name: str) -> str:
    """The parts as a table, beside the whole that was measured from outside."""
    recogniser = Recogniser.load("lenet5")
    text = f"### Where a request's CPU time goes (µs, {recogniser.engine.name} engine)\n\n"
    heads = ("body", "decode", "ink", "network, alone", "network, of 64", "answer", "JSON")
    text += f"| | {' | '.join(heads)} | the rest: HTTP, routing, queue, metrics | whole, 64 clients |\n"
    text += "|---" + "|--:" * (len(heads) + 2) + "|\n"
    for kind in ("png", "strokes", "canvas", "photograph"):
        parts = parts_of(kind, recogniser)
        whole = median(results[Scene(kind, 64)][name], "cpu") * 1e6
        rest = whole - sum(parts.values()) + parts["network, alone"]
        cells = [f"{parts[head]:.0f}" for head in heads] + [f"{rest:.0f}", f"{whole:.0f}"]
        text += f"| {Scene(kind, 64).title.rsplit(',', 1)[0]} | " + " | ".join(cells) + " |\n"
    return text + "\n"
