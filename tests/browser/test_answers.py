"""Answering: every state a person can meet, from an empty pad to a server that is away."""

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
from tests.support import running_server

pytestmark = pytest.mark.slow

SCRIBBLE = [
    [
        [0.1, 0.1], [0.9, 0.2], [0.15, 0.3], [0.85, 0.4], [0.1, 0.5], [0.9, 0.6], [0.15, 0.7], [0.85, 0.8],
        [0.1, 0.9], [0.2, 0.1], [0.35, 0.9], [0.5, 0.1], [0.65, 0.9], [0.8, 0.1], [0.9, 0.9],
    ]
]  # fmt: skip
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
    late: list[Route] = []

    def hold(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append(route)

    page.route("**/predict/strokes*", hold)
    draw(page, STROKES["7"])
    page.get_by_test_id("clear").click()
    draw_digit(page, "3")
    late[0].abort()
    next_frames(page)
    expect_digit(page, "3")


def test_one_question_at_a_time_while_the_pen_moves(page: Page) -> None:
    under_way: set[Request] = set()
    most = 0

    def asked(request: Request) -> None:
        nonlocal most
        if "predict" in request.url:
            under_way.add(request)
            most = max(most, len(under_way))

    def ended(request: Request) -> None:
        under_way.discard(request)

    page.on("request", asked)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)
    left, top, _ = pad_place(page)
    page.mouse.move(left + 200, top + 50)
    page.mouse.down()
    page.mouse.move(left + 210, top + 500, steps=120)
    expect_digit(page, "1")
    page.mouse.up()
    settle(page)
    assert most <= 2  # the browser tells of a request's end after the page may have begun the next


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
    held.pop().continue_()
    expect_digit(page, "5")
    draw(page, STROKES["1"], Program(page, "pointer"))
    expect(page.locator("#answer .verdict")).to_have_css("opacity", "0.45")
    held.pop().continue_()


def test_an_overloaded_server_is_asked_again_when_it_said(page: Page, watch: Watch) -> None:
    asked = 0

    def refuse(route: Route) -> None:
        nonlocal asked
        asked += 1
        route.fulfill(status=503, headers={"Retry-After": "1"}, json={"title": "Too busy", "status": 503})

    page.route("**/predict/strokes*", refuse)
    draw(page, STROKES["5"])
    expect(page.locator("#notice")).to_contain_text("The server is busy. Trying again in 1 s.")
    before = asked
    page.unroute("**/predict/strokes*")
    expect_digit(page, "5")
    expect(page.locator("#notice")).to_be_hidden()
    assert before <= 3
    watch.forgive("503")


def test_the_page_waits_for_a_server_that_starts_late(visit: Visit, watch: Watch) -> None:
    page = visit()
    refused = 0

    def refuse(route: Route) -> None:
        nonlocal refused
        refused += 1
        if refused == 1:
            route.fulfill(
                status=503, headers={"Retry-After": "1"}, json={"title": "Not ready", "status": 503}
            )
        else:
            route.continue_()

    page.route("**/models", refuse)
    page.reload()
    expect(page.locator("#notice")).to_be_visible()
    expect(page.locator("#model option").first).to_be_attached()
    expect(page.locator("#notice")).to_be_hidden()
    assert refused == 2
    watch.console.clear()


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
