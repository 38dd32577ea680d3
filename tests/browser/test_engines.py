"""The page in Firefox and in a WebKit browser, by their own protocols; one that is not here is skipped."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.hands import STROKES
from tests.support import RunningServer, eventually, free_port

pytestmark = pytest.mark.slow

Json = Any
"""A value that came as JSON."""
Call = Callable[[str, dict[str, Json]], Json]
"""Does one of `url`, `script` and `actions` of WebDriver (W3C) in a browser, and gives the result."""


@contextmanager
def started(*command: str, **environment: str) -> Iterator[None]:
    """Run a program while the block runs."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=os.environ | environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def firefox(folder: Path) -> Iterator[Call]:
    """Firefox by Marionette: `length:[0, id, command, values]` and `length:[1, id, error, result]`."""
    (folder / "user.js").write_text('user_pref("marionette.port", 0);\n')  # which it chooses and tells
    port = folder / "MarionetteActivePort"
    names = {"url": "Navigate", "script": "ExecuteScript", "actions": "PerformActions"}
    with ExitStack() as stack:
        stack.enter_context(started("firefox-esr", "--headless", "--marionette", "--profile", str(folder)))

        assert eventually(lambda: port.is_file() and port.read_text(), 60)
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", int(port.read_text())), 60))
        stream = stack.enter_context(connection.makefile("rb"))

        def received() -> Json:
            length = b""
            while (sign := stream.read(1)) != b":":
                length += sign
            return json.loads(stream.read(int(length)))

        def call(name: str, parameters: dict[str, Json]) -> Json:
            data = json.dumps([0, 1, f"WebDriver:{names.get(name, name)}", parameters]).encode()
            connection.sendall(b"%d:%s" % (len(data), data))
            _, _, error, result = received()
            assert error is None, error
            return result.get("value")

        assert received()["marionetteProtocol"] == 3
        call("NewSession", {})
        yield call
        call("DeleteSession", {})


@contextmanager
def webkit(_: Path) -> Iterator[Call]:
    """WebKitGTK's small browser by its WebDriver, on a screen of its own."""
    browser = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)
    if browser is None or shutil.which("Xvfb") is None:
        pytest.skip("no MiniBrowser or no Xvfb here")
    port, screen = free_port(), f":{free_port() % 1000 + 100}"
    options = {"binary": str(browser), "args": ["--automation"]}
    names = {"url": "url", "script": "execute/sync", "actions": "actions"}
    with ExitStack() as stack:
        stack.enter_context(started("Xvfb", screen, "-screen", "0", "1280x1024x24"))
        stack.enter_context(started("WebKitWebDriver", f"--port={port}", DISPLAY=screen))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}/session", timeout=60))

        def call(path: str, parameters: dict[str, Json]) -> Json:
            answer = client.post(names.get(path, path), json=parameters).json()["value"]
            assert not (isinstance(answer, dict) and "error" in answer), answer
            return answer

        def answers() -> bool:
            try:
                return client.get("../status").is_success
            except httpx.TransportError:
                return False

        assert eventually(answers, 60)
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        client.base_url = client.base_url.join(f"{call('', {'capabilities': wanted})['sessionId']}/")
        yield call
        client.delete("")


@pytest.mark.parametrize(("program", "browser"), [("firefox-esr", firefox), ("WebKitWebDriver", webkit)])
def test_digits_are_drawn_and_read(
    program: str, browser: Callable[[Path], Any], server: RunningServer, tmp_path: Path
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")
    with browser(tmp_path) as call:

        def says(script: str) -> Json:
            return call("script", {"script": f"return {script}", "args": []})

        call("url", {"url": server.url})
        assert eventually(lambda: says("document.querySelector('#model option') !== null"), 60)
        left, top, height = says(
            "(({ left, top, height }) => [left, top, height])(pad.getBoundingClientRect())"
        )
        for digit, strokes in STROKES.items():
            steps: list[dict[str, Json]] = []
            for stroke in strokes:
                for n, (x, y) in enumerate(stroke):
                    place = {"x": round(left + x * height), "y": round(top + y * height)}
                    steps += [{"type": "pointerMove", "duration": 0, "origin": "viewport", **place}]
                    steps += [{"type": "pointerDown", "button": 0}] if n == 0 else []
                steps += [{"type": "pointerUp", "button": 0}]
            mouse = {
                "type": "pointer",
                "id": "mouse",
                "parameters": {"pointerType": "mouse"},
                "actions": steps,
            }
            call("actions", {"actions": [mouse]})
            assert eventually(lambda: says("took.textContent").startswith("answered in"), 60)
            assert says("digit.textContent") == digit
            says("document.getElementById('clear').click()")
