"""Whoever answers, the answer is the same: 300 pictures, many in which dark or light may be the ink.

The pictures are those of the gallery, marker digits on grey paper, and pictures of the generator's.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from matplotlib import get_data_path
from scipy.special import softmax

from model.checkpoints import checkpoint
from model.generator import evaluation
from model.generator.items import Item, png
from model.generator.kinds import KINDS
from model.generator.materials import Materials
from model.generator.paper.fonts import find_fonts, with_digits
from model.ink import normalise_image
from model.recognition import Answer, Recogniser
from model.recognition.explanation import walk
from model.recognition.files import Options, answer_rows, predict_files
from model.training.corrections.database import read_corrections
from model.training.data import LabelledImages, load_images
from model.training.evaluation.figures import evaluate_checkpoint
from tests.gallery import PICTURES
from tests.support import Digits, RunningServer, bold

pytestmark = pytest.mark.slow

MANY = 300
MARKERS = 150
DRAWN = ("canvas-models", "mnist-disguised", "displays", "photos-mnist", "cells-bordered", "textures")
TOLERANCE = 1e-4
"""Batches of other sizes, and other engines, round otherwise."""


@dataclass(frozen=True)
class Corpus:
    """Pictures, and their answers in this process: None where there is no ink."""

    images: list[bytes]
    paths: list[Path]
    """The same as files."""
    items: list[Item]
    """The last of them as pixels."""
    answers: list[Answer | None]

    def answered(self) -> list[tuple[bytes, Answer]]:
        """The pictures that have an answer, each with it."""
        pairs = zip(self.images, self.answers, strict=True)
        return [(image, answer) for image, answer in pairs if answer is not None]


@pytest.fixture(scope="module")
def corpus(mnist: Digits, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    digits = LabelledImages(mnist.images[:200], mnist.labels[:200].astype(np.int64))
    fonts = find_fonts([Path(get_data_path()) / "fonts" / "ttf"])
    materials = Materials("test", [], digits, digits, [], fonts, with_digits(fonts))
    sources = [kind.make(materials) for kind in KINDS if kind.name in DRAWN]
    random = np.random.default_rng(16)
    items = [
        Item(int(mnist.labels[n]), 0, pixels=bold(mnist.images[n], 60, 30.0, dark=n % 2 == 0))
        for n in range(MARKERS)
    ]
    items += [sources[n % len(sources)](random) for n in range(MANY - MARKERS - len(PICTURES))]
    images = [
        *(path.read_bytes() for path in PICTURES),
        *(png(item.pixels) for item in items if item.pixels is not None),
    ]
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{number:03}.png" for number in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        path.write_bytes(image)
    found = Recogniser.load("lenet5").recognise(images)
    return Corpus(images, paths, items, [answer if isinstance(answer, Answer) else None for answer in found])


def test_many_of_the_pictures_are_doubtful(corpus: Corpus) -> None:
    inks = [(normalise_image(image), answer.ink) for image, answer in corpus.answered()]
    doubtful = [(first, chosen) for first, chosen in inks if first.further()]
    assert len(corpus.images) == MANY
    assert len(inks) > 0.9 * MANY
    assert len(doubtful) > 60
    assert sum(not np.array_equal(first.field, chosen.field) for first, chosen in doubtful) > 2


def same(corpus: Corpus, rows: list[dict[str, object]]) -> None:
    """Check the answers to all pictures, each with the fields of a `Prediction`."""
    assert len(rows) == len(corpus.answers)
    for row, answer in zip(rows, corpus.answers, strict=True):
        assert ("digit" in row) is (answer is not None)
        if answer is None:
            continue
        told = (answer.digit, answer.is_digit, answer.reason)
        assert (row["digit"], row["is_digit"], row["reason"]) == told
        assert row["probabilities"] == pytest.approx(answer.probabilities, abs=TOLERANCE)
        assert row["digit_score"] == pytest.approx(answer.digit_score, abs=TOLERANCE)
        assert row.get("between") == (None if answer.between is None else list(answer.between))


def test_the_route(corpus: Corpus, server: RunningServer) -> None:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        sent = [client.post("/predict", files={"image": image}) for image in corpus.images]
    same(corpus, [response.json() for response in sent])


def test_the_route_of_batches(corpus: Corpus, server: RunningServer) -> None:
    rows = []
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for start in range(0, MANY, 50):
            files = [("image", image) for image in corpus.images[start : start + 50]]
            rows += client.post("/predict/batch", files=files).json()["predictions"]
    same(corpus, rows)


def test_the_command_line(corpus: Corpus) -> None:
    same(corpus, [row for rows in predict_files(corpus.paths, Options(), 1) for row in rows])


def test_the_labelling_job_on_ray(corpus: Corpus) -> None:
    """What deploy/ray/label.py makes its rows of: Ray itself is not there when tests run."""
    same(corpus, answer_rows(Recogniser.load("lenet5"), corpus.images))


def test_the_explanation(corpus: Corpus) -> None:
    recogniser = Recogniser.load("lenet5")
    for image, answer in zip(corpus.images, corpus.answers, strict=True):
        steps = walk(image, recogniser)
        assert (steps.answer is None) is (answer is None)
        if steps.answer is None or answer is None:
            continue
        assert steps.answer.probabilities == pytest.approx(answer.probabilities, abs=TOLERANCE)
        np.testing.assert_array_equal(steps.answer.ink.field, answer.ink.field)
        assert any(picture is steps.answer.ink.field for _, picture in steps.pictures)


def test_the_generator_s_measuring(corpus: Corpus) -> None:
    outcomes = evaluation.answers(corpus.items, Recogniser.load("lenet5"))
    for outcome, answer in zip(outcomes, corpus.answers[-len(corpus.items) :], strict=True):
        assert outcome.digit == (None if answer is None else answer.digit)
        if answer is not None:
            assert outcome.is_digit is answer.is_digit
            assert outcome.confidence == pytest.approx(answer.confidence, abs=TOLERANCE)


def from_folder(corpus: Corpus, folder: Path) -> LabelledImages:
    (folder / "7").mkdir()
    for number, (image, _) in enumerate(corpus.answered()):
        (folder / "7" / f"{number:03}.png").write_bytes(image)
    return load_images(folder, Recogniser.load("lenet5"))


def from_corrections(corpus: Corpus, folder: Path) -> LabelledImages:
    rows = [(7, None, image) for image, _ in corpus.answered()]
    with closing(sqlite3.connect(folder / "corrections")) as file, file:
        file.execute("CREATE TABLE corrections (id INTEGER PRIMARY KEY, label, strokes, image)")
        file.executemany("INSERT INTO corrections (label, strokes, image) VALUES (?, ?, ?)", rows)
    return read_corrections(folder / "corrections", Recogniser.load("lenet5")).part


@pytest.mark.parametrize("read", [from_folder, from_corrections])
def test_evaluation_on_folders_and_corrections(
    read: Callable[[Corpus, Path], LabelledImages], corpus: Corpus, tmp_path: Path
) -> None:
    answers = [answer for _, answer in corpus.answered()]
    found, loaded = read(corpus, tmp_path), checkpoint.load("lenet5")
    np.testing.assert_array_equal(found.images, [answer.ink.field for answer in answers])
    _, logits = evaluate_checkpoint(loaded, found, torch.device("cpu"))
    counted = softmax(logits / loaded.metadata.temperature, axis=1)
    np.testing.assert_allclose(counted, [answer.probabilities for answer in answers], atol=TOLERANCE)
