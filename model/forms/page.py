"""A page and its template -> what is in each field."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.forms.fields import FieldAnswer, read_fields
from model.forms.fitting import LEAST_SEEN, Fit, NotFitted, Sheet, fit_page
from model.forms.template import Template
from model.ink import DEFAULT_LIMITS, Limits
from model.ink.colour import opaque
from model.ink.decode import decode
from model.reading.network import Network

LEAST_SIDE = 1700
"""A JPEG is decoded at the smallest scale that keeps its longer side at least so long (pixels)."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a page says."""

    fields: list[FieldAnswer]
    """One for each of the template's, in its order; none where the page could not be fitted."""
    fit: Fit | None
    """How the page lies, in the pixels sent; None where it could not be fitted, ..."""
    reason: str | None = None
    """... and why not."""

    def members(self, *, pictures: bool = False) -> dict[str, Any]:
        """`fields` and `aligned` as plain values; `picture` and `cells` of fields as base64 of PNGs."""
        aligned: dict[str, Any] = {"ok": self.fit is not None, "reason": self.reason}
        if self.fit is not None:
            aligned |= {"by": self.fit.by, "turned": self.fit.turned, "error": round(self.fit.error, 3)}
            aligned["matrix"] = self.fit.matrix.round(7).tolist()
        return {"fields": [each.members(pictures) for each in self.fields], "aligned": aligned}


def read_form(data: bytes, template: Template, network: Network, *, limits: Limits = DEFAULT_LIMITS) -> Form:
    """Read a form in an image file. Raises `InkError` for the file; a page that does not fit has a reason."""
    decoded = decode(data, limits, least_side=LEAST_SIDE)
    return read_pixels(decoded.pixels, template, network, scale=decoded.scale)


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The luminance (H, W) of (H, W), (H, W, 3) or (H, W, 4) pixels."""
    return np.asarray(Image.fromarray(opaque(pixels)).convert("L"))


def read_pixels(
    pixels: NDArray[np.uint8], template: Template, network: Network, *, scale: float = 1.0
) -> Form:
    """Read a form in (H, W), (H, W, 3) or (H, W, 4) pixels; boxes are in others, `scale` of them for one."""
    grey = grey_of(pixels)
    if min(grey.shape) < 64:
        return Form([], None, "the picture is too small to be a page")
    sheet = Sheet.of(grey)
    try:
        fits = fit_page(sheet, template)
    except NotFitted as error:
        return Form([], None, str(error))
    found = [(fit, read_fields(sheet, fit, template.fields, network, scale)) for fit in fits]
    fit, fields = max(found, key=lambda each: _legible(each[1]))
    if fit.seen < LEAST_SEEN:  # the page may be of another form with the same marks
        fields = [replace(each, why=(*each.why, "no printed lines where they should be")) for each in fields]
    return Form(fields, fit.scaled(scale))


def _legible(fields: Sequence[FieldAnswer]) -> float:
    """How well filled fields are read, 0 to 1: the network tells which side of a page is up."""
    filled = [each for each in fields if not each.empty]
    plain = [{*each.why} <= {"doubtful", "does not fit"} and each.confidence for each in filled]
    return float(np.mean(plain)) if plain else 1.0
