"""What the page is shown on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """A screen of so many pixels, and what its owner prefers."""

    width: int
    height: int
    scheme: str = "light"
    touch: bool = False
    language: str = "en-US"
    still: bool = False


DESKTOP = Device(1280, 860)
DESKTOP_DARK = Device(1280, 860, "dark")
PHONE = Device(375, 667, touch=True)
PHONE_DARK = Device(375, 667, "dark", touch=True)
SMALLEST = Device(320, 568, touch=True)
