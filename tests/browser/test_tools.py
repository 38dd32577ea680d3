"""Models, the listings for programmers, languages, the colour scheme, corrections, keys."""

import json
import re
import sqlite3
import subprocess
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Watch
from tests.browser.devices import DESKTOP, SMALLEST, Device
from tests.browser.hands import STROKES, draw, draw_digit, expect_digit, expect_number, hold, settle
from tests.support import ROOT, RunningServer, running_server

pytestmark = pytest.mark.slow


def names(server: RunningServer) -> list[str]:
    return [model["name"] for model in httpx.get(f"{server.url}/models").json()["models"]]


def test_what_the_browser_restores_is_what_is_done(page: Page, server: RunningServer) -> None:
    page.get_by_text("A number", exact=True).click()
    page.locator("#width").fill("90")
    page.goto(f"{server.url}/docs")
    page.go_back()
    expect(page.locator("#mode input[value=number]")).to_be_checked()
    expect(page.locator("#desk")).to_have_attribute("data-mode", "number")
    expect(page.locator("#width")).to_have_value("90")
    draw(page, STROKES["1"])
    expect_number(page, "1")
    expect(page.locator("#curl")).to_contain_text("/read/strokes")


def test_every_model_can_be_picked_and_is_remembered(page: Page, server: RunningServer) -> None:
    for name in names(server):
        page.locator("#model").select_option(name)
        expect(page.locator("#inside-model")).to_contain_text(name)
        draw(page, STROKES["1"])
        expect_digit(page, "1")
        expect(page.locator("#json")).to_contain_text(f'"model": "{name}"')
        page.get_by_test_id("clear").click()
    page.reload()
    expect(page.locator("#model")).to_have_value(names(server)[-1])


def test_models_are_compared_on_the_same_drawing(page: Page, server: RunningServer) -> None:
    page.locator("#compare summary").click()
    rows = page.locator("#compare tbody tr")
    expect(rows.locator("th")).to_contain_text(names(server))
    held = hold(page, "**/predict/strokes?model=lenet5-tanh")  # a slow one keeps no answer back
    draw_digit(page, "1")
    others = rows.filter(has_not_text="lenet5-tanh")
    expect(others.locator(".read")).to_have_text(["1"] * (len(names(server)) - 1))
    held[0].continue_()
    expect(rows.locator(".read")).to_have_text(["1"] * len(names(server)))
    expect(rows.first.locator("td").nth(1)).to_contain_text("%")
    page.get_by_test_id("clear").click()
    expect(rows.locator(".read")).to_have_text([""] * len(names(server)))


def test_the_curl_command_is_copied_and_gives_the_answer_that_is_shown(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draw(page, STROKES["6"])
    expect(page.locator("#curl")).to_contain_text("330,680]]]}")
    settle(page)
    copied = []
    for button, source in (("#copy-json", "#json"), ("#copy-curl", "#curl")):
        page.locator(button).click()
        expect(page.locator(button)).to_contain_text("Copied")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
        assert copied[-1] == page.locator(source).text_content()
    shown, command = json.loads(copied[0]), copied[1]
    ran = subprocess.run(["sh", "-c", command], capture_output=True, check=True, text=True)
    answer = json.loads(ran.stdout)
    assert answer["digit"] == shown["digit"] == 6
    assert answer["confidence"] == pytest.approx(shown["confidence"], abs=1e-5)
    assert set(answer) == set(shown)


@pytest.mark.parametrize(
    ("language", "code", "drawn"),
    [
        ("it-IT", "it", "Ancora nessun disegno."),
        ("ko-KR", "ko", "아직 아무것도 쓰지 않았습니다."),
        ("zh-CN", "zh-Hans", "还没有写任何东西。"),
        ("zh-TW", "zh-Hant", "還沒有寫任何東西。"),
        ("fr-FR", "en", "Nothing drawn yet."),
    ],
)
def test_the_page_speaks_the_readers_language(visit: Visit, language: str, code: str, drawn: str) -> None:
    page = visit(Device(320, 568, touch=True, language=language))
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.locator("#message")).to_have_text(drawn)
    draw_digit(page, "7")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_language_can_be_switched_and_is_remembered(page: Page) -> None:
    draw(page, STROKES["7"])
    expect(page.locator("#message")).to_have_text("Quite certain.")
    page.locator("#language").select_option("it")
    expect(page.locator("#message")).to_have_text("Quasi certo.")
    expect(page.locator("#inside-title")).to_have_text("Dentro la rete")
    page.locator("#language").select_option("en")
    expect(page.locator("#inside-title")).to_have_text("Inside the network")
    page.locator("#language").select_option("ko")
    page.reload()
    expect(page.locator("#inside-title")).to_have_text("신경망 내부")
    expect_digit(page, "7")  # what was drawn is there again


def test_no_language_lacks_a_word() -> None:
    folder = ROOT / "static"
    words = {path.stem: set(json.loads(path.read_text())) for path in (folder / "words").glob("*.json")}
    markup = re.findall(r'data-i18n(?:-label)?="([\w-]+)"', (folder / "index.html").read_text())
    wanted = set(markup) | words["en"]
    assert words.keys() == {"en", "it", "ko", "zh-Hans", "zh-Hant"}
    for language in words.keys() - {"en"}:
        assert words[language] == wanted, language


def test_the_scheme_follows_the_system_and_the_switch(visit: Visit) -> None:
    page = visit(Device(1280, 860, "dark"))
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    button = page.get_by_role("button", name="Dark colours")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    light = page.evaluate(background)
    assert light != dark
    page.reload()
    assert page.evaluate(background) == light


def test_a_correction_is_kept(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "corrections.sqlite"
    with running_server(corrections=str(file)) as server:
        page = visit(DESKTOP, server.url)
        expect(page.locator("#correct")).to_be_hidden()
        draw(page, STROKES["7"])
        expect(page.locator("#took")).to_contain_text("answered in")
        page.get_by_text("Wrong? Say what it was").click()
        expect(page.locator("#correct")).to_contain_text("This server keeps the drawings that you correct")
        page.get_by_role("button", name="It was 4").click()
        expect(page.locator("#thanks")).to_contain_text("Thank you: kept as 4.")
        page.get_by_role("button", name="It was 5").click()  # a second label for the same drawing is not kept
        expect(page.locator("#thanks")).to_contain_text("lessons so far: 2")
        with sqlite3.connect(file) as database:
            (table,) = database.execute(
                "SELECT name FROM sqlite_master WHERE name LIKE 'correction%'"
            ).fetchone()
            rows = database.execute(f"SELECT label FROM {table}").fetchall()
        database.close()
        assert rows == [(4,)]
        page.get_by_test_id("clear").click()
        expect(page.locator("#correct")).to_be_hidden()


def test_a_locked_server_is_read_with_its_key(visit: Visit, watch: Watch) -> None:
    secret = "a-key-of-sixteen-or-more-characters"
    with running_server(api_keys=secret) as server:
        page = visit(SMALLEST, server.url)
        draw(page, STROKES["7"])
        expect(page.locator("#message")).to_have_text("This server asks for a key.")
        for key, words in ((secret[1:], "This server does not take that key."), (secret, "Quite certain.")):
            page.get_by_label("API key").fill(key)
            page.get_by_role("button", name="Use it").click()
            expect(page.locator("#message")).to_have_text(words)
        expect(page.locator("#unlock")).to_be_hidden()
        expect(page.locator("#curl")).to_contain_text('curl -H "X-API-Key: $DIGITS_KEY"')
    watch.forgive("401")
