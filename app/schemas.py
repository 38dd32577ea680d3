"""What the API takes and gives: FastAPI validates with these models and derives the OpenAPI document."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from annotated_types import Len
from pydantic import BaseModel, ConfigDict, FailFast, Field, FiniteFloat, JsonValue

from app.errors import PROBLEMS
from model.networks.presets import Pooling
from model.recognition.decision import Reason

Probability = Annotated[float, Field(ge=0, le=1)]
Probabilities = Annotated[list[Probability], Len(10, 10)]
Digit = Annotated[int, Field(ge=0, le=9)]
Side = Annotated[int, Field(json_schema_extra={"enum": [28, 32]})]
Box = Annotated[list[float], Len(4, 4), Field(description="x, y, width, height")]
Point = Annotated[list[FiniteFloat], Len(2, 3), Field(description="x, y (down), pressure if there is one")]
# Validation stops at the first error: finding all of them would take long.
Stroke = Annotated[list[Point], FailFast()]
Strokes = Annotated[list[Stroke], FailFast()]

_STROKES: list[JsonValue] = [[[10, 10], [50, 10], [30, 80]]]
_PROBABILITIES: list[JsonValue] = [0, 0.0002, 0.0003, 0.0002, 0, 0, 0, 0.9991, 0, 0.0002]
_SEVEN: dict[str, JsonValue] = {"digit": 7, "confidence": 0.9991, "probabilities": _PROBABILITIES}


def _example(**members: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": members})


class Input(BaseModel):
    """The image that the network saw."""

    size: Side = Field(description="Its width and its height.")
    pixels: list[Annotated[int, Field(ge=0, le=255)]] = Field(description="Row by row; 255 is ink.")


class Layer(BaseModel):
    """The feature maps of one layer."""

    shape: list[int] = Field(description="Maps, height, width; units alone for C5, F6 and the output.")
    values: list[float] = Field(description="Row by row, rounded to 4 digits.")


class Saliency(BaseModel):
    """How much each pixel's ink speaks for the answer."""

    size: Side = Field(description="Width and height of the image that the network saw.")
    pixels: list[Annotated[float, Field(ge=-1, le=1)]] = Field(
        description="Row by row: above 0 for the answer, below 0 against it, 0 where there is no ink."
    )


class OfPage(BaseModel):
    """What an answer says about the file it is for."""

    page: int | None = Field(default=None, description="Of a file of several pages: which one this is.")
    pages: int | None = Field(default=None, description="Of a file of several pages: how many it has.")
    note: str | None = Field(default=None, description="What of the file was answered, where not all was.")


class Prediction(OfPage):
    """The digit that an image or a drawing shows."""

    digit: Digit = Field(description="The most probable digit.")
    confidence: Probability = Field(description="The probability of `digit`.")
    probabilities: Probabilities = Field(description="Of the ten digits, calibrated; their sum is 1.")
    is_digit: bool = Field(description="Whether it is one legible digit.")
    digit_score: Probability = Field(description="How much it looks like one legible digit.")
    reason: Reason | None = Field(description="What keeps the answer from being plain.")
    hint: str | None = Field(default=None, description="What to call instead; only where that helps.")
    between: list[Digit] | None = Field(default=None, description="When unsure: the two that it may be.")
    model: str = Field(description="The model that answered.")
    input_size: Side = Field(description="Width and height of the image that the network saw.")
    input: Input | None = Field(default=None, description="Only with `include=input`.")
    layers: dict[str, Layer] | None = Field(default=None, description="Only with `include=layers`.")
    saliency: Saliency | None = Field(default=None, description="Only with `include=saliency`.")

    model_config = _example(
        **_SEVEN, is_digit=True, digit_score=0.98, reason=None, model="lenet5", input_size=28
    )


