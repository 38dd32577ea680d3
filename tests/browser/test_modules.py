"""The pure functions behind the page: geometry, history, words and colours, run in the browser."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

Run = Callable[..., Any]

TABLE = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5], [0, 1, 2, 3], [1, 2, 3, 4],
    [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
    [0, 1, 2, 3, 4, 5],
]  # fmt: skip
"""Which maps of S2 feed each of C3's (LeCun et al. 1998, table I)."""


@pytest.fixture
def run(page: Page) -> Run:
    """Runs the body of a function with the exports of one of the page's modules in scope, as `m`."""

    def call(module: str, body: str, *values: object) -> object:
        return page.evaluate(
            f"async (values) => {{ const m = await import('/static/js/{module}.js'); {body} }}", values
        )

    return call


def test_distance_to_a_segment(run: Run) -> None:
    body = "return values.map(([point, a, b]) => m.distanceToSegment(point, a, b))"
    cases = (
        ([5, 3], [0, 0], [10, 0]),
        ([-3, 4], [0, 0], [10, 0]),
        ([13, -4], [0, 0], [10, 0]),
        ([3, 4], [0, 0], [0, 0]),
    )
    assert run("geometry", body, *cases) == [3, 5, 5, 5]


def test_the_eraser_touches_what_it_crosses_between_two_events(run: Run) -> None:
    body = """const line = [[0, 0, 0.5], [0, 100, 0.5]];
        return [
            m.touches(line, [-50, 50], [50, 50], 1),
            m.touches(line, [-50, 150], [50, 150], 1),
            m.touches(line, [4, 50], [4, 50], 5),
            m.touches([[7, 7, 0.5]], [0, 0], [10, 10], 2),
            m.touches([[7, 7, 0.5]], [0, 0], [3, 3], 2),
        ]"""
    assert run("geometry", body) == [True, False, True, True, False]


def test_the_bounding_box(run: Run) -> None:
    assert run("geometry", "return m.boundingBox([[[3, 9], [5, 2]], [[4, 4]]])") == [3, 2, 2, 7]
    assert run("geometry", "return m.boundingBox([])") is None


def test_thinning_keeps_the_ends(run: Run) -> None:
    body = "return m.thin(values[0], 3)"
    assert run("geometry", body, [[0, 0], [1, 0], [2, 0], [3, 0], [3.5, 0], [8, 0], [9, 0]]) == [
        [0, 0],
        [3, 0],
        [9, 0],
    ]
    assert run("geometry", body, [[4, 4]]) == [[4, 4]]
    assert run("geometry", body, [[4, 4], [4, 5]]) == [[4, 4]]


def test_the_smooth_path_starts_and_ends_where_the_pen_did(run: Run) -> None:
    path = run("geometry", "return m.curves([[0, 0, 0.2], [10, 0, 0.4], [10, 10, 0.6]])")
    assert path[0]["from"][:2] == [0, 0]
    assert path[-1]["to"][:2] == [10, 10]
    for before, after in pairwise(path):
        assert before["to"] == after["from"]
    assert path[0]["pressure"] == pytest.approx(0.3)
    assert run("geometry", "return m.curves([]).length") == 0
    assert run("geometry", "return m.curves([[1, 2, 0.5]])[0].to") == [1, 2, 0.5]


def test_a_drawing_is_carried_to_a_wider_pad_and_back(run: Run) -> None:
    assert run("geometry", "return m.carry([100, 100, 800, 800], 1000, 2200)") == {
        "scale": 1,
        "dx": 600,
        "dy": 0,
    }
    assert run("geometry", "return m.carry([700, 100, 800, 800], 2200, 1000)") == {
        "scale": 1,
        "dx": -600,
        "dy": 0,
    }
    fitted = run("geometry", "return m.carry([100, 400, 1840, 200], 2200, 1000)")
    assert fitted["scale"] == pytest.approx(0.5)
    assert 100 * fitted["scale"] + fitted["dx"] == pytest.approx(40)


