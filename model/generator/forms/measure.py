"""How well forms are read: fitted pages, fields exactly right, digits invented in empty cells."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from model.forms import Template, read_pixels
from model.forms.fitting import Fit
from model.generator.forms.pages import Page, pages
from model.generator.items import PARTS, png
from model.generator.numbers.strings import by_writer
from model.generator.paper.fonts import find_fonts, of_part, with_digits
from model.generator.pens.hands import load_pendigits
from model.geometry import project
from model.ink import InkError
from model.reading import read_image
from model.recognition import Recogniser


def off(page: Page, fit: Fit, template: Template) -> float:
    """The largest distance of any field's corner from where it should be, in cells."""
    boxes = np.array([each.box for each in template.fields])
    ends = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
    scale = float(np.sqrt(abs(np.linalg.det(page.matrix[:2, :2]))))
    away = np.linalg.norm(fit.place(ends) - project(page.matrix, ends), axis=1)
    return float(away.max()) / scale / template.cell()


def measure(
    recogniser: Recogniser, data: Path, fonts: Sequence[Path], count: int
) -> tuple[tuple[str, str], ...]:
    """Pairs of what is measured and its figure, for `count` forms of held-out writers, and their rows."""
    part, rng, found, seconds = PARTS[1], np.random.default_rng((1, 19)), Counter[str](), 0.0
    alone: dict[str, list[bool]] = {}
    faces = of_part(with_digits(find_fonts(fonts)), part) if fonts else []
    for page in pages(rng, faces, by_writer(load_pendigits(data, part)), count):
        template = Template.model_validate(page.template)
        start = time.process_time()
        form = read_pixels(page.pixels, template, recogniser)
        seconds += time.process_time() - start
        found["fitted"] += form.fit is not None and off(page, form.fit, template) < 0.2
        found["cells"] += sum(each.count for each in template.fields)
        found["fields"] += len(template.fields)
        for each, answer in zip(template.fields, form.fields, strict=False):  # none if not fitted
            truth = page.texts[each.name]
            right = answer.text == truth and answer.empty == (not truth)
            found["right"] += right
            found["trusted"] += not right and not answer.review
            found["empty"] += 0 if truth else each.count
            found["invented"] += 0 if truth else len(answer.text)
            if each.cells and truth:
                said, held = "", "full" if len(truth) == each.cells else "in part"
                with suppress(InkError):
                    said = read_image(png(answer.picture), recogniser).text
                name = f"{'boxes' if each.gap else 'combs'}, {held}, read alone"
                alone.setdefault(name, []).append(said == truth)
    return (
        ("pages fitted to within a fifth of a cell", f"{found['fitted']} of {count}"),
        ("fields exactly right", f"{found['right'] / found['fields']:.1%} of {found['fields']:,}"),
        ("wrong, and not sent to review", f"{found['trusted']}"),
        ("digits invented in empty cells", f"{found['invented']} in {found['empty']:,}"),
        *((name, f"{np.mean(right):.1%} of {len(right)}") for name, right in sorted(alone.items())),
        ("cells in a second of CPU, decoding left out", f"{found['cells'] / seconds:.0f}"),
    )
