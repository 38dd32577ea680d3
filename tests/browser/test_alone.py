"""What the page does by itself: it answers, learns, shows how a network learned, and says what one sees."""

import base64
import json
import os
import re
import shutil
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from model.checkpoints.metadata import CHECKPOINTS
from model.generator.forms.pages import form
from model.generator.numbers.strings import by_writer
from model.generator.pens.hands import Drawing
from model.generator.pens.templates import draw_digit as drawn
from model.ink import normalise_drawings
from model.recognition import Recogniser
from tests.browser.conftest import Visit, Watch
from tests.browser.devices import PHONE
from tests.browser.hands import STROKES, draw, draw_digit, expect_digit, expect_number, place_of, settle
from tests.browser.test_inside import COLOURS
from tests.support import ROOT, eventually, mnist_test

pytestmark = pytest.mark.slow

ANSWERS = """async ([drawings, fields]) => {
    const { Network } = await import("/static/js/engine/network.js");
    const { answer, answerField, saliency } = await import("/static/js/engine/recogniser.js");
    const network = new Network(await (await fetch("/static/weights.safetensors")).arrayBuffer());
    const bytes = Uint8Array.from(atob(fields), (sign) => sign.charCodeAt(0));
    const row = (found) => [found.digit, found.reason ?? "", found.digit_score, ...found.probabilities];
    const field = (_, i) => row(answerField(network, bytes.subarray(i * 784, (i + 1) * 784)));
    const rows = Array.from({ length: bytes.length / 784 }, field);
    return [drawings.map((each) => row(answer(network, each))), rows];
}"""


@pytest.mark.parametrize(("drawings", "images"), [(50, 250), (1000, 10_000)], ids=["some", "all"])
def test_the_page_gives_the_numbers_of_the_service(page: Page, drawings: int, images: int) -> None:
    """Strokes with and without pressure, and MNIST's test images; to 1e-4 of a probability."""
    rng = np.random.default_rng(1)
    inks: list[list[list[list[float]]]] = []
    for number in range(drawings):
        strokes = [700 * stroke for stroke in drawn(number % 10, rng)]
        if number % 3 == 0:
            strokes = [np.column_stack([each, rng.uniform(0, 1, len(each))]) for each in strokes]
        inks.append([each.round(2).tolist() for each in strokes])
    network = Recogniser.load("lenet5")
    fields = mnist_test().images[:images]
    answers = network.answer([ink for ink in normalise_drawings(inks) if not isinstance(ink, Exception)])
    scores = network.score(fields)
    of_drawings, of_images = page.evaluate(ANSWERS, [inks, base64.b64encode(fields.tobytes()).decode()])
    assert [row[:2] for row in of_drawings] == [[each.digit, each.reason or ""] for each in answers]
    assert [row[0] for row in of_images] == scores.digits.tolist()
    for found, wanted in (
        ([row[2:] for row in of_drawings], [[each.digit_score, *each.probabilities] for each in answers]),
        ([row[2:] for row in of_images], np.column_stack([scores.digit_score, scores.probabilities])),
    ):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-4)


def test_the_page_works_in_flight_mode(page: Page, watch: Watch) -> None:
    kept = "navigator.serviceWorker.ready.then(() => caches.keys()).then((names) => names.length)"
    assert page.evaluate(kept) == 1
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#notice")).to_contain_text("this page answers by itself")
    draw_digit(page, "8")
    page.locator("#language").select_option("it")
    expect(page.locator("#took")).to_contain_text("risposta di questa pagina")
    expect(page.locator("[data-name=output] .best b")).to_have_text("8")
    assert page.locator("#saliency-view canvas").evaluate(COLOURS) > 5
    page.context.set_offline(False)
    watch.forgive("ERR_INTERNET_DISCONNECTED")


def test_a_drawing_is_followed_here_and_asked_about_once_a_stroke(page: Page) -> None:
    page.wait_for_load_state("networkidle")  # the network is here
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "predict" in request.url else None)
    draw_digit(page, "5")
    settle(page)
    assert ["include" in url for url in asked] == [False] * len(STROKES["5"])


