import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.forms import Template, TemplateError, read_form, read_pixels
from model.generator.forms.measure import off
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
    assert off(page, read.fit, template) < 0.2
    right = sum(each.text == page.texts[each.name] for each in read.fields)
    assert right >= 0.75 * len(read.fields)


def test_without_marks_the_ruling_says_where_fields_are_or_there_are_none(
    hands: Hands, network: Recogniser
) -> None:
    rng = np.random.default_rng(2)
    page, other = (form(rng, [], hands, marks=False) for _ in range(2))
    template = template_of(page)
    seen = scanned(page, rng)
    read = read_pixels(seen.pixels, template, network)
    assert read.fit is not None, read.reason
    assert off(seen, read.fit, template) < 0.2
    wrong = read_pixels(other.pixels, template, network)
    assert wrong.fit is None
    assert "were found together as they should be" in str(wrong.reason)
    # Boxes that are drawn by hand over the page itself are not exact.
    fields = [
        {**each, "box": [value + rng.uniform(-1, 1) for value in each["box"]]}
        for each in page.template["fields"]
    ]
    by_hand = Template.model_validate({**page.template, "fields": fields})
    read = read_pixels(page.pixels, by_hand, network)
    assert read.fit is not None, read.reason
    assert off(page, read.fit, template) < 0.2


def test_without_a_mark_there_are_no_fields(hands: Hands, network: Recogniser) -> None:
    page = form(np.random.default_rng(5), [], hands)
    pixels = page.pixels.copy()
    pixels[:200, :200] = 255
    read = read_pixels(pixels, template_of(page), network)
    assert read.fields == []
    assert read.fit is None
    assert read.reason == "the template has 4 marks, and 3 were found"
    assert read.members()["aligned"] == {"ok": False, "reason": read.reason}


@pytest.mark.parametrize("printed", [True, False])
def test_another_form_with_the_same_marks_is_not_trusted(
    printed: bool, hands: Hands, network: Recogniser
) -> None:
    rng = np.random.default_rng(6)
    page, other = (form(rng, [], hands) for _ in range(2))
    template = Template.model_validate({**page.template, "marks": other.template["marks"]})
    pixels = other.pixels if printed else np.where(other.pixels > 0, 255, 0).astype(np.uint8)
    read = read_pixels(pixels, template, network)
    assert read.fit is None or all(each.review for each in read.fields)


@pytest.mark.parametrize(
    "stroke",
    [
        [(0.1, 0.15), (0.9, 0.85), (0.9, 0.15), (0.1, 0.85)],
        [(0.1, 0.3), (0.9, 0.25), (0.1, 0.42), (0.9, 0.4), (0.1, 0.55), (0.9, 0.55), (0.1, 0.7), (0.9, 0.68)],
    ],
)
def test_what_is_struck_through_goes_to_review(
    stroke: list[tuple[float, float]], hands: Hands, network: Recogniser
) -> None:
    page = form(np.random.default_rng(7), [], hands)
    fields = template_of(page).fields
    struck = [each for each in fields if each.kind != "number" and len(page.texts[each.name]) == each.count]
    image = Image.fromarray(page.pixels)
    for each in struck:
        x, y, wide, tall = each.cell_boxes()[0]
        there = [(2 * (x + across * wide), 2 * (y + down * tall)) for across, down in stroke]
        ImageDraw.Draw(image).line(there, fill=50, width=4)
    read = read_pixels(np.asarray(image), template_of(page), network)
    why = {each.name: each.why for each in read.fields}
    assert len(struck) > 5
    assert all(why[each.name] for each in struck)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("", "Invalid JSON"),
        ('{"size": [10, 10], "fields": []}', "template.fields: List should have at least 1"),
        (
            '{"size": [10, 10], "fields": [{"name": "a", "box": [0, 0, 11, 5], "kind": "digit"}]}',
            "does not lie",
        ),
        ('{"size": [9, 9], "fields": [{"name": "a", "box": [0, 0, 9, 5], "kind": "comb"}]}', "has 'cells'"),
        (
            '{"size": [9, 9], "fields": [{"name": "a", "box": [0, 0, 9, 5], "kind": "letter"}]}',
            r"template\.fields\.0\.kind",
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
