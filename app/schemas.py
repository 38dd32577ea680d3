"""What the API gives and takes, as the OpenAPI document describes it."""

from codecs import BOM_UTF8
from typing import Annotated, Any, Literal, TypeVar

from annotated_types import Len
from pydantic import BaseModel, ConfigDict, FailFast, Field, FiniteFloat, TypeAdapter, ValidationError
from pydantic_core import from_json

from app.errors import Refusal
from model.networks.presets import Pooling
from model.recognition.decision import Reason

T = TypeVar("T")

Probability = Annotated[float, Field(ge=0, le=1)]
Digit = Annotated[int, Field(ge=0, le=9)]
Point = Annotated[
    list[FiniteFloat], Len(2, 3), Field(description="x, y (down), and the pressure where there is one")
]
# The first thing wrong is told, and looking for the others would take long.
Stroke = Annotated[list[Point], FailFast()]


class Input(BaseModel):
    """The image that the network saw."""

    size: Literal[28, 32]
    pixels: list[Annotated[int, Field(ge=0, le=255)]] = Field(description="Row by row; 255 is ink.")


class Layer(BaseModel):
    """The feature maps of one layer."""

    shape: list[int] = Field(description="Maps, height, width; units alone for C5, F6 and the output.")
    values: list[float] = Field(description="Row by row, rounded to 4 digits.")


class Saliency(BaseModel):
    """Which ink spoke for the answer."""

    size: Literal[28, 32]
    pixels: list[Annotated[float, Field(ge=-1, le=1)]] = Field(
        description="Row by row: above 0 for the answer, below 0 against it, 0 where there is no ink."
    )


class Prediction(BaseModel):
    """What a drawing is."""

    digit: Digit
    confidence: Probability = Field(description="The probability of `digit`.")
    probabilities: Annotated[list[Probability], Len(10, 10)] = Field(description="Calibrated, summing to 1.")
    is_digit: bool = Field(description="Whether it is one legible digit.")
    digit_score: Probability = Field(description="How much it looks like one legible digit.")
    reason: Reason | None = Field(description="What keeps the answer from being plain.")
    hint: str | None = Field(None, description="What to call instead; only where it helps.")
    between: list[Digit] | None = Field(None, description="The two digits it may be; only when unsure.")
    model: str
    input_size: Literal[28, 32]
    input: Input | None = Field(None, description="Only with `include=input`.")
    layers: dict[str, Layer] | None = Field(None, description="Only with `include=layers`.")
    saliency: Saliency | None = Field(None, description="Only with `include=saliency`.")

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "digit": 7,
                "confidence": 0.9991,
                "probabilities": [0, 0.0002, 0.0003, 0.0002, 0, 0, 0, 0.9991, 0, 0.0002],
                "is_digit": True,
                "digit_score": 0.98,
                "reason": None,
                "model": "lenet5",
                "input_size": 28,
            }
        }
    )


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(description="Names the kind of problem; relative to the service.")
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str = Field(description="What is wrong here, and what to do about it.")
    instance: str = Field(description="The path that was called.")
    request_id: str | None = Field(None, description="Also in the X-Request-ID header and in the log.")
    index: int | None = Field(None, description="In a batch: which image, from 0.")


class ReadDigit(BaseModel):
    """One digit of a number."""

    digit: Digit
    confidence: Probability
    probabilities: Annotated[list[Probability], Len(10, 10)]
    box: Annotated[list[float], Len(4, 4)] = Field(
        description="x, y, width, height of its ink, in the pixels or units sent."
    )


class Alternative(BaseModel):
    """Another reading of the same ink."""

    text: str
    probability: Probability


class Line(BaseModel):
    """One line of several."""

    text: str
    confidence: Probability
    digits: list[ReadDigit]
    alternatives: list[Alternative]


class Reading(Line):
    """The number that is written."""

    model: str
    lines: list[Line] | None = Field(None, description="Each line by itself, where there are several.")


class Predictions(BaseModel):
    """The answers of a batch."""

    predictions: list[Prediction | Problem] = Field(description="One for each image, in the order sent.")


