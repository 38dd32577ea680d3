"""The browser, and what the page is shown on."""

import shutil
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")


def launch(playwright: Playwright) -> Browser:
    """Start Debian's or Ubuntu's Chromium, or else the one that Playwright installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))


@dataclass(frozen=True)
class Device:
    """A screen of so many pixels, and what its owner prefers."""

    width: int
    height: int
    scheme: str = "light"
    touch: bool = False
    language: str = "en-US"
    still: bool = False

    def context(self, browser: Browser) -> BrowserContext:
        """A fresh session of the browser on this device."""
        return browser.new_context(
            viewport={"width": self.width, "height": self.height},
            color_scheme="dark" if self.scheme == "dark" else "light",
            reduced_motion="reduce" if self.still else "no-preference",
            has_touch=self.touch,
            is_mobile=self.touch,
            device_scale_factor=2 if self.touch else 1,
            locale=self.language,
        )


DESKTOP = Device(1280, 860)
DESKTOP_DARK = Device(1280, 860, "dark")
PHONE = Device(375, 667, touch=True)
PHONE_DARK = Device(375, 667, "dark", touch=True)
SMALLEST = Device(320, 568, touch=True)
