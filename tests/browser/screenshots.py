"""Takes the pictures of the page in docs/ from the running service: `make screenshots`."""

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, NAMES
from tests.browser.devices import Device
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
    "page-light": (Device(1280, 800), a_five),
    "page-dark": (Device(1280, 800, "dark"), a_five),
    "inside": (Device(1280, 800), the_inside),
}


def take(browser: Browser, url: str, name: str, target: Path) -> None:
    """The picture `name`, in few colours, so that it is small."""
    device, act = PICTURES[name]
    context = browser.new_context(
        viewport={"width": device.width, "height": device.height},
        color_scheme="dark" if device.scheme == "dark" else "light",
        has_touch=device.touch,
        device_scale_factor=2 if device.touch else 1,
        reduced_motion="reduce",
        locale="en-US",
    )
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
    path = next(filter(None, map(shutil.which, NAMES)), None)
    with running_server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        for name in PICTURES:
            take(browser, server.url, name, DOCS / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
