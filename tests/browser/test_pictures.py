"""Pictures: chosen, dropped, pasted; a thumbnail beside what the network saw; refusals in plain words."""

import base64

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Visit, Watch
from tests.browser.devices import PHONE
from tests.browser.hands import draw_digit, expect_digit
from tests.support import Digits, encoded

pytestmark = pytest.mark.slow


def enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Dark ink on white, ten times as large: a scan, more or less."""
    return (255 - pixels).repeat(10, axis=0).repeat(10, axis=1)


def picture(ink: NDArray[np.uint8], name: str = "digit.png") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": encoded(enlarged(ink))}


def hand_over(page: Page, event: str, name: str, kind: str, data: bytes) -> None:
    """Drop or paste a file, as the browser would hand it over."""
    page.evaluate(
        """([event, name, kind, data]) => {
            const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: kind }));
            const init = { bubbles: true, cancelable: true };
            if (event === "paste") {
                document.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: transfer }));
                return;
            }
            const sheet = document.getElementById("sheet");
            for (const name of ["dragenter", "dragover", "drop"]) {
                sheet.dispatchEvent(new DragEvent(name, { ...init, dataTransfer: transfer }));
            }
        }""",
        [event, name, kind, base64.b64encode(data).decode()],
    )


def test_a_picture_that_is_chosen_or_pasted_is_read_and_shown(page: Page, mnist: Digits) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture").click()
    chooser.value.set_files(picture(mnist.first(4)))
    expect_digit(page, "4")
    expect(page.locator("#photo")).to_be_visible()
    expect(page.locator("#input-view canvas")).to_be_visible()
    expect(page.locator("#curl")).to_contain_text("curl -F 'image=@digit.png'")
    assert page.locator("#photo").evaluate("image => image.naturalWidth") == 280
    hand_over(page, "paste", "image.png", "image/png", encoded(enlarged(mnist.first(2))))
    expect_digit(page, "2")


def test_the_camera_is_offered_on_a_phone(visit: Visit, mnist: Digits) -> None:
    page = visit(PHONE)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Camera").tap()
    assert chooser.value.element.get_attribute("capture") == "environment"
    chooser.value.set_files(picture(mnist.first(1)))
    expect_digit(page, "1")


def test_the_drawing_comes_back_when_the_picture_goes(page: Page, mnist: Digits) -> None:
    draw_digit(page, "3")
    for button, answer in (("#putaway", "3"), ("#undo", "3"), ("#clear", "")):
        page.locator("#file").set_input_files(picture(mnist.first(4)))
        expect_digit(page, "4")
        expect(page.locator("#erase")).to_be_disabled()
        page.locator(button).click()
        expect_digit(page, answer)
        expect(page.locator("#photo")).to_be_hidden()
    page.locator("#file").set_input_files(picture(mnist.first(4)))
    expect_digit(page, "4")
    draw_digit(page, "1")
    expect(page.locator("#photo")).to_be_hidden()


def test_what_is_no_picture_or_a_blank_one_is_said_to_be_so(page: Page, watch: Watch) -> None:
    hand_over(page, "drop", "notes.txt", "text/plain", b"buy milk")
    expect(page.locator("#answer")).to_have_attribute("data-state", "refused")
    expect(page.locator("#message")).to_contain_text("That file is no picture, or a damaged one.")
    expect(page.locator("#photo")).to_be_hidden()  # not a broken one
    page.locator("#file").set_input_files(picture(np.zeros((20, 20), np.uint8)))
    expect(page.locator("#message")).to_have_text("No ink found in it.")
    expect_digit(page, "")
    watch.forgive("the server responded with a status of 4")