def test_one_watches_a_network_learn_the_drawing_at_hand(page: Page) -> None:
    draw_digit(page, "3")
    kernel = "canvas => canvas.title"
    said = []
    for moment in (0, 9, 19):
        page.locator("#moment").evaluate(
            "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')); }", moment
        )
        expect(page.locator("#moment")).to_have_attribute("aria-valuetext", re.compile("training digits"))
        page.wait_for_timeout(300)
        found = page.locator("#learned").text_content() or ""
        said.append((found, page.locator(".sources .kernel").evaluate(kernel)))
    assert len({found for found, _ in said}) == len({weights for _, weights in said}) == 3
    assert [float(re.findall(r"([\d.]+)%", found)[0]) for found, _ in said] == pytest.approx(
        [5, 32, 99.5], abs=20
    )
    expect(page.locator("#learning-digit")).to_have_text("3")
    expect(page.locator("#inside-model")).to_contain_text("lenet5-mnist")
    page.locator("#unwatch").click()
    expect(page.locator("#inside-model")).to_contain_text("lenet5:")
    page.get_by_role("button", name="Watch it learn").click()
    expect(page.locator("#learned")).to_contain_text("After 256 training digits")
    page.get_by_role("button", name="Pause").click()


def test_corrections_are_learned_here_and_can_be_undone(page: Page) -> None:
    draw_digit(page, "4")
    settle(page)
    page.get_by_text("Wrong? Say what it was").click()
    for lesson in range(1, 6):
        page.get_by_role("button", name="It was 9").click()
        expect(page.locator("#thanks")).to_contain_text(f"lessons so far: {lesson}")
        milliseconds = re.findall(r"in ([\d,]+) ms", page.locator("#thanks").text_content() or "")
        assert int(milliseconds[0].replace(",", "")) < 2000
        expect_digit(page, "9")
    for _ in range(5):
        page.get_by_role("button", name="Undo the last lesson").click()
    expect_digit(page, "4")
    expect(page.locator("#took")).to_have_text(re.compile("^answered in"))


def test_it_is_told_why_an_answer_is_no_other(page: Page) -> None:
    draw(page, STROKES["8"][:1])
    settle(page)
    answer = page.get_by_test_id("digit").text_content()
    page.get_by_text("Why not another digit?").click()
    for wanted in ("0", "3"):
        page.locator("#why-digits").get_by_text(wanted).click()
        says = page.locator("#why-says")
        titles = says.locator("h3")
        expect(titles.nth(1)).to_contain_text(f"nearest recorded {wanted}")
        expect(titles).to_have_text(
            [re.compile(f"recorded {answer}"), re.compile("recorded"), re.compile("%")]
        )
        distances = [float(far) for far in says.locator("figcaption").all_text_contents()[:6]]
        assert distances == sorted(distances[:3]) + sorted(distances[3:])
        assert distances[0] < distances[3]
    page.get_by_test_id("clear").click()
    expect(page.locator("#why")).to_be_hidden()


def test_a_link_shows_what_one_saw(visit: Visit) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#model").select_option("lenet5-tanh")
    draw_digit(page, "4")
    settle(page)
    page.get_by_role("button", name="S2, map 2").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#copy-link")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Share image").click()
    picture = Image.open(saved.value.path())
    assert picture.size == (1200, 630)
    assert len(picture.convert("L").getcolors() or range(256)) > 10
    other = page.context.new_page()
    other.goto(link)
    expect_digit(other, "4")
    expect(other.locator("#model")).to_have_value("lenet5-tanh")
    expect(other.locator("#lesson h3")).to_have_text("S2, map 2")
    other.goto(link.replace("drawing=", "drawing=zz!"))  # no such drawing: an empty page
    other.reload()
    expect_digit(other, "")


def test_a_newcomer_is_shown_an_example_that_makes_way(visit: Visit) -> None:
    page = visit(PHONE, newcomer=True)
    expect_digit(page, "5")
    settle(page)
    page.wait_for_timeout(1000)
    draw(page, STROKES["1"])
    expect_digit(page, "1")


def test_a_number_shows_its_marks_what_is_none_of_it_and_fits_a_pattern(page: Page, watch: Watch) -> None:
    half = {"probabilities": [0.05] * 10, "box": [100, 100, 200, 500]}
    reading = {
        "text": "1.5", "confidence": 0.9, "model": "lenet5",
        "digits": [{"digit": 1, "confidence": 0.95, **half}, {"digit": 5, "confidence": 0.6, **half}],
        "marks": [{"mark": ".", "confidence": 0.7, "box": [400, 500, 60, 60]}],
        "others": [[900, 100, 200, 400]], "alternatives": [{"text": "15", "probability": 0.08}],
    }  # fmt: skip
    page.get_by_text("A number", exact=True).click()
    draw(page, STROKES["5"], at=(0.3, 0.1), scale=0.7)
    expect_number(page, "5")
    page.locator("#pattern").fill("dd/dd/dddd")
    expect(page.locator("#message")).to_have_text("No number that fits the pattern.")
    page.locator("#pattern").fill("d{")
    expect(page.locator("#message")).to_contain_text("That pattern cannot be used")
    page.route("**/read/strokes*", lambda route: route.fulfill(json=reading))
    with page.expect_request(lambda request: "pattern=d.d" in request.url):
        page.locator("#pattern").fill("d.d")
    expect_number(page, "1.5")
    assert [item.text_content() for item in page.locator("#pieces li b").all()] == ["1", ".", "5"]
    expect(page.locator("#message")).to_contain_text("Or 15 (8.0%). Signs of no number: 1.")
    expect(page.locator("#boxes .box")).to_have_count(4)
    expect(page.locator("#boxes .other")).to_have_count(1)
    watch.forgive("422")


