"""Answering: every state a person can meet, from an empty pad to a server that is away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Watch
from tests.browser.devices import DESKTOP
from tests.browser.hands import STROKES, draw, settle
from tests.support import running_server

SCRIBBLE = [
    [
        [0.1, 0.1], [0.9, 0.2], [0.15, 0.3], [0.85, 0.4], [0.1, 0.5], [0.9, 0.6], [0.15, 0.7], [0.85, 0.8],
        [0.1, 0.9], [0.2, 0.1], [0.35, 0.9], [0.5, 0.1], [0.65, 0.9], [0.8, 0.1], [0.9, 0.9],
    ]
]  # fmt: skip
HOUSE = [[[0.2, 0.9], [0.2, 0.5], [0.8, 0.5], [0.8, 0.9], [0.2, 0.9]], [[0.15, 0.5], [0.5, 0.1], [0.85, 0.5]]]


def test_an_empty_pad_has_no_answer(page: Page) -> None:
    expect(page.get_by_test_id("digit")).to_be_empty()
    expect(page.get_by_test_id("number")).to_be_empty()
    expect(page.locator("#message")).to_have_text("Nothing drawn yet.")
    expect(page.locator("#answer")).to_have_attribute("data-state", "empty")


def test_the_answer_has_its_probability_and_ten_bars(page: Page) -> None:
    draw(page, STROKES["7"])
    expect(page.get_by_test_id("digit")).to_have_text("7")
    expect(page.locator("#sure")).to_contain_text("%")
    bars = page.locator("#bars li")
    expect(bars).to_have_count(10)
    expect(bars.nth(7)).to_have_class("top")
    page.wait_for_timeout(300)
    heights = [bar.bounding_box() for bar in page.locator("#bars .fill").all()]
    assert max(range(10), key=lambda digit: (heights[digit] or {"height": 0})["height"]) == 7
    expect(page.locator("#took")).to_contain_text("ms")


@pytest.mark.parametrize("strokes", [SCRIBBLE, HOUSE], ids=["a scribble", "a house"])
def test_what_is_no_digit_is_said_to_be_none(page: Page, strokes: list[list[list[float]]]) -> None:
    draw(page, strokes)
    settle(page)
    expect(page.locator("#answer")).to_have_attribute("data-state", "none")
    expect(page.get_by_test_id("digit")).to_be_empty()
    expect(page.locator("#message")).to_contain_text("Not one legible digit.")
    expect(page.locator("#live")).to_have_text("Not one legible digit.")


def test_the_announcement_waits_for_the_stroke_to_end(page: Page) -> None:
    draw(page, STROKES["3"])
    expect(page.locator("#live")).to_contain_text("3, ")
    page.get_by_test_id("clear").click()
    expect(page.locator("#live")).to_have_text("Cleared")


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
    draw(page, STROKES["3"])
    expect(page.get_by_test_id("digit")).to_have_text("3")
    late[0].abort()
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("digit")).to_have_text("3")


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
    box = page.get_by_test_id("pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 210, box["y"] + 500, steps=120)
    expect(page.get_by_test_id("digit")).to_have_text("1")
    page.mouse.up()
    settle(page)
    assert most <= 2  # the browser tells of a request's end after the page may have begun the next


def test_a_server_that_is_away_is_told_of_and_comes_back(page: Page, watch: Watch) -> None:
    page.context.set_offline(True)
    draw(page, STROKES["5"])
    expect(page.locator("#notice")).to_contain_text("The server cannot be reached.")
    expect(page.get_by_test_id("digit")).to_be_empty()
    expect(page.locator("#message")).to_be_empty()  # and not "Nothing drawn yet."
    page.context.set_offline(False)
    expect(page.get_by_test_id("digit")).to_have_text("5")
    expect(page.locator("#notice")).to_be_hidden()
    assert all("ERR_INTERNET_DISCONNECTED" in said for said in watch.console)
    watch.console.clear()


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
    expect(page.get_by_test_id("digit")).to_have_text("5")
    expect(page.locator("#notice")).to_be_hidden()
    assert before <= 3
    assert all("503" in said for said in watch.console)
    watch.console.clear()


def test_the_page_waits_for_a_server_that_starts_late(visit: Callable[..., Page], watch: Watch) -> None:
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


def test_a_server_that_starts_anew_is_found_by_itself(visit: Callable[..., Page], watch: Watch) -> None:
    with running_server() as first:
        port = first.port
        page = visit(DESKTOP, first.url)
        draw(page, STROKES["5"])
        expect(page.get_by_test_id("digit")).to_have_text("5")
        first.stop()
        page.get_by_test_id("clear").click()
        draw(page, STROKES["3"])
        expect(page.locator("#notice")).to_contain_text("The server cannot be reached.")
    with running_server(port=str(port)):
        expect(page.get_by_test_id("digit")).to_have_text("3")
        expect(page.locator("#notice")).to_be_hidden()
        page.goto("about:blank")
    assert all("ERR_" in said for said in watch.console)
    watch.console.clear()


def test_the_same_answer_again_is_announced_again(page: Page) -> None:
    heard = """() => {
        const live = document.getElementById("live");
        window.heard = [];
        new MutationObserver(() => window.heard.push(live.textContent)).observe(live, { childList: true });
    }"""
    page.evaluate(heard)
    draw(page, SCRIBBLE)
    expect(page.locator("#live")).to_contain_text("Not one legible digit.")
    draw(page, HOUSE)
    for _ in range(100):  # the policy of the page forbids what wait_for_function does
        if page.evaluate("window.heard.length") == 2:
            break
        page.wait_for_timeout(50)
    first, second = page.evaluate("window.heard")
    assert first != second
    assert first.strip("\u200b") == second.strip("\u200b")
