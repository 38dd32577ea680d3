"""Answering: every state a person can meet, from an empty pad to a server that is away."""

from collections.abc import Callable
from itertools import accumulate

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Visit, Watch
from tests.browser.devices import DESKTOP
from tests.browser.hands import (
    STROKES,
    Program,
    draw,
    draw_digit,
    expect_digit,
    expect_number,
    hold,
    next_frames,
    pad_place,
    settle,
)
from tests.support import eventually, running_server

pytestmark = pytest.mark.slow

ACROSS = [[0.1 + 0.8 * (n % 2), 0.1 * (n + 1)] for n in range(9)]
SCRIBBLE = [ACROSS + [[0.2 + 0.15 * n, 0.1 + 0.8 * (n % 2)] for n in range(6)]]
HOUSE = [[[0.2, 0.9], [0.2, 0.5], [0.8, 0.5], [0.8, 0.9], [0.2, 0.9]], [[0.15, 0.5], [0.5, 0.1], [0.85, 0.5]]]


def test_what_is_no_digit_is_said_to_be_none_each_time(page: Page) -> None:
    count = """() => {
        const live = document.getElementById("live");
        let times = 0;
        new MutationObserver(() => { live.dataset.times = times += 1; }).observe(live, { childList: true });
    }"""
    page.evaluate(count)
    for times, strokes in enumerate((SCRIBBLE, HOUSE), 1):
        draw(page, strokes)
        settle(page)
        expect(page.locator("#answer")).to_have_attribute("data-state", "none")
        expect_digit(page, "")
        expect(page.locator("#message")).to_contain_text("Not one legible digit.")
        expect(page.locator("#live")).to_have_attribute("data-times", str(times))
        expect(page.locator("#live")).to_have_text("Not one legible digit.")


def test_only_the_newest_answer_is_shown(page: Page) -> None:
    """The first question is answered late, and by then another one was asked."""
    page.locator("#model").select_option("lenet5-relu")
    held = hold(page, "**/predict/strokes*", times=1)
    draw(page, STROKES["7"])
    page.get_by_test_id("clear").click()
    draw_digit(page, "3")
    held[0].abort()
    next_frames(page)
    expect_digit(page, "3")


def test_one_question_at_a_time_while_the_pen_moves(page: Page) -> None:
    steps: list[int] = []

    def counting(step: int) -> Callable[[Request], None]:
        return lambda request: steps.append(step) if "predict" in request.url else None

    page.on("request", counting(1))
    page.on("requestfinished", counting(-1))
    page.on("requestfailed", counting(-1))
    page.locator("#model").select_option("lenet5-relu")
    left, top, _ = pad_place(page)
    page.mouse.move(left + 200, top + 50)
    page.mouse.down()
    page.mouse.move(left + 210, top + 500, steps=120)
    expect_digit(page, "1")
    page.mouse.up()
    settle(page)
    assert steps.count(1) > 2
    assert max(accumulate(steps)) <= 2  # the browser tells of a request's end after the next may have begun


def test_a_server_that_is_away_is_told_of_and_comes_back(page: Page, watch: Watch) -> None:
    page.context.set_offline(True)
    draw(page, STROKES["5"])
    expect(page.locator("#notice")).to_contain_text("this page answers by itself")
    expect_digit(page, "5")
    expect(page.locator("#took")).to_contain_text("answered by this page")
    page.get_by_text("A number", exact=True).click()
    expect(page.locator("#message")).to_contain_text("This needs the server")
    page.context.set_offline(False)
    expect_number(page, "5")
    expect(page.locator("#notice")).to_be_hidden()
    watch.forgive("ERR_INTERNET_DISCONNECTED")


def test_an_old_answer_is_dimmed_and_an_awaited_one_is_told_of(page: Page) -> None:
    page.locator("#model").select_option("lenet5-relu")
    held = hold(page, "**/predict/strokes*")
    draw(page, STROKES["5"], Program(page, "pointer"))
    expect(page.locator("#message")).to_have_text("Reading…")
    assert eventually(lambda: page.evaluate("1") and held)  # the text comes before the request is seen here
    held.pop().continue_()
    expect_digit(page, "5")
    draw(page, STROKES["1"], Program(page, "pointer"))
    expect(page.locator("#answer .verdict")).to_have_css("opacity", "0.45")
    held.pop().continue_()


def test_a_busy_server_is_asked_again_when_it_said(page: Page, watch: Watch) -> None:
    asked: list[Route] = []

    def refuse(route: Route) -> None:
        asked.append(route)
        route.fulfill(status=503, headers={"Retry-After": "1"}, json={"title": "Too busy", "status": 503})

    for url, act, there in (
        ("**/models", page.reload, page.locator("#model option").first),
        ("**/predict/strokes*", lambda: draw(page, STROKES["5"]), page.get_by_text("answered in")),
    ):
        page.route(url, refuse)
        act()
        expect(page.locator("#notice")).to_contain_text("The server is busy. Trying again in 1 s.")
        page.unroute(url)
        expect(there).to_be_attached()
        expect(page.locator("#notice")).to_be_hidden()
        assert len(asked) <= 3
        asked.clear()
    expect_digit(page, "5")
    watch.forgive("503")


def test_a_server_that_starts_anew_is_found_by_itself(visit: Visit, watch: Watch) -> None:
    with running_server() as first:
        port = first.port
        page = visit(DESKTOP, first.url)
        draw(page, STROKES["5"])
        expect_digit(page, "5")
        first.stop()
        page.get_by_test_id("clear").click()
        draw(page, STROKES["3"])
        expect(page.locator("#notice")).to_contain_text("The server cannot be reached")
    with running_server(port=str(port)):
        expect_digit(page, "3")
        expect(page.locator("#notice")).to_be_hidden()
        page.goto("about:blank")
    watch.forgive("ERR_")
