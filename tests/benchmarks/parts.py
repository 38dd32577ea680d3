"""Where a request's time goes: each part of its way alone, and what is left of the whole for HTTP.

Digits and drawings go the short way (`app.express`), some at a time, as they do under load; photographs go
the general way, one by one.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import to_json

from app.answers import predictions
from app.batcher import MOST_AT_ONCE
from app.decoding import Decoder
from app.heads import read_head
from app.models import Model
from app.multipart import lone_image
from app.schemas import drawing, plain_strokes
from app.settings import Settings
from app.together import Together
from model.ink import normalise_image
from model.ink.decode import decode
from model.ink.fields import FieldReader
from model.ink.normalise import GLANCES
from model.ink.png import canvas_sheet
from model.ink.strokes import read
from model.recognition import Recogniser
from tests.benchmarks import inputs
from tests.benchmarks.report import Results
from tests.benchmarks.rounds import Scene, median

REPEATS = 25
PARTS = ("head", "body", "decode", "ink", "network", "answer")


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


def body_and_decode(kind: str, types: bytes, bodies: list[bytes]) -> tuple[float, float]:
    """Microseconds for taking a body apart, and for decoding what is in it."""
    if kind == "strokes":
        drawings = [drawing(body).strokes for body in bodies]
        return microseconds(plain_strokes, bodies), microseconds(read, drawings)
    images = [lone_image(types, body) or b"" for body in bodies]
    body = microseconds(lambda one: lone_image(types, one), bodies)
    if kind == "png":
        reader = FieldReader(1)
        return body, microseconds(lambda image: reader.read(0, image), images)
    if kind == "canvas":
        return body, microseconds(canvas_sheet, images)
    side, _ = GLANCES[0]
    return body, microseconds(lambda image: decode(image, glance=side), images)


def parts_of(kind: str, recogniser: Recogniser) -> dict[str, float]:
    """Microseconds of each part of a request of one kind."""
    requests = inputs.requests_of(kind)
    heads = [head for head in map(read_head, requests) if head is not None]
    types = heads[0].headers[b"content-type"]
    bodies = [data[head.size :] for head, data in zip(heads, requests, strict=True)]
    parts = {"head": microseconds(read_head, requests)}
    parts["body"], parts["decode"] = body_and_decode(kind, types, bodies)
    # Together they give up after so many points or so long, and go on: here all of a turn are wanted.
    turn = 8 if kind == "photograph" else MOST_AT_ONCE
    bodies = bodies[:turn]
    if kind == "photograph":
        images = [lone_image(types, body) or b"" for body in bodies]
        whole = parts["body"] + microseconds(normalise_image, images)
        fields = np.stack([normalise_image(image).field for image in images])
        pieces = [1] * turn
    else:
        settings = Settings.read()
        together = Together(Decoder(settings), settings, turn)
        add = together.add_strokes if kind == "strokes" else together.add_image

        def all_at_once(bodies: list[bytes]) -> None:
            together.begin()
            for body in bodies:
                if not add(types, body):
                    raise RuntimeError(f"a {kind} did not go the short way")
            together.finish()

        whole = microseconds(all_at_once, [bodies]) / turn
        _, pieces, fields = together.finish()
        fields = fields.copy()
    parts["ink"] = whole - parts["body"] - parts["decode"]
    parts["network"] = microseconds(recogniser.score, [fields]) / len(fields)
    model, found = Model("lenet5", recogniser, Path()), recogniser.score(fields)

    def answer(_: object) -> None:
        for one in predictions(model, pieces, found, None):
            to_json(one)

    parts["answer"] = microseconds(answer, [None]) / len(fields)
    return parts


def report(results: Results, name: str) -> str:
    """The parts as a table, beside the whole that was measured from outside."""
    recogniser = Recogniser.load("lenet5")
    text = f"### Where a request's CPU time goes (µs, {recogniser.engine.name} engine, 64 clients)\n\n"
    text += f"| | {' | '.join(PARTS)} | the rest: sockets, event loop, metrics, threads | whole |\n"
    text += "|---" + "|--:" * (len(PARTS) + 2) + "|\n"
    for kind in ("png", "strokes", "canvas", "photograph"):
        parts = parts_of(kind, recogniser)
        whole = median(results[Scene(kind, 64)][name], "cpu") * 1e6
        cells = [f"{parts[part]:,.0f}" for part in PARTS]
        cells += [f"{whole - sum(parts.values()):,.0f}", f"{whole:,.0f}"]
        text += f"| {Scene(kind, 64).title.rsplit(',', 1)[0]} | " + " | ".join(cells) + " |\n"
    return text + "\n"
