"""The page in Firefox and in WebKitGTK, by WebDriver (W3C)."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.hands import STROKES, Stroke, missing
from tests.support import RunningServer, eventually, free_port

pytestmark = pytest.mark.slow

Json = Any
"""A value that comes or goes as JSON."""
Command = Callable[..., Json]
"""Does one of WebDriver's commands that `PATHS` has, with its parameters; gives its value."""

PATHS = {"NewSession": "", "Navigate": "url", "ExecuteScript": "execute/sync", "PerformActions": "actions"}


def start(stack: ExitStack, *command: str, **environment: str) -> None:
    """Run a program until `stack` is closed; it may be missing."""
    if shutil.which(command[0]) is None:
        missing(f"no {command[0]} here: docs/page.md names the packages")
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=os.environ | environment, stdout=quiet, stderr=quiet)
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)


def firefox(folder: Path, stack: ExitStack) -> Command:
    """Firefox by Marionette, which it has in itself: each message is JSON after its length and a colon."""
    (folder / "user.js").write_text('user_pref("marionette.port", 0);\n')  # it takes one and writes it down
    port = folder / "MarionetteActivePort"
    start(stack, "firefox-esr", "--headless", "--marionette", "--profile", str(folder))
    assert eventually(lambda: port.is_file() and port.read_text(), 60)
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", int(port.read_text())), 60))
    stream = stack.enter_context(connection.makefile("rb"))

    def received() -> Json:
        length = b"".join(iter(partial(stream.read, 1), b":"))
        return json.loads(stream.read(int(length)))

    def command(name: str, **parameters: Json) -> Json:
        message = json.dumps([0, 1, f"WebDriver:{name}", parameters]).encode()
        connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = received()
        assert error is None, error
        return result.get("value")

    assert received()["marionetteProtocol"] == 3
    command("NewSession")
    return command


def webkit(_: Path, stack: ExitStack) -> Command:
    """WebKitGTK's small browser by its driver, on a screen that nobody sees."""
    port = free_port()
    start(stack, "Xvfb", f":{port}", "-screen", "0", "1280x1024x24")
    start(stack, "WebKitWebDriver", f"--port={port}", DISPLAY=f":{port}")
    client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}/session", timeout=60))

    def answers() -> bool:
        try:
            return client.get("../status").is_success
        except httpx.TransportError:
            return False

    def command(name: str, **parameters: Json) -> Json:
        answer = client.post(PATHS[name], json=parameters)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    assert eventually(answers, 60)
    session = command("NewSession", capabilities={})["sessionId"]
    client.base_url = client.base_url.join(f"{session}/")
    stack.callback(client.delete, "")
    return command


def pointer(strokes: Sequence[Stroke]) -> list[dict[str, Json]]:
    """The actions of a mouse that draws `strokes`, given in pixels of the window."""
    steps: list[dict[str, Json]] = []
    for stroke in strokes:
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y)} for x, y in stroke]
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        steps += [moves[0], down, *moves[1:], up]
    return [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}]


@pytest.mark.parametrize("browser", [firefox, webkit])
def test_digits_and_a_number_are_drawn_and_read(
    browser: Callable[[Path, ExitStack], Command], server: RunningServer, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        command = browser(tmp_path, stack)

        def page(script: str) -> Json:
            return command("ExecuteScript", script=f"return {script}", args=[])

        def draw(strokes: Sequence[Stroke], across: float, down: float, scale: float) -> None:
            left, top, height = page("(({ x, y, height }) => [x, y, height])(pad.getBoundingClientRect())")
            place = [
                [(left + (across + x * scale) * height, top + (down + y * scale) * height) for x, y in stroke]
                for stroke in strokes
            ]
            command("PerformActions", actions=pointer(place))

        def wait_for(script: str) -> None:
            assert eventually(lambda: page(script), 60), script

        command("Navigate", url=server.url)
        wait_for("document.querySelector('#model option') !== null")
        for digit, strokes in STROKES.items():
            draw(strokes, 0, 0, 1)
            wait_for("took.textContent.startsWith('answered in')")
            assert page("digit.textContent") == digit
            page("document.getElementById('clear').click()")
        page("document.querySelector('[value=number]').click()")
        for place, digit in enumerate("172"):
            draw(STROKES[digit], 0.1 + 0.42 * place, 0.2, 0.6)
        wait_for("number.textContent === '172'")
        page("inside.scrollIntoView()")
        wait_for("document.querySelector('[data-name=output] .best b')?.textContent === '2'")
