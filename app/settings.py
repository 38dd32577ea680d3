"""The service's settings, read from the environment once, at the start."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, FiniteFloat, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "DIGITS_"


class SettingsError(Exception):
    """A setting has a value that cannot be used; the message is one line that names each such setting."""


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _like(pattern: str, said: str) -> AfterValidator:
    """Check that a value, or each of several, matches a pattern; the error says it is not `said`."""

    def check(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for each in (value,) if isinstance(value, str) else value:
            if not re.fullmatch(pattern, each):
                raise ValueError(f"{each!r} is not {said}")
        return value

    return AfterValidator(check)


def _proxies(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if value != "*":
            ip_network(value, strict=False)
    return values


def _keys(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        # A template whose secrets are missing leaves only commas; nobody means an open service by that.
        raise ValueError("holds no key; leave it out for a service that is open")
    # The message ends up in a log, so it must not contain a key.
    if any(len(value) < 8 or not value.isascii() or not value.isprintable() for value in values):
        raise ValueError("each key must have at least 8 printable ASCII characters")
    return values


def _installed(wanted: bool) -> bool:
    if wanted and None in (find_spec("opentelemetry.sdk"), find_spec("opentelemetry.exporter")):
        raise ValueError("needs OpenTelemetry: pip install 'digits[otel]'")
    return wanted


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Origins = Annotated[Names, _like(r"\*|https?://[^/\s]+", "an origin such as https://example.org")]
MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """All settings; each is read from the environment variable `DIGITS_` plus its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        validate_default=False,
    )

    host: Annotated[str, Field(validation_alias=AliasChoices("DIGITS_HOST", "HOST"))] = Field(
        "127.0.0.1", description="Address to listen on; plain `HOST` works too."
    )
    port: Annotated[int, Field(validation_alias=AliasChoices("DIGITS_PORT", "AIP_HTTP_PORT", "PORT"))] = (
        Field(
            8000, ge=0, le=65535, description="Port to listen on; plain `PORT` works too. 0 takes a free one."
        )
    )
    workers: int = Field(1, ge=1, le=256, description="Processes that share the port.")

    device: Annotated[str, _like(r"auto|cpu|cuda(:\d{1,3})?|mps", "auto, cpu, cuda, cuda:N or mps")] = Field(
        "auto", description="`auto`, `cpu`, `cuda`, `cuda:N` or `mps`; one that is asked for must be there."
    )
    engine: Literal["auto", "torch", "onnx"] = Field(
        "auto", description="What runs the network: `torch`, `onnx`, or on a CPU the faster one installed."
    )
    model: str = Field("lenet5", min_length=1, description="The model that answers when none is asked for.")
    models: Names = Field((), description="Models on offer, names or files, with commas; none: all.")
    checkpoints: Path | None = Field(
        None, description="Folder of the checkpoints; none: those that come along."
    )
    accept: float | None = Field(None, ge=0, le=1, description="Least `digit_score`; none: the model's own.")

    api_keys: Annotated[Names, AfterValidator(_keys)] = Field(
        (), repr=False, description="Keys, with commas, one of which each recognition needs; none: open."
    )
    cors_origins: Origins = Field(
        (), description="Origins, with commas, whose pages may call the API from a browser."
    )
    trusted_proxies: Annotated[Names, AfterValidator(_proxies)] = Field(
        (), description="Addresses or networks, with commas, whose `X-Forwarded-*` headers are believed."
    )
    frame_ancestors: Origins = Field(
        (), description="Origins, with commas, whose pages may show the page in a frame; none: none may."
    )
    root_path: Annotated[str, _like(r"((/[\w.~-]+)+)?", "a path such as /digits")] = Field(
        "", description="Prefix such as `/digits` that a proxy before the service leaves on the paths."
    )
    corrections: Path | None = Field(None, description="SQLite file of `/corrections`, off if there is none.")
    max_corrections: int = Field(100_000, ge=1, description="Corrections kept before no more are taken.")

    max_body_bytes: int = Field(10 * MEBIBYTE, ge=1024, description="Largest body of an image or strokes.")
    max_batch_bytes: int = Field(64 * MEBIBYTE, ge=1024, description="Largest body of a batch.")
    max_batch_images: int = Field(256, ge=1, description="Most images in a batch.")
    max_held_bytes: int = Field(256 * MEBIBYTE, ge=1024, description="All bodies held at once; beyond: 503.")
    max_pixels: int = Field(50_000_000, ge=784, description="Most pixels of an image, before it is decoded.")
    max_strokes: int = Field(1000, ge=1, description="Most strokes of a drawing.")
    max_points: int = Field(20_000, ge=1, description="Most points of a drawing, all strokes together.")
    max_header_bytes: int = Field(32 * 1024, ge=1024, description="Largest request line and headers.")
    max_connections: int = Field(4096, ge=1, description="Connections at once to one process.")
    queue_size: int = Field(512, ge=1, description="Images in hand at once, batches apart; beyond: 503.")
    decode_threads: int = Field(2, ge=1, le=64, description="Threads that decode large images.")
    read_threads: int = Field(1, ge=1, le=64, description="Threads that read whole numbers.")

    header_seconds: FiniteFloat = Field(10, gt=0, description="Time for a request's headers to arrive.")
    body_seconds: FiniteFloat = Field(20, gt=0, description="Time for its body to arrive; beyond it: 408.")
    answer_seconds: FiniteFloat = Field(10, gt=0, description="Time for its answer; beyond it: 503.")
    keep_alive_seconds: int = Field(75, ge=1, description="How long an idle connection is kept.")
    drain_seconds: FiniteFloat = Field(8, ge=0, description="Time to finish what was accepted, at the end.")

    log_format: Literal["json", "text"] = Field("json", description="`json` or `text`, on standard error.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    access_log: Literal["all", "refused", "none"] = Field("refused", description="Requests that are logged.")

    otel: Annotated[bool, AfterValidator(_installed)] = Field(
        False, description="Send traces by OpenTelemetry, where `OTEL_*` say; needs the extra `otel`."
    )

    @classmethod
    def read(cls, **values: object) -> Self:
        """Read the environment; `values` take precedence; `SettingsError` if a value cannot be used."""
        try:
            # The library types its constructor with arguments of its own beside the fields.
            make: Callable[..., Self] = cls
            return make(**values)
        except ValidationError as error:
            raise SettingsError("; ".join(_complaints(error))) from None


def _complaints(error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        name = str(item["loc"][0]).removeprefix(PREFIX).lower() if item["loc"] else "settings"
        alias = Settings.model_fields[name].validation_alias if item["loc"] else None
        names = alias.choices if isinstance(alias, AliasChoices) else [variable_of(name)]
        variable = next((str(each) for each in names if os.environ.get(str(each))), names[0])
        message = item["msg"].removeprefix("Value error, ")
        value = "" if name == "api_keys" else f" is {item['input']!r}:"
        yield f"{variable}{value} {message[0].lower()}{message[1:]}"


def variable_of(name: str) -> str:
    """The environment variable of the setting `name`."""
    return f"{PREFIX}{name.upper()}"


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Variables with the prefix that match no setting, most likely misspelt."""
    known = {variable_of(name) for name in Settings.model_fields}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def table() -> str:
    """The settings as a Markdown table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "none" if field.default in (None, (), "") else f"`{field.default}`".lower()
        lines.append(f"| `{variable_of(name)}` | {default} | {field.description} |")
    return "\n".join(lines)
