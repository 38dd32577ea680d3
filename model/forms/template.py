"""The template of a form: where its fields are, what is in them, and by what a page is fitted to it."""

from collections import Counter
from typing import Annotated, Literal, Self

import numpy as np
from annotated_types import Len
from numpy.typing import NDArray
from pydantic import BaseModel, Field, FiniteFloat, ValidationError, model_validator

from model.reading import read_pattern

Floats = NDArray[np.float64]
Side = Annotated[FiniteFloat, Field(gt=0)]
Line = tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]
"""x, y, x, y in the template's units."""
Box = tuple[FiniteFloat, FiniteFloat, Side, Side]
"""x, y, width, height in the template's units."""
Text = Annotated[str, Len(1, 200)]


class TemplateError(ValueError):
    """The template is not valid; the message is one clear line that names the member."""


class FormField(BaseModel, extra="forbid", frozen=True):
    """One field: a digit, a number written freely, or a comb of `cells` that are `gap` apart.

    The `pattern` says what is expected, for instance `d{4,6}` (d a digit, the rest literal).
    """

    name: Text
    box: Box
    kind: Literal["digit", "number", "comb"]
    cells: Annotated[int, Field(ge=1, le=60)] | None = None
    gap: Annotated[FiniteFloat, Field(ge=0)] = 0
    pattern: Text | None = None

    @model_validator(mode="after")
    def _cells_fit(self) -> Self:
        if (self.kind == "comb") != (self.cells is not None):
            raise ValueError("a comb has 'cells', and no other kind has")
        if self.pattern is not None:
            read_pattern(self.pattern)
        if self.gap * (self.count - 1) >= self.box[2]:
            raise ValueError("its gaps leave no room for cells")
        return self

    @property
    def count(self) -> int:
        """How many cells it has; 1 if it is no comb."""
        return self.cells or 1

    def cell_boxes(self) -> list[Box]:
        """The boxes of its cells, from left to right; its own if it is no comb."""
        x, y, wide, tall = self.box
        cell = (wide - self.gap * (self.count - 1)) / self.count
        return [(x + number * (cell + self.gap), y, cell, tall) for number in range(self.count)]


class Template(BaseModel, extra="forbid", frozen=True):
    """A form: its width and height in units of its own, and its fields in the answer's order.

    A page is fitted by `marks`, the boxes of solid dark marks printed on it, and by the printed lines of its
    `ruling`, as `forms --learn` finds them on a sample, beside the outlines of its cells.
    """

    size: tuple[Side, Side]
    fields: Annotated[list[FormField], Len(1, 1000)]
    marks: Annotated[list[Box], Len(3, 12)] | None = None
    ruling: Annotated[list[Line], Len(0, 4000)] = []

    @model_validator(mode="after")
    def _lies_on_the_page(self) -> Self:
        name, count = Counter(field.name for field in self.fields).most_common(1)[0]
        if count > 1:
            raise ValueError(f"{count} fields are called {name!r}")
        boxes = [(f"the field {field.name!r}", field.box) for field in self.fields]
        for what, (x, y, wide, tall) in [*boxes, *(("a mark", mark) for mark in self.marks or ())]:
            if x < 0 or y < 0 or x + wide > self.size[0] * 1.001 or y + tall > self.size[1] * 1.001:
                raise ValueError(f"{what} does not lie on the page")
        return self

    @classmethod
    def read(cls, data: bytes | str) -> Self:
        """Read JSON. Raises TemplateError, whose message is the first fault."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(["template", *map(str, first["loc"])])
        raise TemplateError(f"{place}: {first['msg'].removeprefix('Value error, ')}")

    def lines(self) -> Floats:
        """(n, 4): x, y, x, y of the lines by which a page is fitted: the ruling, and the cells' outlines."""
        found = [*self.ruling]
        for x, y, wide, tall in (box for field in self.fields for box in field.cell_boxes()):
            right, foot = x + wide, y + tall
            found += [(x, y, right, y), (x, foot, right, foot), (x, y, x, foot), (right, y, right, foot)]
        return np.unique(np.array(found, np.float64).round(3), axis=0)

    def cell(self) -> float:
        """The shortest side of a cell, in the template's units."""
        return min(min(box[2:]) for field in self.fields for box in field.cell_boxes())
