"""Endpoints for other serving platforms: each has its own paths and JSON, all give the service's answers.

KServe (Open Inference Protocol 2 over REST), SageMaker, MLflow, Vertex AI and Hugging Face: `routers` lists
the paths, docs/platforms.md says how each is deployed, tests/app/test_platforms.py shows what they send.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from app.bodies import media_type, read_image, read_json
from app.dependencies import ServiceDep
from app.errors import Refusal
from app.schemas import Prediction, Problem
from app.service import Call, Found, Service
from model import __version__
from model.documents import Page, file_of
from model.ink import InkError

VALUES_OF_AN_IMAGE = 4096
"""Numbers that the body may hold for each image of a batch: 64 x 64 pixels."""

TENSORS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "digit": ("INT64", ()),
    "confidence": ("FP64", ()),
    "probabilities": ("FP64", (10,)),
    "is_digit": ("BOOL", ()),
    "digit_score": ("FP64", ()),
}
"""The members of a prediction in KServe's answers: the type of each, and its shape for one image."""


def routers(environment: Mapping[str, str]) -> tuple[APIRouter, APIRouter]:
    """Two routers: one describes the service; one takes images, and is locked where keys are set.

    Vertex AI names its paths in the environment.
    """
    model, vertex = "/v2/models/{name}", environment.get
    tells, takes = APIRouter(include_in_schema=False), APIRouter(include_in_schema=False)
    for path, tell in (
        ("/ping", ping), (vertex("AIP_HEALTH_ROUTE"), ping), ("/version", version_of),
        ("/v2", server), ("/v2/health/live", server), ("/v2/health/ready", ping),
        (model, model_of), (f"{model}/versions/1", model_of),
        (f"{model}/ready", model_ready), (f"{model}/versions/1/ready", model_ready),
    ):  # fmt: skip
        if path:
            tells.add_api_route(path, tell)
    for path, take in (
        ("/invocations", invocations), (vertex("AIP_PREDICT_ROUTE"), invocations), ("/", classify),
        (f"{model}/infer", infer), (f"{model}/versions/1/infer", infer),
    ):  # fmt: skip
        if path:
            takes.add_api_route(path, take, methods=["POST"], response_model_exclude_unset=True)
    return tells, takes


async def ping(service: ServiceDep) -> dict[str, bool]:
    """Say whether images are answered now."""
    service.check_ready()
    return {"ready": True}


async def version_of() -> Response:
    """Say which version this is."""
    return PlainTextResponse(__version__)


async def server() -> dict[str, Any]:
    """Say that the process lives, and describe it."""
    return {"name": "digits", "version": __version__, "extensions": [], "live": True}


async def model_of(service: ServiceDep, name: str) -> dict[str, Any]:
    """Describe a model: what it takes and gives."""
    engine = service.models.get(name).recogniser.engine.name
    takes = [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    gives = [{"name": key, "datatype": kind, "shape": [-1, *shape]} for key, (kind, shape) in TENSORS.items()]
    return {"name": name, "versions": ["1"], "platform": engine, "inputs": takes, "outputs": gives}


async def model_ready(service: ServiceDep, name: str) -> dict[str, Any]:
    """Say whether a model answers."""
    service.models.get(name)
    return {"name": name, **await ping(service)}


async def infer(request: Request, service: ServiceDep, name: str) -> dict[str, Any]:
    """Recognise the digits of a tensor: BYTES, a file in base64 each; or UINT8, pixels."""
    asked = await _json(request, service)
    call = Call(request, service, service.models.get(name))
    tensor = next(iter(_list(asked, "inputs")), None)
    if not isinstance(tensor, dict) or tensor.get("datatype") not in ("BYTES", "UINT8"):
        raise Refusal("missing-image", "'inputs' takes one tensor, of the datatype BYTES (base64) or UINT8.")
    values = [each for row in _list(tensor, "data") for each in (row if isinstance(row, list) else [row])]
    if tensor["datatype"] == "UINT8":
        try:
            values = list(np.array(tensor["data"], np.float64).reshape(tensor["shape"]))
        except (KeyError, ValueError, TypeError, OverflowError):
            raise Refusal("not-an-image", "The tensor's 'data' and 'shape' do not fit.") from None
    found = await _predict(call, values)
    for each in found:
        if isinstance(each, Problem):
            raise Refusal(each.type.removeprefix("/docs#"), f"image {each.index}: {each.detail}")
    wanted = [each.get("name") for each in _list(asked, "outputs") if isinstance(each, dict)] or list(TENSORS)
    outputs = [
        {
            "name": key,
            "datatype": kind,
            "shape": [len(found), *shape],
            "data": np.array([getattr(each, key) for each in found]).ravel().tolist(),
        }
        for key, (kind, shape) in TENSORS.items()
        if key in wanted
    ]
    given = {"id": asked["id"]} if "id" in asked else {}
    return {"model_name": name, "model_version": "1", **given, "outputs": outputs}


async def invocations(request: Request, service: ServiceDep) -> Prediction | dict[str, Found]:
    """Recognise one image, or those of a JSON body as Vertex AI, MLflow and SageMaker send it."""
    call = Call(request, service, service.models.default)
    if media_type(request) != "application/json":
        return await service.predict(call, (await read_image(request, service)).data)
    asked = await _json(request, service)
    if "image" in asked:
        (page,) = await service.open(file_of(asked), 1)
        return await service.predict(call, page.data)
    split = asked.get("dataframe_split")
    if isinstance(split, dict):
        names = [str(name) for name in _list(split, "columns")]
        rows = [row for row in _list(split, "data") if isinstance(row, list)]
        values = [row[0] if len(row) == 1 else dict(zip(names, row, strict=False)) for row in rows]
        asked = {"instances": values}
    keys = ("instances", "inputs", "dataframe_records")
    found: Any = next((asked[key] for key in keys if key in asked), None)
    if isinstance(found, dict):
        found = found.get("image")
    if not isinstance(found, list):
        raise Refusal("missing-image", "There is no list 'instances', 'inputs' or 'dataframe_records'.")
    return {"predictions": await _predict(call, found)}


async def classify(request: Request, service: ServiceDep) -> list[dict[str, Any]]:
    """Classify one image as Hugging Face's task image-classification does: labels, the likeliest first."""
    top: object = None
    if media_type(request) == "application/json":
        asked = await _json(request, service)
        parameters = asked.get("parameters")
        top = parameters.get("top_k") if isinstance(parameters, dict) else None
        (page,) = await service.open(file_of({"image": asked.get("inputs")}), 1)
    else:
        page = await read_image(request, service)
    found = await service.predict(Call(request, service, service.models.default), page.data)
    most = top if isinstance(top, int) and top > 0 else 5
    pairs = sorted(enumerate(found.probabilities), key=lambda pair: -pair[1])[:most]
    return [{"label": str(digit), "score": score} for digit, score in pairs]


async def _predict(call: Call, values: Sequence[object]) -> Found:
    most = call.service.settings.max_batch_images
    if not 0 < len(values) <= most:
        raise Refusal("too-large" if values else "missing-image", f"1 to {most} images are taken at once.")
    files: list[Page | InkError] = []
    for value in values:
        try:
            files += await call.service.open(file_of(value), 1)
        except InkError as error:
            files.append(error)
    return await call.service.predict_batch(call, files)


async def _json(request: Request, service: Service) -> dict[str, Any]:
    return read_json(await request.body(), service.settings.max_batch_images * VALUES_OF_AN_IMAGE)


def _list(members: Mapping[str, Any], name: str) -> list[Any]:
    value = members.get(name, [])
    return value if isinstance(value, list) else []
