"""Numbers: several digits are noticed, and read in the wide canvas, with a box over each."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.devices import PHONE_DARK
from tests.browser.hands import (
    STROKES,
    Finger,
    draw,
    draw_digit,
    draw_number,
    expect_digit,
    expect_number,
    pad_place,
    place_of,
)
from tests.browser.test_pictures import picture
from tests.support import Digits

pytestmark = pytest.mark.slow


def test_a_number_is_read_in_the_wide_canvas_of_a_phone(visit: Visit) -> None:
    page = visit(PHONE_DARK)
    draw_number(page, "1723", Finger(page))
    expect(page.locator(".box b")).to_have_text(["1", "7", "2", "3"])
    expect(page.locator("#pieces b")).to_have_text(["1", "7", "2", "3"])
    expect(page.get_by_test_id("digit")).to_be_hidden()
    lefts = [place_of(box)[0] for box in page.locator(".box").all()]
    assert lefts == sorted(lefts)
    page.get_by_test_id("clear").click()
    expect_number(page, "")
    expect(page.locator(".box")).to_have_count(0)


def test_two_digits_on_the_square_pad_are_offered_the_wide_one(page: Page) -> None:
    draw(page, STROKES["1"], at=(-0.2, 0.15), scale=0.7)
    draw(page, STROKES["7"], at=(0.3, 0.15), scale=0.7)
    expect_number(page, "17")
    expect_digit(page, "")
    page.get_by_role("button", name="Open the wide canvas").click()
    expect(page.locator("input[value=number]")).to_be_checked()
    expect_number(page, "17")
    expect(page.locator(".box")).to_have_count(2)
    page.get_by_test_id("undo").click()
    expect_number(page, "1")


def test_the_drawing_goes_with_the_pad(page: Page) -> None:
    draw_digit(page, "3")
    page.get_by_text("A number", exact=True).click()
    expect_number(page, "3")
    page.get_by_text("One digit", exact=True).click()
    expect_digit(page, "3")
    expect_number(page, "")


def test_a_digit_of_a_number_shows_its_box_its_bars_and_its_layers(page: Page) -> None:
    draw_number(page, "17")
    expect(page.locator("#pieces button").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#bars li").nth(7)).to_have_class("top")
    left, _, height = pad_place(page)
    x, _, width, _ = place_of(page.locator(".box").nth(1))
    xs = [point[0] for stroke in STROKES["7"] for point in stroke]
    middle = left + height * (0.1 + 0.42 + 0.6 * (min(xs) + max(xs)) / 2)
    assert abs(x + width / 2 - middle) < height * 0.03
    page.locator("#inside").scroll_into_view_if_needed()
    expect(page.locator("[data-name=output] .best b")).to_have_text("7")
    page.locator("#pieces button").nth(0).click()
    expect(page.locator("#bars li").nth(1)).to_have_class("top")
    expect(page.locator("[data-name=output] .best b")).to_have_text("1")
    expect(page.locator("#piece")).to_contain_text("Digit 1 of 2: 1, 9")
    expect(page.locator(".box").nth(0)).to_have_class("box chosen")
    expect(page.locator("#input-view canvas")).to_be_visible()


def test_a_doubtful_digit_names_the_others(page: Page) -> None:
    doubtful = {
        "text": "4", "confidence": 0.6, "alternatives": [{"text": "9", "confidence": 0.3}], "model": "lenet5",
        "digits": [{
            "digit": 4, "confidence": 0.6, "box": [0, 0, 10, 10],
            "probabilities": [0, 0.09, 0, 0, 0.6, 0, 0, 0.001, 0, 0.309],
        }],
    }  # fmt: skip
    page.route("**/read/strokes*", lambda route: route.fulfill(json=doubtful))
    draw_number(page, "4")
    expect(page.locator("#piece")).to_have_text("Digit 1 of 1: 4, 60.0%. Or 9 (30.9%), 1 (9.0%).")
    expect(page.locator(".box")).to_have_class(re.compile("weak.* chosen"))


def test_a_picture_of_a_number_has_boxes_on_the_picture(page: Page, mnist: Digits) -> None:
    margin = np.zeros((28, 10), np.uint8)
    ink = np.hstack([margin, mnist.first(7), mnist.first(2), margin])
    page.get_by_text("A number", exact=True).click()
    page.locator("#file").set_input_files(picture(ink))
    expect_number(page, "72")
    expect(page.locator(".box b")).to_have_text(["7", "2"])
    left, _, across, _ = place_of(page.locator("#photo"))
    for box in page.locator(".box").all():
        x, _, width, _ = place_of(box)
        assert left < x < x + width < left + across
