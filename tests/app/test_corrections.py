"""`POST /corrections`: off unless a file is named, and what is kept can be learned from."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.corrections import Corrections, CorrectionsError
from app.errors import Refusal
from model.checkpoints.metadata import read_metadata
from model.generator.pens.vectors import spline
from model.ink import normalise_strokes
from model.recognition import Recogniser
from model.training.corrections.recipe import drawings
from model.training.data import LabelledImages
from tests.app.support import with_service
from tests.support import ROOT, Digits, encoded, write_idx

HALVES = slice(0, 10_000, 2), slice(1, 10_000, 2)
FOUR = [[[40, 0], [0, 60], [70, 60]], [[50, 30], [50, 100]]]


def rows_of(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT label, strokes, image FROM corrections ORDER BY id").fetchall()


def test_corrections_are_off_unless_a_file_is_named() -> None:
    async def use(_: object, client: httpx.AsyncClient) -> None:
        answer = await client.post("/corrections", json={"strokes": FOUR, "label": 4})
        assert answer.status_code == 404
        assert answer.json()["type"] == "/docs#corrections-off"
        assert (await client.get("/models")).json()["corrections"] is False

    with_service(use)


def test_drawings_and_images_are_kept_as_they_were_sent(tmp_path: Path, mnist: Digits) -> None:
    path = tmp_path / "corrections.db"
    image = encoded(mnist.images[4])

    async def use(_: object, client: httpx.AsyncClient) -> None:
        assert (await client.get("/models")).json()["corrections"] is True
        drawn = await client.post("/corrections", json={"strokes": FOUR, "label": 4})
        assert drawn.status_code == 201
        assert drawn.json() == {"id": 1, "label": 4}
        sent = await client.post("/corrections", files={"image": image}, data={"label": "4"})
        assert sent.json() == {"id": 2, "label": 4}

    with_service(use, corrections=path)
    (strokes, drawing), (_, file) = [(row[1], row) for row in rows_of(path)]
    assert isinstance(strokes, str)
    assert json.loads(strokes) == FOUR
    assert drawing[0] == 4
    assert file == (4, None, image)


def test_what_cannot_be_learned_from_is_not_kept(tmp_path: Path, mnist: Digits) -> None:
    path = tmp_path / "corrections.db"
    image, blank = encoded(mnist.images[4]), encoded(np.zeros((28, 28), np.uint8))

    async def use(_: object, client: httpx.AsyncClient) -> None:
        for body, slug in (
            ({"strokes": FOUR}, "invalid-label"),
            ({"strokes": FOUR, "label": 10}, "invalid-label"),
            ({"strokes": FOUR, "label": "4"}, "invalid-label"),
            ({"strokes": FOUR, "label": True}, "invalid-label"),
            ({"strokes": [["x"]], "label": 4}, "invalid-strokes"),
            ({"label": 4}, "invalid-strokes"),
            ({"strokes": [], "label": 4}, "no-ink"),
        ):
            told = (await client.post("/corrections", json=body)).json()
            assert (told["type"], told["status"]) == (f"/docs#{slug}", 422)
            expected = 'Send {"strokes": [[[x, y], ...], ...], "label": 7}.'
            assert told["detail"].endswith(expected) is (slug != "no-ink")
        for name, data, label, slug in (
            ("image", image, None, "invalid-label"),
            ("image", image, "x", "invalid-label"),
            ("image", image, "44", "invalid-label"),
            ("picture", image, "4", "missing-image"),
            ("image", blank, "4", "no-ink"),
            ("image", b"no image", "4", "not-an-image"),
        ):
            form = {} if label is None else {"label": label}
            answer = await client.post("/corrections", files={name: data}, data=form)
            assert answer.json()["type"] == f"/docs#{slug}"

    with_service(use, corrections=path)
    assert rows_of(path) == []


def test_no_more_are_kept_than_wanted(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections.db", 2)
    assert corrections.keep(FOUR, 4) == 1
    assert corrections.keep(b"image", 4) == 2
    with pytest.raises(Refusal) as refused:
        corrections.keep(FOUR, 4)
    assert refused.value.slug == "corrections-full"
    assert len(rows_of(tmp_path / "corrections.db")) == 2


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 100)
    with pytest.raises(CorrectionsError, match=r"letter\.txt"):
        Corrections(path, 10)
    assert path.read_text().startswith("Dear reader")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE corrections (x)")
    with pytest.raises(CorrectionsError):
        Corrections(other, 10)


ODD_FOURS: dict[str, list[list[tuple[float, float]]]] = {
    "a ribbon": [[(75, 110), (15, 40), (40, 5), (65, 40), (10, 110)]],
    "a fish": [[(80, 110), (20, 30), (5, 60), (20, 85), (80, 10)]],
    "a bow": [[(80, 10), (35, 75), (8, 60), (20, 35), (50, 60), (85, 110)]],
    "a flag": [[(20, 120), (20, 0), (80, 35), (0, 70)]],
    "a lying chair": [[(0, 40), (60, 40), (60, 0)], [(30, 10), (30, 100)]],
}
"""Ways to write a 4 that few people have, as corners for a spline or, where there are few, a broken line."""


def written(way: str, n: int, seed: int) -> list[list[list[list[float]]]]:
    """`n` fours of one hand: each a little other, slanted and squeezed a little otherwise."""
    random = np.random.default_rng(seed)
    fours = []
    for _ in range(n):
        slant, turn = random.normal(0, 0.06, 2)
        wide, high = np.exp(random.normal(0, 0.08, 2))
        matrix = np.array([[wide, slant - turn], [turn, high]])
        strokes = [np.array(stroke) + random.normal(0, 3, (len(stroke), 2)) for stroke in ODD_FOURS[way]]
        fours.append([(spline(s) if len(s) > 4 else s) @ matrix.T for s in strokes])
    return [[stroke.tolist() for stroke in four] for four in fours]


def read_right(weights: Path | str, fours: list[list[list[list[float]]]]) -> float:
    """The share of drawings that weights read as a 4, and take for a digit."""
    recogniser = Recogniser.load(weights, "cpu", "torch")
    found = recogniser.score(np.stack([normalise_strokes(four).field for four in fours]))
    return float(((found.digits == 4) & (found.digit_score >= recogniser.accept)).mean())


def accuracy(weights: Path | str, part: LabelledImages) -> float:
    found = Recogniser.load(weights, "cpu", "torch").score(part.images)
    return float((found.digits == part.labels).mean())


@pytest.mark.slow
def test_an_odd_four_is_read_right_once_it_has_been_corrected(tmp_path: Path, mnist: Digits) -> None:
    """Of one hand a few fours are corrected; others of that hand are read right then, and MNIST as before.

    Half of MNIST's test images are learned from, the other half tells whether anything was forgotten.
    """
    way = min(ODD_FOURS, key=lambda way: read_right("lenet5", written(way, 40, seed=1)))
    corrected, held_out = written(way, 5, seed=2), written(way, 40, seed=3)
    assert read_right("lenet5", held_out) < 0.2
    path = tmp_path / "corrections.db"

    async def correct(_: object, client: httpx.AsyncClient) -> None:
        for four in corrected[:4]:
            kept = await client.post("/corrections", json={"strokes": four, "label": 4})
            assert kept.status_code == 201
        picture = Image.new("L", (160, 160), 255)
        for stroke in corrected[4]:
            ImageDraw.Draw(picture).line([(x + 25, y + 20) for x, y in stroke], fill=0, width=7)
        file = {"image": encoded(np.asarray(picture))}
        kept = await client.post("/corrections", files=file, data={"label": "4"})
        assert kept.status_code == 201

    with_service(correct, corrections=path)
    data = tmp_path / "data"
    data.mkdir()
    learned, measured = (
        LabelledImages(mnist.images[half], mnist.labels[half].astype(np.int64)) for half in HALVES
    )
    for prefix, part in (("train", learned), ("t10k", measured)):
        write_idx(data / f"{prefix}-images-idx3-ubyte", part.images)
        write_idx(data / f"{prefix}-labels-idx1-ubyte", part.labels.astype(np.uint8))
    command = ["train", "--corrections", path, "--data-set", "idx", "--data", data, "--run", tmp_path / "run"]
    ran = subprocess.run(
        [sys.executable, "-m", "model", *map(str, command), "--device", "cpu"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"corrections read right\W+\d of 5\W+5 of 5", ran.stdout)
    weights = tmp_path / "run" / "best.safetensors"
    before, after = read_metadata("lenet5"), read_metadata(weights)
    assert after.training["init_digest"] == before.digest != after.digest
    assert after.training["corrections_used"] == 5
    assert read_right(weights, held_out) > 0.9
    assert accuracy(weights, measured) >= accuracy("lenet5", measured) - 0.0015
    others = drawings(400, seed=4)
    refused = [
        (Recogniser.load(each, "cpu", "torch").score(others.images[0]).digit_score < 0.5)
        for each in ("lenet5", weights)
    ]
    for digits in (True, False):
        of_kind = (others.labels >= 0) == digits
        assert refused[1][of_kind].mean() == pytest.approx(refused[0][of_kind].mean(), abs=0.03)

    async def ask(_: object, client: httpx.AsyncClient) -> None:
        (model,) = (await client.get("/models")).json()["models"]
        assert model["description"].endswith("then 5 corrections")
        answers = [await client.post("/predict/strokes", json={"strokes": four}) for four in held_out]
        assert sum(answer.json()["digit"] == 4 for answer in answers) > 0.9 * len(answers)

    with_service(ask, model=str(weights), models=(str(weights),))
