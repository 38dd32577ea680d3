"""Inside the network: every layer, live; each map's kernel, sources and window; which ink spoke."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.devices import PHONE
from tests.browser.hands import STROKES, Program, draw, expect_digit, hold, place_of

pytestmark = pytest.mark.slow

COUNTS = {"C1": 6, "S2": 6, "C3": 16, "S4": 16}

COLOURS = """canvas => {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const data = context.getImageData(0, 0, copy.width, copy.height).data;
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 4).join());
    return seen.size;
}"""
"""How many colours a picture has: 1 when there is nothing in it."""


def test_every_map_of_every_layer_is_shown_live(page: Page) -> None:
    page.locator("#inside").scroll_into_view_if_needed()
    for layer, count in COUNTS.items():
        expect(page.locator(f".map[data-layer={layer}]")).to_have_count(count)
    draw(page, STROKES["8"])
    expect(page.locator("[data-name=output] .best b")).to_have_text("8")
    for layer in ("input", *COUNTS, "C5", "F6"):
        pictures = page.locator(f"[data-name={layer}] canvas").all()
        assert max(picture.evaluate(COLOURS) for picture in pictures) > 2, layer
    page.get_by_test_id("clear").click()
    expect(page.locator("[data-name=output] .best")).to_have_count(0)
    assert page.locator("[data-name=C1] canvas").first.evaluate(COLOURS) == 1


def test_the_maps_are_there_when_one_scrolls_to_them_however_slow_the_network(visit: Visit) -> None:
    page = visit(PHONE)
    held = hold(page, "**/predict/strokes*")
    draw(page, STROKES["8"], Program(page, "pointer"))
    page.locator("#inside").scroll_into_view_if_needed()
    expect(page.locator("[data-name=output] .best b")).to_have_text("8")
    assert page.locator("[data-name=C3] canvas").first.evaluate(COLOURS) > 2
    with page.expect_response("**/predict/strokes*") as answered:
        held.pop().continue_()
    assert "layers" not in answered.value.url
    expect_digit(page, "8")


def test_layers_of_another_model_belong_to_the_ink_that_is_answered(page: Page) -> None:
    page.locator("#model").select_option("lenet5-tanh")
    output = page.locator("[data-name=output]")
    draw(page, STROKES["5"][:1])
    expect(output.locator(".best")).to_have_count(1)
    shown = output.text_content() or ""
    draw(page, STROKES["5"][1:])
    expect(output).not_to_have_text(shown)
    expect(output.locator(".best b")).to_have_text("5")


def test_a_map_shows_its_kernel_and_what_feeds_it(page: Page) -> None:
    draw(page, STROKES["8"])
    page.get_by_role("button", name="C3, map 7").click()
    lesson = page.locator("#lesson")
    expect(lesson.locator("h3")).to_have_text("C3, map 7")
    expect(lesson.locator(".sources figure")).to_have_count(page.locator(".map.feeds").count())
    expect(lesson.locator(".kernel").first).to_be_visible()
    assert lesson.locator(".kernel").first.evaluate(COLOURS) > 5
    expect(page.locator(".map.fed")).to_have_count(1)
    expect(lesson).to_contain_text("16 × 10 × 10")


def test_a_pixel_shows_the_window_it_was_made_from(page: Page) -> None:
    draw(page, STROKES["8"])
    page.get_by_role("button", name="S2, map 2").click()
    made = page.locator(".made canvas")
    made.hover(position={"x": 3, "y": 3})
    expect(page.locator("#lesson .fine")).to_contain_text("(0, 0): value")
    _, _, window, _ = place_of(page.locator(".window"))
    _, _, source, _ = place_of(page.locator(".sources canvas").first)
    assert abs(window - source / 14) < 4
    page.get_by_role("button", name="C1, map 2").click()
    made.focus()
    for key, place in (("ArrowRight", "(14, 14)"), ("ArrowUp", "(14, 13)")):
        page.keyboard.press(key)
        expect(page.locator("#pixel-note")).to_contain_text(f"{place}: value")
    page.locator(".about[data-layer=F6]").click()
    made.hover(position={"x": 3, "y": 3})
    expect(page.locator("#pixel-note")).to_contain_text(re.compile("^0: value"))


def test_a_lesson_stands_below_the_layer_that_was_tapped(visit: Visit) -> None:
    page = visit(PHONE)
    for name in ("C1, map 2", "S4, map 3", "C3, map 1"):
        button = page.get_by_role("button", name=name, exact=True)
        button.scroll_into_view_if_needed()
        before = place_of(button)[1]
        button.tap()
        assert abs(place_of(button)[1] - before) < 2  # whatever left from above it
        assert 0 < place_of(page.locator("#lesson"))[1] - before < 250


def test_layers_tell_what_they_do_with_sizes_and_parameters(page: Page) -> None:
    counts = {
        "C1": ["6 × 28 × 28", "156", "= 6 × (5 × 5 + 1)"],
        "C5": ["120", "48,120", "= 120 × (16 × 5 × 5 + 1)"],
        "F6": ["84", "10,164", "= 84 × (120 + 1)"],
    }
    for layer, count in counts.items():
        page.locator(f".about[data-layer={layer}]").click()
        expect(page.locator("#lesson h3")).to_have_text(f"Layer {layer}")
        expect(page.locator("#lesson dd")).to_have_text(count)


def test_layers_tell_what_differs_between_models(page: Page) -> None:
    for layer, model, words in (
        ("S2", "lenet5", "only the largest value goes on"),
        ("S2", "lenet5-average", "becomes its mean"),
        ("S2", "lenet5-1998", "is summed, times one coefficient of the map"),
        ("output", "lenet5", "the mean of five looks"),
        ("output", "lenet5-relu", re.compile("softmax makes probabilities of them.$")),
    ):
        page.locator(f".about[data-layer={layer}]").click()
        page.locator("#model").select_option(model)
        expect(page.locator("#lesson p").first).to_contain_text(words)


def test_maps_are_reached_with_arrow_keys(page: Page) -> None:
    page.locator(".map[data-layer=C1]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#lesson h3")).to_have_text("C1, map 1")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator("#lesson h3")).to_have_text("C1, map 5")
    expect(page.get_by_role("button", name="C1, map 5")).to_have_attribute("aria-pressed", "true")
