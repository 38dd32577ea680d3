import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.forms import Template, TemplateError, read_form, read_pixels
from model.generator.forms.pages import Hands, Page, form, photographed, scanned, stamped
from model.recognition import Recogniser

WAYS = {"as drawn": lambda page, _: page, "scanned": scanned, "photographed": photographed}


def template_of(page: Page) -> Template:
    return Template.read(json.dumps(page.template))


def png(pixels: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_a_page_is_fitted_and_read(way: str, seed: int, hands: Hands, network: Recogniser) -> None:
    rng = np.random.default_rng(seed)
    page = WAYS[way](stamped(form(rng, [], hands), rng), rng)
    template = template_of(page)
    read = read_form(png(page.pixels), template, network)
    assert read.fit is not None, read.reason
    middles = np.array([[x + w / 2, y + h / 2] for each in template.fields for x, y, w, h in [each.box]])
    there = np.c_[middles, np.ones(len(middles))] @ page.matrix.T
    off = np.linalg.norm(read.fit.place(middles) - there[:, :2] / there[:, 2:], axis=1)
    scale = np.sqrt(abs(np.linalg.det(page.matrix[:2, :2])))
    assert off.max() < 0.2 * template.cell() * scale
    right = sum(each.text == page.texts[each.name] for each in read.fields)
    assert right >= 0.75 * len(read.fields)


def test_without_a_mark_there_are_no_fields(hands: Hands, network: Recogniser) -> None:
    page = form(np.random.default_rng(5), [], hands)
    pixels = page.pixels.copy()
    pixels[:200, :200] = 255
    read = read_pixels(pixels, template_of(page), network)
    assert read.fields == []
    assert read.fit is None
    assert read.reason == "the template has 4 marks, and 3 were found"
    assert read.members()["aligned"] == {"ok": False, "reason": read.reason}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("", "Invalid JSON"),
        ('{"size": [10, 10], "fields": []}', "the template's fields: List should have at least 1"),
        (
            '{"size": [10, 10], "fields": [{"name": "a", "box": [0, 0, 11, 5], "kind": "digit"}]}',
            "does not lie",
        ),
        ('{"size": [9, 9], "fields": [{"name": "a", "box": [0, 0, 9, 5], "kind": "comb"}]}', "has 'cells'"),
        (
            '{"size": [9, 9], "fields": [{"name": "a", "box": [0, 0, 9, 5], "kind": "letter"}]}',
            r"fields\[0\].kind",
        ),
        (
            '{"size": [9, 9], "fields": [{"name": "a", "box": [0, 0, 9, 5], "kind": "digit",'
            ' "pattern": "x"}]}',
            "no reading has 'x'",
        ),
    ],
)
def test_a_wrong_template_is_told_in_a_line(wrong: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said) as told:
        Template.read(wrong)
    assert "\n" not in str(told.value)
