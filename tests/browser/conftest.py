"""A real Chromium, and pages that may neither complain nor reach beyond the service."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Error, Page, Request, expect, sync_playwright

from tests.browser.devices import DESKTOP, Device, launch
from tests.browser.hands import missing
from tests.support import RunningServer

Visit = Callable[..., Page]
"""Opens the page: on a device, at an address, as a newcomer."""

PATIENCE = 60_000
"""Milliseconds to wait for what must come: a busy machine is no fault of the page."""


@dataclass
class Watch:
    """What went wrong on the pages of a test."""

    console: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def forgive(self, words: str) -> None:
        """Take away what a test caused on purpose: complaints, each of which has `words` in it."""
        assert all(words in complaint for complaint in self.console)
        self.console.clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; where there is none, its tests are skipped, and fail in CI."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        try:
            launched = launch(playwright)
        except Error as error:
            missing(f"no Chromium here: install the package chromium, or run playwright install ({error})")
        yield launched
        launched.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def visit(browser: Browser, server: RunningServer, watch: Watch) -> Iterator[Visit]:
    """Opens the page on a device; afterwards nothing may have been complained of or asked outside."""
    contexts = []

    def open_page(device: Device = DESKTOP, url: str | None = None, *, newcomer: bool = False) -> Page:
        home = url or server.url
        context = device.context(browser)
        contexts.append(context)
        if not newcomer:
            context.add_init_script("try { localStorage.setItem('met', 'yes') } catch {}")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)

        def asked(request: Request) -> None:
            if not request.url.startswith((home, "blob:", "data:")):
                watch.outside.append(request.url)

        page.on("request", asked)
        page.on("pageerror", lambda error: watch.console.append(str(error)))
        page.on(
            "console",
            lambda said: watch.console.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.goto(home)
        page.locator("#model option").first.wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.outside == []
    assert watch.console == []


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page on a desktop."""
    return visit()