def test_a_form_is_made_on_the_page_and_read_at_once(page: Page, watch: Watch, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    hands = by_writer([Drawing(drawn(digit, rng), digit, 0) for digit in range(10)])
    filled = form(rng, [], hands, marks=True)
    Image.fromarray(filled.pixels).save(tmp_path / "form.png")
    wide, tall = filled.template["size"]
    page.get_by_text("A form", exact=True).click()
    page.locator("#form-file").set_input_files(tmp_path / "form.png")
    expect(page.locator("#form-image")).to_be_visible()
    fields = [
        each for each in filled.template["fields"] if each["kind"] == "comb" and filled.texts[each["name"]]
    ]
    marks = [{"name": "mark", "kind": "mark", "box": box} for box in filled.template["marks"]]
    for field in [*marks, *fields[:3]]:
        x, y, across, down = field["box"]
        page.locator("#form-page").evaluate(
            "(sheet, share) => scrollTo(0, sheet.offsetTop + share * sheet.offsetHeight - 300)", y / tall
        )
        left, top, width, height = place_of(page.locator("#form-page"))
        page.mouse.move(left + x / wide * width, top + y / tall * height)
        page.mouse.down()
        page.mouse.move(left + (x + across) / wide * width, top + (y + down) / tall * height, steps=3)
        page.mouse.up()
        row = page.locator("#form-fields li").last
        row.get_by_label("Name").fill(field["name"])
        row.get_by_label("Kind").select_option(field["kind"])
        gap = 2 * field.get("gap", 0)  # 2 pixels a unit
        for label, value in (
            [("Cells", field["cells"]), ("Gap between cells", gap)] if field in fields else []
        ):
            box = page.locator("#form-fields li").last.get_by_label(label, exact=True)
            box.fill(str(value))
            box.press("Tab")
    expect(page.locator("#form-state")).to_contain_text("3 fields read")

    def read() -> int:
        said = page.locator("#form-fields output").all_text_contents()[len(marks) :]
        texts = [each.split(" ")[0] for each in said]
        return sum(text == filled.texts[field["name"]] for text, field in zip(texts, fields, strict=False))

    assert eventually(lambda: read() >= 2)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the template").click()
    template = json.loads(Path(saved.value.path()).read_text())
    assert [each["name"] for each in template["fields"]] == [each["name"] for each in fields[:3]]
    assert template["size"] == [filled.pixels.shape[1], filled.pixels.shape[0]]
    watch.forgive("422")  # before the marks were known as such
    assert template["fields"][0]["cells"] == fields[0]["cells"]
    page.reload()
    page.get_by_text("A form", exact=True).click()
    nothing: FilePayload = {"name": "t.json", "mimeType": "application/json", "buffer": b"{}"}
    page.locator("#form-file").set_input_files(nothing)
    expect(page.locator("#form-state")).to_have_text("That file is no template of a form.")
    (tmp_path / "template.json").write_text(json.dumps(template))
    for name in ("template.json", "form.png"):
        page.locator("#form-file").set_input_files(tmp_path / name)
    assert eventually(lambda: read() >= 2)


def test_a_new_release_serves_no_old_files(page: Page, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / "static", site / "static")
    for name in ("index.html", "sw.js"):
        (site / "static" / name).rename(site / name)
    shutil.copy(CHECKPOINTS / "lenet5.safetensors", site / "static" / "weights.safetensors")

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Cache-Control", "no-cache")  # as the service says
            super().end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=site)) as server:
        threading.Thread(target=server.serve_forever).start()
        other = page.context.new_page()
        for made, release in ((time.time(), "digits-1"), (time.time() + 60, "digits-2")):
            for file, old in (("sw.js", "digits-1"), ("index.html", "</footer>")):
                (site / file).write_text((ROOT / "static" / file).read_text().replace(old, release))
                os.utime(site / file, (made, made))
            other.goto(f"http://127.0.0.1:{server.server_port}")
            assert eventually(partial(other.evaluate, f"caches.keys().then(all => '{release}' == all)"))
            other.wait_for_function("navigator.serviceWorker.ready")
        server.shutdown()
    other.reload()
    assert "digits-2" in other.content()
    assert "digits-1" not in other.content()
