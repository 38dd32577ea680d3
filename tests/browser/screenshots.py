"""Takes the pictures of the page in docs/ from the running service: `make screenshots`."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.devices import Device, launch
from tests.browser.hands import STROKES, draw, settle
from tests.support import ROOT, running_server

DOCS = ROOT / "docs"
COLOURS = 256


def a_five(page: Page) -> None:
    draw(page, STROKES["5"])


def the_inside(page: Page) -> None:
    draw(page, STROKES["5"])
    settle(page)
    page.locator("#inside").scroll_into_view_if_needed()
    expect(page.locator("[data-name=output] .best")).to_have_count(1)
    page.get_by_role("button", name="C3, map 6").click()
    page.locator(".made canvas").hover()
    page.evaluate("document.getElementById('inside').scrollIntoView()")


PICTURES: dict[str, tuple[Device, Callable[[Page], None]]] = {
    "page-light": (Device(1280, 800, still=True), a_five),
    "page-dark": (Device(1280, 800, "dark", still=True), a_five),
    "inside": (Device(1280, 800, still=True), the_inside),
}


def take(browser: Browser, url: str, name: str, target: Path) -> None:
    """The picture `name`, in few colours, so that it is small."""
    device, act = PICTURES[name]
    context = device.context(browser)
    page = context.new_page()
    page.goto(url)
    page.locator("#model option").first.wait_for(state="attached")
    act(page)
    settle(page)
    if name != "inside":
        page.evaluate("scrollTo(0, 0)")
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    context.close()


def main() -> None:
    """Take them all."""
    DOCS.mkdir(exist_ok=True)
    with running_server() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        for name in PICTURES:
            take(browser, server.url, name, DOCS / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
