"""Drawing on the page's pad as a person would: with a mouse, a finger, a pen, or the keyboard."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol

import pytest
from playwright.sync_api import CDPSession, Locator, Page, Route, expect

Point = Sequence[float]
Stroke = Sequence[Point]

STROKES: dict[str, list[Stroke]] = json.loads((Path(__file__).parent / "strokes.json").read_text())
"""The ten digits, as strokes on a pad of height 1."""


def missing(reason: str) -> NoReturn:
    """Skip a test for want of a program; in CI, which has them all, fail it."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


class Hand(Protocol):
    """Something that draws one stroke, given in pixels of the window."""

    def draw(self, points: Sequence[tuple[float, float]]) -> None: ...


class Mouse:
    """A mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point)
        self.page.mouse.up()


class Finger:
    """A finger on a touch screen; the events take the way of real ones, scrolling included."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        self.send("touchStart", points[0])
        for point in points[1:]:
            self.send("touchMove", point)
        self.send("touchEnd")


class Pen:
    """A pen that presses harder along the stroke, from 0.2 to 0.9."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, x: float, y: float, force: float) -> None:
        down = 0 if kind == "mouseReleased" else 1
        self.session.send(
            "Input.dispatchMouseEvent",
            {
                "type": kind, "x": x, "y": y, "force": force, "pointerType": "pen",
                "button": "left", "buttons": down, "clickCount": 1,
            },
        )  # fmt: skip

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        self.send("mousePressed", *points[0], 0.2)
        for number, point in enumerate(points[1:], 1):
            self.send("mouseMoved", *point, 0.2 + 0.7 * number / len(points))
        self.send("mouseReleased", *points[-1], 0)


def place_of(element: Locator) -> tuple[float, float, float, float]:
    """Left, top, width and height of an element in the window, in pixels."""
    box = element.bounding_box()
    assert box
    return box["x"], box["y"], box["width"], box["height"]


def pad_place(page: Page) -> tuple[float, float, float]:
    """Left, top and height of the pad."""
    left, top, _, height = place_of(page.get_by_test_id("pad"))
    return left, top, height


def draw(
    page: Page,
    strokes: Sequence[Stroke],
    hand: Hand | None = None,
    *,
    at: tuple[float, float] = (0, 0),
    scale: float = 1,
) -> None:
    """Draw `strokes` on the pad; `at` and `scale` place them, in heights of the pad."""
    page.get_by_test_id("pad").scroll_into_view_if_needed()
    left, top, height = pad_place(page)
    for stroke in strokes:
        (hand or Mouse(page)).draw(
            [(left + (at[0] + x * scale) * height, top + (at[1] + y * scale) * height) for x, y in stroke]
        )


def draw_number(page: Page, text: str, hand: Hand | None = None) -> None:
    """Write `text` in the wide canvas, digit by digit, and wait until it is the answer."""
    page.get_by_text("A number", exact=True).click()
    for place, digit in enumerate(text):
        draw(page, STROKES[digit], hand, at=(0.1 + 0.42 * place, 0.2), scale=0.6)
    settle(page)
    expect_number(page, text)


def settle(page: Page) -> None:
    """Wait until the answer to the whole drawing is shown."""
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")


def next_frames(page: Page) -> None:
    """Wait for two frames: by then the page has noticed what was scrolled, and a timer of its own has run."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def expect_digit(page: Page, digit: str) -> None:
    """Wait until this digit is the answer, or none for ""."""
    expect(page.get_by_test_id("digit")).to_have_text(digit)


def expect_number(page: Page, number: str) -> None:
    """Wait until this number is the answer, or none for ""."""
    expect(page.get_by_test_id("number")).to_have_text(number)


def draw_digit(page: Page, digit: str, hand: Hand | None = None) -> None:
    """Draw a recorded digit, and wait until it is the answer."""
    draw(page, STROKES[digit], hand)
    expect_digit(page, digit)


def hold(page: Page, url: str, times: int | None = None) -> list[Route]:
    """Hold back requests to `url`, or the first so many; gives those held, for a test to continue."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(url, keep, times=times)
    return held


SYNTHETIC = """([kind, bubbles, points]) => {
    const pad = document.querySelector('[data-testid="pad"]');
    const send = (step, [x, y]) => {
        const init = { clientX: x, clientY: y, bubbles, cancelable: true, button: 0 };
        if (kind === "pointer") {
            const name = { down: "pointerdown", move: "pointermove", up: "pointerup" }[step];
            pad.dispatchEvent(new PointerEvent(name, { ...init, pointerId: 77, pointerType: "mouse" }));
        } else if (kind === "mouse") {
            const name = { down: "mousedown", move: "mousemove", up: "mouseup" }[step];
            pad.dispatchEvent(new MouseEvent(name, init));
        } else {
            const touch = new Touch({ identifier: 3, target: pad, clientX: x, clientY: y });
            const touches = step === "up" ? [] : [touch];
            const name = { down: "touchstart", move: "touchmove", up: "touchend" }[step];
            pad.dispatchEvent(new TouchEvent(name, { ...init, touches, changedTouches: [touch] }));
        }
    };
    send("down", points[0]);
    for (const point of points.slice(1)) send("move", point);
    send("up", points.at(-1));
}"""


class Program:
    """A program that dispatches events of one kind on the pad: no device, no capture."""

    def __init__(self, page: Page, kind: str, *, bubbles: bool = True) -> None:
        self.page, self.kind, self.bubbles = page, kind, bubbles

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        self.page.evaluate(SYNTHETIC, [self.kind, self.bubbles, list(points)])