def test_history(run: Run) -> None:
    body = """const drawing = new m.Drawing();
        const one = m.stroke([[0, 0, 0.5]], 10);
        const two = m.stroke([[50, 50, 0.5], [90, 90, 0.5]], 10);
        const seen = [];
        const note = () => seen.push(drawing.strokes.length);
        drawing.add(one); note();
        drawing.add(two); note();
        drawing.undo(); note();
        drawing.redo(); note();
        drawing.keep(m.erased(drawing.strokes, [0, 0], [1, 1], 1)); note();
        drawing.undo(); note();
        drawing.clear(); note();
        drawing.clear(); note();
        drawing.undo(); note();
        drawing.undo(); drawing.add(one); note();
        return [seen, drawing.canRedo]"""
    assert run("strokes", body) == [[1, 2, 1, 2, 1, 2, 0, 0, 2, 2], False]


def test_moving_a_drawing_moves_its_history(run: Run) -> None:
    body = """const drawing = new m.Drawing();
        drawing.add(m.stroke([[1, 1, 0.5]], 10));
        drawing.add(m.stroke([[2, 2, 0.5]], 10));
        drawing.transform({ scale: 2, dx: 10, dy: 0 });
        drawing.undo();
        return drawing.strokes.map((each) => each.points)"""
    assert run("strokes", body) == [[[12, 2, 0.5]]]


def test_what_is_sent_has_pressures_only_from_a_pen(run: Run) -> None:
    body = """const points = [[1.234, 2, 0.456], [30, 40.06, 0.9]];
        return m.payload([m.stroke(points, 10), m.stroke(points, 10, true)])"""
    assert run("strokes", body) == [
        [[1.2, 2], [30, 40.1]],
        [[1.2, 2, 0.46], [30, 40.1, 0.9]],
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"is_digit": True, "reason": None}, "sure"),
        ({"is_digit": True, "reason": "unsure between two"}, "unsure"),
        ({"is_digit": False, "reason": "looks like several digits"}, "several"),
        ({"is_digit": False, "reason": "not one legible digit"}, "none"),
    ],
)
def test_verdicts(run: Run, answer: dict[str, object], kind: str) -> None:
    probabilities = [0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.1, 0.4]
    found = run(
        "answer", "return m.verdict(values[0])", {"digit": 4, "probabilities": probabilities, **answer}
    )
    assert found == {"kind": kind, "digit": 4, "second": 9}


def test_a_probability_is_never_rounded_up_to_certainty(run: Run) -> None:
    assert run("i18n", "return values.map(m.percent)", 0.99999, 0.9996, 0.97, 0.5, 1) == [
        "99.99%",
        "99.96%",
        "97.0%",
        "50.0%",
        "100.0%",
    ]


def test_the_language_follows_the_reader(run: Run) -> None:
    body = "return values.map((each) => m.choose(each))"
    wishes: tuple[list[str], ...] = (
        ["it-IT", "en"],
        ["ko"],
        ["zh-TW"],
        ["zh-Hant-HK"],
        ["fr", "it"],
        ["fr"],
        [],
    )
    assert run("i18n", body, *wishes) == ["it", "ko", "zh-Hant", "zh-Hant", "it", "en", "en"]


def test_when_to_ask_again(run: Run) -> None:
    body = "return values.map((each) => m.retryAfter(each, Date.parse('2026-01-01T00:00:00Z')))"
    headers = ("3", "0", "-2", "Thu, 01 Jan 2026 00:00:07 GMT", "soon", "", None)
    assert run("api", body, *headers) == [3, 0, 0, 7, None, None, None]
    assert run("latest", "return [0, 1, 2, 9].map(m.backoff)") == [1, 2, 4, 15]


def test_colours_for_values(run: Run) -> None:
    body = """const ramped = m.ramp([0, 0, 255], [0, 0, 0], [255, 0, 0]);
        return [-2, -1, 0, 0.5, 1].map((value) => m.colourOf(ramped, value, 1))"""
    assert run("palette", body) == [[0, 0, 255], [0, 0, 255], [0, 0, 0], [128, 0, 0], [255, 0, 0]]
    assert run("palette", "return m.rgb('rgb(12, 34, 56)')") == [12, 34, 56]


