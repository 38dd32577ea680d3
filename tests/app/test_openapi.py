"""The OpenAPI document is complete and true: whatever is made from it gets the answers that it promises."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema_rs import validator_for
from schemathesis import Case, GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.core.result import Ok

from app.errors import PROBLEMS
from app.main import create_app
from app.settings import Settings
from tests.support import Digits, RunningServer, encoded


@pytest.fixture(scope="module")
def document(server: RunningServer) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{server.url}/openapi.json").json()
    return answer


def test_every_call_is_documented(document: dict[str, Any]) -> None:
    recognitions = {f"/{call}{kind}" for call in ("predict", "read") for kind in ("", "/strokes", "/batch")}
    models, operation = {"/models", "/models/{name}/kernels"}, {"/healthz", "/readyz", "/metrics"}
    assert set(document["paths"]) == recognitions | {"/forms", "/corrections"} | models | operation
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert operation["tags"], path
    assert {"image/png", "multipart/form-data"} <= set(
        document["paths"]["/predict"]["post"]["requestBody"]["content"]
    )


def test_every_schema_and_every_member_is_described(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {"Prediction", "Reading", "ReadDigit", "ModelCard", "Kernels", "Saliency"} <= set(schemas)
    assert not {name for name in schemas if "ValidationError" in name}
    for name, schema in schemas.items():
        assert schema["description"], name
        for member, each in schema.get("properties", {}).items():
            assert each.get("description") or "const" in each, f"{name}.{member}"
    for name in ("Prediction", "Reading"):
        assert schemas[name]["example"]


def test_every_problem_is_explained_and_documented_where_it_can_come_up(document: dict[str, Any]) -> None:
    explained = document["components"]["schemas"]["Problem"]["x-problems"]
    assert set(explained) == set(PROBLEMS)
    assert all(len(each["advice"]) > 20 for each in explained.values())
    shown = {
        slug
        for methods in document["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        for slug in content.get("examples", {})
    }
    # These belong to no call: to an address that is none, a method, a connection, or a fault of ours.
    elsewhere = {"bad-request", "method-not-allowed", "headers-too-large", "internal-error"}
    assert shown == set(PROBLEMS) - elsewhere


def test_the_calls_that_take_a_key_say_so_where_keys_are_set(document: dict[str, Any]) -> None:
    locked = create_app(Settings.read(api_keys="a-key-of-mine")).openapi()
    headers = locked["components"]["securitySchemes"]
    assert headers["bearer"]["scheme"] == "bearer"
    assert (headers["header"]["in"], headers["header"]["name"]) == ("header", "X-API-Key")
    for path, methods in locked["paths"].items():
        asked = methods.get("post", {}).get("security")
        assert asked == ([{"bearer": []}, {"header": []}] if "post" in methods else None), path
    assert "X-API-Key" in document["info"]["description"]
    assert "securitySchemes" not in document["components"]


def test_answers_are_what_the_document_says(
    client: httpx.Client, document: dict[str, Any], mnist: Digits
) -> None:
    def check(name: str, answer: httpx.Response) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        validator_for(schema).validate(answer.json())

    image = encoded(mnist.images[0])
    check("Prediction", client.post("/predict?include=input,layers,saliency", files={"image": image}))
    check("Reading", client.post("/read", files={"image": image}))
    check("Predictions", client.post("/predict/batch", files=[("image", image), ("image", b"x")]))
    check("Problem", client.post("/predict", files={"image": b"x"}))
    check("ModelList", client.get("/models"))
    check("KernelSet", client.get("/models/lenet5/kernels"))
    check("Alive", client.get("/healthz"))
    check("Ready", client.get("/readyz"))


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_what_is_made_from_the_document_gets_what_it_promises(
    server: RunningServer, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue  # there is nothing to get wrong

        @given(case=operation.as_strategy(mode))
        @settings(
            max_examples=25,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def call(case: Case[Any]) -> None:
            # An image without ink is a valid image, and is refused all the same: it is never given a digit.
            excluded = [positive_data_acceptance]
            if case.path.endswith("/batch"):
                # A form carries any value as bytes: one that is no image is told at its place, beside a 200.
                excluded.append(negative_data_rejection)
            case.call_and_validate(excluded_checks=excluded)

        call()
