"""For everyone: the rules of WCAG 2.2 AA that a program can check, targets, motion, weight, policy."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Visit
from tests.browser.devices import DESKTOP, DESKTOP_DARK, PHONE, PHONE_DARK, SMALLEST, Device
from tests.browser.hands import draw_digit, draw_number, expect_digit, missing, place_of, settle
from tests.browser.test_inside import COLOURS

pytestmark = pytest.mark.slow

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TURNED = Device(844, 390, touch=True)
LIMIT = 350_000
"""Bytes that the page may take to load, compressed: with the weights, and what it keeps for flight mode."""


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which `make test` fetches."""
    if not AXE.is_file():
        missing("axe-core is not here: npm install --prefix tests/browser")
    return AXE.read_text()


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, { runOnly: { type: 'tag', values: rules } })", RULES
    )
    return [
        f"{each['id']}: {node['html']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(
    "device",
    [DESKTOP, DESKTOP_DARK, PHONE, PHONE_DARK],
    ids=["desktop", "desktop dark", "phone", "phone dark"],
)
def test_the_rules_hold_in_every_state(visit: Visit, axe: str, device: Device) -> None:
    page = visit(device)
    assert violations(page, axe) == []
    draw_digit(page, "7")
    page.locator("#inside").scroll_into_view_if_needed()
    expect(page.locator("[data-name=output] .best")).to_have_count(1)
    page.get_by_role("button", name="C3, map 3").click()
    page.locator("#why summary").click()
    page.locator("#why-digits").get_by_text("3").click()
    page.locator("#compare summary").click()
    page.locator("#moment").evaluate("slider => slider.dispatchEvent(new Event('input'))")
    expect(page.locator("#learned")).to_contain_text("of 5,000 unseen ones right")
    assert violations(page, axe) == []
    for mode in ("A number", "A form"):
        page.get_by_text(mode, exact=True).click()
        expect_digit(page, "")
        assert violations(page, axe) == []


def test_nothing_is_wider_than_the_window(page: Page) -> None:
    draw_digit(page, "7")
    for width, height in ((320, 568), (375, 667), (667, 375), (768, 1024), (1024, 700), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.get_by_text("One digit", exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        _, _, across, down = place_of(page.get_by_test_id("pad"))
        assert abs(across - down) < 1.5
        assert across >= 208
        for part in page.locator(".settings > *, .tools > *, #answer > *").all():
            place = part.bounding_box()
            assert place is None or place["x"] + place["width"] <= width
        page.get_by_text("A number", exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_large_enough_for_a_finger(visit: Visit) -> None:
    page = visit(SMALLEST)
    small = []
    for target in page.locator("button, select, summary, input:not(.switch input), .switch label").all():
        box = target.bounding_box()
        if box and (box["width"] < 43.9 or box["height"] < 43.9):
            small.append((target.evaluate("element => element.outerHTML.slice(0, 90)"), box))
    assert small == []


@pytest.mark.parametrize(
    "device",
    [PHONE, SMALLEST, Device(390, 664, touch=True), Device(768, 1024, touch=True), TURNED],
    ids=["phone", "smallest", "phone with bars", "tablet", "turned phone, a number"],
)
def test_pad_and_answer_are_on_a_phones_screen_together(visit: Visit, device: Device) -> None:
    page = visit(device)
    if device is TURNED:
        draw_number(page, "17")
    else:
        draw_digit(page, "7")
    page.evaluate("scrollTo(0, 0)")
    _, top, _, height = place_of(page.get_by_test_id("number" if device is TURNED else "digit"))
    assert top + height <= device.height


LARGE = """([family, spaced]) => {
    const root = document.documentElement.style;
    root.fontSize = "200%";
    for (const name of ["--sans", "--serif", "--mono"]) root.setProperty(name, family);
    const sheet = new CSSStyleSheet();
    if (spaced) sheet.replaceSync("* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important }");
    document.adoptedStyleSheets = [sheet];
}"""
"""Text twice as large, in one font, and with WCAG's spacing (1.4.12) if wanted: wider than any usual font."""


@pytest.mark.parametrize("language", ["en-US", "it-IT", "ko-KR", "zh-TW"])
def test_text_twice_as_large_needs_no_sideways_scrolling(visit: Visit, language: str) -> None:
    page = visit(Device(1280, 800, language=language))
    draw_digit(page, "7")
    for family in ("system-ui", "DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono"):
        for spaced in (False, True):
            page.evaluate(LARGE, [family, spaced])
            for width in (320, 390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (family, spaced)


def test_forced_colours_leave_the_pictures_and_the_bars(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.reload()
    draw_digit(page, "7")
    settle(page)
    for picture in ("#input-view canvas", "#saliency-view canvas"):
        assert page.locator(picture).evaluate(COLOURS) > 5
    paint = "element => getComputedStyle(element).backgroundColor"
    assert page.locator("#bars .top .fill").evaluate(paint) != page.locator("#bars").evaluate(paint)


def test_everything_is_reached_with_the_tab_key(page: Page) -> None:
    pad = page.get_by_test_id("pad")
    expect(pad).to_have_accessible_name("Drawing pad")
    expect(pad).to_have_accessible_description(re.compile("Arrow keys move the pen"))
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"language", "theme", "model", "pad", "erase", "clear", "width", "choose"} <= reached
    assert {"copy-curl", "copy-json", "map"} <= reached
    page.locator("#model").focus()
    page.keyboard.press("Tab")
    expect(pad).to_be_focused()
    assert place_of(page.locator("#pad-keys"))[3] > 10  # the keys are told where they work


def test_nothing_moves_for_those_who_do_not_want_it(visit: Visit) -> None:
    page = visit(Device(1280, 860, still=True))
    draw_digit(page, "7")
    moving = """() => [...document.querySelectorAll("*")].filter((element) => {
        const style = getComputedStyle(element);
        return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    }).length"""
    assert page.evaluate(moving) == 0


def test_the_page_is_light(page: Page) -> None:
    taken: list[int] = []

    def count(request: Request) -> None:
        sizes = request.sizes()
        taken.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    page.wait_for_load_state("networkidle")  # what the first visit still fetches is none of the second's
    page.on("requestfinished", count)
    page.reload()
    page.locator("#model option").first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    assert len(taken) > 20
    assert sum(taken) < LIMIT, taken
