"""How well forms are fitted and read."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.forms import Template, read_pixels
from model.forms.fitting import Fit
from model.generator.forms.pages import Page, pages
from model.generator.items import PARTS
from model.generator.numbers.strings import by_writer
from model.generator.paper.fonts import find_fonts, of_part, with_digits
from model.generator.pens.pendigits import load_pendigits
from model.recognition import Recogniser


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found on some pages."""

    pages: int
    fitted_within_a_fifth_of_a_cell: int
    fields: int
    exact: str
    sure_and_wrong: int
    empty_cells: int
    digits_invented: int
    cells_a_second: int


def off(page: Page, fit: Fit, template: Template) -> float:
    """How far a corner of a field is from where it should be, at the most, in cells."""
    boxes = np.array([each.box for each in template.fields])
    ends = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
    there = np.column_stack([ends, np.ones(len(ends))]) @ page.matrix.T
    scale = float(np.sqrt(abs(np.linalg.det(page.matrix[:2, :2]))))
    away = np.linalg.norm(fit.place(ends) - there[:, :2] / there[:, 2:], axis=1)
    return float(away.max()) / scale / template.cell()


def measure(recogniser: Recogniser, data: Path, fonts: Sequence[Path], count: int) -> Measured:
    """Measure on `count` forms of writers held out for validation, scanned and photographed in turn."""
    part = PARTS[1]
    rng = np.random.default_rng((1, 19))
    faces = of_part(with_digits(find_fonts(fonts)), part) if fonts else []
    hands = by_writer(load_pendigits(data, part))
    fitted = fields = exact = sure = empties = invented = cells = 0
    seconds = 0.0
    for page in pages(rng, faces, hands, count):
        template = Template.model_validate(page.template)
        start = time.process_time()
        found = read_pixels(page.pixels, template, recogniser)
        seconds += time.process_time() - start
        fields += len(template.fields)
        cells += sum(each.count for each in template.fields)
        if found.fit is None:
            continue
        fitted += off(page, found.fit, template) < 0.2
        for each, answer in zip(template.fields, found.fields, strict=True):
            truth = page.texts[each.name]
            right = answer.text == truth and answer.empty == (not truth)
            exact += right
            sure += not right and not answer.review
            if not truth:
                empties += each.count
                invented += len(answer.text)
    return Measured(
        count, fitted, fields, f"{exact / fields:.1%}", sure, empties, invented, round(cells / seconds)
    )
