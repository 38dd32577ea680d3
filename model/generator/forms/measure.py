"""How well forms are read: fitted pages, fields exactly right, digits invented in empty cells."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.forms import Template, read_pixels
from model.forms.fitting import Fit, project
from model.generator.forms.pages import Page, pages
from model.generator.items import PARTS
from model.generator.numbers.strings import by_writer
from model.generator.paper.fonts import find_fonts, of_part, with_digits
from model.generator.pens.pendigits import load_pendigits
from model.recognition import Recogniser


@dataclass(slots=True)
class Measured:
    """What was found on some pages."""

    pages: int = 0
    fitted_within_a_fifth_of_a_cell: int = 0
    fields: int = 0
    exact: int = 0
    sure_and_wrong: int = 0
    empty_cells: int = 0
    digits_invented: int = 0
    cells: int = 0
    seconds: float = 0.0


def off(page: Page, fit: Fit, template: Template) -> float:
    """How far a corner of a field is from where it should be, at the most, in cells."""
    boxes = np.array([each.box for each in template.fields])
    ends = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
    scale = float(np.sqrt(abs(np.linalg.det(page.matrix[:2, :2]))))
    away = np.linalg.norm(fit.place(ends) - project(page.matrix, ends), axis=1)
    return float(away.max()) / scale / template.cell()


def measure(recogniser: Recogniser, data: Path, fonts: Sequence[Path], count: int) -> Measured:
    """Measure on `count` forms of writers held out for validation, scanned and photographed in turn."""
    part, rng, found = PARTS[1], np.random.default_rng((1, 19)), Measured()
    faces = of_part(with_digits(find_fonts(fonts)), part) if fonts else []
    for page in pages(rng, faces, by_writer(load_pendigits(data, part)), count):
        template = Template.model_validate(page.template)
        start = time.process_time()
        form = read_pixels(page.pixels, template, recogniser)
        found.seconds += time.process_time() - start
        found.pages += 1
        found.fields += len(template.fields)
        found.cells += sum(each.count for each in template.fields)
        found.fitted_within_a_fifth_of_a_cell += form.fit is not None and off(page, form.fit, template) < 0.2
        for each, answer in zip(template.fields, form.fields, strict=False):  # none of a page not fitted
            truth = page.texts[each.name]
            right = answer.text == truth and answer.empty == (not truth)
            found.exact += right
            found.sure_and_wrong += not right and not answer.review
            if not truth:
                found.empty_cells += each.count
                found.digits_invented += len(answer.text)
    return found