class Problem(BaseModel):
    """Why a request is not answered: problem details (RFC 9457)."""

    type: str = Field(description="The kind of problem; an address that explains it.")
    title: str = Field(description="The kind of problem, for people.")
    status: Annotated[int, Field(ge=400, le=599)] = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong here, and what to do about it.")
    instance: str = Field(description="The path that was called.")
    request_id: str | None = Field(default=None, description="Also in the header X-Request-ID and the log.")
    index: int | None = Field(default=None, description="In a batch: which image, from 0.")

    model_config = ConfigDict(
        json_schema_extra={"x-problems": {slug: asdict(kind) for slug, kind in PROBLEMS.items()}}
    )


class Predictions(BaseModel):
    """The answers of a batch."""

    predictions: list[Prediction | Problem] = Field(description="One for each image, in the order sent.")


class ReadDigit(BaseModel):
    """One digit of a number."""

    digit: Digit = Field(description="The most probable digit.")
    confidence: Probability = Field(description="The probability of `digit`.")
    probabilities: Probabilities = Field(description="Of the ten digits; their sum is 1.")
    box: Box = Field(description="Where its ink is, in the pixels or units sent.")
    strokes: list[int] | None = Field(default=None, description="Of a drawing: the strokes it has, from 0.")


class ReadMark(BaseModel):
    """One mark of a number."""

    mark: Literal[".", ",", "-", "/", ":"] = Field(description="The mark.")
    confidence: Probability = Field(description="The probability of `mark`.")
    box: Box = Field(description="Where its ink is, in the pixels or units sent.")
    strokes: list[int] | None = Field(default=None, description="Of a drawing: the strokes it has, from 0.")


class Alternative(BaseModel):
    """Another reading of the same ink."""

    text: str = Field(description="The digits and marks read.")
    probability: Probability = Field(description="The probability of `text`.")


class Line(BaseModel):
    """One line of several."""

    text: str = Field(description="Its digits and the marks that belong to them, in writing order.")
    confidence: Probability = Field(description="The probability of `text`.")
    digits: list[ReadDigit] = Field(description="Each digit of `text`, in its order.")
    marks: list[ReadMark] = Field(description="Each mark of `text`, in its order.")
    others: list[Box] = Field(description="Where there are signs of no number: currency, brackets, letters.")
    alternatives: list[Alternative] = Field(description="Other readings, the most probable first.")


class Reading(Line, OfPage):
    """The number that is written, or the lines of them."""

    text: str = Field(description="The digits and marks read; a line feed stands between two lines.")
    model: str = Field(description="The model that answered.")
    lines: list[Line] | None = Field(default=None, description="Each line by itself, if there are several.")

    model_config = _example(
        text="7",
        confidence=0.9991,
        digits=[{**_SEVEN, "box": [10, 10, 40, 70]}],
        marks=[],
        others=[],
        alternatives=[{"text": "2", "probability": 0.0003}],
        model="lenet5",
    )


class Readings(BaseModel):
    """The readings of a batch."""

    readings: list[Reading | Problem] = Field(description="One for each image, in the order sent.")


class Calibration(BaseModel):
    """How far the probabilities can be trusted."""

    temperature: float = Field(description="The network's logits are divided by it.")
    ece: float | None = Field(description="Expected calibration error on MNIST's test images.")


class FormDigit(ReadDigit):
    """One digit of a field."""

    cell: Annotated[int, Field(ge=0)] = Field(description="In which cell of a comb it stands, from 0.")


class FormField(BaseModel):
    """What is in one field of a form."""

    name: str = Field(description="The template's name of it.")
    text: str = Field(description="What was read; nothing in an empty field.")
    confidence: Probability = Field(description="The probability of `text`, or that the field is empty.")
    empty: bool = Field(description="Whether nothing is written in it.")
    box: Box = Field(description="Where it is, in the pixels sent.")
    digits: list[FormDigit] = Field(description="Each digit of `text`, in its order.")
    review: bool = Field(description="Whether a person should look at it.")
    why: list[str] = Field(description="What for: nothing where `review` is false.")
    alternatives: list[Alternative] = Field(description="Other readings, the most probable first.")


