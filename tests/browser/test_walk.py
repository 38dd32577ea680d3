"""One walk through the page, as a person takes it: the browser's part of `make test`."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import draw_digit, draw_number, expect_digit, settle
from tests.browser.test_inside import COLOURS
from tests.browser.test_pictures import enlarged, hand_over
from tests.support import Digits, encoded


def test_a_walk_through_the_page(page: Page, mnist: Digits) -> None:
    expect(page.locator("#message")).to_have_text("Nothing drawn yet.")
    draw_digit(page, "7")
    settle(page)
    expect(page.locator("#sure")).to_contain_text("%")
    expect(page.locator("#live")).to_contain_text("7, ")
    expect(page.locator("#took")).to_contain_text("ms")
    heights = page.locator("#bars .fill").evaluate_all(
        "bars => bars.map((bar) => Number(bar.style.transform.slice(7, -1)))"
    )
    assert len(heights) == 10
    assert sum(heights) == pytest.approx(1, abs=0.005)
    assert heights.index(max(heights)) == 7
    for picture in ("#input-view canvas", "#saliency-view canvas"):
        assert page.locator(picture).evaluate(COLOURS) > 5

    page.locator("#inside").scroll_into_view_if_needed()
    expect(page.locator("[data-name=output] .best b")).to_have_text("7")
    page.get_by_role("button", name="C3, map 7").click()
    expect(page.locator("#lesson h3")).to_have_text("C3, map 7")

    page.get_by_test_id("undo").click()
    expect_digit(page, "")
    expect(page.get_by_test_id("undo")).to_be_disabled()
    page.locator("#redo").click()
    expect_digit(page, "7")
    expect(page.locator("#redo")).to_be_disabled()
    page.get_by_test_id("clear").click()
    expect(page.locator("#message")).to_have_text("Nothing drawn yet.")
    expect(page.locator("#live")).to_have_text("Cleared")
    expect(page.locator("[data-name=output] .best")).to_have_count(0)

    draw_number(page, "17")
    expect(page.locator(".box b")).to_have_text(["1", "7"])

    page.get_by_text("One digit", exact=True).click()
    hand_over(page, "drop", "four.png", "image/png", encoded(enlarged(mnist.first(4))))
    expect_digit(page, "4")
    expect(page.locator("#photo")).to_be_visible()
    expect(page.locator("#sheet")).not_to_have_class("sheet dropping")
    expect(page.locator("#correct")).to_be_hidden()  # this server keeps none