class Drawing(BaseModel):
    """Pen strokes, in any units."""

    strokes: Annotated[list[Stroke], FailFast()]

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"example": {"strokes": [[[10, 10], [50, 10], [30, 80]]]}},
    )


class Correction(BaseModel):
    """What a drawing was meant to be."""

    strokes: Annotated[list[Stroke], FailFast()]
    label: Digit

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"example": {"strokes": [[[10, 10], [50, 10], [30, 80]]], "label": 7}},
    )


class Kept(BaseModel):
    """A correction that was stored."""

    id: int
    label: Digit


class Calibration(BaseModel):
    """How far the probabilities can be trusted."""

    temperature: float
    ece: float | None = Field(description="Expected calibration error on MNIST's test images.")


class ModelCard(BaseModel):
    """One model that can be asked for."""

    name: str
    architecture: str
    description: str
    input_size: Literal[28, 32]
    parameters: int
    connections: int
    pooling: Pooling = Field(description="How S2 and S4 make one value of four.")
    second_look: float | None = Field(
        description="Below this probability a drawing is looked at in five ways; null: in one."
    )
    accuracy: float | None = Field(description="On MNIST's test images.")
    calibration: Calibration
    measured: dict[str, Any]
    accept: Probability = Field(description="The `digit_score` from which it is a digit.")
    digest: str = Field(description="SHA-256 of the weights.")


class ModelList(BaseModel):
    """What can be asked for, and how."""

    default: str
    models: list[ModelCard]
    engine: str
    device: str
    corrections: bool = Field(description="Whether `POST /corrections` takes corrections.")
    key_required: bool = Field(description="Whether recognitions need a key.")


class Kernels(BaseModel):
    """The kernels of one convolution."""

    shape: Annotated[list[int], Len(4, 4)] = Field(description="Maps, source maps, height, width.")
    values: list[float] = Field(description="Row by row, rounded to 4 digits.")
    connections: list[list[int]] | None = Field(None, description="C3: for each map, the maps that feed it.")


class KernelSet(BaseModel):
    """What the convolutions of a model look for."""

    C1: Kernels
    C3: Kernels
    F6targets: list[list[float]] | None = Field(
        None, description="lenet5-1998: for each digit the 7 x 12 bitmap that F6 is to show, as +1 and -1."
    )


class Alive(BaseModel):
    """The process lives."""

    status: Literal["alive"]


class Ready(BaseModel):
    """Recognitions are answered."""

    status: Literal["ready"]
    model: str
    engine: str
    device: str


_STROKES = b'{"strokes":'
_NUMBERS = b"+-.0123456789Ee,[] }"
"""All that stands behind it where there are only numbers, and the end."""

_drawing = TypeAdapter(Drawing)
_correction = TypeAdapter(Correction)


def drawing(body: bytes) -> Drawing:
    """Read a drawing from JSON.

    Raises:
        Refusal: it is no JSON, or no drawing.
    """
    return _read(_drawing, body)


def plain_strokes(body: bytes) -> object:
    """The strokes in JSON with nothing but them, and nothing but numbers in them; None in any other.

    The numbers may stand in any lists, or in none: that is left to be seen. The general reader sees it
    together with everything else that there may be, which takes twice as long.
    """
    if not body.startswith(_STROKES) or body[len(_STROKES) :].translate(None, _NUMBERS):
        return None
    try:
        return from_json(body)["strokes"]
    except ValueError:
        return None


def correction(body: bytes) -> Correction:
    """Read a correction from JSON.

    Raises:
        Refusal: it is no JSON, or no correction.
    """
    return _read(_correction, body)


def _read(adapter: TypeAdapter[T], body: bytes) -> T:
    try:
        return adapter.validate_json(body.removeprefix(BOM_UTF8))
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> Refusal:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return Refusal("malformed-body", "The body is not JSON.")
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    slug = "invalid-label" if place.startswith("label") else "invalid-strokes"
    label = ', "label": 7' if error.title == Correction.__name__ else ""
    expected = f'Send {{"strokes": [[[x, y], ...], ...]{label}}}'
    return Refusal(slug, f"{place or 'The body'}: {first['msg']}. {expected}.")
