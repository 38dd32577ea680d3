"""Pure functions behind the page that nobody sees fail at once, run in the browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support import RunningServer

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

TABLE = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5], [0, 1, 2, 3], [1, 2, 3, 4],
    [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
    [0, 1, 2, 3, 4, 5],
]  # fmt: skip
"""Which maps of S2 feed each of C3's (LeCun et al. 1998, table I)."""


def refused(status: int, kind: str) -> dict[str, object]:
    """What the page knows of a refusal."""
    return {"status": status, "problem": {"type": f"/docs#{kind}"}, "message": "why"}


CALLS: list[tuple[str, str, list[tuple[list[Any], Any]]]] = [
    ("strokes", "touches", [  # the eraser crosses a stroke between two events
        ([[[0, 0], [0, 100]], [-50, 50], [50, 50], 1], True),
        ([[[0, 0], [0, 100]], [-50, 150], [50, 150], 1], False),
        ([[[0, 0], [0, 100]], [4, 50], [4, 50], 5], True),
        ([[[7, 7]], [0, 0], [10, 10], 2], True),
        ([[[7, 7]], [0, 0], [3, 3], 2], False),
    ]),
    ("strokes", "thin", [
        ([[[0, 0], [1, 0], [2, 0], [3, 0], [3.5, 0], [8, 0], [9, 0]], 3], [[0, 0], [3, 0], [9, 0]]),
        ([[[4, 4]], 3], [[4, 4]]),
        ([[[4, 4], [4, 5]], 3], [[4, 4]]),
    ]),
    ("strokes", "payload", [  # pressures come from a pen alone
        ([[{"points": [[1.234, 2, 0.456], [30, 40.06, 0.9]], "pressed": pen} for pen in (False, True)]],
         [[[1.2, 2], [30, 40.1]], [[1.2, 2, 0.46], [30, 40.1, 0.9]]]),
    ]),
    ("answer", "refusal", [  # in plain words
        ([refused(413, "too-large"), {"strokes": []}],
         "Too much ink for this server. Undo some of it, or clear."),
        ([refused(413, "too-large"), {"file": {}}], "That picture is too large for this server."),
        ([refused(422, "no-ink"), {"strokes": []}], "No ink found in it."),
        ([refused(422, "invalid-strokes"), {"strokes": []}], "That did not work: why"),
    ]),
    ("strokes", "carry", [  # to a wider pad and back
        ([[100, 100, 800, 800], 1000, 2200], {"scale": 1, "dx": 600, "dy": 0}),
        ([[700, 100, 800, 800], 2200, 1000], {"scale": 1, "dx": -600, "dy": 0}),
        ([[100, 400, 1840, 200], 2200, 1000], {"scale": 0.5, "dx": -10, "dy": 250}),
    ]),
    ("i18n", "percent", [  # never rounded up to certainty
        ([0.99999], "99.99%"), ([0.9996], "99.96%"), ([0.97], "97.0%"), ([0.5], "50.0%"), ([1], "100.0%"),
    ]),
    ("i18n", "choose", [
        ([["it-IT", "en"]], "it"), ([["ko"]], "ko"), ([["zh-TW"]], "zh-Hant"), ([["zh-HK"]], "zh-Hant"),
        ([["zh"]], "zh-Hans"), ([["zh-Hans-HK"]], "zh-Hans"), ([["fr", "it"]], "it"), ([["fr"]], "en"),
    ]),
    ("api", "retryAfter", [
        (["3"], 3), (["0"], 0), (["-2"], 0), (["soon"], None), ([""], None), ([None], None),
        (["Thu, 01 Jan 2026 00:00:07 GMT", 1767225600000], 7),
    ]),
    ("lesson", "receptive", [  # the window behind a pixel
        (["C1", 0, 0, 28, 28], {"x": -2, "y": -2, "size": 5}),
        (["C1", 3, 4, 32, 28], {"x": 3, "y": 4, "size": 5}),
        (["S2", 3, 4, 28, 14], {"x": 6, "y": 8, "size": 2}),
        (["C3", 9, 9, 14, 10], {"x": 9, "y": 9, "size": 5}),
    ]),
]  # fmt: skip
"""A module, one of its functions, and what that gives for which values."""


@pytest.fixture(scope="module")
def run(browser: Browser, server: RunningServer) -> Run:
    """Runs the body of a function with the exports of one of the page's modules in scope, as `m`."""
    page = browser.new_page(locale="en-US")
    page.goto(server.url)

    def call(module: str, body: str, *values: object) -> object:
        return page.evaluate(
            f"async (values) => {{ const m = await import('/static/js/{module}.js'); {body} }}", values
        )

    return call


@pytest.mark.parametrize(("module", "function", "cases"), CALLS, ids=lambda value: str(value)[:20])
def test_a_function_gives_what_it_should(
    run: Run, module: str, function: str, cases: list[tuple[list[Any], Any]]
) -> None:
    found = run(module, f"return values.map((each) => m.{function}(...each))", *[given for given, _ in cases])
    assert found == [wanted for _, wanted in cases]


def test_no_more_points_are_sent_than_a_server_takes(run: Run) -> None:
    body = """const long = Array.from({ length: 50000 }, (_, i) => [(i * 37) % 1000, (i * 91) % 1000, 0.5]);
        const dots = Array.from({ length: 9000 }, (_, i) => m.stroke([[i % 100, i / 100, 0.5]], 10));
        const sent = m.payload([m.stroke(long, 10), m.stroke([[5, 5, 0.5], [900, 900, 0.5]], 10)]);
        return [sent.flat().length, sent[0][0], sent[1], m.payload(dots).length]"""
    count, first, second, dots = run("strokes", body)
    assert 3000 < count <= 6002
    assert first == [0, 0]
    assert second == [[5, 5], [900, 900]]
    assert dots == 9000


def test_the_counts_of_lenet5_and_the_sums_that_explain_them(run: Run) -> None:
    """LeCun et al. 1998, section II.B: 60,000 parameters, and 61,706 in the variant with a full C3."""
    body = """return [m.parameters(...values), Object.fromEntries(m.ORDER.slice(1).map((name) =>
        [name, m.formula(name, values[1])]))]"""
    for total, table in ((60000, TABLE), (61706, None), (60806, TABLE)):
        counts, sums = run("lesson", body, total, table)
        assert sum(counts.values()) == total
        assert counts["C3"] == (1516 if table else 2416)
        for layer, count in counts.items():
            if count:
                assert eval(sums[layer].replace("×", "*"), {}) == count, (total, layer)
    fed = run("lesson", "return [0, 1, 2, 3, 4, 5].map((each) => m.fed('S2', each, values[0]).length)", TABLE)
    assert fed == [10] * 6
