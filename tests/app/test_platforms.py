"""What other platforms send, as their clients and proxies write it, and the answers that they take."""

from base64 import b64encode
from typing import Any

import httpx
import numpy as np
import pytest

from app.settings import Settings
from tests.app.support import PNG, with_service
from tests.support import Digits, encoded


@pytest.fixture(scope="module")
def text(mnist: Digits) -> list[str]:
    """A 7 and a 2 in base64."""
    return [b64encode(encoded(image)).decode() for image in mnist.images[:2]]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2/models/lenet5/ready", {"name": "lenet5", "ready": True}),
        ("/v2/models/lenet5/versions/1/ready", {"name": "lenet5", "ready": True}),
        ("/ping", {"ready": True}),
    ],
)
def test_probes(client: httpx.Client, path: str, expected: dict[str, object]) -> None:
    assert client.get(path).json().items() >= expected.items()


def test_kserve_describes_server_and_model(client: httpx.Client) -> None:
    """Open Inference Protocol 2: $metadata_server_response and $metadata_model_response."""
    server = client.get("/v2").json()
    assert server.keys() >= {"name", "version", "extensions"}
    assert client.get("/version").text == server["version"]
    model = client.get("/v2/models/lenet5").json()
    assert model["name"] == "lenet5"
    assert model["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    assert {"name": "probabilities", "datatype": "FP64", "shape": [-1, 10]} in model["outputs"]
    for path in ("/v2/models/resnet", "/v2/models/resnet/ready"):
        missing = client.get(path)
        assert missing.status_code == 404
        assert "no such model" in missing.json()["error"]


def test_kserve_infers_from_files_and_from_pixels(
    client: httpx.Client, mnist: Digits, text: list[str]
) -> None:
    pixels = mnist.images[:2]
    tensors = [
        {"name": "image", "shape": [2], "datatype": "BYTES", "data": text},
        {"name": "image", "shape": [2, 1], "datatype": "BYTES", "data": [[each] for each in text]},
        {"name": "x", "shape": [2, 28, 28], "datatype": "UINT8", "data": pixels.ravel().tolist()},
        {"name": "x", "shape": [2, 28, 28, 1], "datatype": "UINT8", "data": pixels[..., None].tolist()},
    ]
    for tensor in tensors:
        answer = client.post("/v2/models/lenet5/infer", json={"id": "42", "inputs": [tensor]}).json()
        assert (answer["model_name"], answer["id"]) == ("lenet5", "42")
        outputs = {each["name"]: each for each in answer["outputs"]}
        assert outputs["digit"] == {"name": "digit", "datatype": "INT64", "shape": [2], "data": [7, 2]}
        assert outputs["is_digit"]["data"] == [True, True]
        assert outputs["probabilities"]["shape"] == [2, 10]
        assert np.array(outputs["probabilities"]["data"]).reshape(2, 10).argmax(axis=1).tolist() == [7, 2]
    asked = {"inputs": tensors[:1], "outputs": [{"name": "digit"}]}
    answer = client.post("/v2/models/lenet5-mnist/versions/1/infer", json=asked).json()
    assert [each["name"] for each in answer["outputs"]] == ["digit"]


@pytest.mark.parametrize(
    ("tensor", "status", "error"),
    [
        ({"datatype": "FP32", "shape": [1], "data": [0.5]}, 422, "of the datatype BYTES"),
        ({"datatype": "UINT8", "shape": [2, 28, 28], "data": [0] * 784}, 400, "do not fit"),
        ({"datatype": "UINT8", "shape": "x", "data": ["x", None]}, 400, "do not fit"),
        ({"datatype": "UINT8", "shape": [1, 28, 28], "data": [0] * 784}, 422, "image 0: "),
        ({"datatype": "BYTES", "shape": [1], "data": ["aGVsbG8="]}, 400, "image 0: "),
        ({"datatype": "BYTES", "shape": [0], "data": []}, 422, "1 to 256 images"),
        ({"datatype": "BYTES", "shape": [300], "data": ["x"] * 300}, 413, "1 to 256 images"),
        (None, 422, "of the datatype BYTES"),
    ],
)
def test_kserve_is_told_what_is_wrong(client: httpx.Client, tensor: object, status: int, error: str) -> None:
    answer = client.post("/v2/models/lenet5/infer", json={"inputs": [tensor]})
    assert answer.status_code == status
    assert error in answer.json()["error"]


def envelopes(text: list[str], pixels: list[Any]) -> dict[str, dict[str, Any]]:
    """Bodies that mean the same two images."""
    return {
        "vertex": {"instances": [{"image": {"b64": each}} for each in text], "parameters": {}},
        "vertex, tensorflow's bytes": {"instances": [{"image_bytes": {"b64": each}} for each in text]},
        "instances of text": {"instances": text},
        "instances of pixels": {"instances": pixels},
        "instances of flat pixels": {"instances": np.reshape(pixels, (2, 784)).tolist()},
        "mlflow inputs": {"inputs": text},
        "mlflow named inputs": {"inputs": {"image": text}},
        "mlflow tensors": {"inputs": pixels},
        "mlflow split": {
            "dataframe_split": {"index": [0, 1], "columns": ["id", "image"], "data": list(enumerate(text))}
        },
        "mlflow records": {"dataframe_records": [{"image": each} for each in text]},
    }


def test_invocations_take_every_envelope(client: httpx.Client, mnist: Digits, text: list[str]) -> None:
    for name, body in envelopes(text, mnist.images[:2].tolist()).items():
        answer = client.post("/invocations", json=body).json()
        assert [each["digit"] for each in answer["predictions"]] == [7, 2], name
    image = encoded(mnist.images[0])
    for kind in ("image/png", "application/x-image", "application/octet-stream"):
        assert client.post("/invocations", content=image, headers={"content-type": kind}).json()["digit"] == 7
    assert client.post("/invocations", json={"image": text[0]}).json()["digit"] == 7


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"instances": []}, 422),
        ({"instances": "x"}, 422),
        ({"predict": [1]}, 422),
        ({"dataframe_split": {"columns": [["x"], {}], "data": [1, [[], []]]}}, 200),
        (
            {"instances": [1, None, {"b64": 1}, [[0.5]], [[256]], [["x" * 50]], {}, [[[[1]]]], [[1], [2]]]},
            200,
        ),
    ],
)
def test_what_no_envelope_holds(client: httpx.Client, body: object, status: int) -> None:
    answer = client.post("/invocations", json=body)
    assert answer.status_code == status, answer.text
    assert all("type" in each for each in answer.json().get("predictions", ()))