class Aligned(BaseModel):
    """How a page was fitted to its template, or why not."""

    ok: bool = Field(description="Whether it was; if not, there are no fields.")
    reason: str | None = Field(description="Why it could not be fitted.")
    by: Literal["marks", "ruling"] | None = Field(default=None, description="What it was fitted by.")
    turned: Literal[0, 90, 180, 270] | None = Field(default=None, description="Degrees, clockwise.")
    error: float | None = Field(default=None, description="What its lines are off, in the template's units.")
    matrix: list[list[float]] | None = Field(default=None, description="3 x 3: from the template to pixels.")


class Form(OfPage):
    """What a page of fields says."""

    fields: list[FormField] = Field(description="In the template's order.")
    aligned: Aligned = Field(description="How the page was fitted.")
    model: str = Field(description="The model that answered.")


class ModelCard(BaseModel):
    """One model that can be asked for."""

    name: str = Field(description="What the parameter `model` takes.")
    architecture: str = Field(description="The preset that it is built by.")
    description: str = Field(description="How it was trained, in a sentence.")
    input_size: Side = Field(description="Width and height of the image that the network sees.")
    parameters: int = Field(description="Weights and biases that are learnt.")
    connections: int = Field(description="Connections between units.")
    pooling: Pooling = Field(description="How S2 and S4 make one value of four.")
    second_look: float | None = Field(
        description="Less probable ones are looked at in five ways; null: in one."
    )
    accuracy: float | None = Field(description="On MNIST's test images.")
    calibration: Calibration = Field(description="How far its probabilities can be trusted.")
    measured: dict[str, Any] = Field(description="What its evaluation measured, by name.")
    accept: Probability = Field(description="The `digit_score` from which it is a digit.")
    digest: str = Field(description="SHA-256 of the weights.")


class ModelList(BaseModel):
    """What can be asked for, and how."""

    default: str = Field(description="The model that answers when none is asked for.")
    models: list[ModelCard] = Field(description="The models, the default one first.")
    engine: str = Field(description="What runs the default model: `torch` or `onnx`.")
    device: str = Field(description="Where it runs: `cpu` or `cuda:0`, say.")
    corrections: bool = Field(description="Whether `POST /corrections` takes corrections.")
    key_required: bool = Field(description="Whether recognitions need a key.")


class Kernels(BaseModel):
    """The kernels of one convolution."""

    shape: Annotated[list[int], Len(4, 4)] = Field(description="Maps, source maps, height, width.")
    values: list[float] = Field(description="Row by row, rounded to 4 digits.")
    connections: list[list[int]] | None = Field(default=None, description="C3: the maps that feed each map.")


class KernelSet(BaseModel):
    """What the convolutions of a model look for."""

    C1: Kernels = Field(description="The first convolution.")
    C3: Kernels = Field(description="The second convolution.")
    F6targets: list[list[float]] | None = Field(
        default=None, description="lenet5-1998: each digit's 7 x 12 bitmap that F6 is to show, as +1 and -1."
    )


class Alive(BaseModel):
    """The process lives."""

    status: Literal["alive"]


class Ready(BaseModel):
    """Recognitions are answered."""

    status: Literal["ready"]
    model: str = Field(description="The model that answers when none is asked for.")
    engine: str = Field(description="What runs it: `torch` or `onnx`.")
    device: str = Field(description="Where it runs: `cpu` or `cuda:0`, say.")


class Kept(BaseModel):
    """A correction that was stored."""

    id: int = Field(description="Its number.")
    label: Digit = Field(description="The digit that was meant.")


class Drawing(BaseModel):
    """Pen strokes, in any units."""

    strokes: Strokes = Field(description="Each a list of points, in the order drawn.")

    model_config = ConfigDict(strict=True, json_schema_extra={"example": {"strokes": _STROKES}})


class Correction(Drawing):
    """Pen strokes, and the digit that was meant by them."""

    label: Digit = Field(description="The digit that was meant.")

    model_config = _example(strokes=_STROKES, label=7)
