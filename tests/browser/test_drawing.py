"""Drawing: what is drawn is answered, with any pointer, and nothing drawn is lost."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Visit
from tests.browser.devices import DESKTOP, DESKTOP_DARK, PHONE, PHONE_DARK, Device
from tests.browser.hands import (
    STROKES,
    Finger,
    Hand,
    Mouse,
    Pen,
    Program,
    draw,
    draw_digit,
    draw_number,
    expect_digit,
    expect_number,
    hold,
    next_frames,
    pad_place,
    settle,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("device", "hand"),
    [(DESKTOP, Mouse), (DESKTOP_DARK, Pen), (PHONE_DARK, Finger)],
    ids=["mouse", "pen", "finger"],
)
def test_every_recorded_digit_is_read(visit: Visit, device: Device, hand: Callable[[Page], Hand]) -> None:
    page = visit(device)
    for digit, strokes in STROKES.items():
        draw(page, strokes, hand(page))
        settle(page)
        expect_digit(page, digit)
        page.get_by_test_id("clear").click()
        expect_digit(page, "")


def test_undo_brings_back_what_clear_took(page: Page) -> None:
    draw_digit(page, "5")
    page.get_by_test_id("clear").click()
    expect_digit(page, "")
    page.keyboard.press("Control+z")
    expect_digit(page, "5")
    page.keyboard.press("Control+Shift+z")
    expect_digit(page, "")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect_digit(page, "")


def test_the_eraser_takes_whole_strokes_in_one_step(page: Page) -> None:
    draw(page, STROKES["1"])
    draw(page, [[[0.1, 0.1], [0.2, 0.1]]])
    page.locator("#erase").click()
    draw(page, [[[0.15, 0.02], [0.15, 0.2]]])
    page.locator("#erase").click()
    expect_digit(page, "1")
    page.get_by_test_id("undo").click()
    page.get_by_test_id("undo").click()
    expect_digit(page, "1")


def test_leaving_the_pad_and_coming_back_is_one_stroke(page: Page) -> None:
    draw(page, [[[0.5, 0.2], [0.5, 0.5], [1.4, 0.5], [0.5, 0.6], [0.5, 0.85]]])
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("undo")).to_be_disabled()


def test_a_cancelled_pointer_keeps_what_was_drawn(visit: Visit) -> None:
    page = visit(PHONE)
    left, top, _ = pad_place(page)
    finger = Finger(page)
    finger.send("touchStart", (left + 160, top + 60))
    for y in range(70, 280, 10):
        finger.send("touchMove", (left + 160, top + y))
    finger.send("touchCancel")
    expect_digit(page, "1")
    expect(page.get_by_test_id("undo")).to_be_enabled()
    page.get_by_test_id("clear").click()
    draw_digit(page, "3", finger)


def test_a_second_finger_does_not_draw(visit: Visit) -> None:
    page = visit(PHONE)
    left, top, _ = pad_place(page)
    finger = Finger(page)
    first, second = (left + 160, top + 60), (left + 30, top + 200)
    finger.send("touchStart", first)
    finger.send("touchStart", first, second)
    for y in range(70, 280, 10):
        finger.send("touchMove", (first[0], top + y), (second[0] + y / 4, second[1]))
    finger.send("touchEnd")
    expect_digit(page, "1")
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("undo")).to_be_disabled()


def test_the_page_stays_where_it_is_under_a_drawing_finger(visit: Visit) -> None:
    page = visit(PHONE)
    page.evaluate("scrollTo(0, 40)")
    left, top, _ = pad_place(page)
    Finger(page).draw([(left + 160, top + y) for y in range(280, 40, -10)])
    expect(page.get_by_test_id("undo")).to_be_enabled()
    assert page.evaluate("scrollY") == 40


def test_resizing_and_turning_lose_nothing(visit: Visit) -> None:
    page = visit(PHONE)
    draw_digit(page, "3", Finger(page))
    expect(page.locator("#curl")).to_contain_text("[280,760]]]}")
    before = page.locator("#curl").text_content()
    page.set_viewport_size({"width": 667, "height": 375})
    page.set_viewport_size({"width": 1100, "height": 700})
    draw(page, [[[0.02, 0.02], [0.02, 0.03]]])
    page.get_by_test_id("undo").click()
    expect_digit(page, "3")
    expect(page.locator("#curl")).to_have_text(before or "")


def first_stroke(request: Request) -> list[list[float]]:
    strokes: list[list[list[float]]] = json.loads(request.post_data or "")["strokes"]
    return strokes[0]


def test_a_pen_sends_its_pressure_and_a_mouse_none(page: Page) -> None:
    with page.expect_request(lambda request: "predict" in request.url) as sent:
        draw(page, STROKES["7"])
    assert {len(point) for point in first_stroke(sent.value)} == {2}
    page.get_by_test_id("clear").click()
    draw_digit(page, "7", Pen(page))
    with page.expect_request(lambda request: "predict" in request.url) as sent:
        draw(page, [[[0.9, 0.9], [0.92, 0.92]]], Pen(page))
    pressures = [point[2] for point in first_stroke(sent.value)]
    assert pressures[0] < 0.3
    assert pressures[-1] > 0.7


def test_the_whole_of_a_one_can_be_drawn_with_the_keyboard(page: Page) -> None:
    pad = page.get_by_test_id("pad")
    pad.focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    expect(page.locator("#live")).to_have_text("Pen at 50 across, 20 down")
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#live")).to_have_text("Drawing at 50 across, 80 down")
    expect_digit(page, "1")
    page.keyboard.press("Escape")
    page.keyboard.press("Backspace")
    expect_digit(page, "")
    page.keyboard.press("Space")
    for key in ("ArrowDown", "ArrowRight"):  # held together they lead diagonally
        page.keyboard.down(key)
    page.keyboard.press("Escape")
    expect(page.locator("#curl")).to_contain_text("[[[500,500],[500,550],[550,600]]]")


def test_keys_on_the_pad_clear_erase_and_change_the_width(page: Page) -> None:
    draw(page, STROKES["1"])
    page.get_by_test_id("pad").focus()
    page.keyboard.press("e")
    expect(page.locator("#erase")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("e")
    page.keyboard.press("]")
    expect(page.locator("#width")).to_have_value("65")
    page.keyboard.press("[")
    expect(page.locator("#width")).to_have_value("55")
    page.keyboard.press("Delete")
    expect_digit(page, "")
    draw(page, [[[0.5, 0.2], [0.5, 0.8]]])
    for key in ("e", "Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.locator("#answer")).to_have_attribute("data-state", "empty")
    page.get_by_test_id("undo").click()
    expect_digit(page, "1")


def test_strokes_are_sharp_on_a_dense_screen(visit: Visit) -> None:
    page = visit(PHONE)
    for ratio in (2, 3):
        screen = {"width": 375, "height": 667, "deviceScaleFactor": ratio, "mobile": True}
        page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", screen)
        page.evaluate("dispatchEvent(new Event('resize'))")
        page.wait_for_function(
            "ratio => pad.width === Math.round(pad.getBoundingClientRect().width * ratio)", arg=ratio
        )


@pytest.mark.parametrize("kind", ["pointer", "mouse", "touch"])
@pytest.mark.parametrize("bubbles", [True, False], ids=["bubbling", "not bubbling"])
def test_a_program_draws_with_events_of_its_own(page: Page, kind: str, bubbles: bool) -> None:
    hand = Program(page, kind, bubbles=bubbles)
    draw_digit(page, "5", hand)
    page.get_by_test_id("undo").click()
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("undo")).to_be_disabled()
    draw_number(page, "17", hand)


def test_what_is_drawn_before_the_models_are_known_is_answered(page: Page) -> None:
    held = hold(page, "**/models")
    page.reload()
    draw_digit(page, "5")
    assert page.locator("#model option").count() == 0
    held[0].continue_()
    expect(page.locator("#model option").first).to_be_attached()
    expect_digit(page, "5")


def test_a_huge_scribble_is_answered(page: Page) -> None:
    """25,000 points in one stroke, more than a server takes: fewer are sent, all over the stroke."""
    left, top, height = pad_place(page)
    side = int(height)
    points = [(left + n * 7919 % side, top + n * 104729 % side) for n in range(25_000)]
    Program(page, "pointer").draw(points)
    settle(page)
    expect(page.locator("#answer")).to_have_attribute("data-state", "none")


def press_in_a_stroke(page: Page, key: str) -> None:
    """Press a key while the mouse draws."""
    left, top, _ = pad_place(page)
    page.mouse.move(left + 50, top + 50)
    page.mouse.down()
    page.mouse.move(left + 90, top + 400, steps=4)
    page.keyboard.press(key)
    page.mouse.move(left + 300, top + 400, steps=4)
    page.mouse.up()


def test_undo_and_clear_end_a_stroke_that_is_being_drawn(page: Page) -> None:
    draw(page, STROKES["1"])
    press_in_a_stroke(page, "Control+z")
    settle(page)
    expect_digit(page, "1")
    press_in_a_stroke(page, "Delete")
    expect(page.locator("#answer")).to_have_attribute("data-state", "empty")
    page.get_by_test_id("undo").click()
    expect_digit(page, "1")


@pytest.mark.parametrize("still", [False, True], ids=["moving", "still"])
def test_an_example_is_written_for_those_who_look_first(visit: Visit, still: bool) -> None:
    page = visit(Device(1280, 860, still=still))
    page.get_by_role("button", name="Show me an example").click()
    expect(page.get_by_test_id("undo")).to_be_enabled()
    expect_digit(page, "5")
    expect(page.get_by_role("button", name="Show me an example")).to_be_hidden()
    page.get_by_test_id("clear").click()
    expect(page.locator("#answer")).to_have_attribute("data-state", "empty")
    page.get_by_text("A number", exact=True).click()
    page.get_by_role("button", name="Show me an example").click()
    expect_number(page, "28")


def test_drawing_ends_an_example(page: Page) -> None:
    page.get_by_role("button", name="Show me an example").click()
    expect(page.get_by_test_id("pad")).to_be_focused()
    page.get_by_test_id("clear").click()
    next_frames(page)
    expect(page.locator("#hint")).to_be_visible()
    expect(page.locator("#answer")).to_have_attribute("data-state", "empty")