def test_hugging_face_classifies_images(client: httpx.Client, mnist: Digits, text: list[str]) -> None:
    found = client.post("/", content=encoded(mnist.images[0]), headers=PNG).json()
    assert [each.keys() for each in found] == [{"label", "score"}] * 5
    assert found[0]["label"] == "7"
    assert found[0]["score"] > 0.9
    asked = {"inputs": text[1], "parameters": {"top_k": 2}}
    assert [each["label"] for each in client.post("/", json=asked).json()][:1] == ["2"]
    for odd in ({"inputs": 7}, {"inputs": text[1], "parameters": [1]}, {"inputs": None}):
        assert client.post("/", json=odd).status_code in (200, 400)


def test_vertex_names_its_paths_and_its_port(monkeypatch: pytest.MonkeyPatch, text: list[str]) -> None:
    monkeypatch.setenv("AIP_HTTP_PORT", "8080")
    monkeypatch.setenv("AIP_HEALTH_ROUTE", "/v1/endpoints/1/health")
    monkeypatch.setenv("AIP_PREDICT_ROUTE", "/v1/endpoints/1:predict")
    assert Settings.read().port == 8080

    async def use(_: object, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/endpoints/1/health")).status_code == 200
        body = {"instances": [{"image": {"b64": text[0]}}]}
        (found,) = (await client.post("/v1/endpoints/1:predict", json=body)).json()["predictions"]
        assert found["digit"] == 7

    with_service(use)
