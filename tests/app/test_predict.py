"""`/predict`, `/predict/strokes` and `/predict/batch` on the running service."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support import A_SEVEN, Digits, RunningServer, encoded

SEVEN = A_SEVEN["strokes"]
MEMBERS = {"digit", "confidence", "probabilities", "is_digit", "digit_score", "reason", "model", "input_size"}


def test_a_form_with_an_image_gets_a_prediction(client: httpx.Client, mnist: Digits) -> None:
    response = client.post("/predict", files={"image": ("digit.png", encoded(mnist.images[0]), "image/png")})
    assert response.status_code == 200
    answer = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert (set(answer), answer["model"]) == (MEMBERS, "lenet5")
    told = [answer[name] for name in ("digit", "is_digit", "reason", "input_size")]
    assert told == [7, True, None, 28]
    assert answer["confidence"] == max(answer["probabilities"]) == answer["probabilities"][7]
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-9)
    assert 0 <= answer["digit_score"] <= 1


def test_strokes_get_a_prediction_whatever_their_units_and_with_pressure(client: httpx.Client) -> None:
    for scale, shift in ((1, 0), (0.001, 5), (1000, -4000)):
        strokes = [[[x * scale + shift, y * scale + shift] for x, y in stroke] for stroke in SEVEN]
        for drawn in (strokes, [[[*point, 0.5] for point in stroke] for stroke in strokes]):
            answer = client.post("/predict/strokes", json={"strokes": drawn}).json()
            assert answer["digit"] == 7
            assert answer["is_digit"]


def test_include_adds_what_the_network_saw_and_its_layers(client: httpx.Client, mnist: Digits) -> None:
    files = {"image": encoded(mnist.images[0])}
    for query in ("include=input&include=layers", "include=input,layers"):
        answer = client.post(f"/predict?{query}", files=files).json()
        assert answer["input"] == {"size": 28, "pixels": mnist.images[0].ravel().tolist()}
        layers = answer["layers"]
        assert {"C1", "S2", "C3", "S4", "C5", "F6", "output"} <= set(layers)
        for layer in layers.values():
            assert len(layer["values"]) == np.prod(layer["shape"])
        output = np.array(layers["output"]["values"])
        assert int(output.argmax()) == answer["digit"]


def test_include_shows_which_ink_spoke(client: httpx.Client, mnist: Digits) -> None:
    files = {"image": encoded(mnist.images[0])}
    shown = client.post("/predict?include=saliency", files=files).json()["saliency"]
    pixels = np.array(shown["pixels"]).reshape(shown["size"], shown["size"])
    assert pixels.max() > 0
    assert np.abs(pixels).max() == 1
    assert not pixels[mnist.images[0] == 0].any()


def test_accept_moves_the_threshold_of_what_is_a_digit(client: httpx.Client, mnist: Digits) -> None:
    files = {"image": encoded(mnist.images[0])}
    score = client.post("/predict", files=files).json()["digit_score"]
    low = client.post(f"/predict?accept={score - 1e-6}", files=files).json()
    assert low["is_digit"]
    assert low["reason"] is None
    high = client.post(f"/predict?accept={min(1, score + 1e-6)}", files=files).json()
    if score < 1:
        assert not high["is_digit"]
        assert high["reason"] == "not one legible digit"


def test_several_digits_are_no_digit_and_the_answer_says_where_to_go(
    client: httpx.Client, mnist: Digits
) -> None:
    row = np.zeros((60, 200), np.uint8)
    for place, index in enumerate((0, 1, 2)):
        row[16:44, 20 + 60 * place : 48 + 60 * place] = mnist.images[index]
    answer = client.post("/predict", files={"image": encoded(row)}).json()
    assert answer["is_digit"] is False
    assert answer["reason"] == "looks like several digits"
    assert "/read" in answer["hint"]


def test_a_batch_gives_what_single_calls_give_in_order(client: httpx.Client, mnist: Digits) -> None:
    good = [encoded(image) for image in mnist.images[:20]]
    singles = [client.post("/predict", files={"image": data}).json() for data in good]
    batch: list[bytes] = [*good[:7], b"no image", *good[7:], encoded(np.zeros((40, 40), np.uint8))]
    response = client.post("/predict/batch", files=[("image", data) for data in batch])
    assert response.status_code == 200
    answers = response.json()["predictions"]
    assert answers[7]["status"] == 400
    assert answers[7]["index"] == 7
    assert answers[-1]["status"] == 422
    kept = [answer for answer in answers if "digit" in answer]
    assert len(kept) == len(singles)
    for single, together in zip(singles, kept, strict=True):
        assert together["digit"] == single["digit"]
        assert together["probabilities"] == pytest.approx(single["probabilities"], abs=1e-5)


def test_hundreds_of_clients_each_get_their_own_answer(
    server: RunningServer, client: httpx.Client, mnist: Digits
) -> None:
    files = [encoded(image) for image in mnist.images[:200]]
    alone = [client.post("/predict", files={"image": file}).json() for file in files]

    def ask(file: bytes) -> dict[str, Any]:
        with httpx.Client(base_url=server.url, timeout=60, verify=False) as own:
            return dict(own.post("/predict", files={"image": file}).json())

    with ThreadPoolExecutor(200) as pool:
        for one, other in zip(alone, pool.map(ask, files), strict=True):
            assert other["digit"] == one["digit"]
            assert other["probabilities"] == pytest.approx(one["probabilities"], abs=1e-5)


def test_a_model_can_be_picked_by_name(client: httpx.Client, mnist: Digits) -> None:
    models = client.get("/models").json()
    for model in models["models"]:
        answer = client.post(
            f"/predict?model={model['name']}", files={"image": encoded(mnist.images[0])}
        ).json()
        assert answer["model"] == model["name"]
        assert answer["input_size"] == model["input_size"]
        assert answer["digit"] == 7
