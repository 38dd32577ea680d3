"""The template of a form: where its fields are, what is in them, and by what a page is fitted to it."""

from collections import Counter
from typing import Annotated, Literal, Self

import numpy as np
from annotated_types import Len
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from model.reading import read_pattern

Floats = NDArray[np.float64]
Side = Annotated[FiniteFloat, Field(gt=0)]
Box = tuple[FiniteFloat, FiniteFloat, Side, Side]
"""x, y, width, height in the template's units."""

MOST_CELLS = 60


class TemplateError(ValueError):
    """The template is not one; the message is one clear line that names the member."""


class FormField(BaseModel):
    """One field of a form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Len(1, 200)] = Field(description="What the field is called; no other is called so.")
    box: Box = Field(description="x, y, width, height, in the template's units.")
    kind: Literal["digit", "number", "comb"] = Field(
        description="One digit, a number written freely, or digits in cells side by side."
    )
    cells: Annotated[int, Field(ge=1, le=MOST_CELLS)] | None = Field(
        default=None, description="In a comb: how many cells there are."
    )
    gap: Annotated[FiniteFloat, Field(ge=0)] = Field(
        default=0, description="In a comb: how far apart they are."
    )
    pattern: Annotated[str, Len(1, 200)] | None = Field(
        default=None, description="What is expected, for instance `d{4,6}` (d a digit, the rest literal)."
    )

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


class Template(BaseModel):
    """A form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: tuple[Side, Side] = Field(description="Width and height of the page, in units of its own.")
    fields: Annotated[list[FormField], Len(1, 1000)] = Field(description="The fields, in the answer's order.")
    marks: Annotated[list[Box], Len(3, 12)] | None = Field(
        default=None, description="The boxes of solid dark marks printed on the form, three at least."
    )
    ruling: Annotated[list[tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]], Len(0, 4000)] = Field(
        default=[], description="Printed lines, each x, y, x, y: as `forms --learn` finds them on a sample."
    )

    @model_validator(mode="after")
    def _lies_on_the_page(self) -> Self:
        names = [field.name for field in self.fields]
        if len(set(names)) < len(names):
            raise ValueError(f"two fields are called {Counter(names).most_common(1)[0][0]!r}")
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
        place = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in first["loc"]).lstrip(".")
        said = first["msg"].removeprefix("Value error, ")
        raise TemplateError(f"the template's {place}: {said}" if place else f"the template: {said}")

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