def test_where_boxes_lie(run: Run) -> None:
    assert run("boxes", "return m.place([550, 250, 110, 500], [2200, 1000])") == {
        "left": 25,
        "top": 25,
        "width": 5,
        "height": 50,
    }
    assert run("boxes", "return m.contain([100, 100], [200, 100])") == [0.25, 0, 0.5, 1]


def test_shell_words_are_quoted(run: Run) -> None:
    assert run("code", 'return m.quote("it\'s")') == "'it'\\''s'"


def test_the_shapes_and_counts_of_lenet5(run: Run) -> None:
    """LeCun et al. 1998, section II.B: 60,000 parameters, and 61,706 in the variant with a full C3."""
    published = run("layers", "return m.parameters(60000, values[0])", TABLE)
    assert published == {
        "input": 0, "C1": 156, "S2": 12, "C3": 1516, "S4": 32, "C5": 48120, "F6": 10164, "output": 0,
    }  # fmt: skip
    assert sum(published.values()) == 60000
    full = run("layers", "return m.parameters(61706, null)")
    assert full["C3"] == 2416
    assert full["S2"] == 0
    assert full["output"] == 850
    assert sum(full.values()) == 61706
    assert sum(run("layers", "return m.parameters(60806, values[0])", TABLE).values()) == 60806
    fed = run("layers", "return [0, 1, 2, 3, 4, 5].map((each) => m.fed('S2', each, values[0]).length)", TABLE)
    assert fed == [10] * 6


def test_the_sums_that_explain_the_parameters_are_right(run: Run) -> None:
    for total, table in ((60000, TABLE), (61706, None), (60806, TABLE)):
        counts, sums = run(
            "layers",
            """const counts = m.parameters(values[0], values[1]);
            const sums = m.ORDER.map((name) => [name, m.formula(name, values[1]) ?? null]);
            return [counts, Object.fromEntries(sums)]""",
            total,
            table,
        )
        for layer, count in counts.items():
            if count:
                assert eval(sums[layer].replace("×", "*"), {}) == count, (total, layer)


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


def test_refusals_in_plain_words(run: Run) -> None:
    body = """return values.map(([status, ink, type]) =>
        m.refusal({ status, problem: { type }, message: "why" }, ink))"""
    drawn: dict[str, object] = {"strokes": []}
    picture: dict[str, object] = {"file": {}}
    assert run(
        "answer",
        body,
        [413, drawn, "/docs#too-large"],
        [413, picture, "/docs#too-large"],
        [422, drawn, "/docs#no-ink"],
        [422, drawn, "/docs#invalid-strokes"],
    ) == [
        "Too much ink for this server. Undo some of it, or clear.",
        "That picture is too large for this server.",
        "No ink found in it.",
        "That did not work: why",
    ]


def test_the_window_behind_a_pixel(run: Run) -> None:
    body = "return values.map((each) => m.receptive(...each))"
    assert run(
        "layers", body, ["C1", 0, 0, 28, 28], ["C1", 3, 4, 32, 28], ["S2", 3, 4, 28, 14], ["C3", 9, 9, 14, 10]
    ) == [
        {"x": -2, "y": -2, "size": 5},
        {"x": 3, "y": 4, "size": 5},
        {"x": 6, "y": 8, "size": 2},
        {"x": 9, "y": 9, "size": 5},
    ]


def test_the_keyboard_pen_moves_where_the_held_keys_point(run: Run) -> None:
    body = "return values.map((each) => m.heading(each))"
    keys = (
        ["ArrowUp"],
        ["ArrowUp", "ArrowLeft"],
        ["ArrowLeft", "ArrowRight"],
        ["PageDown"],
        ["Home", "ArrowUp"],
    )
    assert run("keypen", body, *keys) == [[0, -1], [-1, -1], [0, 0], [1, 1], [-1, -1]]
